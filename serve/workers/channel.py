"""Whole messages between the process that watches and one that answers."""

from __future__ import annotations

import socket
import struct
import threading
import time

_LENGTH = struct.Struct(">I")


class Channel:
    """One end of a pair of sockets. One thread receives; any may send."""

    def __init__(self, end: socket.socket) -> None:
        self.end = end
        self._read, self._sending = bytearray(), threading.Lock()

    def send(self, message: bytes) -> None:
        """Send a message. Raises ``OSError``."""
        with self._sending:
            self.end.sendall(_LENGTH.pack(len(message)) + message)

    def receive(self, timeout_s: float | None = None) -> bytes | None:
        """The next message, None where it has not come in time; its rest may come later. Raises ``EOFError``."""
        until = None if timeout_s is None else time.monotonic() + timeout_s
        while True:
            if len(self._read) >= _LENGTH.size:
                end = _LENGTH.size + _LENGTH.unpack_from(self._read)[0]
                if len(self._read) >= end:
                    message = bytes(self._read[_LENGTH.size : end])
                    del self._read[:end]
                    return message
            self.end.settimeout(None if until is None else max(0.001, until - time.monotonic()))
            try:
                more = self.end.recv(2**16)
            except TimeoutError:
                return None
            except OSError:
                more = b""
            if not more:
                raise EOFError
            self._read += more

    def close(self) -> None:
        """End it."""
        self.end.close()
