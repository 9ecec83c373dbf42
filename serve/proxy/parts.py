"""What the proxy's handlers share, for the whole process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from endcap.serve.metrics import Metrics
from endcap.serve.proxy.choice import Switch
from endcap.serve.proxy.engine import CallerEngine
from endcap.serve.proxy.request_log import RequestLog
from endcap.serve.rerankers import Rerankers
from endcap.serve.settings import ServeSettings
from endcap.serve.upstream import Upstream


@dataclass(slots=True)
class Slots:
    """How many searches may be re-ranked at once; there is no line in front of them."""

    most: int
    taken: int = 0

    def take(self) -> bool:
        """Take a slot, if one is free."""
        if self.taken >= self.most:
            return False
        self.taken += 1
        return True

    def give_back(self) -> None:
        """A search has ended."""
        self.taken -= 1


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
    background: set[Any] = field(default_factory=set)
    """Shadow searches under way; the set keeps them."""


def status_words(record: Mapping[str, Any]) -> str:
    """``skipped; reason=sorted``: what ``ext.rerank`` says, as the header's value."""
    reason = record.get("reason")
    return f"{record['status']}; reason={reason}" if reason else str(record["status"])


def skipped(reason: str) -> str:
    """The header's value for a search that the proxy itself leaves alone."""
    return f"skipped; reason={reason}"
