"""Open the folder of an LMDB safely: checked before it is mapped, by one process at a time, moved aside if broken.

Two side files carry ``flock`` locks, which end with the process however it ends:

- ``gate.lock``: held exclusively while a process opens the folder, so that openers queue.
- ``in-use.lock``: held shared for as long as a process has the folder open for writing.

Behind the gate, a process that gets ``in-use.lock`` exclusively knows that nobody has the file open: no writer changes
pages while it checks them. It also removes LMDB's own lock file, which LMDB maps unchecked. A process that does not get
it finds the folder open elsewhere: checked then, and kept right by LMDB since. The gate is released only
after ``in-use.lock`` is held shared, so nobody can look in between.

A folder that can't be written is read without LMDB's locks. Such a reader would not be seen by a writer, so it holds
the gate shared for as long as it reads: writers stay out, and it stays out while a writer is there.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
import shutil
import stat
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import lmdb

from endcap.plugin.states.lmdb_check import BrokenFile, check_file

GATE_WAIT_S = 30.0
MAX_READERS = 1024
SPARE_TRANSACTIONS = 16
SMALLEST_MAP_BYTES = 1 << 30

LOG = logging.getLogger(__name__)


class OpenError(Exception):
    """The folder can't be used; the message says why."""


@dataclass(frozen=True, slots=True)
class OpenFolder:
    """An open environment and the lock that goes with it. Nothing may use ``env`` after ``close`` or ``pause``."""

    env: lmdb.Environment
    folder: Path
    lock: int
    writable: bool
    map_bytes: int

    def close(self) -> None:
        """Close the environment, then let others have the folder."""
        self.env.close()
        _unlock(self.lock)

    def pause(self) -> None:
        """Close the environment, but keep the lock, so that ``resume`` need not check the file again."""
        self.env.close()

    def resume(self) -> OpenFolder:
        """The folder with a new environment, after ``pause``. Raises ``OpenError``."""
        try:
            env = _open_environment(self.folder, self.map_bytes) if self.writable else _open_read_only(self.folder)
        except lmdb.Error as error:
            _unlock(self.lock)
            raise OpenError(str(error)) from error
        return replace(self, env=env)

    def forget(self) -> None:
        """In a forked child, after ``pause`` in its parent: let go of the lock's copy, which leaves the parent's."""
        os.close(self.lock)


def open_folder(folder: Path, key_bytes: int, map_bytes: int) -> OpenFolder:
    """Open the LMDB in ``folder``, made if it is not there; keys have ``key_bytes`` bytes.

    ``map_bytes`` is the size of the map to begin with, less where the address space is limited. Raises ``OpenError``.
    """
    try:
        with contextlib.suppress(OSError):
            folder.mkdir(parents=True, exist_ok=True)
        if not folder.is_dir():
            raise OpenError("it can't be made")
        if os.access(folder, os.W_OK | os.X_OK):
            return _open_for_writing(folder, key_bytes, map_bytes)
        return _open_for_reading(folder, key_bytes)
    except (OSError, lmdb.Error) as error:
        raise OpenError(str(error)) from error


def _open_for_writing(folder: Path, key_bytes: int, map_bytes: int) -> OpenFolder:
    gate = _lock_gate(folder, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX)
    try:
        lock = os.open(folder / "in-use.lock", os.O_RDWR | os.O_CREAT, 0o666)
        try:
            if _try_lock(lock, fcntl.LOCK_EX):
                env = _open_first(folder, key_bytes, map_bytes)
            else:
                env = _open_environment(folder, map_bytes)
            fcntl.flock(lock, fcntl.LOCK_SH)
        except BaseException:
            _unlock(lock)
            raise
    finally:
        _unlock(gate)
    env.reader_check()
    return OpenFolder(env, folder, lock, True, map_bytes)


def _open_first(folder: Path, key_bytes: int, map_bytes: int) -> lmdb.Environment:
    """The environment, for a process that knows that no other has it open."""
    data = folder / "data.mdb"
    try:
        _check_data(data, key_bytes)
    except BrokenFile as error:
        _move_aside(data, str(error))
    (folder / "lock.mdb").unlink(missing_ok=True)
    try:
        return _open_environment(folder, map_bytes)
    except lmdb.Error as error:
        _move_aside(data, str(error))
        return _open_environment(folder, map_bytes)


def _open_for_reading(folder: Path, key_bytes: int) -> OpenFolder:
    data = folder / "data.mdb"
    if not data.exists():
        raise OpenError("it can't be written")
    gate = _lock_gate(folder, os.O_RDONLY, fcntl.LOCK_SH)
    try:
        lock = os.open(folder / "in-use.lock", os.O_RDONLY)
        try:
            # Two readers that open at once may meet here, so this is tried for a moment.
            if not _retry(lambda: _try_lock(lock, fcntl.LOCK_EX), 0.5):
                raise OpenError("it can't be written, and another process is writing it")
        finally:
            _unlock(lock)
        try:
            _check_data(data, key_bytes)
        except BrokenFile as error:
            raise OpenError(f"it can't be written, and {data.name} is broken: {error}") from error
        env = _open_read_only(folder)
    except BaseException:
        _unlock(gate)
        raise
    return OpenFolder(env, folder, gate, False, 0)


def _open_environment(folder: Path, map_bytes: int) -> lmdb.Environment:
    while True:
        try:
            return lmdb.open(
                str(folder),
                map_size=map_bytes,
                metasync=False,  # a power cut may take the last commit, never what was before it
                max_readers=MAX_READERS,
                max_spare_txns=SPARE_TRANSACTIONS,
            )
        except lmdb.MemoryError:
            if map_bytes <= SMALLEST_MAP_BYTES:
                raise
            map_bytes //= 2


def _open_read_only(folder: Path) -> lmdb.Environment:
    return lmdb.open(str(folder), readonly=True, lock=False, max_spare_txns=SPARE_TRANSACTIONS)


def _check_data(data: Path, key_bytes: int) -> None:
    if not os.path.lexists(data):
        return
    if not stat.S_ISREG(data.stat().st_mode):
        raise BrokenFile("it is not a file")
    check_file(data, key_bytes)


def _move_aside(data: Path, reason: str) -> None:
    for earlier in data.parent.glob("data.mdb.broken-*"):
        with contextlib.suppress(OSError):
            shutil.rmtree(earlier) if earlier.is_dir() else earlier.unlink()
    aside = data.with_name(f"data.mdb.broken-{time.strftime('%Y%m%dT%H%M%S')}")
    data.rename(aside)
    LOG.warning(
        "%s was broken (%s). It was moved to %s; states are made again as products are read.", data, reason, aside.name
    )


def _lock_gate(folder: Path, flags: int, kind: int) -> int:
    gate = os.open(folder / "gate.lock", flags, 0o666)
    if not _retry(lambda: _try_lock(gate, kind), GATE_WAIT_S):
        os.close(gate)
        raise OpenError(f"another process has held {folder / 'gate.lock'} for {GATE_WAIT_S:.0f} s")
    return gate


def _retry(attempt: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not attempt():
        if time.monotonic() > end:
            return False
        time.sleep(0.01)
    return True


def _try_lock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _unlock(descriptor: int) -> None:
    # Unlocked outright: a forked child may hold a copy of the descriptor, and with it the lock.
    with contextlib.suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
    os.close(descriptor)
