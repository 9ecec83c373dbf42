"""What an engine's error means for a search that was asked for with more than the caller asks: ask again, or not."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

from endcap.errors import EngineError
from endcap.plugin.deadline import Clock, Deadline
from endcap.plugin.search.dense_support import Remembered
from endcap.plugin.search.target import is_answer

OVERLOADED = (429, 503)
"""The engine, or what stands before it, has too much to do: asking again at once makes it worse."""
_TIMED_OUT = (408, 504)
PATIENCE_MS = 5_000.0
"""A request that has failed after so long is not repeated, where the search has no deadline of its own."""
REMEMBERED_S = 60.0
# What the clients' libraries call a server that is not there, in which case asking again is waiting twice.
_NOT_THERE = ("ConnectionRefusedError", "NewConnectionError", "ClientConnectorError", "ConnectTimeout", "gaierror")
_TOO_LARGE = re.compile(r"max_result_window|Result window is too large", re.IGNORECASE)


def status_of(error: Any) -> int | None:
    """The HTTP status of an engine's error; None where there was no answer."""
    status = getattr(_cause(error), "status_code", None)
    return status if isinstance(status, int) else None


def is_overloaded(error: Any) -> bool:
    """Whether the engine has too much to do."""
    return status_of(error) in OVERLOADED


def may_ask_again(error: Exception, deadline: Deadline) -> bool:
    """Whether a search whose larger request has failed is sent once more as the caller's own.

    So it is where the engine has refused the larger one; and, while there is time, where its answer was cut off or took
    too long. An engine that has too much to do, or is not there, is not asked again.
    """
    if is_overloaded(error):
        return False
    if status_of(error) in _TIMED_OUT or _is_cut_off(error):
        return deadline.elapsed_ms() < min(deadline.limit_ms, PATIENCE_MS)
    return is_answer(error)


def _cause(error: Any) -> Any:
    return error.__cause__ if isinstance(error, EngineError) and error.__cause__ is not None else error


def _is_cut_off(error: Exception) -> bool:
    """Whether a connection was there, and gave no whole answer."""
    from opensearchpy.exceptions import ConnectionError as ClientError
    from opensearchpy.exceptions import SerializationError

    cause = _cause(error)
    if isinstance(cause, SerializationError):  # something on the way has cut the reply, or put its own
        return True
    lost = isinstance(cause, (ClientError, ConnectionError, TimeoutError)) and not isinstance(cause, EngineError)
    return lost and not any(
        kind.__name__.startswith(_NOT_THERE) or "SSL" in kind.__name__ or "Certificate" in kind.__name__
        for found in _chain(cause)
        for kind in type(found).__mro__
    )


def _chain(error: Any) -> Iterator[Any]:
    """An error and all that it says it comes from."""
    waiting, seen = [error], set[int]()
    while waiting and len(seen) < 20:
        found = waiting.pop()
        if not isinstance(found, BaseException) or id(found) in seen:
            continue
        seen.add(id(found))
        yield found
        about = (getattr(found, name, None) for name in ("info", "reason", "os_error", "__cause__", "__context__"))
        waiting += [*about, *found.args]


class WindowLimits:
    """Windows that were too large for an index (``max_result_window``): not asked for again for a minute."""

    def __init__(self, clock: Clock = time.monotonic) -> None:
        self._sizes = Remembered[int](REMEMBERED_S, clock)

    def learn(self, index: Any, size: int, error: Exception) -> None:
        """Remember the size, if it is what the engine has refused."""
        cause = _cause(error)
        if status_of(error) in (400, 500) and _TOO_LARGE.search(f"{cause} {getattr(cause, 'info', '')}"):
            known = self._sizes.get(str(index))
            self._sizes.put(str(index), size if known is None else min(size, known))

    def refusal(self, index: Any, size: int) -> str:
        """Why a window of this size is not asked for; "" where it is."""
        known = self._sizes.get(str(index))
        if known is None or size < known:
            return ""
        return f"the index has refused a window of {known} hits (max_result_window) within the last minute"
