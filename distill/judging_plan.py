"""What to judge next: queries and products whose grades would tell most, by where student and engine disagree."""

from __future__ import annotations

import csv
import io
import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import numpy as np

from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe.shop_settings import ShopRecipe
from endcap.distill.work.files import read_record
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TRAIN, read_data
from endcap.distill.work.searched_shop import opened_shop
from endcap.evaluate.end_to_end import window_candidates
from endcap.evaluate.systems import Candidates, StudentWithStates
from endcap.index.judgments.reader import read_judgments
from endcap.index.product import Product
from endcap.index.query_log import read_query_log
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.model.folder import default_folder
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.progress import Watch, unwatched

LOG = logging.getLogger(__name__)
IN_USE = "against the model in use, judged pool"
"""The gate's check that says what was gained."""
WINDOW = 50
"""The engine's hits in which orders are compared."""
FIRST = 10
"""Places at the top in which orders are compared."""
LOOKED_AT = 400
"""Queries of the log that are looked at: half the most frequent ones, half drawn from the others."""
FROM_BELOW = 4
"""Of a query's proposed products so many are from the lower half of the hits: a query teaches by its bad ones, too."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A query to judge, and its products; ``disagreement`` from 0 (all orders alike) to 1."""

    query: str
    count: int
    disagreement: float
    products: tuple[Product, ...]


def drawn_queries(counts: Mapping[str, int], judged: Iterable[str], seed: int = 0) -> dict[str, int]:
    """At most ``LOOKED_AT`` queries of a log with their counts, the most frequent first, none of them judged already,
    and none nearly another one."""
    guard, rng = LeakGuard(judged), np.random.default_rng([seed, 7])
    free = [query for query in counts if not guard.refuses(query)]
    free.sort(key=lambda query: -counts[query])
    head, tail = free[: LOOKED_AT // 2], free[LOOKED_AT // 2 :]
    picked = [*head, *(tail[i] for i in sorted(rng.permutation(len(tail))[: LOOKED_AT - len(head)]))]
    return {query: counts[query] for query in picked}


def disagreement(orders: Sequence[Sequence[str]]) -> float:
    """How unlike the first ten of several orders of one window are, 0 to 1: the mean over pairs of 1 - shared share."""
    heads = [set(order[:FIRST]) for order in orders]
    pairs = [(a, b) for n, a in enumerate(heads) for b in heads[n + 1 :]]
    return float(np.mean([1 - len(a & b) / max(1, len(a), len(b)) for a, b in pairs])) if pairs else 0.0


def proposals(
    windows: Mapping[str, Candidates],
    counts: Mapping[str, int],
    students: Sequence[StudentWithStates],
    queries: int,
    products: int,
) -> list[Proposal]:
    """The queries in whose windows engine and students disagree most, half of them from the frequent half of the log.

    ``counts`` is of the windows' queries, the most frequent first. No two of them are nearly the same.
    """
    rated = []
    for query, count in counts.items():
        window = windows[query]
        if len(window.products) < 2:
            continue
        scores = [student.scores(window) for student in students]
        engine = [product.id for product in window.products]
        orders = [engine, *([window.products[i].id for i in _order(of_one)] for of_one in scores)]
        chosen = _products(window, scores[0], products)
        rated.append(Proposal(query, count, disagreement(orders), chosen))
    middle = len(rated) // 2
    halves = [sorted(half, key=lambda one: -one.disagreement) for half in (rated[:middle], rated[middle:])]
    taken = list[Proposal]()
    for one in (one for pair in zip_longest(*halves) for one in pair if one is not None):
        if len(taken) < queries and not LeakGuard(other.query for other in taken).refuses(one.query):
            taken.append(one)
    return taken


def _order(scores: FloatArray) -> list[int]:
    return [int(i) for i in np.argsort(-np.nan_to_num(scores, nan=-math.inf), kind="stable")]


def _products(window: Candidates, scores: FloatArray, count: int) -> tuple[Product, ...]:
    """The first of both orders by turns, and some from below."""
    by_student = _order(scores)
    first = [i for pair in zip(range(len(by_student)), by_student, strict=True) for i in pair]
    below = by_student[len(by_student) // 2 :]
    low = [below[i] for i in np.linspace(0, len(below) - 1, min(FROM_BELOW, len(below))).astype(int)]
    head = list(dict.fromkeys(i for i in first if i not in low))[: max(0, count - len(low))]
    return tuple(window.products[i] for i in dict.fromkeys([*head, *low][:count]))


def plan_csv(found: Sequence[Proposal]) -> str:
    """The plan as a CSV ``query,docid,rating,title``, ratings empty: fill them in, and it is judgments."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["query", "docid", "rating", "title"])
    table.writerows([one.query, product.id, "", product.title] for one in found for product in one.products)
    return text.getvalue()


def worth_of_more(taught: int, more: int, mean: float, low: float, high: float) -> tuple[float, float, float]:
    """What ``more`` judged queries would add to a gain that ``taught`` queries brought, with its interval.

    A guess by the shape that learning curves usually have, a gain that rises with log(1 + queries / 20); the interval
    is that of the gain so far, and no narrower than chance leaves it: where that reaches below 0, so does this.
    """
    ratio = math.log1p((taught + more) / 20) / math.log1p(taught / 20) - 1
    return ratio * mean, ratio * low, ratio * high


def planned(
    recipe: Recipe, work: Work, log: Path, queries: int, products: int, watch: Watch = unwatched
) -> list[Proposal]:
    """The plan for the first shop of a recipe, by a query log. Raises ``InputError`` where a file can't be read."""
    shop = recipe.shops[0]
    catalogue = opened_shop(recipe, shop, watch).shop
    judged = [
        query
        for path, format in _judged_files(recipe, shop)
        for query in read_judgments(path, format, grades=shop.grades, watch=watch).grades
    ]
    found = read_query_log(log, shop.query_column, shop.count_column, shop.log_encoding, watch)
    LOG.warning("%s.", found.account())
    counts = drawn_queries(found.counts, judged, recipe.seed)
    windows = window_candidates(catalogue, list(counts), WINDOW, watch)
    own = work.stage("blend") / "model"
    folds = sorted((work.stage("blend") / "folds").glob("*/model.json"))
    folders = [own if (own / "model.json").exists() else default_folder(), *(path.parent for path in folds[:1])]
    with closing(StateStore.open()) as states:
        students = [StudentWithStates(Student.load(folder), states) for folder in folders]
        for student in students:
            student.read(list(windows.values()), watch)
        return proposals(windows, counts, students, queries, products)


def _judged_files(recipe: Recipe, shop: ShopRecipe) -> Iterator[tuple[Path, str | None]]:
    if shop.judgments:
        formats = {shop.judgments_format, shop.test_format} if shop.test_format else {shop.judgments_format}
        yield from ((recipe.path(shop.judgments), format or None) for format in sorted(formats))
    yield from ((recipe.path(name), None) for name in shop.more_judgments)


def worth_in_words(work: Work, more: int) -> list[str]:
    """What more queries would bring, by the gate's comparison with the model in use; nothing before there is one."""
    gate = read_record(work.stage("gate") / "gate.json")
    pool = next((check for check in gate.get("checks", ()) if check["name"] == IN_USE), None)
    if pool is None:
        return [
            "What more judgments are worth can be said when `endcap distill run` has measured those that there are."
        ]
    train = read_data(work).part(TRAIN)
    folds = len({query.fold for query in train}) if gate["part"].startswith(TRAIN) else 0
    taught = len(train) * (folds - 1) // folds if folds else len(train)
    mean, low, high = worth_of_more(max(1, taught), more, pool["mean"], pool["low"], pool["high"])
    return [
        f"So far about {taught} taught queries changed nDCG@10 by {pool['mean']:+.3f} [{pool['low']:+.3f}, "
        f"{pool['high']:+.3f}] (90 %) on queries not taught.",
        f"If it goes on as learning curves do, {more} more bring {mean:+.3f} [{low:+.3f}, {high:+.3f}]: a guess.",
    ]
