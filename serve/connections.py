"""Connections that send half a request, or none at all, are dropped after a time; kept ones may be idle for long."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web_protocol import RequestHandler

HEAD_S = 15.0
"""So long a request's head may take, counted from its first byte, or on a new connection from its beginning."""
SILENT_S = 60.0
"""So long the next bytes of a body may take."""
LOOKED_AT_S = 1.0
WARN_EVERY_S = 60.0
LOG = logging.getLogger("endcap.serve")
_warned_s = -WARN_EVERY_S


class Connection(RequestHandler):
    """One connection, which knows since when a request's head is awaited; None where none is."""

    __slots__ = ("awaited_since",)

    def __init__(self, *arguments: Any, **settings: Any) -> None:
        super().__init__(*arguments, **settings)
        self.awaited_since: float | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A client has come."""
        super().connection_made(transport)
        self.awaited_since = asyncio.get_running_loop().time()

    def data_received(self, data: bytes) -> None:
        """Bytes have come: a whole head ends the waiting, the first byte of one begins it."""
        super().data_received(data)
        if self._messages or self._current_request is not None:
            self.awaited_since = None
        elif self.awaited_since is None:
            self.awaited_since = asyncio.get_running_loop().time()

    def log_exception(self, *arguments: Any, **settings: Any) -> None:
        """Say what has failed. What a stranger sends malformed is a line a minute at most, and no traceback."""
        global _warned_s
        error = settings.get("exc_info")
        if not isinstance(error, HttpProcessingError):
            super().log_exception(*arguments, **settings)
        elif (now := time.monotonic()) - _warned_s >= WARN_EVERY_S:
            _warned_s = now
            LOG.warning("a malformed request was refused: %.100s", " ".join(str(error.message).split()))


class Server(web.Server):
    """aiohttp's server with such connections; ``sweep`` is to run beside it."""

    def __call__(self) -> RequestHandler:
        """The handler of a new connection."""
        return Connection(self, loop=self._loop, **self._kwargs)

    async def sweep(self) -> None:
        """Drop connections whose request has not come in time, for ever."""
        while True:
            await asyncio.sleep(LOOKED_AT_S)
            now = self._loop.time()
            for connection, transport in list(self._connections.items()):
                since = getattr(connection, "awaited_since", None)
                if since is not None and now - since > HEAD_S:
                    transport.abort()


async def chunks_of(request: web.BaseRequest) -> AsyncIterator[bytes]:
    """A request's body as it comes. Raises ``TimeoutError`` where nothing comes for too long."""
    while True:
        async with asyncio.timeout(SILENT_S):
            chunk = await request.content.readany()
        if not chunk:
            return
        yield chunk
