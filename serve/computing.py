"""What a search computes beside the event loop: its place is free when that has returned, not before.

A model's code runs on where nobody waits for it any more. A place that is given away at once would bound nothing.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import ContextVar
from typing import TypeVar

from endcap.plugin.deadline import Deadline
from endcap.plugin.search.workers import NoPlace, Workers

T = TypeVar("T")


class Computing:
    """What one request computes. To be made in an event loop, and told once when the request is over (``after``)."""

    def __init__(self) -> None:
        self._loop, self._lock, self._under_way = asyncio.get_running_loop(), threading.Lock(), 0
        self._then: Callable[[], None] | None = None

    def of(self, work: Callable[[], T]) -> Callable[[], T]:
        """A work that is counted while it runs; over means over: what has not begun by then raises ``NoPlace``."""

        def counted() -> T:
            with self._lock:
                if self._then is not None:
                    raise NoPlace
                self._under_way += 1
            try:
                return work()
            finally:
                with self._lock:
                    self._under_way -= 1
                    then = self._then if not self._under_way else None
                if then is not None:
                    then()

        return counted

    def after(self, then: Callable[[], None]) -> bool:
        """The request is over: do this in the event loop, at once where nothing runs any more; whether nothing does."""

        def later() -> None:
            with suppress(RuntimeError):  # the loop has ended
                self._loop.call_soon_threadsafe(then)

        with self._lock:
            self._then = later
            is_over = not self._under_way
        if is_over:
            then()
        return is_over


COMPUTING: ContextVar[Computing] = ContextVar("endcap_computing")
"""That of the request that is being answered."""


class CountedWorkers(Workers):
    """Threads that searches compute in, and that tell a request what of it runs."""

    async def run_beside(self, work: Callable[[], T], deadline: Deadline) -> T:
        """As ``Workers`` does it."""
        computing = COMPUTING.get(None)
        return await super().run_beside(work if computing is None else computing.of(work), deadline)
