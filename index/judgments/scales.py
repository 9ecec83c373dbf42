"""What a rating is worth as a grade: labels that are given grades, or a range of numbers that is brought to 0 to 3."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from endcap.errors import InputError
from endcap.index.judgments.judgments import AS_THEY_ARE, GRADES, Votes, as_grade, as_number, by_label

TOP = GRADES[-1]
_RANGE = re.compile(r"\s*([-+]?\d+(?:\.\d+)?)\s*(?:-|–|\.\.+|to|:)\s*([-+]?\d+(?:\.\d+)?)\s*", re.IGNORECASE)
PARTS = 10
"""A rating between two grades is kept as so many votes for them."""


class Scale:
    """Ratings that are grades already, 0 to 3."""

    mapping: Mapping[str, int] = AS_THEY_ARE

    def grade(self, place: object, rating: Any) -> int:
        """The grade of a rating. Raises ``InputError`` that begins with the place."""
        return as_grade(place, rating)

    def votes(self, rating: Any) -> Votes | None:
        """Votes for the two grades that a rating stands between; None where it is a grade, or labels have none."""
        return None


class Labels(Scale):
    """Labels with their grades; they are compared without regard to case where ``loosely``."""

    def __init__(self, mapping: Mapping[str, int], *, loosely: bool = False) -> None:
        self.mapping, self._loosely = mapping, loosely
        self._known = {label.strip().casefold(): grade for label, grade in mapping.items()}

    def grade(self, place: object, rating: Any) -> int:
        """The label's grade."""
        if not self._loosely:
            return by_label(place, rating, self.mapping)
        word = str(rating).strip()
        plain = re.sub(r"(\d)\.0+$", r"\1", word)
        for written in (word, plain):
            if (grade := self._known.get(written.casefold())) is not None:
                return grade
        raise InputError(
            f"{place}: the label {word[:80]!r} is not one of {', '.join(self.mapping)}: add it to --grades."
        )


@dataclass(frozen=True)
class NumberRange(Scale):
    """Numbers from ``low`` (irrelevant) to ``high`` (exactly what was meant): ``3 (x - low) / (high - low)``, to the
    nearest grade, in the middle to the lower one, as the median of votes has it."""

    low: float
    high: float

    def _exact(self, number: float) -> float:
        return TOP * (number - self.low) / (self.high - self.low)

    def grade(self, place: object, rating: Any) -> int:
        """The nearest grade."""
        number = as_number(place, rating)
        exact = self._exact(number)
        if not -1e-9 <= exact <= TOP + 1e-9:
            raise InputError(f"{place}: the rating {rating!r} is out of the range {self.low:g} to {self.high:g}.")
        return min(max(math.ceil(exact - 0.5 - 1e-9), 0), TOP)

    def votes(self, rating: Any) -> Votes | None:
        """Tenths for the two grades beside it."""
        exact = min(max(self._exact(as_number("", rating)), 0.0), float(TOP))
        lower = min(int(exact + 1e-9), TOP - 1)
        upper_votes = round(PARTS * (exact - lower))
        if upper_votes in (0, PARTS):
            return None
        counts = [0] * len(GRADES)
        counts[lower], counts[lower + 1] = PARTS - upper_votes, upper_votes
        return counts[0], counts[1], counts[2], counts[3]

    @property
    def mapping(self) -> Mapping[str, int]:  # type: ignore[override]
        """Each whole number of a short range; else where each grade begins."""
        steps = abs(self.high - self.low)
        if steps.is_integer() and float(self.low).is_integer() and 1 < steps <= 20:
            sign = 1 if self.high > self.low else -1
            return {f"{self.low + sign * n:g}": self.grade("", self.low + sign * n) for n in range(int(steps) + 1)}
        width = (self.high - self.low) / TOP
        edges = [self.low, *(self.low + (grade + 0.5) * width for grade in GRADES[:-1]), self.high]
        return {f"{edges[grade]:.4g} to {edges[grade + 1]:.4g}": grade for grade in GRADES}


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
    mapping: dict[str, int] = {}
    for part in text.split(","):
        label, equals, grade = part.rpartition("=")
        if not equals or not label.strip() or grade.strip() not in AS_THEY_ARE:
            raise InputError(
                f'--grades: {part.strip()!r} is no label with its grade. Write --grades "Exact=3,Substitute=2,'
                'Complement=1,Irrelevant=0", or a range from worst to best: --grades 1-5.'
            )
        if mapping.setdefault(label.strip(), int(grade)) != int(grade):
            raise InputError(f"--grades: {label.strip()!r} has two grades. Keep one.")
    return Labels(mapping, loosely=True)
