"""States made in the background: what a search had no time for is encoded and stored after the reply."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from endcap.index.product import Product
from endcap.plugin.faults import LOG, warn, without_panic
from endcap.plugin.protocols import Scorer, States

MAX_WAITING = 2_000
MAX_WAITING_CHARACTERS = 20_000_000
"""Of titles and descriptions: so many that only documents of tens of kilobytes come near it."""


@dataclass(frozen=True, slots=True)
class _Task:
    """A state to keep, or a product to encode, and the student that made its key."""

    student: Scorer
    item: bytes | Product
    characters: int


class BackgroundStates:
    """A state store, and one thread that fills it while nobody waits.

    Without ``states`` the store of ``StateStore.open`` is used, where it can be opened, and closed at the end.

    The thread starts with the first work and ends with ``close``. At most ``MAX_WAITING`` products and states wait, and
    ``MAX_WAITING_CHARACTERS``; what comes above that is dropped, since the next search that needs it brings it again.
    """

    def __init__(self, states: States | None = None) -> None:
        self.states = states
        """The store; None where none could be opened, and once it is closed: products are read at every search."""
        self._close_store: Callable[[], None] | None = None
        if states is None:
            try:
                from endcap.plugin.states.store import StateStore

                self.states = store = StateStore.open()
                self._close_store = store.close
            except Exception as error:
                LOG.warning("no state store, so products are read at every search: %s", error)
        self.records = self._kept_with(self.states)
        """Where what was read of products is kept as well; None where that is in memory alone."""
        self.remembered: States | None = getattr(self.records, "remembered", self.states)
        """The store, where it is one on a disk with the states of the last searches in memory."""
        self._waiting: dict[bytes, _Task] = {}
        """By key, in the order in which they came; those that are being done are among them."""
        self._changes = threading.Condition()
        self._thread: threading.Thread | None = None
        self._closed = False

    @staticmethod
    def _kept_with(states: States | None) -> States | None:
        """The same store, where it is one on a disk: a store of the caller's own may hold nothing but states."""
        module = sys.modules.get("endcap.plugin.states.store")
        return states if module is not None and isinstance(states, module.StateStore) else None

    def add(self, student: Scorer, items: Sequence[tuple[bytes, bytes | Product]]) -> None:
        """Take (key, state) pairs to keep and (key, product) pairs to encode and keep. Returns at once.

        ``student`` is the one that made the keys, and so the only one whose states belong under them.
        """
        with self._changes:
            if self._closed or self.states is None:
                return
            total = sum(task.characters for task in self._waiting.values())
            for key, item in items:
                characters = 0 if isinstance(item, bytes) else len(item.title) + len(item.description)
                is_full = len(self._waiting) >= MAX_WAITING or total + characters > MAX_WAITING_CHARACTERS
                if key not in self._waiting and not is_full:
                    self._waiting[key] = _Task(student, item, characters)
                    total += characters
            self._changes.notify_all()
            # After a fork the child has the work, but not the thread.
            if self._waiting and (self._thread is None or not self._thread.is_alive()):
                self._thread = threading.Thread(target=self._run, name="endcap-late", daemon=True)
                self._thread.start()

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until nothing is left to do; False where that took longer than the timeout."""
        with self._changes:
            return self._changes.wait_for(lambda: not self._waiting, timeout_s)

    def close(self, timeout_s: float = 5.0) -> None:
        """End the thread after the batch that it is at; what still waits is dropped."""
        with self._changes:
            self._closed = True
            thread = self._thread
            self._changes.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(timeout_s)
        with self._changes:
            close_store, self._close_store = self._close_store, None
            if close_store is not None:
                self.states = self.remembered = self.records = None
                close_store()

    def _run(self) -> None:
        while True:
            with self._changes:
                self._changes.wait_for(lambda: self._waiting or self._closed)
                tasks = dict(self._waiting)
            try:
                without_panic(partial(self._store, tasks))
            except Exception as error:  # the next search brings the same work again
                warn("kept", "states could not be made or kept for the next search: %s", error)
            with self._changes:
                for key in tasks:
                    del self._waiting[key]
                self._changes.notify_all()
                if self._closed:
                    return

    def _store(self, tasks: Mapping[bytes, _Task]) -> None:
        assert self.remembered is not None
        # 1. States that a search has made.
        states = [(key, task.item) for key, task in tasks.items() if isinstance(task.item, bytes)]
        if states:
            self.remembered.put(states)
        # 2. Products, by the student that made their keys.
        batches: dict[int, tuple[Scorer, list[bytes], list[Product]]] = {}
        for key, task in tasks.items():
            if not isinstance(task.item, bytes):
                _, keys, products = batches.setdefault(id(task.student), (task.student, [], []))
                keys.append(key)
                products.append(task.item)
        for student, keys, products in batches.values():
            for batch in student.encode_batches(products):
                if self._closed:
                    return
                self.remembered.put([(keys[position], state) for position, state in batch])
