"""The proxy: every request to the cluster and back as it is, but searches, which are re-ranked."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

from aiohttp import hdrs, web

from endcap.plugin.tracing import joined
from endcap.serve.address import target_of
from endcap.serve.headers import passed_on
from endcap.serve.proxy.multi import handle_multi
from endcap.serve.proxy.parts import Parts
from endcap.serve.proxy.raw_response import CLOSING, relay
from endcap.serve.proxy.replies import answer_error
from endcap.serve.proxy.route import Kind, route_of
from endcap.serve.proxy.searches import handle_search
from endcap.serve.request_body import begin_body, chunks_of
from endcap.serve.wire.reply import BrokenOff
from endcap.serve.wire.upstream import Unreachable

SEARCHES = {Kind.SEARCH: handle_search, Kind.TEMPLATE: handle_search}
MULTI = {Kind.MULTI: handle_multi, Kind.MULTI_TEMPLATE: handle_multi}
HANDLERS = SEARCHES | MULTI


class Proxy:
    """Answers requests; ``draining`` says that connections are to end with the answer under way."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts
        self.draining = False

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer a request."""
        began = time.perf_counter()
        self.parts.lag.measure()
        request[CLOSING] = lambda: self.draining
        with joined(request.headers):
            response = await self._answered(request)
            self.parts.log.note(request, response, time.perf_counter() - began)
        return response

    async def _answered(self, request: web.BaseRequest) -> web.StreamResponse:
        began = time.perf_counter()
        target = target_of(request.raw_path)
        if target is None:
            return await answer_error(request, 400, "illegal_argument_exception", "the address is no path.")
        route = route_of(request.method, target)
        handler = HANDLERS.get(route.kind)
        try:
            if handler is None:
                response = await pass_through(self.parts, request, target)
            else:
                response = await handler(self.parts, request, target, route)
        except (Unreachable, BrokenOff) as error:
            if request.transport is None or request.transport.is_closing():  # an answer has broken off
                raise
            response = await answer_error(request, 502, "cluster_unreachable_exception", str(error))
        except ConnectionResetError:
            if request.transport is None or request.transport.is_closing():  # the client has hung up
                raise asyncio.CancelledError from None
            raise
        except TimeoutError:
            response = await answer_error(request, 408, "timeout_exception", "the request's body has not come in time.")
        self.parts.metrics.note_request(route.kind, response.status, time.perf_counter() - began)
        return response


async def pass_through(parts: Parts, request: web.BaseRequest, target: str) -> web.StreamResponse:
    """The cluster's answer to a request that is no search: both bodies stream."""
    headers = passed_on(request.headers, ("host",))
    body: AsyncIterator[bytes] | bytes | None = None
    if request.can_read_body:
        await begin_body(request)
        body = chunks_of(request)
    elif hdrs.CONTENT_LENGTH in headers:
        del headers[hdrs.CONTENT_LENGTH]
    return await relay(request, await parts.upstream.send(request.method, target, headers, body))
