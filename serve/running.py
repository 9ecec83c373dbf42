"""What the proxy and the API run by: a signal to stop, a port, a student that has scored, and a beat for health."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from socket import socket

from aiohttp import web

from endcap.plugin.model.live import LiveStudent
from endcap.plugin.model.registry import resolve
from endcap.plugin.model.registry_files import registry_names
from endcap.plugin.model.student import Student
from endcap.serve.api_settings import ApiSettings
from endcap.serve.connections import Server
from endcap.serve.health import State
from endcap.serve.settings import ServeSettings
from endcap.serve.tls import server_tls

BACKLOG = 1024
BEAT_S = 0.5
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


@asynccontextmanager
async def listening(server: Server, bound: socket, settings: ServeSettings | ApiSettings) -> AsyncIterator[None]:
    """While a server answers on a socket. At the end answers under way have ``drain_s`` to be sent."""
    runner = web.ServerRunner(server, shutdown_timeout=settings.drain_s)
    await runner.setup()
    sweeping = asyncio.create_task(server.sweep())
    try:
        tls = server_tls(settings.tls_cert, settings.tls_key)
        at_once = 1 if isinstance(bound, SharedSocket) else BACKLOG
        await web.SockSite(runner, bound, backlog=at_once, ssl_context=tls).start()
        yield
    finally:
        await runner.cleanup()
        sweeping.cancel()


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
