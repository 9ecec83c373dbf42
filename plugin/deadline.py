"""One deadline, from the call to the reply."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

Clock = Callable[[], float]
"""Seconds from some fixed moment, never going back: ``time.perf_counter``, or a test's own."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """When a search began and how long it may take. The engine's own time counts, but nothing cuts the engine short."""

    began_s: float
    limit_ms: float
    clock: Clock

    @classmethod
    def start(cls, limit_ms: float, clock: Clock = time.perf_counter) -> Deadline:
        """A deadline that begins now."""
        return cls(clock(), limit_ms, clock)

    def elapsed_ms(self) -> float:
        """How long the search has taken so far."""
        return (self.clock() - self.began_s) * 1e3

    def left_ms(self) -> float:
        """How long is left; below zero once it is over."""
        return self.limit_ms - self.elapsed_ms()

    def expired(self) -> bool:
        """Whether the time is over."""
        return self.left_ms() <= 0
