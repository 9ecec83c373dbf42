"""Steps that the handlers of searches share."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import hdrs, web

from endcap.plugin.search.options import without_rerank
from endcap.plugin.search.status import Reason
from endcap.serve.call import CALL, Call
from endcap.serve.headers import who_asks
from endcap.serve.proxy.parts import Parts
from endcap.serve.proxy.raw_response import relay
from endcap.serve.proxy.read_search import ReadSearch
from endcap.serve.proxy.replies import is_pretty, json_bytes
from endcap.serve.proxy.route import parameters, query_of
from endcap.serve.request_body import Unread, plain_bytes
from endcap.serve.rerankers import Chosen
from endcap.serve.settings import SearchSettings

EXACT: set[str] = set()
"""Index expressions whose documents hold whole numbers above 64 bits."""
MAX_EXACT = 1000
_OF_HITS = ("previous_score", "student_score")
"""What re-ranked hits have, and the engine's have not."""
_LARGE = re.compile(rb"\d[eE]\+\d\d")
"""A number from 1e10 on in a floating-point number's writing; few texts look like that."""


async def pass_on(parts: Parts, request: web.BaseRequest, call: Call, said: str) -> web.StreamResponse:
    """The cluster's answer to a request whose body is here."""
    count(parts, said)
    strip_rerank(call, parts.settings.max_search_bytes)
    upstream = await parts.upstream.send(call.method, call.target, call.headers, call.body)
    return await relay(request, upstream, said)


def strip_rerank(call: Call, limit: int) -> None:
    """Take ``ext.rerank`` out of a body, or of its lines, that goes to the cluster as it is: it would be refused."""
    path, _, query = call.target.partition("?")
    if "rerank" in query and (given := parameters(query)):
        changed = [(name, _without_in_url(value) if name == "source" else value) for name, value in given]
        call.target = f"{path}?{query_of(changed)}" if changed != given else call.target
    try:
        plain = plain_bytes(call.body, call.headers.get(hdrs.CONTENT_ENCODING, ""), limit)
    except Unread:
        return
    if b'"rerank"' not in plain:
        return
    lines = plain.split(b"\n") if "_msearch" in path else [plain]
    stripped = b"\n".join(_without(line) for line in lines)
    if stripped != plain:
        call.body = stripped
        for name in (hdrs.CONTENT_ENCODING, hdrs.CONTENT_LENGTH):
            call.headers.popall(name, None)


def _without(text: bytes) -> bytes:
    """A body without ``ext.rerank``; the very bytes where it has none, or can't be read."""
    try:
        body = orjson.loads(text)
    except ValueError:
        return text
    stripped = without_rerank(body) if isinstance(body, dict) else body
    return text if stripped == body else orjson.dumps(stripped)


def _without_in_url(text: str) -> str:
    return _without(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")


def count(parts: Parts, said: str) -> None:
    """Count a search by its header's value."""
    parts.metrics.note_outcome(said)


async def ranked_bytes(call: Call, chosen: Chosen, search: ReadSearch, more: Mapping[str, Any]) -> tuple[Any, bytes]:
    """The re-ranker's reply, as it is and as JSON with ``more`` in it; no JSON where it has not been read.

    Whole numbers above 64 bits turn into floating-point ones in a fast reader: where one shows, all is read again.
    """
    call.exact = search.index in EXACT
    reply = await ranked(call, chosen, search)
    if call.unread is not None:
        return reply, b""
    body = json_bytes({**shown(reply, chosen, search), **more}, is_pretty(search.params))
    if not call.exact and b"e+" in body and _LARGE.search(body):
        call.exact = True
        reply = await ranked(call, chosen, search)
        read = call.unread is None
        body = json_bytes({**shown(reply, chosen, search), **more}, is_pretty(search.params)) if read else b""
        if len(EXACT) < MAX_EXACT:
            EXACT.add(search.index)
    return reply, body


def shown(reply: Mapping[str, Any], chosen: Chosen, search: ReadSearch) -> Mapping[str, Any]:
    """The reply as the client gets it: without what no engine says, where the settings want that and nobody asked."""
    ext = search.body.get("ext")
    asked = isinstance(ext, Mapping) and "rerank" in ext
    if chosen.settings.reply_ext or asked:
        return reply
    hits = [{name: value for name, value in hit.items() if name not in _OF_HITS} for hit in reply["hits"]["hits"]]
    other = {name: value for name, value in reply["ext"].items() if name != "rerank"}
    rest = {name: value for name, value in reply.items() if name != "ext"} | ({"ext": other} if other else {})
    return {**rest, "hits": {**reply["hits"], "hits": hits}}


async def ranked(call: Call, chosen: Chosen, search: ReadSearch) -> Any:
    """The re-ranker's reply, for whom the call says. Raises what it raises."""
    asking = who_asks(call.headers)
    params = {**search.params, "headers": asking} if asking else dict(search.params)
    call.deadline_ms = chosen.settings.deadline_ms or math.inf
    call.has_window = call.is_cut = False
    token = CALL.set(call)
    try:
        reply = await chosen.reranker.search(index=search.index or None, body=search.body, **params)
    finally:
        CALL.reset(token)
    if call.is_cut:
        reply["ext"]["rerank"]["reason"] = str(Reason.DEADLINE)  # and no refusal of the window
    return reply


def note_outcome(parts: Parts, call: Call, record: Mapping[str, Any], settings: SearchSettings) -> None:
    """Put a search's times into the metrics, and tell the breakers what became of it."""
    parts.note_outcome(record, settings)
    parts.metrics.note_model(record["model"])
    if call.is_cut:
        parts.windows.failed()
    elif call.has_window:
        parts.windows.worked()
    parts.metrics.rerank_seconds.labels(record["model"]).observe(record["took_ms"] / 1e3)
    for name, took_ms in record["stages"].items():
        parts.metrics.stage_seconds.labels(name.removesuffix("_ms")).observe(took_ms / 1e3)


def drop(call: Call) -> None:
    """Let go of an answer that nobody wants any more."""
    if call.unread is not None:
        call.unread.close()
