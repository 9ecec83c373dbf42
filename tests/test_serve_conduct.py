"""How the proxy behaves: whose headers go where, what it leaves alone, hang-ups, broken answers, and its end."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import urllib3
from child_process import environment
from opensearchpy import OpenSearch
from rerank_parts import BODY, ReadableStudent, ids, reranker
from serve_parts import Running, proxy, until
from wire import Wire, wire

POOL = urllib3.PoolManager(retries=False, maxsize=32)
JSON = {"Content-Type": "application/json"}
RAW = json.dumps(BODY).encode()
SORTED = json.dumps({**BODY, "sort": ["price"]}).encode()


@pytest.fixture
def line(opensearch: str) -> Iterator[Wire]:
    with wire(opensearch) as line:
        yield line


def search(running: Running, index: str, body: bytes = RAW, **headers: str) -> urllib3.BaseHTTPResponse:
    return POOL.request("POST", f"{running.url}/{index}/_search", body=body, headers=JSON | headers)


def test_each_caller_s_credentials_go_with_its_own_requests(
    shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path
) -> None:
    """Many callers at once: each request of a search has its caller's headers, and none has ours or another's."""
    _, index = shop
    with proxy(line.url, tmp_path, dense=5) as running, ThreadPoolExecutor(8) as threads:

        def ask(number: int) -> str:
            body = json.dumps({**BODY, "highlight": {"fields": {"title": {}}}, "from": number % 3}).encode()
            who = {"Authorization": f"Bearer caller-{number}", "X-Opaque-Id": f"{number}"}
            return search(running, f"{index}", body, **who).headers["x-endcap-status"]

        assert set(threads.map(ask, range(40))) == {"reranked"}
    requests = [part for part in line.requests().split(b"POST /")[1:] if b"_search" in part.partition(b"\r\n")[0]]
    assert len(requests) >= 80  # a window's and a page's at least
    for request in requests:
        head = request.partition(b"\r\n\r\n")[0].lower()
        (bearer,) = [row for row in head.split(b"\r\n") if row.startswith(b"authorization:")]
        (opaque,) = [row for row in head.split(b"\r\n") if row.startswith(b"x-opaque-id:")]
        assert bearer.rpartition(b"-")[2] == opaque.rpartition(b" ")[2]


def test_own_credentials_are_used_only_where_that_is_said(
    shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ours are added to a request that has none, and only with ``use_own_credentials``."""
    monkeypatch.setenv("CLUSTER_KEY", "our-own-key")
    for use, expected in (("false", False), ("true", True)):
        line.sent.clear()
        with proxy(line.url, tmp_path, api_key_env="CLUSTER_KEY", use_own_credentials=use) as running:
            for body in (RAW, SORTED):
                assert search(running, shop[1], body).status == 200
            POOL.request("GET", running.url + "/")
            assert (b"ApiKey our-own-key" in line.requests()) is expected
            line.sent[:] = [b"" for _ in line.sent]
            search(running, shop[1], Authorization="Basic theirs")
            assert b"our-own-key" not in line.requests()


def test_pages_of_two_callers_are_not_of_one_window(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path
) -> None:
    """A later page is cut from the caller's own window; what another caller was shown does not count."""
    with proxy(opensearch, tmp_path) as running:
        for who in ("a", "b"):
            search(running, shop[1], Authorization=who)
        assert running.proxy is not None
        memory = running.proxy.parts.rerankers.memory
        assert len(memory) == 2
        search(running, shop[1], Authorization="b", **{"X-Opaque-Id": "2", "traceparent": "00-1"})
        assert len(memory) == 2


@pytest.mark.parametrize("body", [RAW, SORTED])
def test_a_hang_up_goes_on_to_the_cluster(
    shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path, body: bytes
) -> None:
    """A client that goes ends the cluster's search, and gives its slot back."""
    with proxy(line.url, tmp_path) as running:
        line.silent = True
        host, port = running.url.removeprefix("http://").split(":")
        client = socket.create_connection((host, int(port)))
        head = f"POST /{shop[1]}/_search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        client.sendall(head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
        until(lambda: b"_search" in line.requests())
        assert not line.closed.is_set()
        client.close()
        assert line.closed.wait(3)
        until(lambda: running.proxy is not None and running.proxy.parts.slots.taken == 0)


def test_a_broken_answer_is_not_taken_for_a_whole_one(shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path) -> None:
    """Where the cluster's answer breaks off, so does ours, or it is an error; never 200 with less."""
    line.cut_after = 400
    with proxy(line.url, tmp_path) as running:
        for body in (RAW, SORTED):
            try:
                reply = search(running, shop[1], body)
                assert reply.status == 502
            except urllib3.exceptions.HTTPError:
                pass


def test_the_kill_switch_needs_no_restart(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """While the file is there nothing is re-ranked; it may name indexes; the health port makes it and removes it."""
    direct, index = shop
    plain = ids(direct.search(index=index, body=BODY))
    with proxy(opensearch, tmp_path) as running:
        health = f"http://127.0.0.1:{running.health.port}/rerank"
        assert search(running, index).headers["x-endcap-status"] == "reranked"
        assert POOL.request("DELETE", health).json()["off"] is True
        reply = search(running, index)
        assert reply.headers["x-endcap-status"] == "skipped; reason=switched_off"
        assert ids(reply.json()) == plain
        assert POOL.request("PUT", health).json()["off"] is False
        assert search(running, index).headers["x-endcap-status"] == "reranked"
        for patterns, status in ((f"{index[:-2]}*\n", "skipped; reason=switched_off"), ("other-*\n", "reranked")):
            running.switch.file.write_text(patterns)
            time.sleep(0.6)
            assert search(running, index).headers["x-endcap-status"] == status


def test_a_share_is_left_alone(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """Drawn by a header's value, else by the query: the same for all pages, about as many as were asked for."""
    index = shop[1]
    with proxy(opensearch, tmp_path, share="30%", share_header="X-Visitor") as running:
        arms = [
            [
                search(running, index, json.dumps({**BODY, "from": start}).encode(), **{"X-Visitor": f"v{n}"}).headers[
                    "x-endcap-status"
                ]
                for start in (0, 5)
            ]
            for n in range(60)
        ]
        assert all(first == second for first, second in arms)
        assert 6 <= sum(first == "skipped; reason=share" for first, _ in arms) <= 32
        words = [json.dumps({"query": {"match": {"title": f"usb cable {n}"}}}).encode() for n in range(60)]
        drawn = [search(running, index, body).headers["x-endcap-status"] for body in words]
        assert 6 <= drawn.count("skipped; reason=share") <= 32
        assert drawn == [search(running, index, body).headers["x-endcap-status"] for body in words]


def test_shadow_measures_and_changes_nothing(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """In shadow the answer is the engine's, and the metrics say how far ours would differ from it."""
    direct, index = shop
    with proxy(opensearch, tmp_path, shadow="true") as running:
        reply = search(running, index)
        assert reply.headers["x-endcap-status"] == "shadow"
        assert "ext" not in reply.json()
        assert ids(reply.json()) == ids(direct.search(index=index, body=BODY))
        ours = ids(reranker(direct).search(index=index, body=BODY))
        moved = sum(a != b for a, b in zip(ours, ids(reply.json()), strict=True)) / 5
        until(lambda: "endcap_shadow_moved_share_count 1.0" in running.metrics.text().decode())
        assert f"endcap_shadow_moved_share_sum {moved}" in running.metrics.text().decode()
        assert running.counted("endcap_rerank_outcomes_total")['{reason="",status="shadow_reranked"}'] == 1


def test_settings_by_index(shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path) -> None:
    """A table of the settings holds for the indexes of its pattern, and for no others."""
    direct, index = shop
    toml = f'[index."{index[:-1]}*"]\nwindow = 7\nblend_weight = 1.0\n\n[index."kept-*"]\nrerank = false\n'
    with proxy(opensearch, tmp_path, toml=toml) as running:
        reply = search(running, index).json()
        assert reply["ext"]["rerank"]["window"] == 7
        assert ids(reply) == ids(reranker(direct, window=7, blend_weight=1.0).search(index=index, body=BODY))
        alias = "kept-" + index
        direct.indices.put_alias(index=index, name=alias)
        assert search(running, alias).headers["x-endcap-status"] == "skipped; reason=not_for_index"
        assert search(running, f"{alias},{index}").json()["ext"]["rerank"]["window"] == 20


class Waiting(ReadableStudent):
    """Scores only once it may."""

    def __init__(self) -> None:
        super().__init__()
        self.may, self.asked = threading.Event(), threading.Event()

    def score_batches(self, query: str, items: Any) -> Iterator[Any]:
        self.asked.set()
        self.may.wait(10)
        yield from super().score_batches(query, items)


def test_too_many_searches_get_the_engine_s_order_at_once(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path
) -> None:
    """With all slots taken a search is answered with 200, the engine's order and the reason."""
    student = Waiting()
    with proxy(opensearch, tmp_path, student, max_searches=1) as running, ThreadPoolExecutor(1) as thread:
        first = thread.submit(search, running, shop[1])
        assert student.asked.wait(5)
        reply = search(running, shop[1])
        assert (reply.status, reply.headers["x-endcap-status"]) == (200, "skipped; reason=busy")
        student.may.set()
        assert first.result(10).headers["x-endcap-status"] == "reranked"


def test_sigterm_drains(shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path) -> None:
    """After SIGTERM: not ready, still answering, and the search under way is answered before the process ends."""
    program = [sys.executable, "-m", "endcap.cli.main", "serve", "--opensearch-url", line.url, "--port", "0"]
    program += ["--health-port", "0", "--drain-delay-s", "1", "--deadline-ms", "30000"]
    child = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=environment())
    try:
        assert child.stdout is not None
        url = child.stdout.readline().split()[-1]
        health = f"http://127.0.0.1:{child.stdout.readline().split()[-1]}"
        until(lambda: POOL.request("GET", f"{health}/ready").status == 200, 20)
        line.delay_s = 2.0
        with ThreadPoolExecutor(1) as thread:
            under_way = thread.submit(POOL.request, "POST", f"{url}/{shop[1]}/_search", body=RAW, headers=JSON)
            time.sleep(0.3)
            child.send_signal(signal.SIGTERM)
            until(lambda: POOL.request("GET", f"{health}/ready").status == 503)
            assert POOL.request("GET", f"{health}/live").status == 200
            assert POOL.request("GET", f"{url}/_nope").headers["connection"] == "close"
            reply = under_way.result(15)
        assert reply.status == 200
        assert reply.headers["x-endcap-status"].startswith(("reranked", "partial"))
        assert child.wait(15) == 0
    finally:
        child.kill()
        child.wait()


def test_health_is_for_probes(opensearch: str, tmp_path: Path) -> None:
    """Live is not ready; metrics are Prometheus'; a browser's page can't turn the switch."""
    from prometheus_client.parser import text_string_to_metric_families

    with proxy(opensearch, tmp_path) as running:
        url = f"http://127.0.0.1:{running.health.port}"
        assert POOL.request("GET", f"{url}/ready").status == 200
        running.health.state.reached = False
        assert (POOL.request("GET", f"{url}/ready").status, POOL.request("GET", f"{url}/live").status) == (503, 200)
        running.health.state.beat_s -= 60
        assert POOL.request("GET", f"{url}/live").status == 503
        families = {
            each.name for each in text_string_to_metric_families(POOL.request("GET", f"{url}/metrics").data.decode())
        }
        assert {"endcap_http_requests", "endcap_rerank_outcomes", "endcap_request_seconds", "endcap_ready"} <= families
        assert POOL.request("DELETE", f"{url}/rerank", headers={"Origin": "http://127.0.0.1"}).status == 403
        assert not running.switch.file.exists()
        assert POOL.request("GET", f"{url}/nothing").status == 404


def test_a_search_is_repeated_on_a_closed_connection_and_a_write_is_not(
    shop: tuple[OpenSearch, str], line: Wire, tmp_path: Path
) -> None:
    """A kept connection that ends costs no search; what may have been done is not done twice."""
    with proxy(line.url, tmp_path) as running:
        assert search(running, shop[1], SORTED).status == 200
        line.cut_after, line.cut_once = 0, True
        assert search(running, shop[1], SORTED).status == 200
        assert line.requests().count(b"/_search HTTP") == 3
        line.cut_after = 0
        assert POOL.request("POST", f"{running.url}/{shop[1]}/_refresh").status == 502
        assert line.requests().count(b"/_refresh HTTP") == 1
