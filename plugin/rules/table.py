"""A table of a rules file: its values are taken out by name, and what is wrong is said with its place in the file."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from endcap.errors import InputError
from endcap.plugin.blend.limits import is_finite


@dataclass(frozen=True, slots=True)
class Table:
    """A table and where it stands ("rules.toml, rule 3 (Summer), boost"). All errors are ``InputError``."""

    place: str
    values: Mapping[str, Any]

    @classmethod
    def read(cls, place: str, value: Any) -> Table:
        """The value as a table."""
        if not isinstance(value, Mapping):
            raise InputError(f"{place} is {shortened(value)}; it should be a table, as in {{ key = value }}.")
        return cls(place, value)

    def check_names(self, known: Collection[str]) -> None:
        """Refuse a key that is not known, with the nearest one that is."""
        for name in self.values:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1, 0.6)
                hint = f"Did you mean {near[0]}?" if near else f"There are {', '.join(known)}."
                raise InputError(f"{self.place}: the key {name!r} is not known. {hint}")

    def wrong(self, name: str, advice: str) -> NoReturn:
        """Say that a key's value is not what it should be."""
        raise InputError(f"{self.place}: {name} is {shortened(self.values.get(name))}; {advice}.")

    def text(self, name: str) -> str:
        """A text that says something; required."""
        value = self.values.get(name)
        if value is None:
            raise InputError(f"{self.place}: the key {name} is missing; it should be a text.")
        if not isinstance(value, str) or not value.strip():
            self.wrong(name, "it should be a text")
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        """A text, or a list of some."""
        value = self.values[name]
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not listed or not all(isinstance(t, str) and t.strip() for t in listed):
            self.wrong(name, "it should be a text, or a list of texts")
        return tuple(listed)

    def whole(self, name: str, least: int, most: int) -> int:
        """A whole number within limits."""
        value = self.values.get(name)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.wrong(name, f"it should be a whole number, {least} to {most}")
        return value

    def number(self, name: str) -> float | None:
        """A number, or None where there is none."""
        value = self.values.get(name)
        if value is not None and not is_finite(value):
            self.wrong(name, "it should be a number")
        return None if value is None else float(value)

    def choice(self, name: str, choices: Sequence[str], default: str | None = None) -> str:
        """One of some words."""
        value = self.values.get(name, default)
        if value not in choices:
            self.wrong(name, f"it should be one of {', '.join(choices)}")
        return str(value)


def shortened(value: Any) -> str:
    """A value for a message."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
