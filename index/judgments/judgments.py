"""Judgments, and the checks that every format's judgments go through."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from endcap.errors import InputError

GRADES = (0, 1, 2, 3)
"""0 irrelevant, 1 hardly relevant, 2 relevant, 3 exactly what was meant."""
AS_THEY_ARE: Mapping[str, int] = {str(grade): grade for grade in GRADES}
"""The grade mapping of formats whose ratings are grades already."""
Votes = tuple[int, int, int, int]
"""How many people gave grade 0, 1, 2 and 3."""


@dataclass(frozen=True, slots=True)
class Judgments:
    """Grades of products for queries: ``grades[query][product_id]`` is 0, 1, 2 or 3.

    ``mapping`` says what grade each label or rating of the source was given; ``n_unrated`` counts rows of the source
    that name a product without rating it (Quepid writes such), which are left out.
    """

    name: str
    grades: Mapping[str, Mapping[str, int]]
    format: str
    mapping: Mapping[str, int]
    n_unrated: int = 0
    votes: Mapping[str, Mapping[str, Votes]] = field(default_factory=dict)
    """Where several people judged a pair: how many gave each grade. ``grades`` has the median of these. A
    rating between two grades is so many tenths of a vote for both."""
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

    @property
    def n_judgments(self) -> int:
        """How many pairs of query and product are graded."""
        return sum(map(len, self.grades.values()))

    def account(self) -> str:
        """What became of all that was read: rows = used + merged + rejected."""
        rejected = sum(self.left_out.values())
        why = "".join(f", {count:,} {reason}" for reason, count in self.left_out.items())
        notes = "".join(f"; {note}" for note in self.notes)
        again = f"{self.merged:,} merged (a pair judged again)"
        lost = f"{rejected:,} rejected{f' ({why[2:]})' if why else ''}"
        return f"{self.rows + rejected:,} rows read: {self.n_judgments:,} used, {again}, {lost}{notes}"


@dataclass(slots=True)
class Collector:
    """Judgments in the making; every method raises ``InputError`` that begins with the place it is given."""

    grades: dict[str, dict[str, int]] = field(default_factory=dict)
    n_unrated: int = 0
    rows: int = 0
    _soft: dict[tuple[str, str], Votes] = field(default_factory=dict)
    _by_rater: dict[tuple[str, str], dict[str, int]] = field(default_factory=dict)

    def add(
        self, place: object, query: str, product_id: str, grade: int, rater: str = "", votes: Votes | None = None
    ) -> None:
        """Note one grade; the same grade may be given again, another one may not, but by another ``rater``.

        ``votes`` is what a rating between two grades is.
        """
        self.rows += 1
        if not query.strip():
            raise InputError(f"{place}: the query is empty.")
        if not product_id.strip():
            raise InputError(f"{place}: the product's id is empty (query {query[:80]!r}).")
        products = self.grades.setdefault(query, {})
        if rater:
            of_raters = self._by_rater.setdefault((query, product_id), {})
            earlier = of_raters.setdefault(rater, grade)
            # Of an even number the lower middle one: who disagree have not agreed on the better grade.
            products[product_id] = sorted(of_raters.values())[(len(of_raters) - 1) // 2]
        else:
            earlier = products.setdefault(product_id, grade)
            if votes is not None:
                self._soft[query, product_id] = votes
        if earlier != grade:
            raise InputError(
                f"{place}: product {product_id[:80]!r} has grade {grade} for query {query[:80]!r}, but had grade "
                f"{earlier} before. Keep one of the two, or name who gave it in a column 'rater'."
            )

    def votes(self) -> dict[str, dict[str, Votes]]:
        """Of pairs that two people or more judged: how many gave each grade."""
        votes: dict[str, dict[str, Votes]] = {}
        for (query, product), soft in self._soft.items():
            votes.setdefault(query, {})[product] = soft
        for (query, product), of_raters in self._by_rater.items():
            if len(of_raters) > 1:
                grades = list(of_raters.values())
                counts = (grades.count(0), grades.count(1), grades.count(2), grades.count(3))
                votes.setdefault(query, {})[product] = counts
        return votes

    def judgments(
        self,
        path: Path,
        format: str,
        mapping: Mapping[str, int],
        left_out: Mapping[str, int] | None = None,
        notes: tuple[str, ...] = (),
        query_ids: Mapping[str, str] | None = None,
    ) -> Judgments:
        """What was collected from a file or folder; ``InputError`` where that is nothing."""
        left_out = dict(left_out or {}) | ({"without a rating": self.n_unrated} if self.n_unrated else {})
        if not self.grades:
            unrated = f" ({self.n_unrated:,} rows without a rating)" if self.n_unrated else ""
            raise InputError(f"{path}: there is no judgment in it{unrated}.")
        name = path.name.partition(".")[0]
        merged = self.rows - sum(map(len, self.grades.values()))
        return Judgments(
            name,
            self.grades,
            format,
            mapping,
            self.n_unrated,
            self.votes(),
            self.rows,
            merged,
            left_out,
            notes,
            query_ids or {},
        )


def as_grade(place: object, rating: Any) -> int:
    """A rating that is a grade already: a whole number from 0 to 3, as a number or a text such as ``2`` or ``2.0``."""
    number = as_number(place, rating)
    if not number.is_integer():
        raise InputError(
            f"{place}: the rating {rating!r} is no whole number. Grades are 0, 1, 2 or 3; decimals need their range: "
            "--grades 0-3."
        )
    if number not in GRADES:
        raise InputError(
            f"{place}: the rating {rating!r} is out of range. Grades are 0, 1, 2 or 3: say the scale, as in "
            "--grades 1-5."
        )
    return int(number)


def as_number(place: object, rating: Any) -> float:
    """A rating as a number."""
    try:
        if isinstance(rating, bool):
            raise ValueError
        if isinstance(rating, str) and re.fullmatch(r"\s*[-+]?\d+,\d+\s*", rating):
            rating = rating.replace(",", ".")
        return float(rating)
    except (TypeError, ValueError, OverflowError) as error:
        fault = "is missing" if rating in (None, "") else f"{str(rating)[:80]!r} is no number"
        labels = "" if rating in (None, "") else '; labels need theirs: --grades "Exact=3,Partial=1"'
        raise InputError(f"{place}: the rating {fault}. Grades are 0, 1, 2 or 3{labels}.") from error


def by_label(place: object, label: Any, mapping: Mapping[str, int]) -> int:
    """The grade of a label."""
    grade = mapping.get(label) if isinstance(label, str) else None
    if grade is None:
        raise InputError(f"{place}: the label {str(label)[:80]!r} is not one of {', '.join(mapping)}.")
    return grade
