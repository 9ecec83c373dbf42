"""Replies that have the cluster's headers and bytes, and nothing that the server library would add."""

from __future__ import annotations

from aiohttp import ClientPayloadError, ClientResponse, hdrs, web
from multidict import CIMultiDict

from endcap.serve.headers import OWN, passed_on

SMALL_BYTES = 64 * 1024
"""A reply up to this length is sent in one piece."""

CLOSING = "endcap_closing"
"""Of a request: its connection ends with the answer."""


class RawResponse(web.StreamResponse):
    """A reply without ``Server`` and ``Content-Type`` of the library's own, sent while it comes."""

    async def _prepare_headers(self) -> None:
        if self._req is not None and self._req.get(CLOSING):
            self.force_close()
        added = [name for name in (hdrs.SERVER, hdrs.CONTENT_TYPE) if name not in self._headers]
        await super()._prepare_headers()
        for name in added:
            self._headers.popall(name, None)


class WholeResponse(RawResponse, web.Response):
    """The same, sent in one piece."""


async def answer(
    request: web.BaseRequest, status: int, reason: str | None, headers: CIMultiDict[str], body: bytes
) -> web.StreamResponse:
    """Send a whole reply."""
    headers.popall(hdrs.CONTENT_LENGTH, None)
    response = WholeResponse(status=status, reason=reason, headers=headers, body=body)
    await response.prepare(request)
    await response.write_eof()
    return response


async def relay(request: web.BaseRequest, upstream: ClientResponse, said: str = "") -> web.StreamResponse:
    """Send the cluster's reply on while it comes, byte by byte; ``said`` is what became of a search.

    Where the cluster breaks off, so does the reply: the connection is cut, so that nobody takes it for a whole one.
    """
    try:
        headers = passed_on(upstream.headers)
        if said:
            headers[OWN] = said
        length, has_body = upstream.content_length, request.method != "HEAD"
        if has_body and length is not None and 0 < length <= SMALL_BYTES:
            body = await upstream.content.readexactly(length)
            return await answer(request, upstream.status, upstream.reason, headers, body)
        response = RawResponse(status=upstream.status, reason=upstream.reason, headers=headers)
        await response.prepare(request)
        if has_body and length != 0:
            async for chunk in upstream.content.iter_any():
                await response.write(chunk)
        await response.write_eof()
        return response
    except (ClientPayloadError, EOFError):
        if request.transport is not None:
            request.transport.abort()
        raise
    finally:
        upstream.close() if not upstream.content.at_eof() else upstream.release()
