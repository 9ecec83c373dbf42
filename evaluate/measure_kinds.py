"""The measures that reports explain, and what a grade can be worth: all about one stands in one place."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class MeasureKind:
    """A measure by its name in ir-measures, with its words; it goes from 0 to 1, and more is better.

    ``meaning`` is a line about it, ``{within}`` in it stands for the cut-off; ``clause`` stands behind its name.
    """

    name: str
    meaning: str
    clause: str = ""


_KINDS = (
    MeasureKind(
        "nDCG",
        "how well good products stand above worse ones{within}, from 0 to 1: 1 is the best order there is",
        "which is 1 where the best products come first",
    ),
    MeasureKind(
        "RR",
        "one divided by the place of the first relevant product{within}: 1 where it stands first",
        "which is 1 where the first product is a relevant one",
    ),
    MeasureKind("P", "the share of relevant products{within}", "the share of relevant products on the first page"),
    MeasureKind(
        "R",
        "the share of all relevant products that stand{within}",
        "the share of the relevant products that the first page has",
    ),
    MeasureKind("AP", "the share of relevant products down to each relevant one{within}, in the mean"),
)
MEASURE_KINDS: Mapping[str, MeasureKind] = {kind.name: kind for kind in _KINDS}


@dataclass(frozen=True, slots=True)
class Gains:
    """What grades 1, 2 and 3 are worth in nDCG, in whole numbers of any unit, and how people say it."""

    of_grade: Mapping[int, int]
    words: str
    formula: Callable[[float], float] | None = None
    """What a grade between two whole ones is worth; None: what lies on the line between the two."""

    def of(self, grade: float) -> float:
        """What any grade from 0 to 3 is worth."""
        return between({0: 0, **self.of_grade}, grade) if self.formula is None else self.formula(grade)


def between(table: Mapping[int, float], grade: float) -> float:
    """A value of a table for whole grades, and on the straight line between two of them."""
    lower = math.floor(grade)
    low, part = table.get(lower, 0), grade - lower
    return low + part * (table.get(lower + 1, 0) - low) if part else low


def _exponential(grade: float) -> float:
    return float(2**grade - 1)


GAINS: Mapping[str, Gains] = {
    "exponential": Gains({1: 1, 2: 3, 3: 7}, "2^grade - 1 (grades 0, 1, 2, 3 gain 0, 1, 3, 7)", _exponential),
    "linear": Gains({1: 1, 2: 2, 3: 3}, "the grade itself (0, 1, 2, 3)"),
    # .01, .1 and 1, times a hundred: ir-measures wants whole gains, and nDCG does not change with their unit.
    "esci": Gains({1: 1, 2: 10, 3: 100}, "that of the ESCI task (grades 0, 1, 2, 3 gain 0, .01, .1, 1)"),
}
RELEVANT_GRADE = 2
"""From this grade on a product counts as relevant for measures that know only yes and no."""
