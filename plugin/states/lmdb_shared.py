"""One LMDB environment for all threads of a process: opened when first used, grown when full, closed across a fork."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import lmdb

from endcap.plugin.states.lmdb_folder import OpenError, OpenFolder, open_folder

GROWTHS = 16


class SharedEnvironment:
    """The environment of a folder. There must be one at most for each folder in a process.

    Whoever has it calls ``before_fork``, ``after_fork_in_parent`` and ``after_fork_in_child`` at every fork.
    """

    def __init__(self, folder: Path, key_bytes: int, map_bytes: int) -> None:
        self.folder, self._key_bytes, self._map_bytes = folder, key_bytes, map_bytes
        self.problem = ""
        """Why the folder can't be used; empty where it can, or has not been tried."""
        self._current: OpenFolder | None = None
        self._paused: OpenFolder | None = None
        self._reset()

    def _reset(self) -> None:
        self._is_unusable = False
        self._at_limit = False
        self._opening: threading.Lock = threading.Lock()
        self._changes = threading.Condition()
        self._users = 0
        self._is_exclusive = False

    def open(self) -> OpenFolder | None:
        """The folder, opened now if it is not; None where it can't be used, and after ``close``."""
        if self._current is None and not self._is_unusable:
            with self._opening:
                if self._current is None and not self._is_unusable:
                    paused, self._paused = self._paused, None
                    try:
                        self._current = (
                            open_folder(self.folder, self._key_bytes, self._map_bytes)
                            if paused is None
                            else paused.resume()
                        )
                    except OpenError as error:
                        self._is_unusable = True
                        self.problem = str(error)
        return self._current

    def run(self, work: Callable[[lmdb.Transaction], None], *, write: bool) -> bool:
        """Do ``work`` in one transaction, kept whole or not at all; False where there is nothing to work on.

        Raises ``lmdb.Error``: the disk is full, the map can't grow, the file is not as it should be.
        """
        for _ in range(GROWTHS):
            with self._shared() as folder:
                if folder is None or (write and not folder.writable):
                    return False
                size = folder.env.info()["map_size"] if write else 0
                try:
                    with _begin(folder.env, write) as transaction:
                        work(transaction)
                    return True
                except (lmdb.MapFullError, lmdb.MapResizedError):
                    if self._at_limit:
                        raise
            self._grow(folder, size)
        raise lmdb.MapFullError(f"still full after growing {GROWTHS} times")

    def close(self) -> None:
        """Close for good, once no thread is inside."""
        with self._opening, self._exclusive():
            self._is_unusable = True
            for folder in (self._current, self._paused):
                if folder is not None:
                    folder.close()
            self._current = self._paused = None

    def before_fork(self) -> None:
        """Close the environment, since none may be open across a fork: LMDB would give the child the parent's locks."""
        self._opening.acquire()
        self._acquire_exclusive()
        if self._current is not None:
            self._current.pause()
            self._paused, self._current = self._current, None

    def after_fork_in_parent(self) -> None:
        """Let the threads go on; the first to need the environment opens it again."""
        self._release_exclusive()
        self._opening.release()

    def after_fork_in_child(self) -> None:
        """Begin anew, with new locks: those of the parent are held by threads that are not there any more."""
        paused, self._paused = self._paused, None
        is_unusable = self._is_unusable
        self._reset()
        if paused is not None:
            paused.forget()
        else:
            self._is_unusable = is_unusable

    def _grow(self, folder: OpenFolder, size: int) -> None:
        """Take over the size to which another process has grown the map; double it if that is no more than ``size``."""
        with self._exclusive():
            if self._current is not folder:
                return
            try:
                folder.env.set_mapsize(0)
                if folder.env.info()["map_size"] <= size:
                    folder.env.set_mapsize(2 * size)
            except lmdb.Error:
                # LMDB has let go of the old map by now, so the environment can't be used any more.
                self._at_limit = True
                folder.close()
                self._current = None
                raise

    @contextmanager
    def _shared(self) -> Iterator[OpenFolder | None]:
        """The environment, kept open and of its size for as long as the block runs."""
        while True:
            self.open()
            with self._changes:
                while self._is_exclusive:
                    self._changes.wait()
                folder = self._current
                if folder is not None or self._is_unusable:  # else it was closed for a fork in the meantime
                    self._users += 1
                    break
        try:
            yield folder
        finally:
            with self._changes:
                self._users -= 1
                self._changes.notify_all()

    @contextmanager
    def _exclusive(self) -> Iterator[None]:
        """No thread of this process is inside while the block runs, as LMDB wants it for a new size and for closing."""
        self._acquire_exclusive()
        try:
            yield
        finally:
            self._release_exclusive()

    def _acquire_exclusive(self) -> None:
        with self._changes:
            while self._is_exclusive:
                self._changes.wait()
            self._is_exclusive = True
            while self._users:
                self._changes.wait()

    def _release_exclusive(self) -> None:
        with self._changes:
            self._is_exclusive = False
            self._changes.notify_all()


def _begin(env: lmdb.Environment, write: bool) -> lmdb.Transaction:
    try:
        return env.begin(write=write)
    except lmdb.ReadersFullError:
        env.reader_check()  # frees the places of processes that were killed
        return env.begin(write=write)
