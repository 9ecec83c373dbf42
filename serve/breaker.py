"""A circuit breaker: what has failed often in a row is left alone, and tried again by one search after a time."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass

FAILURES = 5
"""So many in a row open the circuit."""
REST_S = 5.0
"""So long nothing is tried then."""


@dataclass(slots=True)
class Breaker:
    """Counts what happens to searches in one event loop."""

    clock: Callable[[], float] = time.monotonic
    failures: int = 0
    _until_s: float = -math.inf

    @property
    def is_open(self) -> bool:
        """Whether it has failed too often; also while one search tries it."""
        return self.failures >= FAILURES

    def lets_try(self) -> bool:
        """Whether a search may use it now. Of an open circuit one may, and the others wait for what becomes of it."""
        if not self.is_open:
            return True
        now_s = self.clock()
        if now_s < self._until_s:
            return False
        self._until_s = now_s + REST_S
        return True

    def failed(self) -> None:
        """It has failed."""
        self.failures += 1
        self._until_s = self.clock() + REST_S

    def hung(self) -> None:
        """It has not returned, and holds what others would need: it is left alone at once."""
        self.failures = max(self.failures, FAILURES - 1)
        self.failed()

    def worked(self) -> None:
        """It has done its work."""
        self.failures = 0
