"""A process that answers, as the one that watches it sees it."""

from __future__ import annotations

import logging
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import orjson

import endcap
from endcap.serve.health import STUCK_S
from endcap.serve.workers.channel import Channel
from endcap.serve.workers.child import Told

MODULE = "endcap.serve.workers.child"
ANSWER_S = 1.0
"""So long a report may take; one that is late is taken at the next look."""
START_S = 300.0
"""So long a process may be silent at its start, while it imports and loads."""
_LOGGERS = ("", "opensearch", "endcap.serve.requests")


class Process:
    """One process, begun at once. Any thread may ask it for its report."""

    def __init__(self, told: Told, bound: socket.socket) -> None:
        ours, theirs = socket.socketpair()
        with theirs:
            fds = (theirs.fileno(), bound.fileno())
            program = [sys.executable, "-P", "-m", MODULE, *map(str, fds)]
            try:
                # A session of its own: Ctrl-C is for the process that watches, which tells the others.
                self._child = subprocess.Popen(program, pass_fds=fds, start_new_session=True, env=_environment())
            except OSError:
                ours.close()
                raise
        self._channel, self._lock = Channel(ours), threading.Lock()
        self._is_asked, self._looks_in_vain = False, 0
        self._heard_s = time.monotonic()
        self.report: Mapping[str, Any] = {}
        """What it has said last."""
        self.error = ""
        """Why it could not start, in its own words."""
        with suppress(OSError):
            self._channel.send(pickle.dumps(told))

    @property
    def pid(self) -> int:
        """Its number."""
        return self._child.pid

    @property
    def is_started(self) -> bool:
        """Whether it has answered requests."""
        return bool(self.report.get("started"))

    def look(self, every_s: float = 0.0) -> None:
        """Ask for a report, and take what comes in time; not where one has come within ``every_s``."""
        with self._lock:
            if time.monotonic() - self._heard_s < every_s and self.report:
                return
            with suppress(EOFError, OSError):
                if not self._is_asked:
                    self._channel.send(b"")
                    self._is_asked = True
                self._take(self._channel.receive(ANSWER_S))

    def _take(self, message: bytes | None) -> None:
        if message is None:
            self._looks_in_vain += 1
            return
        found = orjson.loads(message)
        if "error" in found:
            self.error = found["error"]
            return
        self.report, self._is_asked = found, False
        is_silent = found["silent_s"] > STUCK_S
        self._looks_in_vain = self._looks_in_vain + 1 if is_silent else 0
        self._heard_s = self._heard_s if is_silent else time.monotonic()

    def is_stuck(self) -> bool:
        """Whether it, or its event loop, has said nothing for too long, and not just because all stood still."""
        limit_s = STUCK_S if self.is_started else START_S
        return self._looks_in_vain > 2 and time.monotonic() - self._heard_s > limit_s

    def ended(self) -> int | None:
        """Its exit status, where it has ended; what it had still said has been read then."""
        status = self._child.poll()
        with self._lock, suppress(EOFError, OSError):
            while status is not None:
                self._take(self._channel.receive())
        return status

    def signal(self, number: signal.Signals) -> None:
        """Send it a signal."""
        self._child.send_signal(number)

    def close(self, timeout_s: float = 0.0) -> None:
        """Wait for its end, and end it where that does not come."""
        try:
            self._child.wait(timeout_s)
        except subprocess.TimeoutExpired:
            self._child.kill()
            self._child.wait()
        self._channel.close()


def _environment() -> dict[str, str]:
    """That of this process, in which another one finds the same package, and no module of the current folder."""
    folder = Path(endcap.__file__).resolve().parent.parent
    if folder.name in ("site-packages", "dist-packages"):
        return dict(os.environ)
    paths = [str(folder), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


def log_levels() -> dict[str, int]:
    """How much is logged here, for another process."""
    return {name: logging.getLogger(name or None).level for name in _LOGGERS}
