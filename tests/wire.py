"""A wire between a proxy and a cluster: it notes what is sent, and can be slow, silent, cut, or wrong."""

from __future__ import annotations

import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator
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
    cut_once: bool = False
    """Whether that happens to one reply alone."""
    reset: bool = False
    """Whether connections end at the first reply, by a reset."""
    drip_s: float = 0.0
    """How long each hundred bytes of a reply take."""
    changed: Callable[[bytes], bytes] = bytes
    """What becomes of a piece of a reply."""
    instead: Callable[[bytes], bytes | None] = lambda request: None
    """What is replied to a piece of a request, which then does not reach the cluster; None: it does."""
    end_after_instead: bool = False
    """Whether the connection ends after such a reply."""
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
            try:
                far = socket.create_connection(state.target)
            except OSError:  # the cluster is not there
                near.close()
                continue
            number = len(state.sent)
            state.sent.append(b"")
            threading.Thread(target=_forth, args=(near, far, state, number), daemon=True).start()
            threading.Thread(target=_back, args=(near, far, state), daemon=True).start()


def _forth(near: socket.socket, far: socket.socket, state: Wire, number: int) -> None:
    with suppress(OSError):
        while chunk := near.recv(65536):
            state.sent[number] += chunk
            if (reply := state.instead(chunk)) is not None:
                near.sendall(reply)
                if state.end_after_instead:
                    near.shutdown(socket.SHUT_RDWR)
            elif not state.silent:
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
                near.sendall(chunk[: max(0, state.cut_after - passed)])
                state.cut_after = None if state.cut_once else state.cut_after
                break
            if state.reset:
                near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                near.shutdown(socket.SHUT_RD)  # wakes the other thread; until it lets go there is no reset
                near.close()
                break
            passed += len(chunk)
            chunk = state.changed(chunk)
            step = 100 if state.drip_s else len(chunk)
            for start in range(0, len(chunk), step):
                near.sendall(chunk[start : start + step])
                time.sleep(state.drip_s)
    with suppress(OSError):
        near.shutdown(socket.SHUT_RDWR)
