"""A small memory of what was computed lately, each thing computed once however many ask for it at the same time."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future
from typing import Generic, TypeVar

V = TypeVar("V")


class Recent(Generic[V]):
    """The last ``size`` values by key, the least lately used forgotten first. Safe between threads, and empty after a
    fork: the child must not wait for what a thread of its parent was about to make."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: _Kept[V] = _Kept()

    def __contains__(self, key: str) -> bool:
        """Whether the value is there or being made."""
        return key in self._of_this_process().values

    def get(self, key: str, make: Callable[[], V]) -> V:
        """The value of a key, made by the first who asks; the others wait for it. A failure is raised, not kept."""
        kept = self._of_this_process()
        with kept.lock:
            future = kept.values.get(key)
            mine = future is None
            if future is None:
                future = kept.values[key] = Future()
                if len(kept.values) > self._size:
                    kept.values.popitem(last=False)
            else:
                kept.values.move_to_end(key)
        if mine:
            try:
                future.set_result(make())
            except BaseException as error:
                with kept.lock:
                    if kept.values.get(key) is future:
                        del kept.values[key]
                future.set_exception(error)
        return future.result()

    def _of_this_process(self) -> _Kept[V]:
        kept = self._kept
        if kept.process != os.getpid():
            kept = self._kept = _Kept()
        return kept


class _Kept(Generic[V]):
    """What one process keeps, and the lock over it."""

    def __init__(self) -> None:
        self.process = os.getpid()
        self.lock = threading.Lock()
        self.values: OrderedDict[str, Future[V]] = OrderedDict()
