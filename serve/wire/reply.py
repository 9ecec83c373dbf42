"""The cluster's answer: its head, and its body as it comes."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from types import TracebackType
from typing import Self

from multidict import CIMultiDict

HIGH_BYTES, LOW_BYTES = 2**18, 2**16
"""So much of a body is held before no more is read from the cluster; and before that goes on."""


class BrokenOff(Exception):
    """The cluster's answer has ended before its end; says how."""


class Reply:
    """An answer whose head is there. Its body is to be read, or the answer closed."""

    __slots__ = (
        *("_chunks", "_close", "_error", "_is_held", "_pause", "_size", "_waiter"),
        *("headers", "is_over", "reason", "status"),
    )

    def __init__(
        self,
        status: int,
        reason: str,
        headers: CIMultiDict[str],
        pause: Callable[[bool], None],
        close: Callable[[], None],
    ) -> None:
        self.status, self.reason, self.headers = status, reason, headers
        self.is_over = False
        """Whether all of it has come."""
        self._pause, self._close = pause, close
        self._chunks: deque[bytes] = deque()
        self._size, self._is_held = 0, False
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None

    def whole(self) -> bytes | None:
        """The body, if all of it is here, and nothing of it was read. Raises ``BrokenOff``."""
        if not self.is_over:
            return None
        if self._error is not None:
            raise self._error
        return self._chunks[0] if len(self._chunks) == 1 else b"".join(self._chunks)

    async def read(self) -> bytes:
        """The body to its end, all of it at once. Raises ``BrokenOff``."""
        self._is_held = True
        if not self.is_over:
            self._pause(False)
        while not self.is_over:
            await self._more()
        return self.whole() or b""

    async def chunks(self) -> AsyncIterator[bytes]:
        """The body as it comes. Raises ``BrokenOff``."""
        while True:
            while self._chunks:
                chunk = self._chunks.popleft()
                self._size -= len(chunk)
                if self._size <= LOW_BYTES and not self.is_over:
                    self._pause(False)
                yield chunk
            if self._error is not None:
                raise self._error
            if self.is_over:
                return
            await self._more()

    def close(self) -> None:
        """Give the rest up: what still comes is read by nobody, so the connection ends."""
        if not self.is_over:
            self._close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def feed(self, chunk: bytes) -> None:
        """More of the body has come."""
        self._chunks.append(chunk)
        self._size += len(chunk)
        if self._size > HIGH_BYTES and not self._is_held:
            self._pause(True)
        self._wake()

    def end(self, error: Exception | None = None) -> None:
        """Nothing more comes; with an error, though it was not all."""
        self.is_over, self._error = True, error
        self._wake()

    async def _more(self) -> None:
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
