"""Judgments that clicks amount to: which pairs are graded, which are not, and what would be needed."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from endcap.errors import InputError
from endcap.index.clicks.counts import CARTS, CLICKS, EDGES, PURCHASES, SHORT, SHOWN, ClickCounts
from endcap.index.clicks.grading import FEWEST_CLICKS, Ends, Graded, ends_of, graded, searches_of
from endcap.index.clicks.position_model import Floats, PositionModel, Weights, fit
from endcap.index.csv_cells import as_cell
from endcap.index.judgments.judgments import GRADES

USUAL = Weights()
WIDEST = 1.0
"""An interval so wide holds one grade, or two that are neighbours."""
UNKNOWN, FEW, WIDE = "products that the catalogue lacks", f"queries with fewer than {FEWEST_CLICKS} clicks", "too few"
COLUMNS = ("query", "product_id", "grade", "exact", "low", "high", "attractiveness", "impressions", "clicks")


@dataclass(frozen=True, slots=True)
class QueryCount:
    """A query: its searches (about), its impressions and clicks, how many products were shown and how many graded.
    ``more``: so many more searches would half of the others need; None where there are none, or more cannot help."""

    query: str
    searches: int
    impressions: int
    clicks: int
    shown: int
    graded: int
    more: int | None


@dataclass(frozen=True, slots=True)
class Judged:
    """The graded pairs, sorted by query and product, and what there is to say of them."""

    pairs: tuple[Graded, ...]
    queries: tuple[QueryCount, ...]
    model: PositionModel
    ends: Ends
    weights: Weights
    totals: Mapping[str, int]
    """By ``impressions``, ``clicks``, ``short``, ``carts``, ``purchases``."""
    not_graded: Mapping[str, int]
    """Pairs by the reason: ``UNKNOWN``, ``FEW``, ``WIDE``."""
    more: tuple[int, ...]
    """How many more searches of its query each pair needs that is not graded for being uncertain, sorted."""
    moved: float
    """The share of impressions whose product was seen at several places for its query."""

    @property
    def shown(self) -> int:
        """How many pairs of query and product were shown."""
        return len(self.pairs) + sum(self.not_graded.values())

    def grade_counts(self) -> dict[int, int]:
        """How many pairs have each grade."""
        found = Counter(pair.grade for pair in self.pairs)
        return {grade: found[grade] for grade in GRADES}


def parse_bias(words: str) -> Floats:
    """How probably each place is looked at, as ``1,0.6,0.4``: the last number holds for all places after it.

    Raises ``InputError`` where it is no such list.
    """
    try:
        looks = [float(part) for part in words.split(",")]
    except ValueError:
        looks = []
    if not looks or not all(0 < look <= 1 for look in looks):
        raise InputError(
            f"--position-bias {words!r}: give a number above 0 and at most 1 for each place: 1,0.6,0.45,0.3"
        )
    middles = [(low + 1 + high) // 2 for low, high in zip((0, *EDGES), EDGES, strict=False)]
    return np.array([looks[min(max(place, 1), len(looks)) - 1] for place in middles])


def judged(
    counts: ClickCounts,
    *,
    weights: Weights = USUAL,
    widest: float = WIDEST,
    theta: Floats | None = None,
    unknown: Collection[str] = (),
) -> Judged:
    """Grade what was shown. A pair is graded where its interval is at most ``widest`` grades wide, its query has clicks
    enough, and its product is not among the ``unknown``. Raises ``InputError`` where clicks tell nothing apart."""
    model = fit(counts, weights, theta)
    ends = ends_of(model)
    of_query = np.bincount(counts.query, counts.numbers[:, CLICKS], len(counts.queries))
    few = {query for query, clicks in zip(counts.queries, of_query, strict=True) if clicks < FEWEST_CLICKS}
    lacking, kept, more = set(unknown), [], []
    not_graded: Counter[str] = Counter()
    needs: dict[str, list[int]] = {}
    done: Counter[str] = Counter()
    for pair in graded(counts, model, weights, ends, widest):
        why = UNKNOWN if pair.product in lacking else FEW if pair.query in few else WIDE if pair.more else ""
        if not why:
            kept.append(pair)
            done[pair.query] += 1
            continue
        not_graded[why] += 1
        if pair.more and why != UNKNOWN:
            needs.setdefault(pair.query, []).append(pair.more)
            more.append(pair.more)
    sums = counts.numbers.sum(axis=0)
    names = {"impressions": SHOWN, "clicks": CLICKS, "short": SHORT, "carts": CARTS, "purchases": PURCHASES}
    totals = {name: int(sums[kind]) for name, kind in names.items()}
    queries = tuple(_query_counts(counts, done, needs))
    return Judged(
        tuple(kept), queries, model, ends, weights, totals, dict(not_graded), tuple(sorted(more)), _moved(counts)
    )


def _query_counts(counts: ClickCounts, done: Mapping[str, int], needs: Mapping[str, list[int]]) -> Iterator[QueryCount]:
    searches = searches_of(counts)
    size = len(counts.queries)
    pairs = np.unique(np.stack([counts.query, counts.pair]), axis=1)[0]
    shown = np.bincount(pairs, minlength=size)
    impressions = np.bincount(counts.query, counts.numbers[:, SHOWN], size)
    clicks = np.bincount(counts.query, counts.numbers[:, CLICKS], size)
    for at, query in enumerate(counts.queries):
        wanted = sorted(needs.get(query, ()))
        yield QueryCount(
            query, int(searches[at]), int(impressions[at]), int(clicks[at]), int(shown[at]), done.get(query, 0),
            wanted[len(wanted) // 2] if wanted else None,
        )  # fmt: skip


def _moved(counts: ClickCounts) -> float:
    pair, shown = counts.pair, counts.numbers[:, SHOWN]
    several = np.bincount(pair) > 1
    return float(shown[several[pair]].sum() / max(shown.sum(), 1))


def table_text(pairs: Iterable[Graded], *, soft: bool = False) -> str:
    """A table that every command takes as judgments; ``soft``: with decimal grades, read by ``--grades 0-3``."""
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for pair in pairs:
        grade = f"{pair.exact:.2f}" if soft else pair.grade
        decimals = (f"{value:.2f}" for value in (pair.exact, pair.low, pair.high))
        writer.writerow(
            (as_cell(pair.query), as_cell(pair.product), grade, *decimals, f"{pair.attractiveness:.4f}",
             pair.impressions, pair.clicks)
        )  # fmt: skip
    return file.getvalue()


def as_mapping(found: Judged) -> dict[str, Any]:
    """All numbers, for JSON: the model, the sums, and each query."""
    return {
        "totals": dict(found.totals),
        "pairs": {"shown": found.shown, "graded": len(found.pairs), **found.not_graded},
        "grades": found.grade_counts(),
        "position_bias": [round(float(look), 4) for look in found.model.theta[1:]],
        "places_up_to": list(EDGES[1:]),
        "prior": [round(value, 4) for value in found.model.prior],
        "attractiveness": {"grade 0 up to": round(found.ends.zero, 4), "grade 3 from": round(found.ends.three, 4)},
        "weights": {name: getattr(found.weights, name) for name in ("cart", "purchase", "short")},
        "seen_at_several_places": round(found.moved, 4),
        "queries": [{name: getattr(query, name) for name in QueryCount.__slots__} for query in found.queries],
    }
