"""Whether a reply holds all that was asked for: shards that failed, hits that something has cut off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.plugin.search.reply import hits_of

_NONE: dict[str, Any] = {}
_OBJECT = (dict, Mapping)


def failed_part(reply: Any) -> str:
    """Which part of the index has not answered, and why, as a sentence; "" where all has."""
    if not isinstance(reply, Mapping):
        return ""
    shards, clusters = (_mapping(reply.get(name)) for name in ("_shards", "_clusters"))
    if shards.get("failed"):
        return f"{shards['failed']} of {shards.get('total')} shards failed{_first(shards.get('failures'))}"
    # A cluster that is skipped is one that could not be asked.
    if missing := sum(_count(clusters.get(name)) for name in ("skipped", "partial", "failed")):
        return f"{missing} of {clusters.get('total')} clusters have not answered as a whole"
    return ""


def odd_part(reply: Any) -> str:
    """What of a reply is not as an engine has it, as something on the way to it may say; "" where all is."""
    hits = hits_of(reply)
    if hits is None:
        return "a reply without hits"
    if not isinstance(reply.get("_shards", {}), Mapping):
        return "a reply whose _shards are no object"
    for hit in hits:
        if not isinstance(hit, _OBJECT) or ("_id" not in hit and "_index" not in hit):
            return "a reply with a hit that is none"
        if not isinstance(hit.get("_source", _NONE), _OBJECT):
            return "a reply with a hit whose _source is no object"
    return ""


def may_be_cut(window: Any, body: Mapping[str, Any], start: int, stop: int, depth: int) -> bool:
    """Whether a window's reply of at most ``depth`` hits may have others for the page [start, stop) than the engine.

    A search pipeline may cut off what it counts from the first hit (``truncate_hits``), or leave out some of the hits
    that were asked for (``collapse``). So may groups and hybrid searches be fewer than what is counted; there, and
    where nothing is counted, it is looked at behind the first page.
    """
    n = len(hits_of(window) or [])
    if n >= depth:
        return False
    total = window["hits"].get("total")
    counted = total.get("value") if isinstance(total, Mapping) else total
    if not isinstance(counted, int) or counted < 0:
        return start > 0 and n < stop
    if counted <= n and not (n < stop and isinstance(total, Mapping) and total.get("relation") == "gte"):
        return False
    query = body.get("query")
    is_fewer = "collapse" in body or (isinstance(query, Mapping) and "hybrid" in query)
    return not is_fewer or (start > 0 and n < stop)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: Any) -> int:
    return value if isinstance(value, int) else 0


def _first(failures: Any) -> str:
    """The first failure: its index, type and reason."""
    if not isinstance(failures, Sequence) or not failures:
        return ""
    first = _mapping(failures[0])
    reason = _mapping(first.get("reason"))
    return f", the first of {first.get('index')}: {reason.get('type')}, {reason.get('reason')}"
