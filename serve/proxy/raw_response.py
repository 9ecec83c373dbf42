"""Replies that have the cluster's headers and bytes, and nothing that the server library would add."""

from __future__ import annotations

import time
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from typing import cast

from aiohttp import HttpVersion10, HttpVersion11, hdrs, web
from multidict import CIMultiDict

from endcap.serve.headers import OWN, Headers, passed_on
from endcap.serve.wire.reply import BrokenOff, Reply
from endcap.serve.wire.request_head import head_bytes

ONE_WRITE_BYTES = 2**18
"""A longer body is not copied to its head."""
_NO_LENGTH = (204, 304)

CLOSING = "endcap_closing"
"""Of a request: asked when it is answered, says whether its connection ends with that."""


class RawResponse(web.StreamResponse):
    """A reply without ``Server`` and ``Content-Type`` of the library's own, sent while it comes."""

    async def _prepare_headers(self) -> None:
        if self._req is not None and self._req[CLOSING]():
            self.force_close()
        added = [name for name in (hdrs.SERVER, hdrs.CONTENT_TYPE) if name not in self._headers]
        await super()._prepare_headers()
        for name in added:
            self._headers.popall(name, None)


class Sent:
    """What the server library wants to know of a reply that was sent: as much of a ``web.StreamResponse``."""

    __slots__ = ("headers", "keep_alive", "status")

    def __init__(self, status: int, headers: Headers, keep_alive: bool) -> None:
        self.status, self.headers, self.keep_alive = status, headers, keep_alive

    async def prepare(self, request: web.BaseRequest) -> None:
        """Nothing is left to be done."""

    async def write_eof(self, data: bytes = b"") -> None:
        """Nothing is left to be done."""


async def answer(
    request: web.BaseRequest, status: int, reason: str | None, headers: CIMultiDict[str], body: bytes
) -> web.StreamResponse:
    """Send a whole reply, head and body in one piece: what the library would do in many steps."""
    transport = request.transport
    if transport is None or transport.is_closing():
        raise ConnectionResetError("the client has hung up")
    keep_alive = request.keep_alive and not request[CLOSING]()
    sent = [(name, value) for name, value in headers.items() if name.lower() != "content-length"]
    if request.method != "HEAD" and status not in _NO_LENGTH:
        sent.append((hdrs.CONTENT_LENGTH, str(len(body))))
    else:
        body = b""
    if hdrs.DATE not in headers:
        sent.append((hdrs.DATE, _date(int(time.time()))))
    if not keep_alive and request.version >= HttpVersion11:
        sent.append((hdrs.CONNECTION, "close"))
    elif keep_alive and request.version == HttpVersion10:
        sent.append((hdrs.CONNECTION, "keep-alive"))
    version = request.version
    first = f"HTTP/{version.major}.{version.minor} {status} {_reason(status) if reason is None else reason}"
    head = head_bytes(first, sent)
    writer = request.writer
    writer.output_size += len(head) + len(body)  # so that nothing else is sent after it
    if len(body) <= ONE_WRITE_BYTES:
        transport.write(head + body)
    else:
        transport.write(head)
        transport.write(body)
    if transport.get_write_buffer_size():
        await writer.drain()
    return cast(web.StreamResponse, Sent(status, headers, keep_alive))


@lru_cache(2)
def _date(now_s: int) -> str:
    return formatdate(now_s, usegmt=True)


def _reason(status: int) -> str:
    return HTTPStatus(status).phrase if status in HTTPStatus._value2member_map_ else ""


async def relay(request: web.BaseRequest, upstream: Reply, said: str = "") -> web.StreamResponse:
    """Send the cluster's reply on while it comes, byte by byte; ``said`` is what became of a search.

    Where the cluster breaks off, so does the reply: the connection is cut, so that nobody takes it for a whole one.
    """
    try:
        headers = passed_on(upstream.headers)
        if said:
            headers[OWN] = said
        body = upstream.whole()
        if body is not None and request.method != "HEAD":
            return await answer(request, upstream.status, upstream.reason, headers, body)
        response = RawResponse(status=upstream.status, reason=upstream.reason, headers=headers)
        await response.prepare(request)
        async for chunk in upstream.chunks():
            await response.write(chunk)
        await response.write_eof()
        return response
    except BrokenOff:
        if request.transport is not None:
            request.transport.abort()
        raise
    finally:
        upstream.close()
