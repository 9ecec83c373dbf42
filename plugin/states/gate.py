"""A gate that threads pass together, and that one of them closes to be alone: at a fork, and to close for good."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager


class Gate:
    """Threads are ``inside`` together, or one has it ``shut`` while none is."""

    def __init__(self) -> None:
        self._changes = threading.Condition()
        self._users = 0
        self._is_shut = False

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Nobody shuts the gate while the block runs."""
        with self._changes:
            while self._is_shut:
                self._changes.wait()
            self._users += 1
        try:
            yield
        finally:
            with self._changes:
                self._users -= 1
                self._changes.notify_all()

    def shut(self) -> None:
        """Wait until no thread is inside, and let none in before ``open``."""
        with self._changes:
            while self._is_shut:
                self._changes.wait()
            self._is_shut = True
            while self._users:
                self._changes.wait()

    def open(self) -> None:
        """Let the threads in again."""
        with self._changes:
            self._is_shut = False
            self._changes.notify_all()
