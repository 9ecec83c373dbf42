"""The store of states: what the student read of products in advance, kept in an SQLite file that all processes share.

A state is found by its key, 32 bytes that say what it was made from (``Student.key``), so it can't be stale. Each is
kept with a checksum over key and state, and one that does not match counts as missing. Nothing that happens to the
store may fail a search: whatever goes wrong, states are missing or not kept, a counter says so and a line is logged.
``docs/states.md`` says what is promised and how.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zlib import crc32

from endcap.index.home import home
from endcap.plugin.states import upkeep
from endcap.plugin.states.remembered import RememberedStates
from endcap.plugin.states.seal import CHECKSUM_BYTES, RESIDUE, sealed
from endcap.plugin.states.state_file import StateFile

KEY_BYTES = 32
DAY_S = 86_400
WARN_EVERY_S = 3600.0
"""One log line an hour for each kind of trouble; ``counts`` has the rest."""


LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """What happened since the store was opened in this process.

    Of the keys that were looked up (``lookups``), ``hits`` had a state. ``broken`` states did not match their checksum
    or had the wrong length: they count as missing. ``kept`` states were written and ``not_kept`` could not be.
    ``errors`` of SQLite or the disk were ridden out.
    """

    lookups: int = 0
    hits: int = 0
    broken: int = 0
    kept: int = 0
    not_kept: int = 0
    errors: int = 0


class StateStore:
    """States by key. One object per folder and process, safe between threads, after a fork, and beside other processes.

    Get it from ``StateStore.open``, never from the constructor.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._file = StateFile(folder)
        self._users = 0
        self._warned_s: dict[str, float] = {}
        self._counts = StoreCounts()
        self._counts_lock = threading.Lock()
        self.remembered = RememberedStates(self, lambda n: self._count(lookups=n, hits=n))
        """The same states, of which those of the last searches are in memory."""

    @classmethod
    def open(cls, folder: Path | None = None) -> StateStore:
        """The store of a folder (by default ``home() / "states"``), made if it is not there; never raises.

        Where the folder can't be used, the store works without keeping anything and ``problem`` says why. Each
        ``open`` wants its ``close``.
        """
        path = Path(os.path.realpath(home() / "states" if folder is None else folder))
        with _stores_lock:
            store = _stores.get(path)
            if store is None:
                store = _stores[path] = cls(path)
            store._users += 1
        if store.problem:
            store._warn("opening", store.problem)
        return store

    @property
    def problem(self) -> str:
        """Why states are not kept; empty where they are."""
        try:
            self._file.check()
        except Exception as error:
            return f"States are neither found nor kept in {self.folder}: {error}."
        return "" if self._file.writable else f"States are found but not kept: {self.folder} is read-only."

    @property
    def counts(self) -> StoreCounts:
        """What happened so far."""
        return self._counts

    def get(self, keys: Sequence[bytes], *, state_bytes: int | None = None) -> list[bytes | None]:
        """The states of keys, in their order; None where there is none that is right. Never raises.

        ``state_bytes`` is the length that the model's states have (``student.info.state_bytes``); a state of another
        length counts as missing.
        """
        states: list[bytes | None] = [None] * len(keys)
        length = None if state_bytes is None else state_bytes + CHECKSUM_BYTES
        broken = 0

        ids = [_id(key) for key in keys]
        try:
            rows = self._file.rows(ids)
        except Exception as error:
            self._count_error("opening" if self.problem else "reading", error)
            rows = {}
        for position, (key, number) in enumerate(zip(keys, ids, strict=True)):
            value = rows.get(number)
            if value is None:
                continue
            is_right = isinstance(value, bytes) and crc32(value, crc32(key)) == RESIDUE
            if is_right and (length is None or len(value) == length):
                states[position] = value[:-CHECKSUM_BYTES]
            else:
                broken += 1
        if broken:
            self._warn("broken", f"{broken} states in {self.folder} are broken; they are made again.")
        self._count(lookups=len(keys), hits=len(keys) - states.count(None), broken=broken)
        return states

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> int:
        """Keep states by key, all of them or none; returns how many were kept.

        What is kept when this returns outlives the process, however that ends; after a power cut the last may be
        missing. A full disk or an unwritable folder is ridden out: nothing is kept, nothing is raised. Raises
        ``ValueError`` for a key that is not 32 bytes.
        """
        pairs = [(key, sealed(key, state)) for key, state in items]
        for key, _ in pairs:
            if len(key) != KEY_BYTES:
                raise ValueError(f"a key has {len(key)} bytes instead of {KEY_BYTES}: {key!r}. Use Student.key.")
        if not pairs:
            return 0

        today = _today()
        rows = [(_id(key), today, value) for key, value in pairs]
        kept = 0
        try:
            if problem := self.problem:
                self._warn("opening", problem)
            else:
                self._file.put(rows)
                kept = len(pairs)
        except Exception as error:
            self._count_error("writing", error)
        self._count(kept=kept, not_kept=len(pairs) - kept)
        return kept

    @property
    def identity(self) -> int:
        """A number that this file has, and no other; another one once states were deleted. 0 where there is none."""
        try:
            return self._file.change(upkeep.identity)
        except Exception:
            return 0

    def needed(self, keys: Sequence[bytes]) -> None:
        """Note that the states of these keys are needed today, so that ``prune`` leaves them. Never raises."""
        today, ids = _today(), [_id(key) for key in keys]
        try:
            if ids and self._file.writable:
                self._file.change(lambda connection: upkeep.set_day(connection, ids, today))
        except Exception as error:
            self._count_error("writing", error)

    def prune(self, days: int) -> int:
        """Delete the states that were neither kept nor ``needed`` in the last ``days`` days; returns how many.

        Others read and write meanwhile. Killed, it has deleted a part. Raises ``sqlite3.Error``, ``OSError``.
        """
        return upkeep.prune(self._file, _today() - days)

    def close(self) -> None:
        """Close, once everybody in this process who opened it has; a closed store finds and keeps nothing."""
        with _stores_lock:
            self._users -= 1
            if self._users > 0 or _stores.get(self.folder) is not self:
                return
            del _stores[self.folder]
            self.remembered.clear()
            self._file.close()

    def _count(self, **numbers: int) -> None:
        with self._counts_lock:
            now = self._counts
            self._counts = replace(now, **{name: getattr(now, name) + n for name, n in numbers.items()})

    def _count_error(self, action: str, error: Exception) -> None:
        self._count(errors=1)
        self._warn(action, f"{action} states in {self.folder} failed, they are made again when needed: {error}")

    def _warn(self, kind: str, message: str) -> None:
        now = time.monotonic()
        if now - self._warned_s.get(kind, -WARN_EVERY_S) >= WARN_EVERY_S:
            self._warned_s[kind] = now
            LOG.warning("%s", message)


_stores: dict[Path, StateStore] = {}
_stores_lock = threading.Lock()


def _before_fork() -> None:
    _stores_lock.acquire()
    for store in _stores.values():
        store._file.before_fork()


def _after_fork_in_parent() -> None:
    for store in _stores.values():
        store._file.after_fork_in_parent()
    _stores_lock.release()


def _after_fork_in_child() -> None:
    global _stores_lock
    _stores_lock = threading.Lock()
    for store in _stores.values():
        store._counts_lock, store._counts = threading.Lock(), StoreCounts()
        store._file.after_fork_in_child()


def _today() -> int:
    return int(time.time() // DAY_S)


def _id(key: bytes) -> int:
    """The number of a key's row. Keys are hashes; where two meet in these bytes, the checksum tells them apart."""
    return int.from_bytes(key[-8:], "little", signed=True)


if hasattr(os, "register_at_fork"):  # not on Windows
    os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
