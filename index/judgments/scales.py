"""What a rating is worth as a grade: labels that are given grades, or a range of numbers that is brought to 0 to 3.

A grade is a decimal where the rating lies between two whole ones: nothing that people said is rounded away.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from endcap.errors import InputError
from endcap.index.judgments.judgments import AS_THEY_ARE, GRADES, ScaleError, as_grade, as_number, by_label, with_word

TOP = GRADES[-1]
_NUMBER = r"([-+]?\d+(?:\.\d+)?)"
_RANGE = re.compile(rf"\s*{_NUMBER}\s*(?:-|–|−|\.\.+|to|:)\s*{_NUMBER}\s*", re.IGNORECASE)
DIGITS = 9
"""Of a grade, so many decimals are kept, so that a third of three is 1."""


class Scale:
    """Ratings that are grades already, 0 to 3."""

    mapping: Mapping[str, float] = AS_THEY_ARE

    def grade(self, place: object, rating: Any) -> float:
        """The grade of a rating. Raises ``RowError`` that begins with the place."""
        return as_grade(place, rating)

    def check(self, grades: set[float]) -> None:
        """Raise ``InputError`` where a source's grades all together show that the scale is another one."""
        if max(grades, default=0) <= 1 and any(not float(grade).is_integer() for grade in grades):
            shown = ", ".join(f"{grade:g}" for grade in sorted(grades)[:5])
            raise InputError(
                f"all ratings are decimals from 0 to 1 ({shown} ...). Decimals need their range: say --grades 0-1 "
                "where 1 is the best, or --grades 0-3."
            )


class Labels(Scale):
    """Labels with their grades; they are compared without regard to case where ``loosely``."""

    def __init__(self, mapping: Mapping[str, float], *, loosely: bool = False) -> None:
        self.mapping, self._loosely = mapping, loosely
        self._known = {label.strip().casefold(): grade for label, grade in mapping.items()}

    def grade(self, place: object, rating: Any) -> float:
        """The label's grade."""
        if not self._loosely:
            return by_label(place, rating, self.mapping)
        word = str(rating).strip()
        plain = re.sub(r"(\d)\.0+$", r"\1", word)
        for written in (word, plain):
            if (grade := self._known.get(written.casefold())) is not None:
                return grade
        known = ", ".join(self.mapping)
        raise ScaleError(place, "off the scale", f"the label {word[:80]!r} is not one of {known}: add it to --grades.")

    def check(self, grades: set[float]) -> None:
        """Labels say what they are worth."""


@dataclass(frozen=True)
class NumberRange(Scale):
    """Numbers from ``low`` (irrelevant) to ``high`` (exactly what was meant): ``3 (x - low) / (high - low)``."""

    low: float
    high: float

    def grade(self, place: object, rating: Any) -> float:
        """The number's place in the range, a decimal where it lies between two grades."""
        number = as_number(place, self._plain(rating))
        exact = TOP * (number - self.low) / (self.high - self.low)
        if not -1e-9 <= exact <= TOP + 1e-9:
            raise ScaleError(
                place,
                "off the scale",
                f"the rating {rating!r} is out of the range {self.low:g} to {self.high:g}.",
            )
        grade = min(max(round(exact, DIGITS), 0.0), float(TOP))
        return int(grade) if grade.is_integer() else grade

    def _plain(self, rating: Any) -> Any:
        """The number that a share says, as ``75%`` (of 0 to 100 or 0 to 1), stars, or a part of the best (``3/5``)."""
        text = rating.strip() if isinstance(rating, str) else ""
        if share := re.fullmatch(r"(\d+(?:[.,]\d+)?)\s*%", text):
            return as_number("", share[1]) / 100 if self.high == 1 else share[1]
        if text and not text.strip("★☆⭐"):
            return text.count("★") + text.count("⭐")
        if part := re.fullmatch(rf"(\d+(?:[.,]\d+)?)\s*(?:/|of|out of)\s*{self.high:g}(?:\s*stars?)?", text):
            return part[1]
        return with_word(rating)

    def check(self, grades: set[float]) -> None:
        """A range is what was said."""

    @property
    def mapping(self) -> Mapping[str, float]:  # type: ignore[override]
        """Each whole number of a short range; else its ends."""
        steps = abs(self.high - self.low)
        if steps.is_integer() and float(self.low).is_integer() and 1 < steps <= 20:
            sign = 1 if self.high > self.low else -1
            ratings = [self.low + sign * n for n in range(int(steps) + 1)]
            return {f"{rating:g}": round(self.grade("", rating), 3) for rating in ratings}
        return {f"{self.low:g}": 0, f"{self.high:g}": TOP}


def parse_scale(text: str) -> Scale:
    """``"Exact=3,Substitute=2,Other=0"``, or a range: ``1-5``, ``0-10``, ``0..1``, ``-2..2``, ``5-1`` (1 is best).

    Raises ``InputError`` where it is neither.
    """
    whole = _RANGE.fullmatch(text)
    if whole:
        low, high = float(whole[1]), float(whole[2])
        if low == high:
            raise InputError(
                f"--grades {text!r}: the range has no width. Give the worst and the best rating, as in 1-5."
            )
        return NumberRange(low, high)
    mapping: dict[str, float] = {}
    for part in text.split(","):
        label, equals, given = part.rpartition("=")
        grade = float(given) if re.fullmatch(r"\s*\d+(\.\d+)?\s*", given) else -1.0
        if not equals or not label.strip() or not 0 <= grade <= TOP:
            raise InputError(
                f'--grades: {part.strip()!r} is no label with its grade. Write --grades "Exact=3,Substitute=2,'
                'Complement=1,Irrelevant=0", or a range from worst to best: --grades 1-5.'
            )
        value = int(grade) if grade.is_integer() else grade
        if mapping.setdefault(label.strip(), value) != value:
            raise InputError(f"--grades: {label.strip()!r} has two grades. Keep one.")
    return Labels(mapping, loosely=True)
