"""What the proxy's handlers share, for the whole process."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from endcap.plugin.deadline import BUDGET_MS
from endcap.plugin.search.options import failures_allowed
from endcap.plugin.search.status import Reason, Status
from endcap.serve.breaker import Breaker
from endcap.serve.computing import COMPUTING, Computing
from endcap.serve.lag import LoopLag
from endcap.serve.metrics import Metrics
from endcap.serve.proxy.choice import Switch
from endcap.serve.proxy.engine import CallerEngine
from endcap.serve.proxy.request_log import RequestLog
from endcap.serve.rerankers import Rerankers
from endcap.serve.settings import SearchSettings, ServeSettings
from endcap.serve.wire.upstream import Upstream

_LEAST, _FIRST, _FEWER = 2, 16, 0.8
_SOON = 0.5
"""Who needs more than this share of its time is nearly late: others, which wait longer by chance, would be."""
ROUNDS, LEAST_ROUND_MS = 60, 2.0
"""A re-ranked search waits for about five rounds of the event loop, and one that is passed through for as many, which
has no limit; and a mean of the last rounds tells little of the longest. Rounds of a few milliseconds are no sign."""
_ALONE = 3.0
"""While none is re-ranked, rounds may be so much longer: one that was long by chance should not leave a shop alone that
is searched now and then."""


@dataclass(slots=True)
class Slots:
    """How many searches may be re-ranked at once; there is no line in front of them.

    There are a few at first. With each that has found no time, or nearly none, there are fewer, with each that was in
    time there are more again (as TCP does it), so that what can't be done in time is not begun.
    """

    most: int
    taken: int = 0
    _open: float = _FIRST

    @property
    def open(self) -> int:
        """How many there are now."""
        return int(min(self._open, self.most))

    def take(self, round_s: float = 0.0, time_ms: float = math.inf) -> bool:
        """Take a slot, if one is free, and a search that has ``time_ms`` can be done while the loop is so slow."""
        longest_ms = max(LEAST_ROUND_MS, time_ms / ROUNDS) * (1.0 if self.taken else _ALONE)
        if self.taken >= self.open or round_s * 1e3 > longest_ms:
            return False
        self.taken += 1
        return True

    def give_back(self) -> None:
        """A search has ended."""
        self.taken -= 1

    @contextmanager
    def held(self, hung: Callable[[], None]) -> Iterator[None]:
        """While a search has the slot that it has taken: to its end, and then until what it computes has returned.

        ``hung`` is called where that still runs though the search has been answered: it was waited for long enough.
        """
        computing, is_answered = Computing(), False
        token = COMPUTING.set(computing)
        try:
            yield
            is_answered = True
        finally:
            COMPUTING.reset(token)
            if not computing.after(self.give_back) and is_answered:
                hung()

    def late(self) -> None:
        """A search has found no time."""
        self._open = max(min(_LEAST, self.most), min(self._open, self.most) * _FEWER)

    def in_time(self) -> None:
        """A search was re-ranked in its time."""
        self._open = min(self.most, self._open + 1 / self._open)


@dataclass(frozen=True, slots=True)
class Parts:
    """The shared parts."""

    settings: ServeSettings
    upstream: Upstream
    engine: CallerEngine
    rerankers: Rerankers
    switch: Switch
    slots: Slots
    metrics: Metrics
    log: RequestLog
    lag: LoopLag
    background: set[Any] = field(default_factory=set)
    """Shadow searches under way; the set keeps them."""
    student: Breaker = field(default_factory=Breaker)
    """Open while the student fails."""
    windows: Breaker = field(default_factory=Breaker)
    """Open while the cluster needs more time for windows than searches have."""

    def arrived_s(self) -> float:
        """When a request whose handling begins has arrived, by ``perf_counter``: before a round of the loop."""
        return time.perf_counter() - self.lag.round_s

    def take_slot(self, settings: SearchSettings) -> bool:
        """Take a slot, if there is time for one more search by these settings."""
        limits = [limit for limit in (settings.deadline_ms, settings.budget_ms) if limit]
        return self.slots.take(self.lag.round_s, min(limits, default=BUDGET_MS))

    def left_alone(self, body: Mapping[str, Any]) -> str:
        """The header's value for a search that is not worth a try now; empty where it is."""
        if not failures_allowed(body):
            return ""
        if not self.student.lets_try():
            return "fallback; reason=circuit_open"
        return "" if self.windows.lets_try() else f"fallback; reason={Reason.DEADLINE}"

    def note_outcome(self, record: Mapping[str, Any], settings: SearchSettings) -> None:
        """Tell the breakers what ``ext.rerank`` says of a search by these settings."""
        if record.get("reason") in (Reason.MODEL_ERROR, Reason.INTERNAL_ERROR):
            self.student.failed()
        elif record["status"] in (Status.RERANKED, Status.PARTIAL):
            self.student.worked()
        if record["status"] == Status.FALLBACK and record.get("reason") == Reason.DEADLINE:
            self.slots.late()
        elif record["status"] == Status.RERANKED:
            engine_ms = record["stages"].get("engine_ms", 0.0)
            budget_ms = settings.budget_ms or (math.inf if settings.deadline_ms else BUDGET_MS)
            own_ms = min((settings.deadline_ms or math.inf) - engine_ms, budget_ms)
            is_soon = record["took_ms"] - engine_ms < _SOON * own_ms
            self.slots.in_time() if is_soon else self.slots.late()


def status_words(record: Mapping[str, Any]) -> str:
    """``skipped; reason=sorted``: what ``ext.rerank`` says, as the header's value."""
    reason = record.get("reason")
    return f"{record['status']}; reason={reason}" if reason else str(record["status"])


def skipped(reason: str) -> str:
    """The header's value for a search that the proxy itself leaves alone."""
    return f"skipped; reason={reason}"
