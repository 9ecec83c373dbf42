"""A proxy's end under load: it loses no request, it ends in time, and of two the one that restarts is not missed."""

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
from opensearchpy import OpenSearch
from rerank_parts import BODY
from serve_parts import until

POOL = urllib3.PoolManager(retries=False, timeout=20)
RAW = json.dumps(BODY).encode()


@dataclass
class Replica:
    """A proxy as a process of its own, at the same ports each time it starts."""

    cluster: str
    ports: list[int] = field(default_factory=lambda: free_ports(2))
    child: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Begin, and wait until it is ready."""
        program = [sys.executable, "-m", "endcap.cli.main", "serve", "--opensearch-url", self.cluster]
        program += ["--port", str(self.ports[0]), "--health-port", str(self.ports[1]), "--deadline-ms", "30000"]
        program += ["--drain-delay-s", "1.5", "--drain-s", "10"]
        self.child = subprocess.Popen(program, env=environment(), stdout=subprocess.DEVNULL)
        until(self.is_ready)

    def is_ready(self) -> bool:
        """What a balancer asks."""
        try:
            return POOL.request("GET", f"http://127.0.0.1:{self.ports[1]}/ready").status == 200
        except urllib3.exceptions.HTTPError:
            return False

    def end(self) -> float:
        """SIGTERM; how many seconds it took to end."""
        assert self.child is not None
        began = time.monotonic()
        self.child.send_signal(signal.SIGTERM)
        assert self.child.wait(20) == 0
        return time.monotonic() - began


@contextmanager
def replicas(cluster: str, count: int) -> Iterator[list[Replica]]:
    found = [Replica(cluster) for _ in range(count)]
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


def test_sigterm_in_full_flow(shop: tuple[OpenSearch, str], opensearch: str) -> None:
    """Clients that look at nothing but /ready lose no request, and the process ends in a bounded time."""
    with replicas(opensearch, 1) as (replica,):
        ports = [replica.ports[0]]
        with load(lambda: list(ports), shop[1]) as seen:
            until(lambda: seen.total() > 20)
            watch = threading.Thread(target=lambda: (until(lambda: not replica.is_ready()), ports.clear()))
            watch.start()
            assert replica.end() < 10
            watch.join()
        assert set(seen) == {"200 5 reranked"}


def test_a_rolling_restart_of_two(shop: tuple[OpenSearch, str], opensearch: str) -> None:
    """One after the other ends and starts again, under load, without one search that fails or is not re-ranked."""
    with replicas(opensearch, 2) as pair:
        known = {replica.ports[0] for replica in pair}

        def ready() -> list[int]:
            return sorted(known)

        ended = threading.Event()

        def watch() -> None:
            while not ended.wait(0.1):
                for replica in pair:
                    (known.add if replica.is_ready() else known.discard)(replica.ports[0])

        watching = threading.Thread(target=watch)
        watching.start()
        try:
            with load(ready, shop[1]) as seen:
                for replica in pair:
                    before = seen.total()
                    replica.end()
                    replica.start()
                    until(lambda replica=replica: replica.ports[0] in known)
                    until(lambda before=before: seen.total() > before + 30)
        finally:
            ended.set()
            watching.join()
        assert set(seen) == {"200 5 reranked"}
