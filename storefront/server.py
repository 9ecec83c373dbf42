"""Runs the storefront: a port of this machine, until somebody says stop."""

from __future__ import annotations

import asyncio
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from endcap.http_guard import start_guarded

STOP_S = 5.0
"""So long answers that are under way may take when the storefront is told to stop."""


def address_of(bound: socket.socket, host: str) -> str:
    """Where people find it, as in http://localhost:8080."""
    near = host in ("127.0.0.1", "::1", "localhost", "0.0.0.0", "::", "")
    name = "localhost" if near else f"[{host}]" if ":" in host else host
    return f"http://{name}:{bound.getsockname()[1]}"


def serve(app: web.Application, bound: socket.socket, started: Callable[[], None]) -> None:
    """Answer until SIGTERM or SIGINT; ``started`` is called when the first request would be answered."""
    asyncio.run(_serve(app, bound, started))


async def _serve(app: web.Application, bound: socket.socket, started: Callable[[], None]) -> None:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=STOP_S)
    await runner.setup()
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(number, stop.set)
    server = None
    try:
        server = await start_guarded(runner, bound)
        started()
        await stop.wait()
    finally:
        if server is not None:
            server.close()
        await runner.cleanup()
