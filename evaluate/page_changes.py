"""What re-ranking would change on one's own queries, without judgments: both pages of every query, and how they differ.

Rank-biased overlap is that of Webber, Moffat and Zobel, 2010 (https://doi.org/10.1145/1852102.1852106), extrapolated
(their equation 30) from two lists of one length.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endcap.evaluate.end_to_end import window_candidates
from endcap.evaluate.results import Shown
from endcap.evaluate.systems import Candidates, Shop, StudentWithStates
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.search.status import Status
from endcap.progress import Watch, unwatched

PERSISTENCE = 0.9
"""The chance that who looks at one product looks at the next: 0.9 puts 86 % of the weight on the first ten."""


@dataclass(frozen=True, slots=True)
class Change:
    """One query: how often it was searched, what became of it, both pages, and the time each took."""

    query: str
    searches: int
    status: str
    reason: str | None
    before: tuple[Shown, ...]
    after: tuple[Shown, ...]
    overlap: float
    rank_biased_overlap: float
    mean_move: float
    engine_ms: float
    reranked_ms: float

    @property
    def is_reranked(self) -> bool:
        """Whether the student ordered the window, or a part of it."""
        return self.status in (Status.RERANKED, Status.PARTIAL)

    @property
    def order_changed(self) -> bool:
        """Whether the page shows anything else than before, or in another order."""
        return [product.id for product in self.before] != [product.id for product in self.after]

    @property
    def set_changed(self) -> bool:
        """Whether the page shows a product that was not on it before."""
        return {product.id for product in self.before} != {product.id for product in self.after}

    @property
    def first_changed(self) -> bool:
        """Whether the first product is another one."""
        return [product.id for product in self.before[:1]] != [product.id for product in self.after[:1]]


@dataclass(frozen=True, slots=True)
class Summary:
    """All queries together; shares, means and times are of those that were ``reranked``, wholly or in part.

    Shares and means weigh a query by how often it was searched; times are over queries.
    """

    queries: int
    searches: int
    reranked: int
    """So many of the searches."""
    nothing_found: int
    first_changed: float
    order_changed: float
    set_changed: float
    overlap: float
    rank_biased_overlap: float
    mean_move: float
    statuses: Mapping[str, int]
    engine_ms: float
    reranked_ms: float
    added_ms: float
    added_ms_p95: float


def compare_pages(
    shop: Shop,
    reranker: Reranker,
    scorer: StudentWithStates,
    counts: Mapping[str, int],
    top: int,
    watch: Watch = unwatched,
) -> list[Change]:
    """Search every query both ways; ``counts`` says how often each was searched, a page shows ``top`` products.

    The products that the queries find are read first, as 'endcap warm' would have done: what is compared is a shop in
    service, not its first minute.
    """
    windows = window_candidates(shop, counts, max(reranker.options.window, top), watch, "Searching")
    scorer.read(list(windows.values()), watch)
    changes = []
    with watch("Comparing", len(counts)) as advance:
        for done, (query, searches) in enumerate(counts.items(), 1):
            changes.append(_change(shop, reranker, windows[query], searches, top))
            advance(done)
    return changes


def _change(shop: Shop, reranker: Reranker, window: Candidates, searches: int, top: int) -> Change:
    if window.refused:
        return Change(window.query, searches, "refused by the engine", None, (), (), 1.0, 1.0, 0.0, 0.0, 0.0)
    body = {**shop.body(window.query), "size": top, "_source": shop.fields.source_fields()}
    began = time.perf_counter()
    engine_reply = shop.engine.search(index=shop.index, body=body)
    between = time.perf_counter()
    request = {**body, "ext": {**body.get("ext", {}), "rerank": {"query_context": {"query_text": window.query}}}}
    reply = reranker.search(index=shop.index, body=request)
    ended = time.perf_counter()
    report = reply.get("ext", {}).get("rerank", {})
    old, new = engine_reply["hits"]["hits"], reply["hits"]["hits"]
    ids_old, ids_new = [str(hit["_id"]) for hit in old], [str(hit["_id"]) for hit in new]
    rank_old = {product.id: rank for rank, product in enumerate(window.products, 1)}
    rank_old |= {id: rank for rank, id in enumerate(ids_old, 1)}
    rank_new = {id: rank for rank, id in enumerate(ids_new, 1)}
    moves = [abs(rank - rank_old.get(product, len(rank_old) + 1)) for product, rank in rank_new.items()]
    return Change(
        query=window.query,
        searches=searches,
        status=str(report.get("status", "unknown")),
        reason=report.get("reason"),
        before=tuple(_shown(shop, hit, rank_old, rank_new) for hit in old),
        after=tuple(_shown(shop, hit, rank_old, rank_new) for hit in new),
        overlap=overlap(ids_old, ids_new),
        rank_biased_overlap=rank_biased_overlap(ids_old, ids_new),
        mean_move=sum(moves) / len(moves) if moves else 0.0,
        engine_ms=1e3 * (between - began),
        reranked_ms=1e3 * (ended - between),
    )


def _shown(shop: Shop, hit: Mapping[str, Any], before: Mapping[str, int], after: Mapping[str, int]) -> Shown:
    product = shop.fields.product(hit.get("_source") or {}, id=str(hit["_id"]))
    return Shown(
        product.id, product.title, None, before.get(product.id), after.get(product.id), product.brand, product.price
    )


def overlap(one: Sequence[str], two: Sequence[str]) -> float:
    """The share of the longer page's products that stand on both, in 0..1; two empty pages are the same."""
    longer = max(len(one), len(two))
    return len(set(one) & set(two)) / longer if longer else 1.0


def rank_biased_overlap(one: Sequence[str], two: Sequence[str], p: float = PERSISTENCE) -> float:
    """How much two rankings agree, the top counting most; 1 is the same, 0 nothing in common."""
    depth = max(len(one), len(two))
    if depth == 0:
        return 1.0
    seen_one: set[str] = set()
    seen_two: set[str] = set()
    total, agreement = 0.0, 0.0
    for rank in range(1, depth + 1):
        seen_one |= set(one[rank - 1 : rank])
        seen_two |= set(two[rank - 1 : rank])
        agreement = len(seen_one & seen_two) / rank
        total += agreement * p**rank
    return agreement * p**depth + (1 - p) / p * total


def summarise(changes: Sequence[Change]) -> Summary:
    """All queries in one record; there must be at least one."""
    searches = sum(change.searches for change in changes)
    ranked = [change for change in changes if change.is_reranked]
    reranked = sum(change.searches for change in ranked)

    def weighted(values: Sequence[float]) -> float:
        return sum(c.searches * value for c, value in zip(ranked, values, strict=True)) / reranked if reranked else 0.0

    statuses: Counter[str] = Counter()
    for change in changes:
        statuses[change.status + (f": {change.reason}" if change.reason else "")] += change.searches
    added = sorted(change.reranked_ms - change.engine_ms for change in ranked)
    return Summary(
        queries=len(changes),
        searches=searches,
        reranked=reranked,
        nothing_found=sum(change.searches for change in changes if not change.before),
        first_changed=weighted([change.first_changed for change in ranked]),
        order_changed=weighted([change.order_changed for change in ranked]),
        set_changed=weighted([change.set_changed for change in ranked]),
        overlap=weighted([change.overlap for change in ranked]),
        rank_biased_overlap=weighted([change.rank_biased_overlap for change in ranked]),
        mean_move=weighted([change.mean_move for change in ranked]),
        statuses=dict(statuses.most_common()),
        engine_ms=_quantile([change.engine_ms for change in ranked], 0.5),
        reranked_ms=_quantile([change.reranked_ms for change in ranked], 0.5),
        added_ms=_quantile(added, 0.5),
        added_ms_p95=_quantile(added, 0.95),
    )


def _quantile(values: Sequence[float], share: float) -> float:
    if not values:
        return 0.0
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def most_changed(changes: Sequence[Change], count: int) -> list[Change]:
    """The queries whose pages differ most, the most searched first among equals; unchanged ones are left out."""
    changed = [change for change in changes if change.order_changed]
    return sorted(changed, key=lambda change: (change.rank_biased_overlap, -change.searches))[:count]
