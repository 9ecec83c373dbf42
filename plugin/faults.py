"""Faults of ours, logged without flooding the log: a search goes on without what failed."""

from __future__ import annotations

import logging
from collections.abc import Callable, Hashable
from typing import TypeVar

from endcap.errors import ModelError
from endcap.rates import Rate

T = TypeVar("T")

LOG = logging.getLogger("endcap.rerank")

TRACEBACK_EVERY_S = 60.0
WARNING_EVERY_S = 10.0


_tracebacks, _warnings = Rate(TRACEBACK_EVERY_S), Rate(WARNING_EVERY_S)


class Quoting(str):
    """Words that may repeat what was searched for: a server's lines leave them out, unless they are asked for."""

    __slots__ = ()


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


def without_panic(work: Callable[[], T]) -> T:
    """The result of work. Raises what it raises, and ``ModelError`` where native code in Rust gives up: that is no
    ``Exception``, and each library has a class of its own for it."""
    try:
        return work()
    except BaseException as error:
        if type(error).__name__ != "PanicException":
            raise
        raise ModelError(f"native code gave up: {error}") from error
