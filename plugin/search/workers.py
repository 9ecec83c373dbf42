"""Where searches compute: a few threads, and a line in front of them that is never longer than there is time for."""

from __future__ import annotations

import asyncio
import math
import os
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from typing import Any, TypeVar

from endcap.errors import InputError
from endcap.plugin.deadline import Deadline
from endcap.plugin.model.cpu import available_cpus

T = TypeVar("T")

PLACES_EACH = 32
"""So many works may run and wait for each thread, however fast they are."""
GRACE_MS = 500.0
"""So long after its deadline a work that has begun is waited for: its batch ends. What takes longer hangs."""
_FIRST_MS, _RISING, _FALLING = 10.0, 0.1, 0.4
"""What a work is taken to need before one has been measured, and how much the last one counts in the mean: more where
it was fast, so that a few that had products to read don't keep others out for long."""

_WAITED_MS = 2.0
"""A work that has waited longer is not begun where less time is left than the mean takes."""
_SHARE = 0.5
"""Of the time that is left a work may wait and compute for so much by the mean: not every work is like the mean."""


class NoPlace(Exception):
    """All threads are taken for as long as there is time."""


class NoTime(Exception):
    """The work has begun and hangs: it is long past its deadline."""


class Workers:
    """Threads for the computing of all searches of a process, and a bounded line in front of them.

    ``threads`` is as many as there are CPUs, at least two, where None; so many works run at once, also those that
    compute in their caller's thread. At most ``places`` run or wait, and none waits that could not be done in time.
    A work keeps its place until its code has returned, whoever still waits for it. Safe between threads, and in a child
    process after a fork. Raises ``InputError`` where a number is not above 0.
    """

    def __init__(self, threads: int | None = None, places: int | None = None) -> None:
        for name, value in (("threads", threads), ("places", places)):
            if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
                raise InputError(f"{name} is {value!r}; it should be a whole number above 0.")
        self.threads = max(2, available_cpus()) if threads is None else threads
        self.places = self.threads * PLACES_EACH if places is None else places
        self._start()

    def _start(self) -> None:
        self._pid, self._lock = os.getpid(), threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._free = threading.Semaphore(self.threads)
        self._taken, self._mean_ms = 0, _FIRST_MS
        self._expected, self._engine_ms = 0, 0.0

    @property
    def taken(self) -> int:
        """How many works run or wait."""
        return self._taken

    def is_full(self, left_ms: float) -> bool:
        """Whether a work that has so much time would have to wait for too long, also behind those that are expected."""
        if self._pid != os.getpid():  # after a fork the threads are the parent's
            self._start()
        # While the engine answers one, the threads do others.
        return self._is_full(left_ms) or self._is_full(left_ms, self._expected, self._engine_ms)

    @contextmanager
    def expected(self) -> Iterator[None]:
        """While a search waits for the engine: it will compute after that, and who comes meanwhile is to know it."""
        began_s = time.perf_counter()
        with self._lock:
            self._expected += 1
        try:
            yield
        finally:
            with self._lock:
                self._expected = max(0, self._expected - 1)  # a fork begins anew
                self._engine_ms = _mean_with(self._engine_ms, (time.perf_counter() - began_s) * 1e3)

    def _is_full(self, left_ms: float, expected: int = 0, engine_ms: float = 0.0) -> bool:
        n = self._taken + expected
        if n < min(self.threads, self.places):
            return False
        wait_ms = (n + 1) * self._mean_ms / self.threads - engine_ms
        return self._taken >= self.places or wait_ms > left_ms * _SHARE

    def run(self, work: Callable[[], T], deadline: Deadline) -> T:
        """The work's result, computed here and now. Raises ``NoPlace``, mostly at once."""
        self._take(deadline)
        began_ms = deadline.elapsed_ms()
        try:
            if not self._free.acquire(timeout=_seconds(deadline.left_ms())):
                raise NoPlace
            try:
                return self._begun(work, deadline, began_ms)
            finally:
                self._free.release()
        finally:
            self._leave()

    async def run_beside(self, work: Callable[[], T], deadline: Deadline) -> T:
        """As ``run``, computed in a thread beside the event loop. Where the caller is cancelled, it ends after its
        batch. Raises ``NoTime``, too."""
        self._take(deadline)
        future = self._submitted(work, deadline)
        waited = asyncio.wrap_future(future)
        try:
            await asyncio.wait([waited], timeout=_seconds(deadline.left_ms()))
            if not waited.done():
                if future.cancel():
                    raise NoPlace
                await asyncio.wait([waited], timeout=GRACE_MS / 1e3)
        except asyncio.CancelledError:
            deadline.stop()
            future.cancel()
            waited.add_done_callback(_seen)
            raise
        if not waited.done():
            deadline.stop()
            waited.add_done_callback(_seen)
            raise NoTime
        return waited.result()

    def _submitted(self, work: Callable[[], T], deadline: Deadline) -> Future[T]:
        try:
            with self._lock:
                if self._pool is None:
                    self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="endcap-search")
            own = copy_context()  # whose trace it is
            future = self._pool.submit(own.run, self._begun, work, deadline, deadline.elapsed_ms())
        except BaseException:  # the interpreter ends
            self._leave()
            raise
        future.add_done_callback(lambda _: self._leave())
        return future

    def _take(self, deadline: Deadline) -> None:
        left_ms = deadline.left_ms()
        if self._pid != os.getpid():  # after a fork the threads are the parent's
            self._start()
        with self._lock:
            if self._is_full(left_ms):
                raise NoPlace
            self._taken += 1

    def _leave(self) -> None:
        with self._lock:
            self._taken -= 1

    def _begun(self, work: Callable[[], T], deadline: Deadline, since_ms: float) -> T:
        if deadline.elapsed_ms() - since_ms > _WAITED_MS and deadline.left_ms() < self._mean_ms:
            raise NoPlace  # it has waited for so long that it would not be done
        began_s = time.perf_counter()
        try:
            return work()
        finally:
            self._mean_ms = _mean_with(self._mean_ms, (time.perf_counter() - began_s) * 1e3)


def _mean_with(mean_ms: float, took_ms: float) -> float:
    return mean_ms + (_RISING if took_ms > mean_ms else _FALLING) * (took_ms - mean_ms)


def _seconds(left_ms: float) -> float | None:
    return None if left_ms == math.inf else max(0.0, left_ms / 1e3)


def _seen(future: asyncio.Future[Any]) -> None:
    """Look at a result that nobody waits for any more, so that asyncio does not complain of its exception."""
    if not future.cancelled():
        future.exception()


SHARED = Workers()
"""Those of this process, for every re-ranker that is not given others."""
