"""An ``_msearch``, or one of templates: each search by itself, at the same time; together where none is re-ranked."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import hdrs, web
from multidict import CIMultiDict
from opensearchpy.exceptions import OpenSearchException

from endcap.errors import EndcapError, InputError
from endcap.plugin.faults import log_fault
from endcap.plugin.search.options import without_rerank
from endcap.plugin.search.request import plan_search
from endcap.plugin.search.status import Reason
from endcap.serve.call import Call
from endcap.serve.headers import passed_on
from endcap.serve.proxy.engine import EngineError
from endcap.serve.proxy.lines import Line, read_lines
from endcap.serve.proxy.parts import Parts, skipped, status_words
from endcap.serve.proxy.raw_response import relay
from endcap.serve.proxy.read_search import ReadSearch, params_of
from endcap.serve.proxy.replies import Unwritable, answer_json, is_pretty, json_bytes
from endcap.serve.proxy.route import Kind, Route, query_of
from endcap.serve.proxy.searches import chosen_for, pass_rest, reason_to_leave, rendered
from endcap.serve.proxy.steps import count, drop, note_outcome, pass_on, ranked_bytes, strip_rerank
from endcap.serve.request_body import Unread, check_json, plain_bytes, read_body
from endcap.serve.rerankers import Chosen
from endcap.serve.wire.upstream import Unreachable

_REFUSED, _STATUS = b'"status":400}', b'"status":'
AT_ONCE = 8
"""Searches of one ``_msearch`` that are under way at once, unless it asks for fewer."""


async def handle_multi(parts: Parts, request: web.BaseRequest, target: str, route: Route) -> web.StreamResponse:
    """Answer an ``_msearch``."""
    arrived_s = parts.arrived_s()
    body = await read_body(request, parts.settings.max_search_bytes)
    call = Call(request.method, target, passed_on(request.headers, ("host",)), body.raw, arrived_s=arrived_s)
    if not body.whole:
        return await pass_rest(parts, request, call, body)
    query = target.partition("?")[2]
    try:
        plain = plain_bytes(body.raw, request.headers.get(hdrs.CONTENT_ENCODING, ""), parts.settings.max_search_bytes)
        check_json(request.headers.get(hdrs.CONTENT_TYPE), request.headers.get(hdrs.ACCEPT, ""), plain, lines=True)
        params = params_of(query)
        lines = read_lines(plain, route.index, params)
        chosen = [_chosen(parts, request, line, route.kind) for line in lines]
    except Unread as unread:
        return await pass_on(parts, request, call, skipped(str(unread)))
    except Exception as error:  # a fault of ours must not cost the searches
        log_fault("searches could not be read", error)
        return await pass_on(parts, request, call, f"fallback; reason={Reason.INTERNAL_ERROR}")
    if not any(isinstance(each, Chosen) for each in chosen):
        return await pass_on(parts, request, call, str(chosen[0]))
    if not parts.take_slot(parts.settings):
        return await pass_on(parts, request, call, skipped("busy"))
    with parts.slots.held(parts.student.hung):
        return await _answered(parts, request, call, lines, chosen, params, route.kind)


def _chosen(parts: Parts, request: web.BaseRequest, line: Line, kind: Kind) -> Chosen | str:
    """What re-ranks a search, or the header's value of one that is left alone."""
    try:
        chosen = chosen_for(parts, line.index)
    except Unread as unread:
        return skipped(str(unread))
    search = ReadSearch(line.index, line.body, line.params, line.text, "")
    if reason := reason_to_leave(parts, chosen, search, request):
        return skipped(reason)
    if kind is Kind.MULTI_TEMPLATE:
        return parts.left_alone({}) or chosen
    outcome = plan_search(line.body, line.params, chosen.reranker.options, chosen.model, (), True).outcome
    if outcome is not None:
        return skipped(str(outcome.reason or outcome.status))
    return parts.left_alone(line.body) or chosen


@dataclass(frozen=True, slots=True)
class _Answer:
    """One search's reply as it stands in ``responses``, what became of it, and the headers of the cluster's answer."""

    raw: bytes
    said: str
    head: CIMultiDict[str] | None


async def _answered(
    parts: Parts,
    request: web.BaseRequest,
    call: Call,
    lines: list[Line],
    chosen: list[Chosen | str],
    params: Mapping[str, Any],
    kind: Kind,
) -> web.StreamResponse:
    began = time.perf_counter()
    answers = await _all_answers(parts, call, lines, chosen, params, kind)
    if any(answer.raw.endswith(_REFUSED) or _STATUS not in answer.raw[-16:] for answer in answers):
        # What is wrong with one search may be wrong with the whole request: the cluster says which. An answer without a
        # status is none of a search.
        strip_rerank(call, parts.settings.max_search_bytes)
        whole = await parts.upstream.send(call.method, call.target, call.headers, call.body)
        if whole.status != 200:
            count(parts, "error; reason=engine")
            return await relay(request, whole, "error; reason=engine")
        whole.close()
    for answer in answers:
        count(parts, answer.said)
    took = round((time.perf_counter() - began) * 1e3)
    body = b'{"took":%d,"responses":[%s]}' % (took, b",".join(answer.raw for answer in answers))
    if is_pretty(params):
        with suppress(RecursionError, Unwritable):  # then as it is
            body = json_bytes(json.loads(body), True)
    head = next((answer.head for answer in answers if answer.head is not None), None)
    return await answer_json(request, body, head, _words([answer.said for answer in answers]))


async def _all_answers(
    parts: Parts, call: Call, lines: list[Line], chosen: list[Chosen | str], params: Mapping[str, Any], kind: Kind
) -> list[_Answer]:
    """The answers to all searches, a few of them under way at once. Where one raises, the others end."""
    limit = asyncio.Semaphore(_at_once(params))

    async def one(line: Line, by: Chosen | str) -> _Answer:
        async with limit:
            own = _call_of(call, line, kind)
            try:
                return _Answer(*await _reply(parts, own, line, by, kind), own.replied)
            finally:
                drop(own)

    tasks = [asyncio.ensure_future(one(*each)) for each in zip(lines, chosen, strict=True)]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


async def _reply(parts: Parts, call: Call, line: Line, chosen: Chosen | str, kind: Kind) -> tuple[bytes, str]:
    """One search's reply as it stands in ``responses``, and what became of it."""
    search = ReadSearch(line.index, line.body, line.params, line.text, "")
    try:
        if isinstance(chosen, Chosen) and kind is Kind.MULTI_TEMPLATE:
            search = await rendered(parts, call, search)
        if isinstance(chosen, str):
            return await _passed(parts, call), chosen
        reply, body = await ranked_bytes(call, chosen, search, {"status": 200})
    except Exception as error:
        return await _reply_after(parts, call, error)
    record = reply["ext"]["rerank"]
    note_outcome(parts, call, record, chosen.settings)
    if call.unread is not None:
        status, raw = call.unread.status, await call.unread.read()
        return _with_status(raw, status), status_words(record)
    return body, status_words(record)


async def _reply_after(parts: Parts, call: Call, error: Exception) -> tuple[bytes, str]:
    """The same for a search that was not re-ranked for an error. Raises ``Unreachable`` where the cluster is."""
    match error:
        case Unread():
            return await _passed(parts, call), skipped(str(error))
        case EngineError():
            return _with_status(error.body, error.args[0]), "error; reason=engine"
        case OpenSearchException():
            raise Unreachable(str(error)) from error
        case Unreachable():
            raise error
        case EndcapError():  # the caller asked for that: allow_rerank_failures is false
            status = 400 if isinstance(error, InputError) else 500
            cause = {"type": "rerank_failed_exception", "reason": str(error)}
            return json_bytes({"error": {"root_cause": [cause], **cause}, "status": status}), "error; reason=rerank"
        case Unwritable():  # the document's doing, not the student's
            return await _passed(parts, call), f"fallback; reason={Reason.WINDOW_ERROR}"
    log_fault("a search could not be re-ranked", error)  # a fault of ours must not cost the search
    parts.student.failed()
    return await _passed(parts, call), "fallback; reason=internal_error"


async def _passed(parts: Parts, call: Call) -> bytes:
    """The cluster's own reply to one search."""
    upstream = await parts.upstream.send(call.method, call.target, call.headers, call.body)
    async with upstream:
        return _with_status(await upstream.read(), upstream.status)


def _with_status(raw: bytes, status: int) -> bytes:
    """A search's reply as an ``_msearch`` has it: with its status, which an error has already."""
    body = raw.rstrip()
    if status >= 400 or not body.endswith(b"}"):
        return body
    return body[:-1] + b',"status":%d}' % status


def _call_of(call: Call, line: Line, kind: Kind) -> Call:
    """The request of one search alone."""
    headers = CIMultiDict(call.headers)
    for name in (hdrs.CONTENT_LENGTH, hdrs.CONTENT_ENCODING, hdrs.CONTENT_TYPE, hdrs.ACCEPT, hdrs.ACCEPT_ENCODING):
        headers.popall(name, None)
    headers[hdrs.CONTENT_TYPE] = headers[hdrs.ACCEPT] = "application/json"
    path = f"/{quote(line.index, safe=',*')}/_search" if line.index else "/_search"
    path += "/template" if kind is Kind.MULTI_TEMPLATE else ""
    url = {name: _text(value) for name, value in line.params.items()}
    stripped = without_rerank(line.body)
    body = line.text if stripped == line.body else orjson.dumps(stripped)
    return Call("POST", f"{path}?{query_of(url.items())}" if url else path, headers, body, arrived_s=call.arrived_s)


def _at_once(params: Mapping[str, Any]) -> int:
    return min(AT_ONCE, int(str(params.get("max_concurrent_searches", AT_ONCE))[:10]))


def _words(said: list[str]) -> str:
    """What became of the searches, each kind once."""
    return ", ".join(f"{said.count(words)} {words}" for words in dict.fromkeys(said))


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)
