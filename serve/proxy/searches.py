"""A ``_search``, or a template's: re-ranked by the shared re-ranker, or passed through with the reason in a header."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import orjson
from aiohttp import hdrs, web
from opensearchpy.exceptions import OpenSearchException

from endcap.errors import EndcapError, InputError
from endcap.plugin.faults import log_fault
from endcap.plugin.search.options import without_rerank
from endcap.plugin.search.status import Reason, Status
from endcap.plugin.tracing import is_recorded, name_parent, note, span
from endcap.serve.call import CALL, Call
from endcap.serve.headers import OWN, passed_on
from endcap.serve.proxy.choice import is_of_system, left_alone
from endcap.serve.proxy.engine import EngineError
from endcap.serve.proxy.lines import OF_REQUEST
from endcap.serve.proxy.parts import Parts, skipped, status_words
from endcap.serve.proxy.raw_response import answer, relay
from endcap.serve.proxy.read_search import ReadSearch, read_search
from endcap.serve.proxy.replies import Unwritable, answer_error, answer_json
from endcap.serve.proxy.route import Kind, Route
from endcap.serve.proxy.shadow import shadowed
from endcap.serve.proxy.steps import count, drop, note_outcome, pass_on, ranked_bytes
from endcap.serve.request_body import Body, Unread, plain_bytes, read_body, rest_of
from endcap.serve.rerankers import Chosen

_TEMPLATE = {"source", "id", "params", "explain", "profile", "ext"}


async def handle_search(parts: Parts, request: web.BaseRequest, target: str, route: Route) -> web.StreamResponse:
    """Answer a search. What is not re-ranked goes to the cluster and back as it is."""
    arrived_s = parts.arrived_s()
    body = await read_body(request, parts.settings.max_search_bytes)
    headers = passed_on(request.headers, ("host",))
    call = Call(request.method, target, headers, body.raw, arrived_s=arrived_s)
    if not body.whole:
        return await pass_rest(parts, request, call, body)
    try:
        chosen = chosen_for(parts, route.index)
        search = await _read(parts, request, call, route)
        reason = reason_to_leave(parts, chosen, search, request)
        early = None if reason else chosen.early_reason(search.body, search.params)
    except Unread as unread:
        return await pass_on(parts, request, call, skipped(str(unread)))
    except Exception as error:  # a fault of ours must not cost the search
        log_fault("a search could not be read", error)
        return await pass_on(parts, request, call, f"fallback; reason={Reason.INTERNAL_ERROR}")
    if reason == "shadow":
        return await shadowed(parts, request, call, chosen, search)
    if early:
        return await _passed_early(parts, request, call, early)  # before it is the one that a breaker lets try
    said = skipped(reason) if reason else parts.left_alone(search.body)
    if said or not parts.take_slot(chosen.settings):
        return await pass_on(parts, request, call, said or skipped("busy"))
    more = {"status": 200} if route.kind is Kind.TEMPLATE else {}  # as the cluster's replies to templates have it
    with parts.slots.held(parts.student.hung):
        return await _reranked(parts, request, call, chosen, search, more)


async def _passed_early(parts: Parts, request: web.BaseRequest, call: Call, reason: Reason) -> web.StreamResponse:
    """The cluster's answer to a search of which a look says that it is not one to re-rank; no place is needed."""
    if not is_recorded():
        return await pass_on(parts, request, call, skipped(str(reason)))
    with span("endcap.search"):
        note(status=str(Status.SKIPPED), reason=str(reason))
        name_parent(call.headers)
        return await pass_on(parts, request, call, skipped(str(reason)))


def chosen_for(parts: Parts, index: str) -> Chosen:
    """The settings and the re-ranker of an index expression. Raises ``Unread`` where it is not to be re-ranked."""
    if parts.switch.is_off(index):
        raise Unread("switched_off")
    if is_of_system(index):
        raise Unread("system_index")
    chosen = parts.rerankers.of_index(index)
    if not chosen.settings.rerank:
        raise Unread("not_for_index")
    return chosen


def reason_to_leave(parts: Parts, chosen: Chosen, search: ReadSearch, request: web.BaseRequest) -> str:
    """Why a search that could be re-ranked is not; empty where it is."""
    if left_alone(chosen.settings, request.headers, search.index, search.body):
        return "share"
    return "shadow" if chosen.settings.shadow else ""


async def pass_rest(parts: Parts, request: web.BaseRequest, call: Call, body: Body) -> web.StreamResponse:
    """The cluster's answer to a body that is too long to be read here."""
    said = skipped("long_body")
    count(parts, said)
    upstream = await parts.upstream.send(call.method, call.target, call.headers, rest_of(body, request))
    return await relay(request, upstream, said)


async def _read(parts: Parts, request: web.BaseRequest, call: Call, route: Route) -> ReadSearch:
    """The search, and in the call what the cluster gets where it is passed through. Raises ``Unread``."""
    sent = request.headers
    plain = plain_bytes(call.body, sent.get(hdrs.CONTENT_ENCODING, ""), parts.settings.max_search_bytes)
    query = call.target.partition("?")[2]
    search = read_search(route.index, query, call.body, plain, sent.get(hdrs.CONTENT_TYPE), sent.get(hdrs.ACCEPT, ""))
    if search.sent is not call.body:
        call.body = search.sent
        for name in (hdrs.CONTENT_ENCODING, hdrs.CONTENT_LENGTH):
            call.headers.popall(name, None)
    if search.query != query:
        call.target = f"{call.target.partition('?')[0]}?{search.query}"
    return await rendered(parts, call, search) if route.kind is Kind.TEMPLATE else search


async def rendered(parts: Parts, call: Call, search: ReadSearch) -> ReadSearch:
    """The search that a template makes. Raises ``Unread`` where the cluster makes none of it: it says so itself."""
    if not (set(search.body) <= _TEMPLATE and OF_REQUEST.issuperset(search.params)):
        raise Unread("template")
    wanted = {name: search.body[name] for name in ("source", "id", "params") if name in search.body}
    token = CALL.set(call)
    try:
        reply = await parts.engine.render(orjson.dumps(wanted))
        body = reply["template_output"]
    except (OpenSearchException, KeyError, TypeError):
        raise Unread("template") from None
    finally:
        CALL.reset(token)
    if not isinstance(body, dict):
        raise Unread("template")
    flags = {name: search.body[name] for name in ("explain", "profile") if name in search.body}
    ext = {"ext": search.body["ext"]} if "ext" in search.body else {}
    body = {**body, **flags, **ext}
    if "rerank" in (body.get("ext") or {}) and "ext" not in search.body:  # the cluster's own would refuse it
        call.target = call.target.replace("/_search/template", "/_search", 1)
        call.body = orjson.dumps(without_rerank(body))
        for name in (hdrs.CONTENT_ENCODING, hdrs.CONTENT_LENGTH):
            call.headers.popall(name, None)
    return replace(search, body=body)


async def _reranked(
    parts: Parts, request: web.BaseRequest, call: Call, chosen: Chosen, search: ReadSearch, more: Mapping[str, Any]
) -> web.StreamResponse:
    try:
        reply, body = await ranked_bytes(call, chosen, search, more)
    except asyncio.CancelledError:
        drop(call)
        raise
    except EngineError as error:
        count(parts, "error; reason=engine")
        error.headers[OWN] = "error; reason=engine"
        return await answer(request, error.args[0], None, error.headers, error.body)
    except OpenSearchException as error:
        return await answer_error(request, 502, "cluster_unreachable_exception", str(error))
    except EndcapError as error:  # the caller asked for that: allow_rerank_failures is false
        drop(call)
        status = 400 if isinstance(error, InputError) else 500
        return await answer_error(request, status, "rerank_failed_exception", str(error))
    except Unwritable:  # the document's doing, not the student's
        drop(call)
        return await pass_on(parts, request, call, f"fallback; reason={Reason.WINDOW_ERROR}")
    except Exception as error:  # a fault of ours must not cost the search
        log_fault("a search could not be re-ranked", error)
        parts.student.failed()
        drop(call)
        return await pass_on(parts, request, call, "fallback; reason=internal_error")
    record = reply["ext"]["rerank"]
    said = status_words(record)
    count(parts, said)
    note_outcome(parts, call, record, chosen.settings)
    if call.unread is not None:
        return await relay(request, call.unread, said)
    return await answer_json(request, body, call.replied, said)
