"""How long a search may take, from the call to the reply, and how long our own part of it, beside the engine's."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from endcap.errors import InputError

Clock = Callable[[], float]
"""Seconds from some fixed moment, never going back: ``time.perf_counter``, or a test's own."""

BUDGET_MS = 100.0
"""What a search may take beside the engine, where nobody says anything of time."""


def time_limits(deadline_ms: float | None, budget_ms: float | None) -> tuple[float, float]:
    """The whole limit and our own part's, in milliseconds, infinite where there is none: who names one of them has
    named all there is. Raises ``InputError`` for what is no time."""
    for name, value in (("deadline_ms", deadline_ms), ("budget_ms", budget_ms)):
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if value is not None and not (is_number and value > 0):
            raise InputError(f"{name} is {value!r}; it should be a number of milliseconds above 0.")
    if deadline_ms is None and budget_ms is None:
        budget_ms = BUDGET_MS
    return (
        math.inf if deadline_ms is None else float(deadline_ms),
        math.inf if budget_ms is None else float(budget_ms),
    )


@dataclass(slots=True)
class Deadline:
    """When a search began and how long it may take: ``limit_ms`` in all, ``budget_ms`` without the engine's time.

    What ends first counts. Nothing cuts the engine short.
    """

    began_s: float
    limit_ms: float
    clock: Clock
    budget_ms: float = math.inf
    _engine_s: float = 0.0
    _asked_s: float | None = None
    """When the engine was asked that has not answered yet."""
    stopped: bool = False
    """Whether nobody waits for the search any more."""

    @classmethod
    def start(cls, limit_ms: float, clock: Clock = time.perf_counter, budget_ms: float = math.inf) -> Deadline:
        """A deadline that begins now."""
        return cls(clock(), limit_ms, clock, budget_ms)

    def elapsed_ms(self) -> float:
        """How long the search has taken so far."""
        return (self.clock() - self.began_s) * 1e3

    def left_ms(self) -> float:
        """How long is left for our own work; below zero once the time is over."""
        if self.stopped:
            return -math.inf
        now_s, engine_s = self.clock(), self._engine_s
        if self._asked_s is not None:
            engine_s += now_s - self._asked_s
        elapsed_s = now_s - self.began_s
        of_all, of_ours = self.limit_ms - elapsed_s * 1e3, self.budget_ms - (elapsed_s - engine_s) * 1e3
        return of_all if of_all < of_ours else of_ours

    def words(self) -> str:
        """Which time is over, and where it went, as a sentence's part."""
        elapsed_ms, engine_ms = self.elapsed_ms(), self._engine_s * 1e3
        if self.limit_ms - elapsed_ms < self.budget_ms - elapsed_ms + engine_ms:
            return f"deadline_ms={self.limit_ms:g} was over; the engine took {engine_ms:.0f} ms of it"
        return f"budget_ms={self.budget_ms:g} was over; the engine's {engine_ms:.0f} ms are no part of it"

    def expired(self) -> bool:
        """Whether the time is over."""
        if self.stopped:
            return True
        # As ``left_ms``; it is asked after each document of a window.
        now_s, engine_s = self.clock(), self._engine_s
        if self._asked_s is not None:
            engine_s += now_s - self._asked_s
        elapsed_s = now_s - self.began_s
        return elapsed_s * 1e3 >= self.limit_ms or (elapsed_s - engine_s) * 1e3 >= self.budget_ms

    def stop(self) -> None:
        """End it now: nobody waits for the search any more, and what works for it ends after its batch."""
        self.stopped = True

    @contextmanager
    def asking(self) -> Iterator[None]:
        """The engine's time, which is not ours; asking within it counts once."""
        if self._asked_s is not None:
            yield
            return
        self._asked_s = self.clock()
        try:
            yield
        finally:
            began_s, self._asked_s = self._asked_s, None
            self._engine_s += self.clock() - began_s
