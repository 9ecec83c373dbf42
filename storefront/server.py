"""Runs the storefront: a port of this machine, until somebody says stop."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
from collections.abc import Callable
from contextlib import suppress

from aiohttp import web

from endcap.errors import InputError
from endcap.http_guard import start_guarded

STOP_S = 5.0
"""So long answers that are under way may take when the storefront is told to stop."""


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to the port, so that it is known to be free before any work begins; nobody is answered yet.

    Port 0 is any free one. Raises ``InputError`` where the port is taken, or can't be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except (OSError, UnicodeError) as error:  # the latter for what can't be a name, as one with an empty label
        reason = getattr(error, "strerror", None) or "it can't be a name"
        raise InputError(f"the host {host!r:.80} is not known here: {reason}. Give --host an address.") from error
    bound = socket.socket(family, kind, protocol)
    try:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(address)
        return bound
    except OSError as error:
        bound.close()
        if error.errno == errno.EADDRINUSE:
            raise InputError(
                f"port {port} of {host} is in use. Stop what uses it, or give another with --port."
            ) from error
        raise InputError(f"port {port} of {host} can't be had: {error.strerror}. Give another with --port.") from error


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
