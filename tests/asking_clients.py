"""Clients that ask again and again, while a test does something else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

T = TypeVar("T")


@contextmanager
def asking(ask: Callable[[], T], clients: int = 3) -> Iterator[list[T]]:
    """Requests without a pause, and what each gave; a client ends where one fails."""
    ended, seen = threading.Event(), list[T]()

    def go_on() -> None:
        while not ended.is_set():
            seen.append(ask())

    threads = [threading.Thread(target=go_on, daemon=True) for _ in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        ended.set()
        for thread in threads:
            thread.join(30)
