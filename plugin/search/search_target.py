"""A target for one search: it knows the search's deadline, and what is the engine's time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

from endcap.plugin.deadline import Deadline
from endcap.plugin.search.target import Target
from endcap.plugin.search.workers import Workers

_ASKING = ("search", "search_unread", "search_both", "search_all", "alias_filter")


def search_target(target: Target, deadline: Deadline, workers: Workers) -> Target:
    """The target with what it asks counted as the engine's time, and computing within the deadline.

    ``run`` raises ``NoPlace`` and ``NoTime`` (``workers.py``) beside what the work raises.
    """
    own = object.__new__(type(target))
    own.__dict__.update(target.__dict__)
    for name in _ASKING:
        setattr(own, name, _timed(getattr(target, name), deadline))
    setattr(own, "sample", target.sample)  # noqa: B010 (a method); it may run beside the search, in another thread
    setattr(own, "run", partial(target.run, workers=workers, deadline=deadline))  # noqa: B010 (a method)
    return own


def _timed(ask: Callable[..., Awaitable[Any]], deadline: Deadline) -> Callable[..., Awaitable[Any]]:
    async def timed(*args: Any, **kwargs: Any) -> Any:
        with deadline.asking():
            return await ask(*args, **kwargs)

    return timed
