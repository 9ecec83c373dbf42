"""What searches are answered with: the middleware's own pages, with the shop's rules and signals."""

from __future__ import annotations

from collections.abc import Sequence

from endcap.evaluate.measures import NamedMeasure, Rankings
from endcap.evaluate.systems import Shop
from endcap.plugin.search.reranker import Reranker
from endcap.progress import Watch, unwatched


def answered(
    shop: Shop, reranker: Reranker, queries: Sequence[str], page: int, depth: int, watch: Watch = unwatched
) -> Rankings:
    """The first ``depth`` products of each query, as somebody sees them who goes on by pages of ``page``."""
    rankings = dict[str, list[str]]()
    with watch("Searching with the shop's rules", len(queries)) as advance:
        for done, query in enumerate(queries, 1):
            shown = list[str]()
            while len(shown) < depth:
                body = {**shop.body(query), "_source": False, "from": len(shown), "size": page}
                request = {**body, "ext": {**body.get("ext", {}), "rerank": {"query_context": {"query_text": query}}}}
                hits = reranker.search(index=shop.index, body=request)["hits"]["hits"]
                shown += [str(hit["_id"]) for hit in hits]
                if not hits:
                    break
            rankings[query] = shown[:depth]
            advance(done)
    return rankings


def depth_of(measures: Sequence[NamedMeasure], window: int) -> int:
    """How many products the measures look at: the window's where one of them has no cut-off."""
    return min(window, max(measure.cutoff or window for measure in measures))
