"""A student that follows the registry: what is promoted is picked up by a running service, checked, and then used."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from endcap.errors import EndcapError, ModelError
from endcap.plugin.model.folder import ModelInfo, identity, read_model
from endcap.plugin.model.registry import current_folder
from endcap.plugin.model.registry_files import POINTER, name_folder
from endcap.plugin.model.smoke_test import check_student
from endcap.plugin.model.student import Student

LOG = logging.getLogger("endcap.live")

CHECK_EVERY_S = 2.0


class LiveStudent:
    """The student that is promoted under a registry name, now. Safe to share between threads.

    The pointer is looked at when the student is used, at most every ``check_every_s`` seconds. Where it has changed,
    the new model is loaded and checked in the background, beside the one in use, which goes on until then. A model
    that is broken is refused: the one in use stays, ``problem`` and a log line say why, and the next change of the
    pointer is tried again. A ``Reranker`` takes ``pinned()`` once a search: each has one model from beginning to end.

    Until a model is promoted, ``until`` is in use, if that is given. Raises ``InputError`` where nothing is promoted
    and ``ModelError`` where the promoted model is broken: a service should not start with it.
    """

    def __init__(
        self,
        name: str,
        *,
        until: Student | None = None,
        threads: int | None = None,
        check_every_s: float = CHECK_EVERY_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name, self._threads, self._every_s, self._clock = name, threads, check_every_s, clock
        self._path = name_folder(name) / POINTER
        self.problem: str | None = None
        """Why the promoted model is not in use; None where it is."""
        self.reloads, self.refused = 0, 0
        """How often a new model was taken, and how often one was refused."""
        self._lock, self._process = threading.Lock(), os.getpid()
        self._loading: threading.Thread | None = None
        self._last_stamp, self._last_look_s = self._stamp(), clock()
        if self._last_stamp is None and until is not None:
            self._student = until
        else:
            self._student = self._loaded(current_folder(name))

    def pinned(self) -> Student:
        """The student in use. It never changes: hold on to it for as long as scores must come from one model."""
        if self._clock() - self._last_look_s >= self._every_s:
            self._look()
        return self._student

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Look at the pointer now, and wait until what it names is in use or refused; False where that takes longer."""
        ends = time.monotonic() + timeout_s
        while True:
            self._look()
            thread = self._loading
            if thread is not None and thread.is_alive():
                thread.join(max(0.0, ends - time.monotonic()))
                if thread.is_alive():
                    return False
            elif self._stamp() in (self._last_stamp, None):
                return True
            elif time.monotonic() > ends:
                return False

    def status(self) -> dict[str, Any]:
        """What is in use and what was refused, JSON-ready: for a health check."""
        info = self._student.info
        return {
            "name": self.name,
            "version": info.folder.name if info.folder.parent == self._path.parent else None,
            "model": info.name,
            "checksum": info.checksum,
            "reloads": self.reloads,
            "refused": self.refused,
            "problem": self.problem,
        }

    def _stamp(self) -> tuple[int, int, int] | None:
        try:
            pointer = self._path.stat()
        except OSError:
            return None
        return pointer.st_ino, pointer.st_mtime_ns, pointer.st_size

    def _look(self) -> None:
        if self._process != os.getpid():  # after a fork a lock may be held by a thread that is not there
            self._lock, self._process = threading.Lock(), os.getpid()
        if not self._lock.acquire(blocking=False):
            return
        try:
            self._last_look_s = self._clock()
            stamp = self._stamp()
            busy = self._loading is not None and self._loading.is_alive()
            if stamp is not None and stamp != self._last_stamp and not busy:
                self._last_stamp = stamp
                self._loading = threading.Thread(target=self._change, name="endcap-live", daemon=True)
                self._loading.start()
        except RuntimeError as error:  # no more threads: the next look tries again
            self._last_stamp = None
            LOG.warning("%s: a new model can't be loaded now: %s", self.name, error)
        finally:
            self._lock.release()

    def _change(self) -> None:
        try:
            folder = current_folder(self.name)
            student = None if self._is_in_use(folder) else self._loaded(folder)
            self.problem = None
            if student is not None:
                self.reloads += 1
                self._student = student  # last: who sees the new model sees the rest, too
                LOG.info("%s: %s is in use", self.name, folder.name)
        except Exception as error:  # whatever is wrong with it, the one in use serves on
            self.refused += 1
            self.problem = str(error) if isinstance(error, EndcapError) else repr(error)
            LOG.warning("%s: the promoted model is refused, the one in use stays: %s", self.name, self.problem)

    def _loaded(self, folder: Path) -> Student:
        student = Student(read_model(folder), threads=self._threads)
        try:
            check_student(student)
        except ModelError:
            raise
        except Exception as error:
            raise ModelError(f"{folder} can't score: {error!r}") from error
        return student

    def _is_in_use(self, folder: Path) -> bool:
        info = self._student.info
        return info.folder == folder or identity(read_model(folder).raw) == identity(info.raw)

    @property
    def info(self) -> ModelInfo:
        """Of the student in use."""
        return self.pinned().info
