"""Faults of ours, logged without flooding the log: a search goes on without what failed."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Hashable

from endcap.plugin.deadline import Clock

LOG = logging.getLogger("endcap.rerank")

TRACEBACK_EVERY_S = 60.0
WARNING_EVERY_S = 10.0
MAX_KINDS = 1_000
"""So many kinds are told apart; then they are forgotten, so that names from outside can't fill the memory."""


class Rate:
    """Lets one of a kind through in so many seconds, and counts those in between. Safe between threads."""

    def __init__(self, every_s: float, clock: Clock = time.monotonic) -> None:
        self._every_s, self._clock = every_s, clock
        self._seen: dict[Hashable, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def passed(self, kind: Hashable) -> int | None:
        """How many of the kind were held back since the last that passed, where this one passes; else None."""
        now_s = self._clock()
        with self._lock:
            last_s, held = self._seen.get(kind, (-self._every_s, 0))
            passes = now_s - last_s >= self._every_s or kind not in self._seen
            if passes and len(self._seen) >= MAX_KINDS:
                self._seen.clear()
            self._seen[kind] = (now_s, 0) if passes else (last_s, held + 1)
        return held if passes else None

    def clear(self) -> None:
        """Forget all, so that the next of each kind passes."""
        with self._lock:
            self._seen.clear()


_tracebacks, _warnings = Rate(TRACEBACK_EVERY_S), Rate(WARNING_EVERY_S)


def log_fault(what: str, error: Exception) -> None:
    """The traceback of a fault in re-ranking, once a minute for each kind: every search may meet it, and the lines that
    searches log say the rest."""
    if _tracebacks.passed((what, type(error))) is not None:
        LOG.error("%s (its traceback is logged once a minute)", what, exc_info=error)


def warn(kind: Hashable, text: str, *values: object, rate: Rate = _warnings) -> None:
    """A warning that every search may have a reason for: one of a kind in ten seconds, and how many there were since
    the last. The others are logged for those who look for them (``DEBUG``)."""
    held = rate.passed(kind)
    if held is None:
        LOG.debug(text, *values)
    else:
        LOG.warning(text + (f" ({held} more like this since the last such line)" if held else ""), *values)
