"""What keeps an aiohttp server of ours answering when connections are opened that ask for nothing, or never to the end.

A request's head has to be there within seconds, its body too. No more connections are held than the process has
descriptors for: one more takes the place of the one that has waited longest without a request. What anybody can cause
from outside costs one line a minute in the log.
"""

from __future__ import annotations

import asyncio
import logging
import re
import socket
import ssl
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong
from aiohttp.web_protocol import RequestHandler

from endcap.rates import OneLine

HEAD_S = 5.0
"""So long the head of a request may take, from the connection or from its first byte."""
BODY_S = 10.0
"""So long its body may take."""
IDLE_S = 75.0
"""So long a connection is kept for the next request."""
SHARE = 0.6
"""Of the descriptors that a process may have, for connections from outside."""
OTHERS = 64
"""Descriptors for files and for the engine."""
LEAST, MAX_CONNECTIONS = 16, 10_000
BACKLOG = 128
_ADDRESS = re.compile(r"""reading: (bytearray\()?b['"]/""")
"""In what aiohttp says of a line that is too long: it was reading an address."""


class Guard:
    """Bounds the connections of one server; ``limit`` of them, of as many as there are descriptors for where None.

    ``refused`` makes the answer, of a status and words, to what is no request by HTTP's rules; a plain text where None.
    """

    def __init__(
        self,
        head_s: float = HEAD_S,
        limit: int | None = None,
        refused: Callable[[int, str], web.Response] | None = None,
    ) -> None:
        self.head_s, self.limit = head_s, connections_limit() if limit is None else limit
        self.refused = refused
        self._open = 0
        self._waiting: dict[GuardedHandler, None] = {}
        """Connections without a whole request's head, those that have waited longest first."""

    def opened(self, connection: GuardedHandler) -> None:
        """Note a connection; above the limit one that waits is closed for it."""
        self._open += 1
        self.waits(connection)
        if self._open > self.limit:
            next(iter(self._waiting)).give_up()

    def waits(self, connection: GuardedHandler) -> None:
        """Note that a connection has no request that is being answered."""
        self._waiting.pop(connection, None)
        self._waiting[connection] = None

    def asks(self, connection: GuardedHandler) -> None:
        """Note that it has one."""
        self._waiting.pop(connection, None)

    async def first_requests(self, most_s: float) -> None:
        """Wait until each connection that was made has asked something, for so long at most: who has just connected
        sends its request, and would lose it."""
        end_s = time.monotonic() + most_s
        while any(connection.is_new for connection in self._waiting) and time.monotonic() < end_s:
            await asyncio.sleep(most_s / 20)

    def closed(self, connection: GuardedHandler) -> None:
        """Note its end."""
        self._open -= 1
        self._waiting.pop(connection, None)


class GuardedHandler(RequestHandler):
    """aiohttp's connection, closed where the head of a request does not come in time."""

    __slots__ = ("_guard", "_head_timer")

    def __init__(self, guard: Guard, server: web.Server, **options: Any) -> None:
        super().__init__(server, **options)
        self._guard = guard
        self._head_timer: asyncio.TimerHandle | None = None

    @property
    def is_new(self) -> bool:
        """Whether nothing was asked yet."""
        return not self._request_count

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for a head, if there is a place."""
        super().connection_made(transport)
        self._start_timer()
        self._guard.opened(self)

    def data_received(self, data: bytes) -> None:
        """Stop waiting where the head is whole; wait for it where it has begun."""
        before = self._request_count
        super().data_received(data)
        if self._request_count != before:
            self._stop_timer()
            self._guard.asks(self)
        elif self._head_timer is None and self._waiter is not None:
            self._start_timer()

    def log_access(self, *args: Any) -> None:
        """An answer has been sent: the connection waits again."""
        super().log_access(*args)
        if not self._messages and self.transport is not None:
            self._guard.waits(self)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Give the place back."""
        self._stop_timer()
        self._guard.closed(self)
        super().connection_lost(exc)

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """The answer to what is no request, in the server's own form."""
        response = super().handle_error(request, status, exc, message)
        if self._guard.refused is None:
            return response
        # What stands behind the colon, or on the next line, are bytes of the request.
        words = (message or "").partition("\n")[0].partition(":")[0][:200] or "the request can't be answered"
        if isinstance(exc, LineTooLong):
            status = 414 if _ADDRESS.search(message or "") else 431
            words = words.replace("reading", "reading the address" if status == 414 else "reading a header")
        refused = self._guard.refused(status, words)
        refused.force_close()
        return refused

    def give_up(self) -> None:
        """Close the connection at once."""
        self._stop_timer()
        self._guard.asks(self)
        transport = self.transport
        self.force_close()
        if isinstance(transport, asyncio.Transport):
            transport.abort()

    def _start_timer(self) -> None:
        self._head_timer = self._loop.call_later(self._guard.head_s, self.give_up)

    def _stop_timer(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None


async def start_guarded(
    runner: web.BaseRunner,
    bound: socket.socket,
    guard: Guard | None = None,
    backlog: int = BACKLOG,
    tls: ssl.SSLContext | None = None,
) -> asyncio.Server:
    """Answer at a bound socket for a runner that is set up; the caller closes what is returned, and then the runner."""
    limit_log_lines()
    loop, server, found = asyncio.get_running_loop(), runner.server, guard or Guard()
    assert server is not None
    options = {"keepalive_timeout": IDLE_S, **server._kwargs}
    return await loop.create_server(
        lambda: GuardedHandler(found, server, loop=loop, **options), sock=bound, backlog=backlog, ssl=tls
    )


@web.middleware
async def body_in_time(request: web.Request, handler: Any) -> web.StreamResponse:
    """A middleware that reads a request's body before it is handled, and answers 408 where it takes too long."""
    if request.body_exists:
        await read_body(request, BODY_S)
    response: web.StreamResponse = await handler(request)
    return response


async def read_body(request: web.Request, limit_s: float) -> bytes:
    """A request's body. Raises ``web.HTTPRequestTimeout`` where it takes too long, and what aiohttp raises."""
    try:
        async with asyncio.timeout(limit_s):
            return await request.read()
    except TimeoutError as error:
        request.protocol.keep_alive(False)
        raise web.HTTPRequestTimeout(text=f"the body did not come within {limit_s:g} seconds.") from error


def connections_limit() -> int:
    """How many connections the process has descriptors for, beside what else it opens."""
    try:
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = MAX_CONNECTIONS * 2 if hard == resource.RLIM_INFINITY else min(hard, MAX_CONNECTIONS * 2)
        if soft != resource.RLIM_INFINITY and wanted > soft:
            with suppress(OSError, ValueError):
                resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    except ImportError:  # Windows
        soft = 512
    # So many more may be accepted before the first of them is closed; and what else is opened.
    available = MAX_CONNECTIONS if soft < 0 else min(int(soft * SHARE), soft - BACKLOG - OTHERS)
    return max(LEAST, min(available, MAX_CONNECTIONS))


def limit_log_lines() -> None:
    """Let what malformed requests and a lack of descriptors cause cost one line a minute, once for the process."""
    for name in ("aiohttp.server", "asyncio"):
        logger = logging.getLogger(name)
        if not any(isinstance(each, OneLine) for each in logger.filters):
            logger.addFilter(OneLine())
