"""A cache of query vectors, each computed once however many searches need it at the same time."""

from __future__ import annotations

import os
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import Future

import numpy as np


class QueryVectors:
    """The vectors of the last ``size`` queries, the least recently used dropped first. Safe between threads.

    Empty after a fork: the child must not wait for what a thread of its parent was about to compute.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._cache = _Cache()

    def __contains__(self, query: str) -> bool:
        """Whether the vector is there or being computed."""
        return query in self._own_cache().vectors

    def get(self, query: str, encode: Callable[[], np.ndarray]) -> np.ndarray:
        """A query's vector, computed by the first caller; the others wait for it. A failure is raised, not kept."""
        cache = self._own_cache()
        with cache.lock:
            future = cache.vectors.get(query)
            is_first = future is None
            if future is None:
                future = cache.vectors[query] = Future()
                if len(cache.vectors) > self._size:
                    cache.vectors.popitem(last=False)
            else:
                cache.vectors.move_to_end(query)
        if is_first:
            try:
                future.set_result(encode())
            except BaseException as error:
                with cache.lock:
                    if cache.vectors.get(query) is future:
                        del cache.vectors[query]
                future.set_exception(error)
        return future.result()

    def _own_cache(self) -> _Cache:
        """This process's cache. Replaced as a whole: no thread may meet the parent's lock with the child's vectors."""
        cache = self._cache
        if cache.process != os.getpid():
            cache = self._cache = _Cache()
        return cache


class _Cache:
    def __init__(self) -> None:
        self.process = os.getpid()
        self.lock = threading.Lock()
        self.vectors: OrderedDict[str, Future[np.ndarray]] = OrderedDict()
