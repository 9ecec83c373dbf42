"""Proxies as processes of their own, and clients that search without a pause."""

from __future__ import annotations

import http.client
import json
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import urllib3
from child_process import environment
from opensearch_server import free_ports
from rerank_parts import BODY
from serve_parts import until

POOL = urllib3.PoolManager(retries=False, timeout=20)
RAW = json.dumps(BODY).encode()


@dataclass
class Replica:
    """A proxy as a process of its own, at the same ports each time it starts."""

    cluster: str
    ports: list[int] = field(default_factory=lambda: free_ports(2))
    flags: tuple[str, ...] = ()
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin, and wait until it is ready."""
        program = [sys.executable, "-m", "endcap.cli.main", "serve", "--opensearch-url", self.cluster]
        program += ["--port", str(self.ports[0]), "--health-port", str(self.ports[1]), "--deadline-ms", "30000"]
        program += ["--drain-delay-s", "1.5", "--drain-s", "10", *self.flags]
        self.child = subprocess.Popen(program, env=environment(), stdout=subprocess.DEVNULL)
        until(self.is_ready)

    def is_ready(self) -> bool:
        """What a balancer asks."""
        try:
            return POOL.request("GET", f"http://127.0.0.1:{self.ports[1]}/ready").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def asked(self, path: str) -> str:
        """What health says."""
        return POOL.request("GET", f"http://127.0.0.1:{self.ports[1]}{path}").data.decode()

    def end(self) -> float:
        """SIGTERM; how many seconds it took to end."""
        assert self.child is not None
        began = time.monotonic()
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(20) == 0
        return time.monotonic() - began


@contextmanager
def replicas(cluster: str, count: int, *flags: str) -> Iterator[list[Replica]]:
    found = [Replica(cluster, flags=flags) for _ in range(count)]
    with ExitStack() as stack:
        for replica in found:
            replica.start()
            stack.callback(lambda replica=replica: replica.child.kill())
        yield found


@contextmanager
def load(ready: Callable[[], list[int]], index: str, clients: int = 4) -> Iterator[Counter[str]]:
    """Clients that search without a pause on kept connections, at a port that is ready, as behind a balancer."""
    ended, seen = threading.Event(), Counter[str]()

    def go_on(number: int) -> None:
        connection: http.client.HTTPConnection | None = None
        port = 0
        while not ended.is_set():
            ports = ready()
            if connection is None or port not in ports:
                if not ports:
                    return
                port = ports[number % len(ports)]
                connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            try:
                connection.request("POST", f"/{index}/_search", RAW, {"Content-Type": "application/json"})
                reply = connection.getresponse()
                hits = json.loads(reply.read())["hits"]["hits"]
                seen[f"{reply.status} {len(hits)} {reply.headers['x-endcap-status']}"] += 1
                connection = None if reply.headers.get("Connection") == "close" else connection
            except Exception as error:
                seen[repr(error)] += 1
                connection = None

    threads = [threading.Thread(target=go_on, args=(number,)) for number in range(clients)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        ended.set()
        for thread in threads:
            thread.join()
