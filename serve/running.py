"""What the proxy and the API run by: a signal to stop, a port, a student that has scored, and a beat for health."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from socket import socket
from typing import Any

from aiohttp import web

from endcap.http_guard import Guard, connections_limit, start_guarded
from endcap.plugin.model.live import LiveStudent
from endcap.plugin.model.registry import resolve
from endcap.plugin.model.registry_files import registry_names
from endcap.plugin.model.student import Student
from endcap.serve.api_settings import ApiSettings
from endcap.serve.health import State
from endcap.serve.settings import ServeSettings
from endcap.serve.tls import server_tls

BACKLOG = 1024
BEAT_S = 0.5
HEAD_S = 15.0
"""So long a request's head may take, counted from its first byte, or on a new connection from its beginning."""
SHARE = 0.75
"""Of the connections that there are descriptors for: an answer under way has one to the cluster, too."""
KEPT_S = 3_630.0
"""So long a connection is kept on which nothing is asked: clients keep a few for long."""
FIRST_S = 0.25
"""At the end, so long who has just connected may take to ask."""
GOLDEN = ("usb c charger", ("USB-C charger 20 W", "garden hose"))
"""A query and two products: a student that can't score them is not ready."""


class SharedSocket(socket):
    """A listening socket of several processes: each takes one connection at a time, so that others get some, too.

    asyncio has one number for that and for the length of the line of those that wait; the latter is kept here.
    """

    def listen(self, backlog: int = BACKLOG, /) -> None:
        """Listen, with a line that is long enough whatever is asked for."""
        super().listen(BACKLOG)


def stop_event() -> asyncio.Event:
    """Set at SIGTERM or SIGINT."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows
            loop.add_signal_handler(number, stop.set)
    return stop


def server_of(handler: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]], **more: Any) -> web.Server:
    """A server by a handler, which is cancelled where its client hangs up; ``more`` is aiohttp's."""
    common: dict[str, Any] = {
        "handler_cancellation": True,
        "access_log": None,
        "read_bufsize": 2**18,
        "keepalive_timeout": KEPT_S,
    }
    return web.Server(handler, **common, **more)


@asynccontextmanager
async def listening(
    server: web.Server,
    bound: socket,
    settings: ServeSettings | ApiSettings,
    refused: Callable[[int, str], web.Response],
) -> AsyncIterator[None]:
    """While a server answers on a socket. At the end answers under way have ``drain_s`` to be sent.

    ``refused`` makes the answer to what is no request by HTTP's rules.
    """
    tls = server_tls(settings.tls_cert, settings.tls_key, settings.client_ca_file)
    runner = web.ServerRunner(server, shutdown_timeout=settings.drain_s)
    await runner.setup()
    at_once = 1 if isinstance(bound, SharedSocket) else BACKLOG
    guard = Guard(HEAD_S, int(connections_limit() * SHARE), refused)
    accepting = await start_guarded(runner, bound, guard, at_once, tls)
    try:
        yield
    finally:
        accepting.close()
        await guard.first_requests(FIRST_S)
        await runner.cleanup()


def open_student(word: str, threads: int | None = None) -> Student | LiveStudent:
    """The student that a word means; one that is promoted is followed. It has scored when this returns."""
    student = (
        LiveStudent(word, threads=threads)
        if word in registry_names()
        else Student.load(resolve(word or None), threads=threads)
    )
    query, products = GOLDEN
    pinned = student.pinned() if isinstance(student, LiveStudent) else student
    pinned.score(query, list(products))
    return student


async def beat(state: State) -> None:
    """Say that the event loop goes round."""
    while True:
        state.beat_s = time.monotonic()
        await asyncio.sleep(BEAT_S)
