"""Shadow mode: the client gets the engine's reply; beside that the search is re-ranked, measured and dropped."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import orjson
from aiohttp import hdrs, web

from endcap.plugin.faults import log_fault
from endcap.serve.call import Call
from endcap.serve.headers import OWN, passed_on
from endcap.serve.proxy.parts import Parts
from endcap.serve.proxy.raw_response import answer
from endcap.serve.proxy.read_search import ReadSearch
from endcap.serve.proxy.steps import count, drop, note_outcome, ranked
from endcap.serve.request_body import Unread, plain_bytes
from endcap.serve.rerankers import Chosen
from endcap.serve.wire.reply import BrokenOff
from endcap.serve.wire.upstream import Unreachable

MAX_REPLY_BYTES = 2**26


async def shadowed(
    parts: Parts, request: web.BaseRequest, call: Call, chosen: Chosen, search: ReadSearch
) -> web.StreamResponse:
    """Answer with the engine's reply, and begin to measure what re-ranking would have made of it."""
    count(parts, "shadow")
    upstream = await parts.upstream.send(call.method, call.target, call.headers, call.body)
    try:
        async with upstream:
            raw = await upstream.read()
    except BrokenOff as error:
        raise Unreachable(str(error)) from error
    if upstream.status == 200 and parts.take_slot(chosen.settings):
        plain = upstream.headers.get(hdrs.CONTENT_ENCODING, "")
        beside = Call(call.method, call.target, call.headers, call.body)
        task = asyncio.create_task(_measured(parts, beside, chosen, search, raw, plain))
        parts.background.add(task)
        task.add_done_callback(parts.background.discard)
    headers = passed_on(upstream.headers)
    headers[OWN] = "shadow"
    return await answer(request, upstream.status, upstream.reason, headers, raw)


async def _measured(parts: Parts, call: Call, chosen: Chosen, search: ReadSearch, raw: bytes, encoding: str) -> None:
    """Re-rank the search, and count how far its page differs from the engine's."""
    with parts.slots.held(parts.student.hung):
        try:
            reply = await ranked(call, chosen, search)
            record = reply["ext"]["rerank"]
            parts.metrics.outcomes.labels(f"shadow_{record['status']}", record["reason"] or "").inc()
            note_outcome(parts, call, record, chosen.settings)
            if call.unread is None:
                note_difference(parts, _ids(orjson.loads(plain_bytes(raw, encoding, MAX_REPLY_BYTES))), _ids(reply))
        except Unread:
            pass
        except Exception as error:
            log_fault("a shadow search failed", error)
        finally:
            drop(call)


def note_difference(parts: Parts, engine: Sequence[Any], ours: Sequence[Any]) -> None:
    """Put the difference of two pages into the metrics."""
    if not engine:
        return
    moved = sum(ours[place] != id if place < len(ours) else True for place, id in enumerate(engine))
    parts.metrics.shadow_moved.observe(moved / len(engine))
    parts.metrics.shadow_first.labels("same" if ours[:1] == engine[:1] else "another").inc()


def _ids(reply: Any) -> list[Any]:
    return [(hit.get("_index"), hit.get("_id")) for hit in reply["hits"]["hits"]]
