"""Steps that the handlers of searches share."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aiohttp import web

from endcap.serve.headers import who_asks
from endcap.serve.proxy.call import CALL, Call
from endcap.serve.proxy.parts import Parts
from endcap.serve.proxy.raw_response import relay
from endcap.serve.proxy.read_search import ReadSearch
from endcap.serve.rerankers import Chosen


async def pass_on(parts: Parts, request: web.BaseRequest, call: Call, said: str) -> web.StreamResponse:
    """The cluster's answer to a request whose body is here."""
    count(parts, said)
    upstream = await parts.upstream.send(call.method, call.target, call.headers, call.body or None)
    return await relay(request, upstream, said)


def count(parts: Parts, said: str) -> None:
    """Count a search by its header's value."""
    status, _, reason = said.partition("; reason=")
    parts.metrics.outcomes.labels(status, reason).inc()


async def ranked(call: Call, chosen: Chosen, search: ReadSearch) -> Any:
    """The re-ranker's reply, for whom the call says. Raises what it raises."""
    asking = who_asks(call.headers)
    params = {**search.params, "headers": asking} if asking else dict(search.params)
    token = CALL.set(call)
    try:
        return await chosen.reranker.search(index=search.index or None, body=search.body, **params)
    finally:
        CALL.reset(token)


def note_times(parts: Parts, record: Mapping[str, Any]) -> None:
    """Put a search's times into the metrics."""
    parts.metrics.rerank_seconds.labels(record["model"]).observe(record["took_ms"] / 1e3)
    for name, took_ms in record["stages"].items():
        parts.metrics.stage_seconds.labels(name.removesuffix("_ms")).observe(took_ms / 1e3)


def drop(call: Call) -> None:
    """Let go of an answer that nobody wants any more."""
    if call.unread is not None:
        call.unread.close()
