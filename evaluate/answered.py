"""What searches are answered with: the middleware's own pages, with the shop's rules and signals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from endcap.errors import EngineError
from endcap.evaluate.measures import NamedMeasure, Rankings
from endcap.evaluate.systems import Shop, refuses
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.search.status import Reason, Status
from endcap.progress import Watch, unwatched

NOTHING_TO_ORDER = (Reason.EMPTY_WINDOW, Reason.ONE_HIT)


def answered(
    shop: Shop, reranker: Reranker, queries: Sequence[str], page: int, depth: int, watch: Watch = unwatched
) -> tuple[Rankings, dict[str, int]]:
    """The first ``depth`` products of each query, as somebody sees them who goes on by pages of ``page``; and how many
    searches the middleware has not re-ranked though there was something to order, by status and reason."""
    rankings, left_alone = dict[str, list[str]](), Counter[str]()
    with watch("Searching with the shop's rules", len(queries)) as advance:
        for done, query in enumerate(queries, 1):
            shown = list[str]()
            while len(shown) < depth:
                body = {**shop.body(query), "_source": False, "from": len(shown), "size": page}
                request = {**body, "ext": {**body.get("ext", {}), "rerank": {"query_context": {"query_text": query}}}}
                try:
                    reply = reranker.search(index=shop.index, body=request)
                except EngineError as error:
                    if not refuses(shop, error):
                        raise
                    break
                if not shown:
                    left_alone.update(_left_alone(reply["ext"]["rerank"]))
                hits = reply["hits"]["hits"]
                shown += [str(hit["_id"]) for hit in hits]
                if not hits:
                    break
            rankings[query] = shown[:depth]
            advance(done)
    return rankings, dict(left_alone.most_common())


def _left_alone(report: Mapping[str, Any]) -> list[str]:
    status, reason = str(report["status"]), report.get("reason")
    if status in (Status.RERANKED, Status.PARTIAL) or reason in NOTHING_TO_ORDER:
        return []
    return [f"{status}: {reason}" if reason else status]


def depth_of(measures: Sequence[NamedMeasure], window: int) -> int:
    """How many products the measures look at: the window's where one of them has no cut-off."""
    return min(window, max(measure.cutoff or window for measure in measures))
