"""States made in the background: what a search had no time for is encoded and stored after the reply."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence

from endcap.index.product import Product
from endcap.plugin.faults import LOG
from endcap.plugin.protocols import Scorer, States

MAX_WAITING = 2_000
MAX_WAITING_CHARACTERS = 20_000_000
"""Of titles and descriptions: so many that only documents of tens of kilobytes come near it."""

Task = tuple[Scorer, bytes, bytes | Product]
"""A student, a key that it made, and the key's state, or the product to encode."""


class BackgroundStates:
    """A state store, opened when it is first asked for, and one thread that fills it while nobody waits.

    The thread starts with the first work and ends with ``close``. At most ``MAX_WAITING`` products and states wait, and
    ``MAX_WAITING_CHARACTERS``; what comes above that is dropped, since the next search that needs it brings it again.
    """

    def __init__(self, states: States | None = None) -> None:
        self._states, self._may_open = states, states is None
        self._close_store: Callable[[], None] | None = None
        self._tasks: queue.SimpleQueue[Task | None] = queue.SimpleQueue()
        self._waiting: dict[bytes, int] = {}
        """Characters that each key's task holds in memory."""
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._closed = False

    def states(self) -> States | None:
        """The store; None where there is none and none can be opened: then products are read at every search."""
        with self._lock:
            if self._may_open:
                self._may_open = False
                try:
                    # Here, since it can't be imported on a system without fcntl.
                    from endcap.plugin.states.store import StateStore

                    store = StateStore.open()
                    self._states, self._close_store = store, store.close
                except Exception as error:
                    LOG.warning("no state store, so products are read at every search: %s", error)
            return self._states

    def add(self, student: Scorer, items: Sequence[tuple[bytes, bytes | Product]]) -> None:
        """Take (key, state) pairs to keep and (key, product) pairs to encode and keep. Returns at once.

        ``student`` is the one that made the keys, and so the only one whose states belong under them.
        """
        with self._lock:
            if self._closed or self._states is None:
                return
            total = sum(self._waiting.values())
            for key, item in items:
                characters = 0 if isinstance(item, bytes) else len(item.title) + len(item.description)
                is_full = len(self._waiting) >= MAX_WAITING or total + characters > MAX_WAITING_CHARACTERS
                if key not in self._waiting and not is_full:
                    self._waiting[key] = characters
                    total += characters
                    self._tasks.put((student, key, item))
            # After a fork the child has the work, but not the thread.
            if self._waiting and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, name="endcap-late", daemon=True)
                self._thread.start()

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until nothing is left to do; False where that took longer than the timeout."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._waiting, timeout_s)

    def close(self, timeout_s: float = 5.0) -> None:
        """End the thread after the batch that it is at; what still waits is dropped."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self._tasks.put(None)
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_s)
        with self._lock:
            close_store, self._close_store = self._close_store, None
            if close_store is not None:
                self._states = None
                close_store()

    def _run(self) -> None:
        while True:
            tasks = [self._tasks.get()]
            while not self._tasks.empty():
                tasks.append(self._tasks.get())
            work = [task for task in tasks if task is not None]
            try:
                self._store(work)
            except Exception as error:  # the next search brings the same work again
                LOG.warning("states could not be made or kept for the next search: %s", error)
            with self._idle:
                for _, key, _ in work:
                    self._waiting.pop(key, None)
                self._idle.notify_all()
                if self._closed:
                    return

    def _store(self, tasks: Sequence[Task]) -> None:
        assert self._states is not None
        # 1. States that a search has made.
        states = [(key, item) for _, key, item in tasks if isinstance(item, bytes)]
        if states:
            self._states.put(states)
        # 2. Products, by the student that made their keys.
        batches: dict[int, tuple[Scorer, list[bytes], list[Product]]] = {}
        for student, key, item in tasks:
            if not isinstance(item, bytes):
                _, keys, products = batches.setdefault(id(student), (student, [], []))
                keys.append(key)
                products.append(item)
        for student, keys, products in batches.values():
            for batch in student.encode_batches(products):
                if self._closed:
                    return
                self._states.put([(keys[position], state) for position, state in batch])
