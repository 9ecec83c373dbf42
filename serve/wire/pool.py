"""The connections to one address: kept for the next request, and closed when nobody has used them for a while."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass

from endcap.serve.wire.connection import Connection

_RACE_S = 0.25
"""So long one of a name's addresses is waited for before the next is tried as well (RFC 8305)."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where connections go: within ``connect_s`` seconds (0: as long as it takes), and by TLS with a context."""

    host: str
    port: int
    tls: ssl.SSLContext | None
    connect_s: float


class Pool:
    """Connections, as many as are asked for. To be made in a running event loop, and closed."""

    def __init__(self, address: Address, idle_s: float) -> None:
        self._address, self._idle_s = address, idle_s
        self._loop = asyncio.get_running_loop()
        self._idle: list[Connection] = []
        """The one that was used last is at the end, and is used first."""
        self._open: set[Connection] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    def kept(self) -> Connection | None:
        """A connection on which nothing is asked, if there is one."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection
        return None

    async def made(self) -> Connection:
        """A new connection. Raises ``OSError`` (``TimeoutError`` and ``ssl.SSLError`` are two)."""
        to = self._address
        async with asyncio.timeout(to.connect_s or None):
            _, connection = await self._loop.create_connection(
                lambda: Connection(self._freed, self._gone),
                to.host,
                to.port,
                ssl=to.tls,
                happy_eyeballs_delay=_RACE_S,
            )
        self._open.add(connection)
        return connection

    def close(self) -> None:
        """End all connections."""
        self._is_closed = True
        if self._timer is not None:
            self._timer.cancel()
        for connection in list(self._open):
            connection.end()

    def _freed(self, connection: Connection) -> None:
        if self._is_closed:
            connection.end()
            return
        connection.idle_s = self._loop.time()
        self._idle.append(connection)
        if self._timer is None:
            self._timer = self._loop.call_later(self._idle_s, self._look)

    def _gone(self, connection: Connection) -> None:
        self._open.discard(connection)
        if connection in self._idle:
            self._idle.remove(connection)

    def _look(self) -> None:
        """End those that nobody has used for the time."""
        self._timer = None
        old = self._loop.time() - self._idle_s
        for connection in [each for each in self._idle if each.idle_s <= old]:
            self._idle.remove(connection)
            connection.end()
        if self._idle:
            self._timer = self._loop.call_at(self._idle[0].idle_s + self._idle_s, self._look)
