"""What is wrong with the cluster, the way to it, or the student: it costs a search its new order at most."""

from __future__ import annotations

import json
import socket
import struct
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import urllib3
from opensearchpy import OpenSearch
from rerank_parts import BODY, Broken, NotANumber, ReadableStudent, ids
from serve_parts import Running, proxy, until
from wire import Wire, wire

from endcap.serve import breaker
from endcap.serve.breaker import FAILURES, REST_S, Breaker
from endcap.serve.proxy.parts import Slots

POOL = urllib3.PoolManager(retries=False, maxsize=32, timeout=20)
JSON = {"Content-Type": "application/json"}
RAW = json.dumps(BODY).encode()
SORTED = json.dumps({**BODY, "sort": ["price"]}).encode()
LINES = b"{}\n" + RAW + b"\n{}\n" + SORTED + b"\n"
WINDOW = b'"size":20'
"""Stands in a window's request, and in none of a client's."""


@pytest.fixture
def line(opensearch: str) -> Iterator[Wire]:
    with wire(opensearch) as line:
        yield line


def search(running: Running, index: str, body: bytes = RAW) -> urllib3.BaseHTTPResponse:
    return POOL.request("POST", f"{running.url}/{index}/_search", body=body, headers=JSON)


def msearch(running: Running, index: str) -> urllib3.BaseHTTPResponse:
    kind = {"Content-Type": "application/x-ndjson"}
    return POOL.request("POST", f"{running.url}/{index}/_msearch", body=LINES, headers=kind)


def said(status: int, body: bytes, more: str = "") -> bytes:
    head = f"HTTP/1.1 {status} Said\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n{more}\r\n"
    return head.encode() + body


@pytest.mark.parametrize("status", [429, 503])
@pytest.mark.parametrize("body", [RAW, SORTED])
def test_a_cluster_with_too_much_to_do(
    shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path, status: int, body: bytes
) -> None:
    """Its 429 and 503 come through as they are, with their headers."""
    refusal = json.dumps({"error": {"type": "rejected_execution_exception"}, "status": status}).encode()
    with proxy(line.url, tmp_path) as running:
        line.instead = lambda request: said(status, refusal, "Retry-After: 7\r\n") if b"_search" in request else None
        reply = search(running, shop[1], body)
        assert (reply.status, reply.data, reply.headers["Retry-After"]) == (status, refusal, "7")


def no_json(request: bytes) -> bytes | None:
    return said(200, b'{"hits": {"hits": [') if WINDOW in request else None


def of_another_kind(request: bytes) -> bytes | None:
    return said(200, b'["a proxy on the way"]') if WINDOW in request else None


def refused(request: bytes) -> bytes | None:
    return said(413, b"<html>too large</html>") if WINDOW in request else None


@pytest.mark.parametrize("fault", [no_json, of_another_kind, refused])
def test_a_window_that_can_t_be_read(shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path, fault: Any) -> None:
    """The client's own search is asked for then: 200, the cluster's order, and the reason; alone and among others."""
    direct, index = shop
    plain = ids(direct.search(index=index, body=BODY))
    with proxy(line.url, tmp_path) as running:
        line.instead = fault
        reply = search(running, index)
        assert (reply.status, ids(reply.json())) == (200, plain)
        assert reply.headers["x-endcap-status"] == "fallback; reason=window_error"
        first, second = msearch(running, index).json()["responses"]
        assert ids(first) == plain
        assert ids(second) == ids(direct.search(index=index, body=json.loads(SORTED)))
        line.instead = lambda request: None
        assert search(running, index).headers["x-endcap-status"] == "reranked"


def test_a_window_that_breaks_off(shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path) -> None:
    """The same, where the connection ends in the middle of the window's answer."""
    direct, index = shop

    with proxy(line.url, tmp_path) as running:
        window = len(json.dumps(direct.search(index=index, body={**BODY, "size": 20})))
        page = len(json.dumps(direct.search(index=index, body=BODY)))
        line.cut_after = (window + page) // 2  # of a connection
        reply = search(running, index)
        assert (reply.status, ids(reply.json())) == (200, ids(direct.search(index=index, body=BODY)))
        assert reply.headers["x-endcap-status"] == "fallback; reason=window_error"


class Held(ReadableStudent):
    """Scores when it is let."""

    def __init__(self) -> None:
        super().__init__()
        self.begun, self.let = threading.Event(), threading.Event()

    def score_batches(self, query: str, items: Any) -> Iterator[Any]:
        self.begun.set()
        assert self.let.wait(30)
        yield from super().score_batches(query, items)


@pytest.mark.parametrize(
    ("path", "body", "kind"),
    [("_search", RAW, "application/json"), ("_msearch", b"{}\n" + RAW + b"\n", "application/x-ndjson")],
)
def test_a_place_is_free_when_its_code_has_returned(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path, path: str, body: bytes, kind: str
) -> None:
    """A client hangs up while the student scores: its place is taken until that has ended, though nobody waits."""
    student = Held()
    with proxy(opensearch, tmp_path, student, max_searches=1) as running:
        assert running.proxy is not None
        slots = running.proxy.parts.slots
        host, port = running.url.removeprefix("http://").split(":")
        about = f"Host: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
        with socket.create_connection((host, int(port))) as client:
            client.sendall(f"POST /{shop[1]}/{path} HTTP/1.1\r\n{about}\r\n".encode() + body)
            assert student.begun.wait(20)
        time.sleep(0.3)
        assert slots.taken == 1
        assert search(running, shop[1]).headers["x-endcap-status"] == "skipped; reason=busy"
        student.let.set()
        until(lambda: slots.taken == 0)
        assert search(running, shop[1]).headers["x-endcap-status"] == "reranked"


def test_all_that_a_cluster_gives_is_garbage(shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path) -> None:
    """Resets, and bytes that are no HTTP, are 502 and never 200; once they end, so do the errors."""
    with proxy(line.url, tmp_path) as running:
        for fault in ({"reset": True}, {"changed": lambda chunk: bytes(255 - byte for byte in chunk)}):
            for name, value in fault.items():
                setattr(line, name, value)
            assert {search(running, shop[1], body).status for body in (RAW, SORTED)} == {502}
            assert msearch(running, shop[1]).status == 502
            assert POOL.request("GET", f"{running.url}/_cat/indices").status == 502
            line.reset, line.changed = False, bytes
        assert search(running, shop[1]).headers["x-endcap-status"] == "reranked"


def test_a_slow_cluster_is_waited_for(shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path) -> None:
    """What comes late or in drops comes whole: with the deadline over, in the cluster's order."""
    direct, index = shop
    with proxy(line.url, tmp_path, deadline_ms=100) as running:
        search(running, index)
        line.delay_s = 0.3
        for body in (RAW, SORTED):
            reply = search(running, index, body)
            assert (reply.status, ids(reply.json())) == (200, ids(direct.search(index=index, body=json.loads(body))))
        line.delay_s, line.drip_s = 0.0, 0.01
        reply = search(running, index)
        assert ids(reply.json()) == ids(direct.search(index=index, body=BODY))
        assert reply.headers["x-endcap-status"].startswith("fallback; reason=deadline")


@pytest.mark.parametrize("student", [NotANumber(), Broken()])
def test_a_student_that_fails_is_left_alone(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path, student: ReadableStudent, monkeypatch: Any
) -> None:
    """Each search has the cluster's order; after some the window is not asked for any more, until one tries again."""
    direct, index = shop
    plain = ids(direct.search(index=index, body=BODY))
    monkeypatch.setattr(breaker, "REST_S", 1.0)
    with proxy(opensearch, tmp_path, student) as running:
        words = []
        for _ in range(FAILURES + 2):
            reply = search(running, index)
            assert ids(reply.json()) == plain
            words.append(reply.headers["x-endcap-status"])
        assert words == ["fallback; reason=model_error"] * FAILURES + ["fallback; reason=circuit_open"] * 2
        assert 'endcap_circuit_open{circuit="student"} 1.0' in running.metrics.text().decode()
        assert msearch(running, index).headers["x-endcap-status"] == "fallback; reason=circuit_open"
        student.__class__ = ReadableStudent
        time.sleep(1.1)
        assert [search(running, index).headers["x-endcap-status"] for _ in range(2)] == ["reranked"] * 2
        assert 'endcap_circuit_open{circuit="student"} 0.0' in running.metrics.text().decode()


@pytest.mark.parametrize("path", ["_search", "_msearch", "_bulk"])
@pytest.mark.parametrize("answered", [False, True])
def test_clients_that_hang_up_half_way(
    shop: tuple[OpenSearch, str],
    line: Wire,
    tmp_path: Path,
    path: str,
    answered: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """In the middle of their body, or of the answer: no half search reaches the cluster, and no place stays taken."""
    body = {"_search": RAW, "_msearch": LINES, "_bulk": b'{"delete": {"_id": "none"}}\n'}[path]
    kind = "application/json" if path == "_search" else "application/x-ndjson"
    with proxy(line.url, tmp_path) as running:
        host, port = running.url.removeprefix("http://").split(":")
        line.drip_s = 0.02 if answered else 0.0
        head = f"POST /{shop[1]}/{path} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}"
        for _ in range(20):
            with socket.create_connection((host, int(port)), timeout=20) as client:
                client.sendall(head.encode() + b"\r\n\r\n" + (body if answered else body[: len(body) // 2]))
                time.sleep(0.05)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        assert running.proxy is not None
        slots, end = running.proxy.parts.slots, time.monotonic() + 10
        while slots.taken and time.monotonic() < end:
            time.sleep(0.02)
        assert slots.taken == 0
        if not answered:
            assert b"query" not in line.requests()
        line.drip_s = 0.0
        assert search(running, shop[1]).headers["x-endcap-status"] == "reranked"
    assert [record for record in caplog.records if record.levelname == "ERROR"] == []


def test_a_caller_who_wants_failures_gets_them(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """``allow_rerank_failures: false`` is an error also once the student is left alone."""
    body = json.dumps({**BODY, "ext": {"rerank": {"allow_rerank_failures": False}}}).encode()
    with proxy(opensearch, tmp_path, Broken()) as running:
        assert {search(running, shop[1], raw).status for raw in [RAW] * (FAILURES + 1)} == {200}
        assert search(running, shop[1], body).status == 500


def test_one_search_tries_again() -> None:
    """Of an open circuit: one try in a rest's time, and the next failure begins another one."""
    now = [0.0]
    found = Breaker(lambda: now[0])
    for _ in range(FAILURES):
        assert found.lets_try()
        found.failed()
    assert not found.lets_try()
    now[0] += REST_S
    assert [found.lets_try(), found.lets_try()] == [True, False]
    found.failed()
    now[0] += REST_S - 0.1
    assert not found.lets_try()
    now[0] += 0.1
    assert found.lets_try()
    found.worked()
    assert [found.lets_try(), found.lets_try()] == [True, True]


def test_fewer_slots_where_time_is_short() -> None:
    """Each search that found no time leaves fewer, down to two; those that were in time open them again, up to all."""
    assert Slots(32).open == 16  # at first
    slots = Slots(10)
    assert [slots.take() for _ in range(11)] == [True] * 10 + [False]
    for expected in (8, 6, 5, 4, 3, 2, 2, 2):
        slots.late()
        assert slots.open == expected
    assert not slots.take()
    for _ in range(200):
        slots.in_time()
    assert slots.open == 10
    one = Slots(1)
    one.late()
    assert one.open == 1


def test_slow_rounds_of_the_event_loop() -> None:
    """Searches that could not be in time are left alone; one that is alone is after a round that was long by chance."""
    slots = Slots(10)
    assert slots.take(0.005, 100)
    assert not slots.take(0.003, 100)
    assert slots.take(0.003, 300)
    slots.give_back()
    slots.give_back()
    assert not slots.take(0.007, 100)
