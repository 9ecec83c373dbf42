"""How long to wait before asking again, and when to give up on an endpoint."""

from __future__ import annotations

import math
import random
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


@dataclass(frozen=True, slots=True)
class Limits:
    """How hard an endpoint is asked, and how much is borne.

    A request is asked ``attempts`` times, but only ``useless`` times where replies came and held no answer, since those
    are paid for. Waits grow from ``wait_s`` to ``longest_wait_s``. A Retry-After of more than ``retry_after_s`` stops
    the work. So do ``failures`` failures in a row, of all requests together, where no answer came for ``patience_s``
    (not counting waits that the endpoint asked for), or where all these replies were useless.
    """

    concurrency: int = 8
    timeout_s: float = 60.0
    attempts: int = 8
    useless: int = 3
    wait_s: float = 1.0
    longest_wait_s: float = 60.0
    retry_after_s: float = 600.0
    failures: int = 20
    patience_s: float = 120.0


def back_off(attempt: int, limits: Limits) -> float:
    """Seconds to wait after the failed attempt number ``attempt`` (from 0): random, up to a bound that doubles.

    "Full jitter": https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
    """
    return random.uniform(0.1, 1.0) * min(limits.longest_wait_s, limits.wait_s * 2.0 ** min(attempt, 60))


def retry_after(header: str | None, now: datetime | None = None) -> float | None:
    """Seconds that a Retry-After header asks to wait: a number or an HTTP date (RFC 9110, 10.2.3); None: unreadable."""
    if header is None:
        return None
    try:
        seconds = float(header.strip())
        return max(seconds, 0.0) if math.isfinite(seconds) else None
    except ValueError:
        pass
    try:
        moment = parsedate_to_datetime(header.strip())
    except (ValueError, TypeError, OverflowError, IndexError):
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - (now or datetime.now(UTC))).total_seconds(), 0.0)


class Circuit:
    """Counts failures in a row, of all requests together, and says when to stop."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self.success()

    def success(self) -> None:
        """An answer came."""
        self._count = self._useless = 0
        self._since = time.monotonic()

    def excuse(self, seconds: float) -> None:
        """The endpoint asked for a wait, which is no sign that it is down: silence counts from its end."""
        self._since = max(self._since, time.monotonic() + seconds)

    def failure(self, *, useless: bool = False) -> bool:
        """A failure; ``useless``: a reply came, and held no answer. True where the work should stop."""
        self._count += 1
        self._useless += useless
        if self._useless >= self._limits.failures:
            return True
        silent_s = time.monotonic() - self._since
        return self._count >= self._limits.failures and silent_s >= self._limits.patience_s
