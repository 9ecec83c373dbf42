"""Two models on the same judged queries: each alone in the judged pool, and each with its own blend end to end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

from endcap.errors import EndcapError
from endcap.evaluate import end_to_end
from endcap.evaluate import judged_pool as pool
from endcap.evaluate.cases import cases
from endcap.evaluate.measures import Grades, Rankings, mean, parse, score
from endcap.evaluate.results import Case, SystemResult
from endcap.evaluate.systems import Shop, StudentWithStates, ranked
from endcap.index.product import Product
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.search.status import Reason
from endcap.progress import Watch, unwatched

MEASURE = "nDCG@10"
CUTOFF = 10
UNHURRIED_MS = 3.6e6
"""What is compared are rankings, not times."""
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


def in_pool(
    shop: Shop, grades: Grades, new: StudentWithStates, old: StudentWithStates, watch: Watch = unwatched
) -> Pair | None:
    """The students' own orders of judged products; None where no query tells orders apart."""
    found = pool.pool_candidates(shop, grades, watch)
    kept = {query: judged for query, judged in grades.items() if pool.left_out(query, judged, found[query]) is None}
    if not kept:
        return None
    each = [found[query] for query in kept]
    orders = []
    for student in (new, old):
        student.read(each, watch, f"Reading products ({student.student.info.name})")
        rankings = {candidates.query: ranked(candidates, student.scores(candidates), 1.0) for candidates in each}
        orders.append(_ordered(rankings, kept))
    products = {product.id: product for candidates in each for product in candidates.products}
    return Pair(orders[0], orders[1], kept, products)


def blended(
    shop: Shop, grades: Grades, new: StudentWithStates, old: StudentWithStates, watch: Watch = unwatched
) -> Pair | None:
    """What a shopper sees with each: its own window and blend, by the middleware itself; None without a query."""
    kept = {query: judged for query, judged in grades.items() if end_to_end.left_out(judged) is None}
    if not kept:
        return None
    products: dict[str, Product] = {}
    orders = [_ordered(dict(_searched(shop, list(kept), student, products, watch)), kept) for student in (new, old)]
    return Pair(orders[0], orders[1], kept, products)


def joined(pairs: Iterable[Pair | None]) -> Pair | None:
    """One pair of several over different queries of a shop; None where there is none."""
    found = [pair for pair in pairs if pair is not None]
    if not found:
        return None

    def all_of(orders: Sequence[Ordered]) -> Ordered:
        rankings = {query: ranking for order in orders for query, ranking in order.rankings.items()}
        return Ordered(rankings, {query: value for order in orders for query, value in order.values.items()})

    return Pair(
        all_of([pair.new for pair in found]),
        all_of([pair.old for pair in found]),
        {query: grades for pair in found for query, grades in pair.grades.items()},
        {id: product for pair in found for id, product in pair.products.items()},
    )


def worst(pairs: Mapping[str, Pair], count: int) -> list[tuple[str, Case]]:
    """The queries that lost most, over all shops, with what moved."""
    found = list[tuple[str, Case]]()
    for shop, pair in pairs.items():
        losses, _ = cases(
            _system("old", pair.old),
            _system("new", pair.new),
            pair.old.rankings,
            pair.new.rankings,
            pair.grades,
            pair.products,
            MEASURE,
            CUTOFF,
        )
        found += [(shop, case) for case in losses]
    return sorted(found, key=lambda each: each[1].change)[:count]


def _searched(
    shop: Shop, queries: Sequence[str], student: StudentWithStates, products: dict[str, Product], watch: Watch
) -> Iterator[tuple[str, list[str]]]:
    name, fields = student.student.info.name, shop.fields
    made = Reranker(shop.engine, student.student, deadline_ms=UNHURRIED_MS, fields=fields, states=student.states)
    with closing(made) as reranker, watch(f"Searching with {name}", len(queries)) as advance:
        for done, query in enumerate(queries, 1):
            body = {
                "query": shop.engine.text_query(query),
                "size": max(reranker.options.window, CUTOFF),
                "_source": fields.source_fields(),
                "ext": {"rerank": {"query_context": {"query_text": query}}},
            }
            reply = reranker.search(index=shop.index, body=body)
            said = reply["ext"]["rerank"]
            if said["reason"] in FAULTS:
                raise EndcapError(f"{name} could not re-rank {query!r}: {said['status']}, reason {said['reason']}.")
            hits = reply["hits"]["hits"]
            for hit in hits:
                products[str(hit["_id"])] = fields.product(hit.get("_source") or {}, id=str(hit["_id"]))
            yield query, [str(hit["_id"]) for hit in hits]
            advance(done)


def _ordered(rankings: Rankings, grades: Grades) -> Ordered:
    return Ordered(rankings, score(rankings, grades, parse([MEASURE]))[MEASURE])


def _system(name: str, ordered: Ordered) -> SystemResult:
    return SystemResult(name, name, {MEASURE: mean(ordered.values)}, {}, 0.0, {MEASURE: ordered.values})
