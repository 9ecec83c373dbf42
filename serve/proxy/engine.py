"""The engine of the shared re-rankers: opensearch-py's signatures, with the headers of the request that is answered."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any
from urllib.parse import quote

import orjson
from aiohttp import hdrs
from multidict import CIMultiDict
from opensearchpy.exceptions import HTTP_EXCEPTIONS, ConnectionError, SerializationError, TransportError

from endcap.plugin.search.multi_search import WindowRefused
from endcap.plugin.search.target import PassingClient
from endcap.plugin.tracing import name_parent
from endcap.serve.call import CALL, Call
from endcap.serve.headers import passed_on
from endcap.serve.proxy.route import query_of
from endcap.serve.proxy.window_reply import read_window
from endcap.serve.wire.reply import BrokenOff
from endcap.serve.wire.upstream import Unreachable, Upstream

_OF_BODY = ("content-length", "content-type", "content-encoding", "accept", "accept-encoding")
_OF_CLIENTS = ("headers", "request_timeout", "ignore", "opaque_id", "params")
"""Parameters that opensearch-py keeps, and no cluster knows."""

LEAST_GRACE_S = 0.25
"""So long at least a cluster has to end a window that it was told to end."""
WINDOW_MS = 5_000.0
"""What a window has where nobody names a limit of the whole: half of the time for which most clients wait."""
_CANCEL, _CANCELLED = "cancel_after_time_interval", b"task_cancelled_exception"


class EngineError(TransportError):
    """The cluster's own error, with the bytes that it said it in."""

    def __init__(self, status: int, headers: CIMultiDict[str], body: bytes) -> None:
        self.headers, self.body = headers, body
        try:
            info = orjson.loads(body)
        except ValueError:
            info = body.decode("utf-8", "replace")
        error = info.get("error") if isinstance(info, dict) else None
        kind = error.get("type") if isinstance(error, dict) else error
        super().__init__(status, str(kind or HTTP_EXCEPTIONS.get(status, TransportError).__name__), info)


class UnreadReply(dict[str, Any]):
    """The reply to a search that is passed through: it is not read, and what is said of it here is for our own use."""


class CallerEngine(PassingClient):
    """Searches on behalf of the client whose request is answered (``CALL``). Safe for all tasks of a loop."""

    def __init__(self, upstream: Upstream) -> None:
        self._upstream = upstream
        self._can_cancel = True
        """Whether the cluster knows how to give a search up."""

    async def search(self, index: Any = None, body: Any = None, **params: Any) -> Any:
        """The reply to a ``_search``. Raises ``EngineError``, or opensearch-py's ``ConnectionError``.

        The first of a call is its window. The cluster is told to give it up when the call's time is over, or after
        ``WINDOW_MS`` where only our own part of it has a limit: then the client's own search is asked for. Where the
        cluster goes on, its answer is waited for a while more, and then no more. No other request is cut short, nothing
        would follow it.
        """
        call, raw = CALL.get(), orjson.dumps(body or {})
        is_window, call.has_window = not call.has_window, True
        path = _path(index, "_search")
        if not is_window or _CANCEL in params:
            return await self._asked("POST", path, raw, params, is_window=is_window)
        told = {**params, **self._told(call)}
        reply = await self._in_time(
            call, lambda again: self._asked("POST", path, raw, params if again else told, is_window=True)
        )
        call.is_cut = is_cut_short(reply)
        if call.is_cut:
            raise _given_up("the cluster has ended the window: the time was over")
        return reply

    async def msearch(self, body: Sequence[Mapping[str, Any]], index: Any = None, **params: Any) -> Any:
        """The reply to an ``_msearch``, whose lines are ``body``; the first search of a call's first one is its
        window, as ``search`` has it."""
        call, path, kind = CALL.get(), _path(index, "_msearch"), "application/x-ndjson"
        is_window, call.has_window = not call.has_window, True
        if not is_window or _CANCEL in body[0]:
            return await self._asked("POST", path, _lines(body), params, kind)
        told = [{**body[0], **self._told(call)}, *body[1:]]
        try:
            reply = await self._in_time(
                call, lambda again: self._asked("POST", path, _lines(body if again else told), params, kind)
            )
        except TransportError as error:
            call.has_window = call.is_cut  # refused for what goes with it: the window may be asked for by itself
            if call.is_cut:
                raise WindowRefused(str(error)) from None
            raise
        replies = reply.get("responses") if isinstance(reply, dict) else None
        call.is_cut = isinstance(replies, list) and bool(replies) and is_cut_short(replies[0])
        if call.is_cut:
            raise WindowRefused("the cluster has ended the window: the time was over")
        return reply

    def _told(self, call: Call) -> dict[str, str]:
        """What tells the cluster when to give a window up."""
        return {_CANCEL: f"{max(1, round(_left_ms(call)))}ms"} if self._can_cancel else {}

    async def _in_time(self, call: Call, ask: Callable[[bool], Awaitable[Any]]) -> Any:
        """The answer to a window's request, if it comes in time; it is asked for once more, without the parameter,
        where the cluster does not know that."""
        grace_s = 0.0 if math.isinf(call.deadline_ms) else call.deadline_ms / 1e3
        try:
            async with asyncio.timeout(max(0.0, _left_ms(call)) / 1e3 + max(LEAST_GRACE_S, grace_s)):
                return await ask(False)
        except TimeoutError:
            call.is_cut = True
            raise _given_up("the cluster has not ended the window in time") from None
        except EngineError as error:
            if error.args[0] == 400 and self._can_cancel and _CANCEL.encode() in error.body:  # an older one
                self._can_cancel = False
                return await self._in_time(call, lambda _: ask(True))
            call.is_cut = _CANCELLED in error.body
            raise

    async def search_shards(self, index: Any = None, **params: Any) -> Any:
        """The reply of ``_search_shards``."""
        return await self._asked("GET", _path(index, "_search_shards"), None, params)

    async def render(self, template: bytes) -> Any:
        """The reply of ``_render/template``."""
        return await self._asked("POST", "/_render/template", template, {})

    async def search_unread(self, index: Any = None, body: Any = None, **params: Any) -> UnreadReply:
        """The client's own request, passed through; its answer stands unread in the call."""
        call = CALL.get()
        name_parent(call.headers)
        try:
            call.unread = await self._upstream.send(call.method, call.target, call.headers, call.body)
        except Unreachable as error:
            raise ConnectionError("N/A", str(error), error) from error
        return UnreadReply()

    async def _asked(
        self,
        method: str,
        path: str,
        body: bytes | None,
        params: Mapping[str, Any],
        kind: str = "application/json",
        is_window: bool = False,
    ) -> Any:
        call: Call = CALL.get()
        headers = passed_on(call.headers, _OF_BODY)
        headers[hdrs.ACCEPT] = "application/json"
        name_parent(headers)
        if body is not None:
            headers[hdrs.CONTENT_TYPE] = kind
        url = {name: _text(value) for name, value in params.items() if name not in _OF_CLIENTS and value is not None}
        target = f"{path}?{query_of(url.items())}" if url else path
        try:
            response = await self._upstream.send(method, target, headers, body)
            async with response:
                read = await response.read()
        except BrokenOff as error:
            raise SerializationError(f"the engine's answer breaks off: {error}") from error
        except (Unreachable, TimeoutError) as error:
            raise ConnectionError("N/A", str(error), error) from error
        warned = [] if call.replied is None else call.replied.getall("Warning", [])
        call.replied = passed_on(response.headers, ("content-length", "content-encoding"))
        for text in warned:
            if text not in call.replied.getall("Warning", []):
                call.replied.add("Warning", text)
        if response.status >= 300:
            raise EngineError(response.status, passed_on(response.headers), read)
        try:
            if call.exact:
                return json.loads(read)
            return read_window(read) if is_window else orjson.loads(read)
        except (ValueError, RecursionError) as error:
            raise SerializationError(f"the engine's answer is no JSON: {error}") from error


def _given_up(why: str) -> TransportError:
    """A window's end, as a refusal of the cluster's: then the client's own search is asked for, however late it is."""
    return TransportError(500, "task_cancelled_exception", why)


def _left_ms(call: Call) -> float:
    """What is left of the time that a call's window has."""
    limit_ms = WINDOW_MS if math.isinf(call.deadline_ms) else call.deadline_ms
    return limit_ms - (time.perf_counter() - call.arrived_s) * 1e3


def _lines(searches: Sequence[Mapping[str, Any]]) -> bytes:
    return b"".join(orjson.dumps(line) + b"\n" for line in searches)


def is_cut_short(reply: Any) -> bool:
    """Whether the cluster has given up an answer, or some shards' part of it, because it was told to."""
    if isinstance(reply, dict) and "error" in reply:
        return _CANCELLED in orjson.dumps(reply["error"])
    shards = reply.get("_shards") if isinstance(reply, dict) else None
    failures = shards.get("failures") if isinstance(shards, dict) else None
    return bool(failures) and _CANCELLED in orjson.dumps(failures)


def _path(index: Any, name: str) -> str:
    expression = ",".join(index) if isinstance(index, (list, tuple)) else index
    return f"/{quote(expression, safe=',*')}/{name}" if expression else f"/{name}"


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value)
