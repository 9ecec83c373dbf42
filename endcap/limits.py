"""What a setting may be, beside its type: stands in the setting's annotation and says what is wrong with a value."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the greatest number that a setting takes."""

    low: float
    high: float

    def problem(self, number: float) -> str:
        """What is wrong with a number; empty where nothing is."""
        return "" if self.low <= number <= self.high else f" = {number}; it must be from {self.low:g} to {self.high:g}."


class Choice:
    """The words that a setting takes, or of which it takes several."""

    def __init__(self, *words: str) -> None:
        self.words = words

    def problem(self, value: str | tuple[str, ...]) -> str:
        """What is wrong with a word or with one of several; empty where nothing is."""
        unknown = [word for word in ([value] if isinstance(value, str) else value) if word not in self.words]
        return f" = {unknown[0]!r}; it must be one of {', '.join(self.words)}." if unknown else ""
