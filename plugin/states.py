"""The store of states: what the student read of products in advance, kept in an LMDB that all processes share.

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
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast
from zlib import crc32

import lmdb

from endcap.index.home import home
from endcap.plugin.fill import Coverage, FillReport, coverage, fill
from endcap.plugin.lmdb_folder import CannotOpen, OpenFolder, open_folder

__all__ = ["Coverage", "FillReport", "StateStore", "StoreCounts", "coverage", "fill"]

KEY_BYTES = 32
CHECKSUM_BYTES = 4
RESIDUE = 0x2144DF1C
"""The CRC-32 of any bytes that end with their own CRC-32 (little-endian): one pass checks key, state and checksum."""

MAP_BYTES = 64 << 30
"""The map to begin with: address space, not memory or disk. It doubles when it is full."""

GROWTHS = 16
SAY_AGAIN_S = 3600.0
"""One log line an hour for each kind of trouble; ``counts`` has the rest."""


log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class StoreCounts:
    """What happened since the store was opened in this process.

    ``asked`` keys were looked up and ``found``; ``broken`` states did not match their checksum or had the wrong length
    (they count as missing); ``kept`` states were written and ``not_kept`` could not be; ``errors`` of LMDB were
    ridden out.
    """

    asked: int = 0
    found: int = 0
    broken: int = 0
    kept: int = 0
    not_kept: int = 0
    errors: int = 0


class StateStore:
    """States by key. One object per folder and process, safe between threads, after a fork, and beside other processes.

    Get it from ``StateStore.open``, never from the constructor: LMDB must not open one folder twice in a process.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.why_not_kept = ""
        """Why states are not kept; empty where they are."""
        self._users = 0
        self._said: dict[str, float] = {}
        self._opened: OpenFolder | None = None
        self._paused: OpenFolder | None = None
        self._start()

    @classmethod
    def open(cls, folder: Path | None = None) -> StateStore:
        """The store of a folder (by default ``home() / "states"``), made if it is not there; never raises.

        Where the folder can't be used, the store works without keeping anything and ``why_not_kept`` says why. Each
        ``open`` wants its ``close``.
        """
        path = Path(os.path.realpath(home() / "states" if folder is None else folder))
        with _stores_lock:
            store = _stores.get(path)
            if store is None:
                store = _stores[path] = cls(path)
            store._users += 1
        store._environment()
        return store

    @property
    def counts(self) -> StoreCounts:
        """What happened so far."""
        with self._gate:
            return replace(self._counts)

    def get(self, keys: Sequence[bytes], *, state_bytes: int | None = None) -> list[bytes | None]:
        """The states of keys, in their order; None where there is none that is right. Never raises.

        ``state_bytes`` is the length that the model's states have (``student.info.state_bytes``); a state of another
        length counts as missing.
        """
        states: list[bytes | None] = [None] * len(keys)
        length = None if state_bytes is None else state_bytes + CHECKSUM_BYTES
        broken = 0

        def look_up(transaction: lmdb.Transaction) -> None:
            nonlocal broken
            broken = 0
            get = transaction.get
            for position, key in enumerate(keys):
                value = cast("bytes | None", get(key))
                if value is None:
                    continue
                if crc32(value, crc32(key)) == RESIDUE and (length is None or len(value) == length):
                    states[position] = value[:-CHECKSUM_BYTES]
                else:
                    broken += 1

        try:
            self._run(look_up, write=False)
        except lmdb.Error as error:
            self._trouble("reading", error)
        if broken:
            self._say("broken", f"{broken} states in {self.folder} are broken; they are made again.")
        found = len(keys) - states.count(None)
        self._count(asked=len(keys), found=found, broken=broken)
        return states

    def put(self, items: Iterable[tuple[bytes, bytes]]) -> int:
        """Keep states by key, all of them or none; returns how many were kept.

        What is kept when this returns outlives the process, however that ends; after a power cut the last may be
        missing. A full disk or an unwritable folder is ridden out: nothing is kept, nothing is raised. Raises
        ``ValueError`` for a key that is not 32 bytes.
        """
        pairs = sorted((key, state + _checksum(key, state)) for key, state in items)
        for key, _ in pairs:
            if len(key) != KEY_BYTES:
                raise ValueError(f"a key has {len(key)} bytes instead of {KEY_BYTES}: {key!r}. Use Student.key.")
        if not pairs:
            return 0

        def write(transaction: lmdb.Transaction) -> None:
            with transaction.cursor() as cursor:
                cursor.putmulti(pairs)

        kept = 0
        try:
            if self._run(write, write=True):
                kept = len(pairs)
        except (lmdb.Error, OSError) as error:
            self._trouble("writing", error)
        self._count(kept=kept, not_kept=len(pairs) - kept)
        return kept

    def close(self) -> None:
        """Close, once everybody in this process who opened it has; a closed store finds and keeps nothing."""
        with _stores_lock:
            self._users -= 1
            if self._users > 0 or _stores.get(self.folder) is not self:
                return
            del _stores[self.folder]
            with self._opening, self._alone():
                self._given_up = True
                if self._opened is not None:
                    self._opened.close()
                if self._paused is not None:
                    self._paused.close()
                self._opened = self._paused = None

    def _start(self) -> None:
        self._given_up = False
        self._opening: threading.Lock = threading.Lock()
        self._gate = threading.Condition()
        self._active = 0
        self._resizing = False
        self._at_limit = False
        self._counts = StoreCounts()

    def _before_fork(self) -> None:
        """Close the environment, since none may be open across a fork: LMDB would give the child the parent's locks."""
        self._opening.acquire()
        self._enter_alone()
        if self._opened is not None:
            self._opened.pause()
            self._paused, self._opened = self._opened, None

    def _after_fork_in_parent(self) -> None:
        self._leave_alone()
        self._opening.release()

    def _after_fork_in_child(self) -> None:
        """With new locks, as those of the parent are held by threads that are not there any more."""
        paused, self._paused = self._paused, None
        self._start()
        if paused is not None:
            paused.forget()
            self.why_not_kept = ""

    def _environment(self) -> OpenFolder | None:
        if self._opened is None and not self._given_up:
            with self._opening:
                if self._opened is None and not self._given_up:
                    self._open()
        return self._opened

    def _open(self) -> None:
        paused, self._paused = self._paused, None
        try:
            opened = open_folder(self.folder, KEY_BYTES, MAP_BYTES) if paused is None else paused.resume()
        except CannotOpen as error:
            self._given_up = True
            self.why_not_kept = f"States are neither found nor kept in {self.folder}: {error}."
        else:
            self._opened = opened
            self.why_not_kept = "" if opened.writable else f"States are found but not kept: {self.folder} is read-only."
        if self.why_not_kept:
            self._say("opening", self.why_not_kept)

    def _run(self, work: Callable[[lmdb.Transaction], None], *, write: bool) -> bool:
        """Do ``work`` in one transaction, kept whole or not at all; False where there is nothing to work on."""
        for _ in range(GROWTHS):
            with self._inside() as opened:
                if opened is None or (write and not opened.writable):
                    return False
                size = opened.env.info()["map_size"] if write else 0
                try:
                    with _begin(opened.env, write) as transaction:
                        work(transaction)
                    return True
                except (lmdb.MapFullError, lmdb.MapResizedError):
                    if self._at_limit:
                        raise
            self._grow(opened, size)
        raise lmdb.MapFullError(f"still full after growing {GROWTHS} times")

    def _grow(self, opened: OpenFolder, size: int) -> None:
        """Take over the size to which another process has grown the map; double it if that is no more than ``size``."""
        with self._alone():
            if self._opened is not opened:
                return
            try:
                opened.env.set_mapsize(0)
                if opened.env.info()["map_size"] <= size:
                    opened.env.set_mapsize(2 * size)
            except lmdb.Error:
                # LMDB has let go of the old map by now, so the environment can't be used any more.
                self._at_limit = True
                opened.close()
                self._opened = None
                raise

    @contextmanager
    def _inside(self) -> Iterator[OpenFolder | None]:
        """The environment, kept open and of its size for as long as the block runs."""
        self._environment()
        with self._gate:
            while self._resizing:
                self._gate.wait()
            self._active += 1
            opened = self._opened
        try:
            yield opened
        finally:
            with self._gate:
                self._active -= 1
                self._gate.notify_all()

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No thread of this process is inside while the block runs, as LMDB wants it for a new size and for closing."""
        self._enter_alone()
        try:
            yield
        finally:
            self._leave_alone()

    def _enter_alone(self) -> None:
        with self._gate:
            while self._resizing:
                self._gate.wait()
            self._resizing = True
            while self._active:
                self._gate.wait()

    def _leave_alone(self) -> None:
        with self._gate:
            self._resizing = False
            self._gate.notify_all()

    def _count(self, **more: int) -> None:
        with self._gate:
            now = self._counts
            self._counts = replace(now, **{name: getattr(now, name) + n for name, n in more.items()})

    def _trouble(self, doing: str, error: Exception) -> None:
        self._count(errors=1)
        self._say(doing, f"{doing} states in {self.folder} failed, they are made again when needed: {error}")

    def _say(self, kind: str, message: str) -> None:
        now = time.monotonic()
        if now - self._said.get(kind, -SAY_AGAIN_S) >= SAY_AGAIN_S:
            self._said[kind] = now
            log.warning("%s", message)


def _begin(env: lmdb.Environment, write: bool) -> lmdb.Transaction:
    try:
        return env.begin(write=write)
    except lmdb.ReadersFullError:
        env.reader_check()  # frees the places of processes that were killed
        return env.begin(write=write)


def _checksum(key: bytes, state: bytes) -> bytes:
    return crc32(state, crc32(key)).to_bytes(CHECKSUM_BYTES, "little")


_stores: dict[Path, StateStore] = {}
_stores_lock = threading.Lock()


def _before_fork() -> None:
    _stores_lock.acquire()
    for store in _stores.values():
        store._before_fork()


def _after_fork_in_parent() -> None:
    for store in _stores.values():
        store._after_fork_in_parent()
    _stores_lock.release()


def _after_fork_in_child() -> None:
    global _stores_lock
    _stores_lock = threading.Lock()
    for store in _stores.values():
        store._after_fork_in_child()


os.register_at_fork(before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child)
