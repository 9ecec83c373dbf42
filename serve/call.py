"""The client's request that is being answered, for the engine that the shared re-rankers search through.

It is kept in a context variable: each request's task sees its own, and there is none to fall back on.
"""

from __future__ import annotations

import math
import time
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from multidict import CIMultiDict


@dataclass(slots=True)
class Call:
    """One search as its client sent it."""

    method: str
    target: str
    """Path and parameters as sent."""
    headers: CIMultiDict[str]
    """What goes on to the cluster."""
    body: bytes
    """What goes on to the cluster where the search is passed through: the client's bytes, or those without
    ``ext.rerank``."""
    exact: bool = False
    """Whether whole numbers above 64 bits are read as what they are, which takes longer."""
    replied: CIMultiDict[str] | None = None
    """The headers of the cluster's last answer that was read."""
    unread: Any = None
    """The cluster's answer (``wire.reply.Reply``) to the search as it was passed through; not read yet."""
    arrived_s: float = field(default_factory=time.perf_counter)
    is_timed: bool = False
    """Whether the deadline has begun, at ``arrived_s``."""
    deadline_ms: float = math.inf
    """What a search has, counted from there."""
    has_window: bool = False
    """Whether the window has been asked for."""
    is_cut: bool = False
    """Whether the cluster was told to give the window up, and has."""


def search_clock() -> float:
    """The clock of the shared re-rankers. What it says first in a search is when that search's request arrived: the
    deadline counts from there."""
    call = CALL.get(None)
    if call is None or call.is_timed:
        return time.perf_counter()
    call.is_timed = True
    return call.arrived_s


CALL: ContextVar[Call] = ContextVar("endcap_call")
