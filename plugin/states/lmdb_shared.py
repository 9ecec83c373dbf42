"""One LMDB environment for all threads of a process: opened when first used, grown when full, closed across a fork."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import lmdb

from endcap.plugin.states.lmdb_folder import CannotOpen, OpenFolder, open_folder

GROWTHS = 16


class SharedEnvironment:
    """The environment of a folder. There must be one at most for each folder in a process.

    Whoever has it calls ``before_fork``, ``after_fork_in_parent`` and ``after_fork_in_child`` at every fork.
    """

    def __init__(self, folder: Path, key_bytes: int, map_bytes: int) -> None:
        self.folder, self._key_bytes, self._map_bytes = folder, key_bytes, map_bytes
        self.why_not_open = ""
        """Why the folder can't be used; empty where it can, or has not been tried."""
        self._opened: OpenFolder | None = None
        self._paused: OpenFolder | None = None
        self._start()

    def _start(self) -> None:
        self._given_up = False
        self._at_limit = False
        self._opening: threading.Lock = threading.Lock()
        self._gate = threading.Condition()
        self._active = 0
        self._resizing = False

    def opened(self) -> OpenFolder | None:
        """The folder, opened now if it is not; None where it can't be used, and after ``close``."""
        if self._opened is None and not self._given_up:
            with self._opening:
                if self._opened is None and not self._given_up:
                    paused, self._paused = self._paused, None
                    try:
                        self._opened = (
                            open_folder(self.folder, self._key_bytes, self._map_bytes)
                            if paused is None
                            else paused.resume()
                        )
                    except CannotOpen as error:
                        self._given_up = True
                        self.why_not_open = str(error)
        return self._opened

    def run(self, work: Callable[[lmdb.Transaction], None], *, write: bool) -> bool:
        """Do ``work`` in one transaction, kept whole or not at all; False where there is nothing to work on.

        Raises ``lmdb.Error``: the disk is full, the map can't grow, the file is not as it should be.
        """
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

    def close(self) -> None:
        """Close for good, once no thread is inside."""
        with self._opening, self._alone():
            self._given_up = True
            for folder in (self._opened, self._paused):
                if folder is not None:
                    folder.close()
            self._opened = self._paused = None

    def before_fork(self) -> None:
        """Close the environment, since none may be open across a fork: LMDB would give the child the parent's locks."""
        self._opening.acquire()
        self._enter_alone()
        if self._opened is not None:
            self._opened.pause()
            self._paused, self._opened = self._opened, None

    def after_fork_in_parent(self) -> None:
        """Let the threads go on; the first to need the environment opens it again."""
        self._leave_alone()
        self._opening.release()

    def after_fork_in_child(self) -> None:
        """Begin anew, with new locks: those of the parent are held by threads that are not there any more."""
        paused, self._paused = self._paused, None
        given_up = self._given_up
        self._start()
        if paused is not None:
            paused.forget()
        else:
            self._given_up = given_up

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
        while True:
            self.opened()
            with self._gate:
                while self._resizing:
                    self._gate.wait()
                opened = self._opened
                if opened is not None or self._given_up:  # else it was closed for a fork in the meantime
                    self._active += 1
                    break
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


def _begin(env: lmdb.Environment, write: bool) -> lmdb.Transaction:
    try:
        return env.begin(write=write)
    except lmdb.ReadersFullError:
        env.reader_check()  # frees the places of processes that were killed
        return env.begin(write=write)
