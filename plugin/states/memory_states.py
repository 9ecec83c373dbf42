"""States of the products that a process has met, for an index whose hits bring the rest."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MAX_STATES = 20_000


class MemoryStates:
    """Up to ``size`` states by key, gone with the process. Two generations, so that what is asked for stays longer.

    Safe between threads: they may lose no more than a state, which is made again.
    """

    def __init__(self, size: int = MAX_STATES) -> None:
        self._half = max(1, size // 2)
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The states that are there, in the order of the keys."""
        found = [self._young.get(key) or self._old.get(key) for key in keys]
        self.put((key, state) for key, state in zip(keys, found, strict=True) if state is not None)
        return found

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> int:
        """Keep (key, state) pairs."""
        count = 0
        for key, state in items:
            count += 1
            if len(self._young) >= self._half and key not in self._young:
                self._old, self._young = self._young, {}
            self._young[key] = state
        return count
