"""A search's time counts from its arrival, and the cluster is told of what is left of it where that costs no answer."""

from __future__ import annotations

import asyncio
import json
import re
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from opensearchpy import OpenSearch
from rerank_parts import BODY, ids
from serve_parts import Running, proxy, until
from wire import Wire, wire

from endcap.plugin.model.student import Student
from endcap.serve import breaker
from endcap.serve.lag import LoopLag
from endcap.serve.proxy import engine

POOL = urllib3.PoolManager(retries=False, timeout=30)
RAW = json.dumps(BODY).encode()
BUSY = "double x = 0; for (int i = 0; i < 900000; i++) { x += Math.sin(i) } return x * x + _score"
SLOW = {"query": {"script_score": {"query": BODY["query"], "script": {"source": BUSY}}}, "size": 5}
"""Takes far longer than 150 ms."""


@pytest.fixture
def line(opensearch: str) -> Iterator[Wire]:
    with wire(opensearch) as line:
        yield line


def search(running: Running, index: str, body: Any, url: str = "") -> urllib3.BaseHTTPResponse:
    raw, kind = json.dumps(body).encode(), {"Content-Type": "application/json"}
    return POOL.request("POST", f"{running.url}/{index}/_search{url}", body=raw, headers=kind)


@pytest.mark.parametrize(("pause_s", "status"), [(0.0, "reranked"), (2.2, "fallback; reason=deadline")])
def test_a_body_that_is_late_uses_the_search_s_time(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path, pause_s: float, status: str
) -> None:
    """The time runs from the head's arrival, also while the body is awaited."""
    direct, index = shop
    with proxy(opensearch, tmp_path, deadline_ms=2000) as running:
        search(running, index, BODY)
        host, port = running.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), timeout=20) as client:
            head = (
                f"POST /{index}/_search HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: application/json\r\n"
            )
            client.sendall(head.encode() + b"Content-Length: %d\r\n\r\n" % len(RAW))
            time.sleep(pause_s)
            client.sendall(RAW)
            answer = b""
            while chunk := client.recv(65536):
                answer += chunk
    head_bytes, _, body = answer.partition(b"\r\n\r\n")
    assert head_bytes.startswith(b"HTTP/1.1 200")
    assert f"x-endcap-status: {status}\r\n".encode() in head_bytes + b"\r\n"
    if pause_s:
        assert ids(json.loads(body)) == ids(direct.search(index=index, body=BODY))


def cancelled_after(line: Wire) -> list[int]:
    return [int(found) for found in re.findall(rb"cancel_after_time_interval=(\d+)ms", line.requests())]


def test_a_window_is_told_the_time_and_nothing_else_is(
    shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path
) -> None:
    """The window's request has what is left; the page's has not, nor what is passed through, nor what has its own."""
    index = shop[1]
    two = {**BODY, "highlight": {"fields": {"title": {}}}}
    with proxy(line.url, tmp_path, deadline_ms=5000) as running:
        for body, requests, cut in ((BODY, 1, 1), (two, 2, 1), ({**BODY, "sort": ["price"]}, 1, 0)):
            line.sent[:] = [b"" for _ in line.sent]
            assert search(running, index, body).status == 200
            assert line.requests().count(b"/_search") == requests
            assert len(cancelled_after(line)) == cut
            assert all(0 < left <= 5000 for left in cancelled_after(line))
        line.sent[:] = [b"" for _ in line.sent]
        assert search(running, index, BODY, "?cancel_after_time_interval=9s").status == 200
        assert line.requests().count(b"cancel_after_time_interval=9s") == 1
        assert not cancelled_after(line)


def test_a_window_that_is_late_is_given_up(
    shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The cluster ends it at the deadline, the client's own search follows; soon no more windows are asked for."""
    direct, index = shop
    plain = ids(direct.search(index=index, body=SLOW))
    monkeypatch.setattr(breaker, "REST_S", 60.0)
    with proxy(line.url, tmp_path, deadline_ms=150) as running:
        for number in range(breaker.FAILURES + 2):
            line.sent[:] = [b"" for _ in line.sent]
            reply = search(running, index, SLOW)
            assert (reply.status, ids(reply.json())) == (200, plain)
            assert reply.headers["x-endcap-status"] == "fallback; reason=deadline"
            assert len(cancelled_after(line)) == (number < breaker.FAILURES)
        assert 'endcap_circuit_open{circuit="windows"} 1.0' in running.metrics.text().decode()


def test_an_engine_that_does_not_know_the_parameter(shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path) -> None:
    """Its refusal costs one request, once; windows are asked for without the parameter then."""

    def older(request: bytes) -> bytes | None:
        if b"cancel_after_time_interval" not in request:
            return None
        body = b'{"error": "request contains unrecognized parameter: [cancel_after_time_interval]", "status": 400}'
        return b"HTTP/1.1 400 Bad\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    with proxy(line.url, tmp_path, deadline_ms=5000) as running:
        line.instead = older
        for _ in range(2):
            assert search(running, shop[1], BODY).headers["x-endcap-status"] == "reranked"
        assert len(cancelled_after(line)) == 1


def test_a_window_that_a_cluster_never_ends(
    shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that ignores what it is told, or an older one: the client's own search is asked for all the same."""
    direct, index = shop
    plain = ids(direct.search(index=index, body=BODY))
    monkeypatch.setattr(breaker, "FAILURES", 3)

    def hanging(request: bytes) -> bytes | None:
        return b"" if b'"size":20' in request else None

    with proxy(line.url, tmp_path, deadline_ms=100) as running:
        line.instead = hanging
        for number in range(5):
            began = time.monotonic()
            reply = search(running, index, BODY)
            assert (reply.status, ids(reply.json())) == (200, plain)
            assert reply.headers["x-endcap-status"] == "fallback; reason=deadline"
            assert time.monotonic() - began < (2 if number < 3 else 0.3)  # then no more windows are asked for
        assert running.proxy is not None
        assert running.proxy.parts.student.failures == running.proxy.parts.slots.taken == 0
        assert running.proxy.parts.windows.is_open


@pytest.mark.parametrize("dense", [0, 5])
def test_a_window_has_a_limit_where_only_our_own_part_has_one(
    shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, dense: int
) -> None:
    """Alone, and with candidates by meaning: the cluster is told, and what hangs is given up."""
    direct, index = shop
    monkeypatch.setattr(engine, "WINDOW_MS", 400.0)
    student = Student.load() if dense else None
    with proxy(line.url, tmp_path, student, deadline_ms=None, budget_ms=2_000, window=20, dense=dense) as running:
        line.instead = lambda request: b"" if b'"size":20' in request else None
        began = time.monotonic()
        reply = search(running, index, BODY)
        assert time.monotonic() - began < 4
    window = line.requests().split(b"POST ")[1]
    assert window.startswith(f"/{index}/{'_msearch' if dense else '_search'}".encode())
    assert re.search(rb'cancel_after_time_interval(=|":")\d{1,3}ms', window.split(b"size")[0])
    assert (reply.status, ids(reply.json())) == (200, ids(direct.search(index=index, body=BODY)))
    assert reply.headers["x-endcap-status"] == "fallback; reason=deadline"


def test_a_window_that_some_shards_have_ended(shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path) -> None:
    """A reply of the other shards alone, after the deadline, is no window: the client's own search is asked for."""
    direct, index = shop
    shards = {"total": 2, "failed": 1, "failures": [{"reason": {"type": "task_cancelled_exception"}}]}
    body = json.dumps({"_shards": shards, "hits": {"hits": []}}).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n".encode()

    def late(request: bytes) -> bytes | None:
        if b'"size":20' not in request:
            return None
        time.sleep(0.2)
        return head + body

    with proxy(line.url, tmp_path, deadline_ms=100) as running:
        line.instead = late
        reply = search(running, index, BODY)
        assert (reply.status, ids(reply.json())) == (200, ids(direct.search(index=index, body=BODY)))
        assert reply.headers["x-endcap-status"] == "fallback; reason=deadline"


def test_what_a_slow_event_loop_can_not_do_in_time_is_not_begun(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path
) -> None:
    """Where each round of the loop takes long, a search is passed through at once, however many places are free."""
    with proxy(opensearch, tmp_path, deadline_ms=100, max_searches=64) as running:
        assert running.proxy is not None
        lag, is_busy = running.proxy.parts.lag, threading.Event()
        is_busy.set()

        def hog() -> None:
            time.sleep(0.03)
            if is_busy.is_set():
                lag._loop.call_soon(hog)

        lag._loop.call_soon_threadsafe(hog)
        until(lambda: search(running, shop[1], BODY).headers["x-endcap-status"] == "skipped; reason=busy")
        is_busy.clear()
        until(lambda: search(running, shop[1], BODY).headers["x-endcap-status"] == "reranked")


def test_a_round_is_timed_by_requests() -> None:
    """It is a mean of the last, and without requests it is forgotten."""

    async def times() -> list[float]:
        now = [0.0]
        lag, seen = LoopLag(lambda: now[0]), []
        for took_s in (0.1, 0.1, 0.0, 0.0):
            now[0] += 0.01
            lag.measure()
            lag.measure()
            now[0] += took_s
            await asyncio.sleep(0)
            seen.append(round(lag.round_s, 4))
        now[0] += 2
        seen.append(lag.round_s)
        lag.measure()
        await asyncio.sleep(0)
        return [*seen, lag.round_s]  # what was before the pause does not come back

    assert asyncio.run(times()) == [0.02, 0.036, 0.0288, 0.023, 0.0, 0.0]
