"""The states that a re-ranker reads, and what a search had no time for: done in the background, after the reply."""

from __future__ import annotations

import queue
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from endcap.index.product import Product
from endcap.plugin.faults import LOG
from endcap.plugin.protocols import Scorer, States

if TYPE_CHECKING:
    from endcap.plugin.states.store import StateStore

MAX_WAITING = 2_000
MAX_WAITING_CHARACTERS = 20_000_000
"""Of titles and descriptions: so many that only documents of tens of kilobytes come near it."""


class ReadAhead:
    """A state store, opened when it is first asked for, and one thread that fills it while nobody waits.

    The thread starts with the first work and ends with ``close``. At most ``MAX_WAITING`` products and states wait, and
    ``MAX_WAITING_CHARACTERS``; what comes above that is dropped, since the next search that needs it brings it again.
    """

    def __init__(self, states: States | None = None) -> None:
        self._states, self._opened = states, states is not None
        self._waiting: queue.SimpleQueue[tuple[Scorer, bytes, bytes | Product] | None] = queue.SimpleQueue()
        self._known: dict[bytes, int] = {}  # key: characters that it holds in memory
        self._characters = 0
        self._lock = threading.Lock()
        self._idle = threading.Condition(self._lock)
        self._thread: threading.Thread | None = None
        self._closed = False
        self._own: StateStore | None = None

    def states(self) -> States | None:
        """The store; None where there is none and none can be opened: then products are read at every search."""
        with self._lock:
            if not self._opened:
                self._opened = True
                try:
                    from endcap.plugin.states.store import StateStore

                    self._own = StateStore.open()
                    self._states = self._own
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
            for key, item in items:
                if key in self._known or len(self._known) >= MAX_WAITING:
                    continue
                characters = 0 if isinstance(item, bytes) else len(item.title) + len(item.description)
                if self._characters + characters > MAX_WAITING_CHARACTERS:
                    continue
                self._known[key] = characters
                self._characters += characters
                self._waiting.put((student, key, item))
            # After a fork the child has the work, but not the thread.
            if self._known and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, name="endcap-late", daemon=True)
                self._thread.start()

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until nothing is left to do; False where that took longer than the timeout."""
        with self._idle:
            return self._idle.wait_for(lambda: not self._known, timeout_s)

    def close(self, timeout_s: float = 5.0) -> None:
        """End the thread after the batch that it is at; what still waits is dropped."""
        with self._lock:
            self._closed = True
            thread = self._thread
        self._waiting.put(None)
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_s)
        with self._lock:
            opened, self._own = self._own, None
            if opened is not None:
                self._states = None
                opened.close()

    def _run(self) -> None:
        while True:
            work = [self._waiting.get()]
            while not self._waiting.empty():
                work.append(self._waiting.get())
            taken = [item for item in work if item is not None]
            try:
                self._keep(taken)
            except Exception as error:  # the next search brings the same work again
                LOG.warning("states could not be made or kept for the next search: %s", error)
            with self._idle:
                self._characters -= sum(self._known.pop(key, 0) for _, key, _ in taken)
                self._idle.notify_all()
                if self._closed:
                    return

    def _keep(self, items: Sequence[tuple[Scorer, bytes, bytes | Product]]) -> None:
        assert self._states is not None
        ready = [(key, item) for _, key, item in items if isinstance(item, bytes)]
        if ready:
            self._states.put(ready)
        unread: dict[int, tuple[Scorer, list[bytes], list[Product]]] = {}
        for student, key, item in items:
            if not isinstance(item, bytes):
                _, keys, products = unread.setdefault(id(student), (student, [], []))
                keys.append(key)
                products.append(item)
        for student, keys, products in unread.values():
            for batch in student.encode_batches(products):
                if self._closed:
                    return
                self._states.put([(keys[position], state) for position, state in batch])
