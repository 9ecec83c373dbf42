"""Faults of ours, logged without flooding the log: a search goes on without what failed."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import TypeVar

from endcap.errors import ModelError

T = TypeVar("T")

LOG = logging.getLogger("endcap.rerank")

TRACEBACK_EVERY_S = 60.0

_traced: dict[tuple[str, type[BaseException]], float] = {}


def log_fault(what: str, error: Exception) -> None:
    """The traceback of a fault in re-ranking, once a minute for each kind: every search may meet it, and the line that
    each of them logs says the rest."""
    now, kind = time.monotonic(), (what, type(error))
    if now - _traced.get(kind, -TRACEBACK_EVERY_S) >= TRACEBACK_EVERY_S:
        _traced[kind] = now
        LOG.error("%s (its traceback is logged once a minute)", what, exc_info=error)


def without_panic(work: Callable[[], T]) -> T:
    """The result of work. Raises what it raises, and ``ModelError`` where native code in Rust gives up: that is no
    ``Exception``, and each library has a class of its own for it."""
    try:
        return work()
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ModelError(f"native code gave up: {error}") from error
