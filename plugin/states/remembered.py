"""States that a process has met, in memory: a product of the last searches costs no look-up on the disk."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from endcap.plugin.protocols import States

MAX_BYTES = 32 << 20
"""Of states and keys together, with what Python needs for them: some 50,000 states of 400 bytes."""
_OVERHEAD = 200


class RememberedStates:
    """The states of a store, of which those that were looked up last are remembered, up to ``max_bytes``.

    A state can't be stale: its key says what it was made from. Two generations: when the young one is full, it becomes
    the old one. ``note`` is told how many states were found here. Safe between threads: they may forget
    more than they have to.
    """

    def __init__(self, store: States, note: Callable[[int], Any], max_bytes: int = MAX_BYTES) -> None:
        self._store, self._note, self._half = store, note, max_bytes // 2
        self.clear()

    def clear(self) -> None:
        """Forget all."""
        self._young: dict[bytes, bytes] = {}
        self._old: dict[bytes, bytes] = {}
        self._size = 0

    def get(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """The states that are there, in the order of the keys."""
        found: list[bytes | None] = [*map(self._young.get, keys)]
        if None in found:
            missing = [position for position, state in enumerate(found) if state is None]
            self._look_up(keys, missing, found)
        else:
            self._note(len(keys))
        return found

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> object:
        """Keep (key, state) pairs in the store; what was remembered under their keys is read anew."""
        pairs = list(items)
        kept = self._store.put(pairs)
        for key, _ in pairs:
            self._young.pop(key, None)
            self._old.pop(key, None)
        return kept

    def _look_up(self, keys: Sequence[bytes], missing: Sequence[int], found: list[bytes | None]) -> None:
        """Find the states that the young generation lacks."""
        unknown = list[int]()
        for position in missing:
            state = self._old.get(keys[position])
            if state is None:
                unknown.append(position)
            else:
                found[position] = state
                self._remember(keys[position], state)
        if len(unknown) < len(keys):
            self._note(len(keys) - len(unknown))
        if not unknown:
            return
        for position, state in zip(unknown, self._store.get([keys[i] for i in unknown]), strict=True):
            found[position] = state
            if state is not None:
                self._remember(keys[position], state)

    def _remember(self, key: bytes, state: bytes) -> None:
        if self._size >= self._half:
            self._old, self._young, self._size = self._young, {}, 0
        self._young[key] = state
        self._size += len(state) + _OVERHEAD
