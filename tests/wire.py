"""A wire between a proxy and a cluster: it notes what is sent, and can be slow, silent, or cut."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import urlsplit


@dataclass
class Wire:
    """The wire's state; ``url`` is where it begins."""

    target: tuple[str, int]
    url: str = ""
    sent: list[bytes] = field(default_factory=list)
    """What each connection has sent to the cluster."""
    delay_s: float = 0.0
    """How long replies are held back."""
    silent: bool = False
    """Whether nothing is passed on to the cluster."""
    cut_after: int | None = None
    """So many bytes of replies are passed on, and then the connection ends."""
    closed: threading.Event = field(default_factory=threading.Event)
    """Set when the proxy ends a connection."""

    def requests(self) -> bytes:
        """All that was sent."""
        return b"".join(self.sent)


@contextmanager
def wire(cluster: str) -> Iterator[Wire]:
    """A wire to a cluster."""
    parts = urlsplit(cluster)
    state = Wire((parts.hostname or "", parts.port or 80))
    server = socket.create_server(("127.0.0.1", 0))
    state.url = f"http://127.0.0.1:{server.getsockname()[1]}"
    threading.Thread(target=_accept, args=(server, state), daemon=True).start()
    try:
        yield state
    finally:
        server.close()


def _accept(server: socket.socket, state: Wire) -> None:
    with suppress(OSError):
        while True:
            near, _ = server.accept()
            far = socket.create_connection(state.target)
            number = len(state.sent)
            state.sent.append(b"")
            threading.Thread(target=_forth, args=(near, far, state, number), daemon=True).start()
            threading.Thread(target=_back, args=(near, far, state), daemon=True).start()


def _forth(near: socket.socket, far: socket.socket, state: Wire, number: int) -> None:
    with suppress(OSError):
        while chunk := near.recv(65536):
            state.sent[number] += chunk
            if not state.silent:
                far.sendall(chunk)
    state.closed.set()
    with suppress(OSError):
        far.shutdown(socket.SHUT_RDWR)


def _back(near: socket.socket, far: socket.socket, state: Wire) -> None:
    passed = 0
    with suppress(OSError):
        while chunk := far.recv(65536):
            time.sleep(state.delay_s)
            if state.cut_after is not None and passed + len(chunk) > state.cut_after:
                near.sendall(chunk[: state.cut_after - passed])
                break
            passed += len(chunk)
            near.sendall(chunk)
    with suppress(OSError):
        near.shutdown(socket.SHUT_RDWR)
