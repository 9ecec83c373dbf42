"""Clients that search one after the other, by as little work of their own as may be; and who was busy meanwhile.

They share the cores with what they measure: one thread, plain sockets, no parsing but of a reply's length.
"""

from __future__ import annotations

import os
import selectors
import socket
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

_TICKS = os.sysconf("SC_CLK_TCK")
_STATUS = b"\r\nx-endcap-status: "


@dataclass(frozen=True, slots=True)
class Rate:
    """Searches a second; milliseconds of processor time a search, by who needed them; and what became of them."""

    a_second: float
    cpu_ms: dict[str, float]
    words: Counter[str]


class Client:
    """One kept connection that has a search under way."""

    def __init__(self, address: tuple[str, int], requests: Sequence[bytes], first: int, step: int) -> None:
        self.socket = socket.create_connection(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._requests, self._next, self._step = requests, first, step
        self._read, self._whole = bytearray(), 0
        self.ask()

    def ask(self) -> None:
        """Send the next search."""
        self.socket.sendall(self._requests[self._next % len(self._requests)])
        self._next += self._step

    def heard(self) -> str | None:
        """What became of the search, once its answer is whole."""
        more = self.socket.recv(2**18)
        if not more:
            raise ConnectionError("an answer has broken off")
        self._read += more
        if not self._whole and (head := self._read.find(b"\r\n\r\n")) > 0:
            lower = bytes(self._read[:head]).lower() + b"\r\n"
            assert b" 200 " in lower[:16], lower
            start = lower.index(b"content-length: ") + 16
            self._whole = head + 4 + int(lower[start : lower.index(b"\r", start)])
            at = lower.find(_STATUS)
            self.words = lower[at + len(_STATUS) :].partition(b"\r")[0].decode() if at > 0 else ""
        if not self._whole or len(self._read) < self._whole:
            return None
        self._read.clear()
        self._whole = 0
        return self.words


def rate(url: str, index: str, bodies: Sequence[bytes], clients: int, seconds: float, watched: dict[str, int]) -> Rate:
    """The rate of so many clients; ``watched`` are the numbers of the processes that answer."""
    parts = urlsplit(url)
    head = (
        f"POST /{index}/_search HTTP/1.1\r\nHost: {parts.netloc}\r\nContent-Type: application/json\r\nContent-Length: "
    )
    requests = [head.encode() + b"%d\r\n\r\n" % len(body) + body for body in bodies]
    words, poll = Counter[str](), selectors.DefaultSelector()
    before, own = {name: cpu_s(pid) for name, pid in watched.items()}, time.process_time()
    began = time.perf_counter()
    for number in range(clients):
        client = Client((parts.hostname or "", parts.port or 80), requests, number, clients)
        poll.register(client.socket, selectors.EVENT_READ, client)
    while time.perf_counter() < began + seconds:
        for key, _ in poll.select(1):
            if (found := key.data.heard()) is not None:
                words[found] += 1
                key.data.ask()
    took = time.perf_counter() - began
    spent = {name: cpu_s(pid) - before[name] for name, pid in watched.items()} | {"client": time.process_time() - own}
    for key in list(poll.get_map().values()):
        key.data.socket.close()
    count = max(1, words.total())
    return Rate(words.total() / took, {name: took * 1e3 / count for name, took in spent.items()}, words)


def cpu_s(pid: int) -> float:
    """The processor time of a process and of those that it has begun."""
    return sum(_own_cpu_s(each) for each in (pid, *_children(pid)))


def _own_cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS


def _children(pid: int) -> Iterable[int]:
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return [int(child) for task in tasks for child in (task / "children").read_text().split()]


def listener(url: str) -> int:
    """The process of this machine that listens at an address."""
    port = urlsplit(url).port or 80
    wanted = set()
    for table in ("tcp", "tcp6"):
        for line in Path(f"/proc/net/{table}").read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == "0A" and int(fields[1].rpartition(":")[2], 16) == port:
                wanted.add(f"socket:[{fields[9]}]")
    found = [int(folder.parent.name) for folder in Path("/proc").glob("[0-9]*/fd") if wanted & _links(folder)]
    if not found:
        raise SystemExit(f"No process of this machine listens at port {port}.")
    return min(found)  # one that has begun others has the lowest number


def _links(folder: Path) -> set[str]:
    try:
        return {os.readlink(file) for file in folder.iterdir()}  # noqa: PTH115
    except OSError:
        return set()
