"""Judgments, and the checks that every format's judgments go through."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from endcap.errors import InputError

GRADES = (0, 1, 2, 3)
"""0 irrelevant, 1 hardly relevant, 2 relevant, 3 exactly what was meant."""
AS_THEY_ARE: Mapping[str, int] = {str(grade): grade for grade in GRADES}
"""The grade mapping of formats whose ratings are grades already."""
ANOTHER_PART = "of another locale, split or version"
"""Why a row is left out that was not asked for."""
Votes = tuple[float, float, float, float]
"""How many people gave grade 0, 1, 2 and 3; one who gave 2.25 is three quarters of a 2, and one of a 3."""


_WITH_WORD = re.compile(r"\s*([-+]?\d+)\s*(?:[-–—:=]\s*|\()[^\W\d][^\d]*|[^\W\d][^\d]*\(([-+]?\d+)\)\s*")


class RowError(InputError):
    """A row that is no judgment: ``reason`` is a fixed word to count by."""

    def __init__(self, place: object, reason: str, detail: str) -> None:
        super().__init__(f"{place}: {detail}")
        self.reason = reason


class ScaleError(RowError):
    """A rating that is none of the scale."""


def votes_of(grades: Sequence[float]) -> Votes:
    """People's grades as votes for whole ones."""
    counts: list[float] = [0, 0, 0, 0]
    for grade in grades:
        lower = int(grade)
        if above := round(grade - lower, 9):
            counts[lower + 1] = round(counts[lower + 1] + above, 9)
        counts[lower] = round(counts[lower] + 1 - above, 9) if above else counts[lower] + 1
    return counts[0], counts[1], counts[2], counts[3]


def whole(grade: float) -> int:
    """The nearest whole grade, in the middle the lower one, as the median of votes has it."""
    return min(max(math.ceil(grade - 0.5), 0), GRADES[-1])


@dataclass(frozen=True, slots=True)
class Judgments:
    """Grades of products for queries: ``grades[query][product_id]`` is from 0 to 3, a decimal where a rating was finer.

    ``mapping`` says what grade each label or rating of the source was given; ``n_unrated`` counts rows of the source
    that name a product without rating it (Quepid writes such), which are left out.
    """

    name: str
    grades: Mapping[str, Mapping[str, float]]
    format: str
    mapping: Mapping[str, float]
    n_unrated: int = 0
    votes: Mapping[str, Mapping[str, Votes]] = field(default_factory=dict)
    """Where several people judged a pair: how many gave each grade. ``grades`` has the median of these. A
    rating between two grades is a part of a vote for both."""
    rows: int = 0
    """How many ratings the source has; a row with several raters has several."""
    merged: int = 0
    """Ratings of a pair that had one: another person's, or the same again."""
    left_out: Mapping[str, int] = field(default_factory=dict)
    """What of the source is no judgment, by the reason, and how often."""
    notes: tuple[str, ...] = ()
    """What else there is to say of how it was read."""
    query_ids: Mapping[str, str] = field(default_factory=dict)
    """The texts of queries by their ids, where the source names them so."""
    warnings: tuple[str, ...] = ()
    """What is wrong with it, but does not forbid its use."""

    @property
    def n_judgments(self) -> int:
        """How many pairs of query and product are graded."""
        return sum(map(len, self.grades.values()))

    def account(self, *, warned: bool = False) -> str:
        """What became of all that was read: rows = used + merged + rejected; and the warnings, if not told."""
        rejected = sum(self.left_out.values())
        why = "".join(f", {count:,} {reason}" for reason, count in self.left_out.items())
        notes = "".join(f"; {note}" for note in (*self.notes, *(() if warned else self.warnings)))
        again = f"{self.merged:,} merged (a pair judged again)"
        lost = f"{rejected:,} rejected{f' ({why[2:]})' if why else ''}"
        return f"{self.rows + rejected:,} rows read: {self.n_judgments:,} used, {again}, {lost}{notes}"


def as_grade(place: object, rating: Any) -> float:
    """A rating that is a grade already: a number from 0 to 3, also as a text such as ``2`` or ``2.0``."""
    number = as_number(place, with_word(rating))
    if not 0 <= number <= GRADES[-1]:
        raise ScaleError(
            place,
            "off the scale",
            f"the rating {rating!r} is out of range. Grades are 0, 1, 2 or 3: say the scale, as in "
            '--grades 1-5, or what each is worth, as in --grades "7=3,3=2,1=1,0=0".',
        )
    return int(number) if number.is_integer() else number


def with_word(rating: Any) -> Any:
    """The number of a rating that has its word beside it, as in ``3 - Exact`` and ``Exact (3)``; others as they are."""
    found = _WITH_WORD.fullmatch(rating) if isinstance(rating, str) else None
    return (found[1] or found[2]) if found else rating


def as_number(place: object, rating: Any) -> float:
    """A rating as a number."""
    try:
        if isinstance(rating, bool) or (isinstance(rating, str) and "_" in rating):
            raise ValueError
        if isinstance(rating, str) and re.fullmatch(r"\s*[-+]?\d+,\d+\s*", rating):
            rating = rating.replace(",", ".")
        return float(rating)
    except (TypeError, ValueError, OverflowError) as error:
        fault = "is missing" if rating in (None, "") else f"{str(rating)[:80]!r} is no number"
        labels = (
            ""
            if rating in (None, "")
            else '; labels need theirs: --grades "Exact=3,Partial=1"; shares and stars their range: --grades 0-100'
        )
        raise RowError(place, "no number as rating", f"the rating {fault}. Grades are 0, 1, 2 or 3{labels}.") from error


def by_label(place: object, label: Any, mapping: Mapping[str, float]) -> float:
    """The grade of a label."""
    grade = mapping.get(label) if isinstance(label, str) else None
    if grade is None:
        raise ScaleError(place, "off the scale", f"the label {str(label)[:80]!r} is not one of {', '.join(mapping)}.")
    return grade
