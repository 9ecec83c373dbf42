"""Judgments in the making: what several ratings of one pair of query and product come to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from endcap.errors import InputError
from endcap.index.judgments.judgments import Judgments, RowError, Votes, votes_of

Pair = tuple[str, str]


@dataclass(slots=True)
class Collector:
    """Grades by query and product, with the votes of pairs that were judged again."""

    grades: dict[str, dict[str, float]] = field(default_factory=dict)
    n_unrated: int = 0
    rows: int = 0
    conflicts: dict[Pair, str] = field(default_factory=dict)
    """Pairs to which one person, or nobody who is named, gave several grades; with the first such row."""
    _by_rater: dict[Pair, dict[str, list[float]]] = field(default_factory=dict)

    def add(self, place: object, query: str, product_id: str, grade: float, rater: str = "") -> None:
        """Note one grade. Raises ``RowError`` that begins with the place where query or id are empty.

        A pair that is judged again has the median of its grades, of two middle ones the lower: who disagree have not
        agreed on the better grade. So it does not matter which row comes first.
        """
        if not query.strip():
            raise RowError(place, "without a query", "the query is empty.")
        if not product_id.strip():
            raise RowError(place, "without a product's id", f"the product's id is empty (query {query[:80]!r}).")
        self.rows += 1
        products = self.grades.setdefault(query, {})
        earlier = products.get(product_id)
        if earlier is None and not rater:
            products[product_id] = grade
            return
        pair = query, product_id
        if pair not in self._by_rater:
            self._by_rater[pair] = {} if earlier is None else {"": [earlier]}
        of_raters = self._by_rater[pair]
        given = of_raters.setdefault(rater, [])
        if given and grade not in given:
            before, who = ", ".join(f"{one:g}" for one in given), f" by {rater!r}" if rater else ""
            self.conflicts.setdefault(
                pair, f"{place}: {product_id[:80]!r} has {grade:g}{who} for {query[:80]!r}, but had {before} before"
            )
        if not rater or grade not in given:
            given.append(grade)
        every = sorted(one for grades in of_raters.values() for one in grades)
        products[product_id] = every[(len(every) - 1) // 2]

    def votes(self) -> dict[str, dict[str, Votes]]:
        """How many gave each grade, of pairs that two people judged, or with several grades, or one between two."""
        votes: dict[str, dict[str, Votes]] = {}
        for query, products in self.grades.items():
            for product, grade in products.items():
                if not float(grade).is_integer():
                    votes.setdefault(query, {})[product] = votes_of([grade])
        for (query, product), of_raters in self._by_rater.items():
            every = [grade for grades in of_raters.values() for grade in grades]
            if len(of_raters) > 1 or len(set(every)) > 1:
                votes.setdefault(query, {})[product] = votes_of(every)
        return votes

    def judgments(
        self,
        path: Path,
        format: str,
        mapping: Mapping[str, float],
        left_out: Mapping[str, int] | None = None,
        notes: tuple[str, ...] = (),
        query_ids: Mapping[str, str] | None = None,
        warnings: tuple[str, ...] = (),
    ) -> Judgments:
        """What was collected from a file or folder; ``InputError`` where that is nothing."""
        left_out = dict(left_out or {}) | ({"without a rating": self.n_unrated} if self.n_unrated else {})
        if not self.grades:
            unrated = f" ({self.n_unrated:,} rows without a rating)" if self.n_unrated else ""
            raise InputError(f"{path}: there is no judgment in it{unrated}.")
        name = path.name.partition(".")[0]
        merged = self.rows - sum(map(len, self.grades.values()))
        if self.conflicts:
            warnings += (
                f"{len(self.conflicts):,} pairs of query and product have several grades, of which the median counts "
                f"(of two middle ones the lower): {next(iter(self.conflicts.values()))}. Where several people judged, "
                "name them in a column 'rater'",
            )
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
            warnings,
        )
