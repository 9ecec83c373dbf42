"""How long the event loop takes to go round, measured by the requests themselves: so long each of them waits each time.

Requests that wait in their sockets can't be counted, but what they wait for can be timed.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

_LAST = 0.2
"""How much the last round counts in the mean: one that is long by chance says little."""
KNOWN_S = 1.0
"""What was measured before is forgotten: no request has come since, so none waits."""


class LoopLag:
    """The time of a round, in seconds. To be made in a running event loop, whose clock it reads where None is given."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._loop = asyncio.get_running_loop()
        self._clock = clock or self._loop.time
        self._mean_s, self._measured_s, self._is_under_way = 0.0, 0.0, False

    def measure(self) -> None:
        """A request is there: time the round that has begun, unless that is being done."""
        if not self._is_under_way:
            self._is_under_way = True
            self._loop.call_soon(self._measured, self._clock())

    def _measured(self, began_s: float) -> None:
        now_s, self._is_under_way = self._clock(), False
        if now_s - self._measured_s >= KNOWN_S:
            self._mean_s = 0.0
        self._measured_s = now_s
        self._mean_s += _LAST * (self._measured_s - began_s - self._mean_s)

    @property
    def round_s(self) -> float:
        """The mean of the last rounds."""
        return self._mean_s if self._clock() - self._measured_s < KNOWN_S else 0.0
