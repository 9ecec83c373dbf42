"""How often something may happen: a line in a log, of each kind one in so many seconds."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Hashable

MAX_KINDS = 1_000
"""So many kinds are told apart; then they are forgotten, so that names from outside can't fill the memory."""
LINE_EVERY_S = 60.0


class Rate:
    """Lets one of a kind through in so many seconds, and counts those in between. Safe between threads."""

    def __init__(self, every_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._every_s, self._clock = every_s, clock
        self._seen: dict[Hashable, tuple[float, int]] = {}
        self._lock = threading.Lock()

    def passed(self, kind: Hashable) -> int | None:
        """How many of the kind were held back since the last that passed, where this one passes; else None."""
        now_s = self._clock()
        with self._lock:
            last_s, held = self._seen.get(kind, (now_s - self._every_s, 0))
            passes = now_s - last_s >= self._every_s
            if passes and len(self._seen) >= MAX_KINDS:
                self._seen.clear()
            self._seen[kind] = (now_s, 0) if passes else (last_s, held + 1)
        return held if passes else None

    def clear(self) -> None:
        """Forget all, so that the next of each kind passes."""
        with self._lock:
            self._seen.clear()


class OneLine(logging.Filter):
    """Of records that anybody can cause from outside, one a minute of each kind, in one line without a traceback."""

    def __init__(self, rate: Rate | None = None) -> None:
        super().__init__()
        self._rate = Rate(LINE_EVERY_S) if rate is None else rate

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is logged; it then says how many like it were not."""
        error = record.exc_info[1] if record.exc_info else None
        held = self._rate.passed((record.name, str(record.msg)[:200].partition("\n")[0], type(error)))
        if held is None:
            return False
        text = " ".join(record.getMessage().split())[:300]
        # An error of the system's has words of its own; any other's may repeat the request.
        words = f": {' '.join(str(error).split())[:200]}" if isinstance(error, OSError) else ""
        about = "" if error is None else f": {type(error).__name__}{words}"
        more = f" ({held} more like this in between)" if held else ""
        record.msg, record.args, record.exc_info, record.exc_text = f"{text}{about}{more}", None, None, None
        return True
