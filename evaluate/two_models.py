"""Two models on the same judged queries: each alone in the judged pool, and each with its own blend end to end."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from endcap.errors import EndcapError
from endcap.evaluate.cases import cases
from endcap.evaluate.end_to_end import query_exclusion
from endcap.evaluate.judged_pool import pool_candidates, pool_exclusion
from endcap.evaluate.measures import Grades, Rankings, parse, score
from endcap.evaluate.open_catalogue import UNHURRIED_MS
from endcap.evaluate.results import Case
from endcap.evaluate.systems import Shop, StudentWithStates, ranked
from endcap.index.product import Product
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.search.status import Reason
from endcap.progress import Watch, unwatched

MEASURE = "nDCG@10"
CUTOFF = 10
FAULTS = (Reason.DEADLINE, Reason.MODEL_ERROR, Reason.WINDOW_ERROR, Reason.PAGE_ERROR, Reason.INTERNAL_ERROR)
"""Reasons for which a ranking is not the model's; one for want of a product's text is what a shopper would see, too."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """One model's rankings of judged queries, and nDCG@10 of each (gain 2^g - 1)."""

    rankings: Rankings
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Pair:
    """What two models make of one shop's judged queries, and what they ranked."""

    new: Ordered
    old: Ordered
    grades: Grades
    products: Mapping[str, Product]


def pool_pair(
    shop: Shop, grades: Grades, new: StudentWithStates, old: StudentWithStates, watch: Watch = unwatched
) -> Pair | None:
    """The students' own orders of judged products; None where no query tells orders apart."""
    pools = pool_candidates(shop, grades, watch)
    judged = {query: ids for query, ids in grades.items() if pool_exclusion(ids, pools[query]) is None}
    if not judged:
        return None
    candidates = [pools[query] for query in judged]
    orders = []
    for student in (new, old):
        student.read(candidates, watch, f"Reading products ({student.student.info.name})")
        rankings = {pool.query: ranked(pool, student.scores(pool), 1.0) for pool in candidates}
        orders.append(_ordered(rankings, judged))
    products = {product.id: product for pool in candidates for product in pool.products}
    return Pair(orders[0], orders[1], judged, products)


def blended_pair(
    shop: Shop,
    grades: Grades,
    new: StudentWithStates,
    old: StudentWithStates,
    watch: Watch = unwatched,
    answering: Callable[[StudentWithStates], Reranker] | None = None,
) -> Pair | None:
    """What a shopper sees with each: its own window and blend, by the middleware itself; None without a query.

    ``answering`` makes the middleware of a shop that decides more than its query does.
    """
    judged = {query: ids for query, ids in grades.items() if query_exclusion(ids) is None}
    if not judged:
        return None
    products: dict[str, Product] = {}
    orders = [
        _ordered(dict(_searched(shop, list(judged), student, products, watch, answering)), judged)
        for student in (new, old)
    ]
    return Pair(orders[0], orders[1], judged, products)


def joined_pair(pairs: Iterable[Pair | None]) -> Pair | None:
    """One pair of several over different queries of a shop; None where there is none."""
    measured = [pair for pair in pairs if pair is not None]
    if not measured:
        return None

    def all_of(orders: Sequence[Ordered]) -> Ordered:
        rankings = {query: ranking for order in orders for query, ranking in order.rankings.items()}
        return Ordered(rankings, {query: value for order in orders for query, value in order.values.items()})

    return Pair(
        all_of([pair.new for pair in measured]),
        all_of([pair.old for pair in measured]),
        {query: grades for pair in measured for query, grades in pair.grades.items()},
        {id: product for pair in measured for id, product in pair.products.items()},
    )


def worst_losses(pairs: Mapping[str, Pair], count: int) -> list[tuple[str, Case]]:
    """The queries that lost most, over all shops, with what moved."""
    losses: list[tuple[str, Case]] = []
    for shop, pair in pairs.items():
        worse, _ = cases(
            pair.old.values, pair.new.values, pair.old.rankings, pair.new.rankings, pair.grades, pair.products, CUTOFF
        )
        losses += [(shop, case) for case in worse]
    return sorted(losses, key=lambda loss: loss[1].change)[:count]


def _searched(
    shop: Shop,
    queries: Sequence[str],
    student: StudentWithStates,
    products: dict[str, Product],
    watch: Watch,
    answering: Callable[[StudentWithStates], Reranker] | None,
) -> Iterator[tuple[str, list[str]]]:
    name, fields = student.student.info.name, shop.fields
    if answering is not None:
        reranker = answering(student)
    else:
        reranker = Reranker(shop.engine, student.student, None, UNHURRIED_MS, None, fields, student.states)
    with closing(reranker), watch(f"Searching with {name}", len(queries)) as advance:
        for done, query in enumerate(queries, 1):
            body = {
                **shop.body(query),
                "size": max(reranker.options.window, CUTOFF),
                "_source": fields.source_fields(),
                "ext": {"rerank": {"query_context": {"query_text": query}}},
            }
            reply = reranker.search(index=shop.index, body=body)
            report = reply["ext"]["rerank"]
            if report["reason"] in FAULTS:
                raise EndcapError(f"{name} could not re-rank {query!r}: {report['status']}, reason {report['reason']}.")
            hits = reply["hits"]["hits"]
            for hit in hits:
                products[str(hit["_id"])] = fields.product(hit.get("_source") or {}, id=str(hit["_id"]))
            yield query, [str(hit["_id"]) for hit in hits]
            advance(done)


def _ordered(rankings: Rankings, grades: Grades) -> Ordered:
    return Ordered(rankings, score(rankings, grades, parse([MEASURE]))[MEASURE])
