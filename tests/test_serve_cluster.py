"""A real cluster of its own behind the proxy is paused, killed and started again."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import opensearch_server
import pytest
import rerank_parts
import urllib3
from opensearchpy import OpenSearch
from rerank_parts import BODY
from serve_parts import Running, proxy, until
from wire import wire

POOL = urllib3.PoolManager(retries=False, maxsize=64)
RAW = json.dumps(BODY).encode()
INDEX = "shop"


@pytest.fixture(scope="module")
def container() -> Iterator[tuple[str, Any]]:
    """The url of an OpenSearch that nobody else uses, and its container."""
    import docker

    way = opensearch_server.container(opensearch_server.VERSION, local_image_only=not opensearch_server.in_ci())
    try:
        url = way.__enter__()
    except Exception as error:
        if opensearch_server.in_ci():
            raise
        pytest.skip(f"no container of OpenSearch: {opensearch_server.one_line(error)}")
    try:
        client = docker.from_env()
        yield url, next(each for each in client.containers.list() if port_of(each) == url.rpartition(":")[2])
        client.close()
    finally:
        way.__exit__(None, None, None)


def port_of(container: Any) -> str:
    """The port of this machine that is the container's 9200."""
    bound = container.ports.get("9200/tcp") or [{"HostPort": ""}]
    return str(bound[0]["HostPort"])


def search(running: Running, timeout_s: float = 30.0) -> urllib3.BaseHTTPResponse:
    kind = {"Content-Type": "application/json"}
    url = f"{running.url}/{INDEX}/_search"
    return POOL.request("POST", url, body=RAW, headers=kind, timeout=timeout_s)


def is_reranked(running: Running) -> bool:
    reply = search(running)
    return reply.status == 200 and reply.headers["x-endcap-status"] == "reranked"


def test_a_cluster_that_is_paused_or_killed(container: tuple[str, Any], tmp_path: Path) -> None:
    """Paused: clients that give up free their places, and those that wait are answered. Killed: 502 at once, and the
    first search that the cluster answers again is re-ranked. The proxy is live and ready all the time."""
    url, server = container
    with OpenSearch(url) as client:
        rerank_parts.fill_index(client, INDEX, rerank_parts.documents(60))
    with wire(url) as line, proxy(line.url, tmp_path) as running, ThreadPoolExecutor(48) as threads:
        assert is_reranked(running)
        assert running.proxy is not None
        slots = running.proxy.parts.slots
        # Paused: all slots and more are taken by those who wait.
        server.pause()
        try:
            impatient = [threads.submit(search, running, 3.0) for _ in range(40)]
            until(lambda: slots.taken == slots.open)
            patient = [threads.submit(search, running) for _ in range(4)]
            failed = [each.exception() for each in impatient]
            assert all(isinstance(error, urllib3.exceptions.TimeoutError) for error in failed)
            until(lambda: slots.taken == 0)
            late = [threads.submit(search, running) for _ in range(4)]
            until(lambda: slots.taken == 4)
            for path in ("live", "ready", "metrics"):
                assert POOL.request("GET", f"http://127.0.0.1:{running.health.port}/{path}").status == 200
        finally:
            server.unpause()
        assert {each.result().status for each in (*patient, *late)} == {200}
        assert is_reranked(running)
        # Killed.
        server.kill()
        began = time.monotonic()
        assert {search(running).status for _ in range(5)} == {502}
        assert time.monotonic() - began < 15
        server.start()
        server.reload()
        line.target = (line.target[0], int(port_of(server)))
        opensearch_server.wait_until_ready(f"http://{line.target[0]}:{line.target[1]}")
        assert is_reranked(running)
        until(lambda: slots.taken == 0)
