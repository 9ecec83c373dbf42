"""The connections to one address: kept for the next request, and closed when nobody has used them for a while."""

from __future__ import annotations

import asyncio
import ssl
from collections import deque
from dataclasses import dataclass

from endcap.serve.wire.connection import Connection

_RACE_S = 0.25
"""So long one of a name's addresses is waited for before the next is tried as well (RFC 8305)."""
MOST_CONNECTING = 16
"""So many connections are made at once. Where more are asked for, the cluster has no time to accept them, and what
others give free comes sooner."""


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
        self._connecting = 0
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._timer: asyncio.TimerHandle | None = None
        self._is_closed = False

    async def taken(self) -> tuple[Connection, bool]:
        """A connection on which nothing is asked, and whether it is new.

        Where many are being made already it is the first that another gives free, or one's turn has come. Raises
        ``OSError`` (``TimeoutError`` and ``ssl.SSLError`` are two).
        """
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open:
                return connection, False
        async with asyncio.timeout(self._address.connect_s or None):
            given = await self._turn() if self._connecting >= MOST_CONNECTING else None
            if given is not None and given.is_open:
                return given, False
            return await self._connected(), True

    async def made(self) -> Connection:
        """A new connection. Raises as ``taken``."""
        async with asyncio.timeout(self._address.connect_s or None):
            return await self._connected()

    async def _turn(self) -> Connection | None:
        """Wait for a connection that is given free, or for the turn to make one (None)."""
        turn: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting.append(turn)
        try:
            return await turn
        except BaseException:
            if turn.done() and not turn.cancelled():  # who is given up has no use for it
                self._end_turn(turn.result())
            raise

    def _end_turn(self, connection: Connection | None) -> None:
        """Let the next that waits have a connection, or make one."""
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(connection)
                return
        if connection is not None:
            self._freed(connection)

    async def _connected(self) -> Connection:
        to = self._address
        self._connecting += 1
        try:
            _, connection = await self._loop.create_connection(
                lambda: Connection(self._freed, self._gone),
                to.host,
                to.port,
                ssl=to.tls,
                happy_eyeballs_delay=_RACE_S,
            )
        finally:
            self._connecting -= 1
            self._end_turn(None)
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
        if self._waiting:
            self._end_turn(connection)
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
