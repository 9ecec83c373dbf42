"""The storefront when something fails (the model, the engine, a request) or too much comes at once; its metrics."""

from __future__ import annotations

import queue
import socket
import threading
import uuid
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families
from storefront_server import Answer, Server, error_of, ids, page_of, served

from endcap.index.opensearch.client import connect
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.settings import IndexSettings
from endcap.plugin.search.reranker import Reranker
from endcap.storefront.app import make_app
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.responses import MAX_WAITING, WORKERS
from endcap.storefront.shop import Shop

pytest_plugins = ["storefront_fixtures"]


def test_a_body_that_does_not_come_is_not_waited_for(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half of a judgment, and no more: an answer in the API's shape, and the connection ends."""
    monkeypatch.setattr("endcap.http_guard.BODY_S", 0.3)
    lines = ["POST /api/judgments HTTP/1.1", "Host: localhost", "Content-Type: application/json", "Content-Length: 99"]
    head = "".join(f"{line}\r\n" for line in [*lines, ""]).encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as connection:
        connection.sendall(head + b'{"query"')
        assert connection.recv(5000).startswith(b"HTTP/1.1 408")


def test_it_says_how_it_is(server: Server, demo: Shop) -> None:
    """/health and /ready answer; /metrics is Prometheus' text and counts searches as the middleware does."""
    assert server.get("/health").json == {"status": "ok"}
    assert server.get("/ready").json["status"] == "ready"

    def metric(sample: str, **labels: str) -> float:
        text = server.get("/metrics").body.decode()
        found = [
            one.value
            for family in text_string_to_metric_families(text)
            for one in family.samples
            if one.name == sample and all(one.labels.get(k) == v for k, v in labels.items())
        ]
        return sum(found)

    name, model = "endcap_rerank_latency_seconds_count", demo.student.info.name
    before = metric(name, model=model), metric("endcap_rerank_outcomes_total", status="reranked", reason="")
    page_of(server, "mouse")
    after = metric(name, model=model), metric("endcap_rerank_outcomes_total", status="reranked", reason="")
    assert [b - a for a, b in zip(before, after, strict=True)] == [1, 1]
    assert metric("endcap_rerank_outcomes_total", status="reranked") == demo.reranker.outcomes["reranked"]
    assert metric("endcap_engine_latency_seconds_sum") > 0
    before_400 = metric("endcap_http_requests_total", route="/api/search", status="400")
    for path in (
        "/api/search?q=",
        "/made-up-mouse",
        "/api/nothing",
        "/static/made-up-mouse",
        "/pictures/made-up-mouse",
    ):
        assert server.get(path).status in (400, 404)
    assert metric("endcap_http_requests_total", route="/api/search", status="400") == before_400 + 1
    families = text_string_to_metric_families(server.get("/metrics").body.decode())
    routes = {sample.labels["route"] for each in families for sample in each.samples if "route" in sample.labels}
    assert len(routes) < 20  # whatever was asked for above: an address that somebody makes up is no label
    assert not any("nothing" in route or "mouse" in route for route in routes)


def test_a_fallback_is_passed_on(demo: Shop, tmp_path: Path) -> None:
    """With no time to re-rank, both columns are the engine's and the page says why."""
    hurried = Reranker(demo.engine, demo.student, states=demo.states, deadline_ms=0.001)
    with served(make_app(replace(demo, reranker=hurried), JudgmentStore(tmp_path / "j.jsonl"))) as server:
        page = page_of(server, "pushchair")
    hurried.close()
    assert (page["rerank"]["status"], page["rerank"]["reason"]) == ("fallback", "deadline")
    assert ids(page["columns"]["endcap"]) == ids(page["columns"]["engine"])
    assert all(hit["reasons"] == [] and hit["engine_score"] for hit in page["columns"]["endcap"])
    assert all(hit["rank"] == hit["other_rank"] for hit in page["columns"]["endcap"])


def test_an_engine_that_is_gone_is_told_with_what_to_do(demo: Shop, tmp_path: Path) -> None:
    """Where the cluster can't be reached, a search says 503 and how to help it, and so does /ready; /health is well."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        settings = IndexSettings("gone", "opensearch", f"http://127.0.0.1:{free.getsockname()[1]}")
        engine = OpenSearchEngine(connect(settings), "gone", url=settings.url)
        gone = replace(demo, engine=engine, reranker=Reranker(engine, demo.student, states=demo.states))
        with served(make_app(gone, JudgmentStore(tmp_path / "j.jsonl"))) as server:
            for path in ("/api/search?q=mouse", "/api/window?q=mouse", "/api/product?id=x", "/ready"):
                answer = server.get(path)
                assert error_of(answer) == (503, "engine_unreachable")
                assert "Is it running" in answer.json["error"]["message"]
            assert server.get("/health").status == 200
            assert server.get("/").status == 200
        gone.reranker.close()


def test_an_engine_that_refuses_is_not_said_to_be_gone(opensearch: str, demo: Shop, tmp_path: Path) -> None:
    """Where the cluster answers, but has no such index (any more), that is said, and not that it does not answer."""
    settings = IndexSettings(f"endcap-test-{uuid.uuid4().hex[:8]}", "opensearch", opensearch)
    engine = OpenSearchEngine(connect(settings), settings.name, url=settings.url)
    gone = replace(demo, settings=settings, engine=engine, reranker=Reranker(engine, demo.student, states=demo.states))
    with served(make_app(gone, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        for path in ("/api/search?q=mouse", "/ready"):
            answer = server.get(path)
            assert error_of(answer) == (502, "engine_refused")
            assert f"there is no index '{settings.name}'" in answer.json["error"]["message"]
    gone.reranker.close()
    engine.close()


@dataclass(frozen=True, slots=True)
class Hanging:
    """An engine that answers when it is let go."""

    go: threading.Event

    def count(self) -> int:
        self.go.wait(60)
        return 1


def test_who_judges_does_not_wait_for_the_engine(demo: Shop, tmp_path: Path) -> None:
    """While an engine hangs, and as many searches as may run wait for it, a grade is saved at once."""
    go = threading.Event()
    with served(make_app(replace(demo, engine=Hanging(go)), JudgmentStore(tmp_path / "j.jsonl"))) as server:  # type: ignore[arg-type]
        threads = [threading.Thread(target=server.get, args=("/ready",)) for _ in range(2 * WORKERS)]
        for thread in threads:
            thread.start()
        given = {"query": "mouse", "product": "p1", "grade": 3, "judge": "ann"}
        assert server.post("/api/judgments", given).json == {"saved": True, "count": 1}
        assert server.get("/api/judgments/export").status == 200
        assert all(thread.is_alive() for thread in threads)
        go.set()
        for thread in threads:
            thread.join(30)


def test_a_fault_of_ours_is_told_without_its_insides(demo: Shop, tmp_path: Path) -> None:
    """What nobody has thought of is a 500 in the API's shape, and the traceback goes to the log alone."""

    class Faulty:
        def count(self) -> int:
            raise RuntimeError("the secret inside")

    with served(make_app(replace(demo, engine=Faulty()), JudgmentStore(tmp_path / "j.jsonl"))) as server:  # type: ignore[arg-type]
        answer = server.get("/ready")
    assert error_of(answer) == (500, "internal")
    assert b"secret" not in answer.body


def test_too_many_at_once_are_turned_away(demo: Shop, tmp_path: Path) -> None:
    """Behind a line that is full, a request is told to come again, and those in the line are answered."""
    go = threading.Event()
    with served(make_app(replace(demo, engine=Hanging(go)), JudgmentStore(tmp_path / "j.jsonl"))) as server:  # type: ignore[arg-type]
        answers: queue.Queue[Answer] = queue.Queue()
        threads = [
            threading.Thread(target=lambda: answers.put(server.get("/ready"))) for _ in range(WORKERS + MAX_WAITING + 1)
        ]
        for thread in threads:
            thread.start()
        refused = answers.get(timeout=30)  # nobody else is answered before the engine is
        assert error_of(refused) == (503, "overloaded")
        assert refused.heads["retry-after"] == "1"
        assert server.get("/health").status == 200
        go.set()
        for thread in threads:
            thread.join(30)
        assert [answers.get_nowait().status for _ in threads[1:]] == [200] * (WORKERS + MAX_WAITING)


def test_half_a_character_is_shown_and_costs_no_page(own: Shop, tmp_path: Path) -> None:
    """An engine hands out what was put in, as a title that was cut in an emoji or a number without end: all is JSON."""

    class Odd:
        def __getattr__(self, name: str) -> Any:
            return getattr(own.engine, name)

        def search(self, **asked: Any) -> Any:
            reply = own.engine.search(**asked)
            for hit in reply["hits"]["hits"]:
                hit["_source"] |= {"title": hit["_source"].get("title", "") + " \ud83e", "serial\ud83e": 10**30}
            return reply

    odd = Odd()
    shop = replace(own, engine=odd, reranker=Reranker(odd, own.student, states=own.states, deadline_ms=5000))
    with served(make_app(shop, JudgmentStore(tmp_path / "j.jsonl"))) as server:
        page = page_of(server, "trap")
        assert page["columns"]["endcap"][0]["title"] == "Mouse trap \ufffd"
        assert server.get("/api/window", q="trap").status == 200
        assert server.get("/api/product", id="a4").json["extra"] == {"serial\ufffd": "1" + "0" * 30}
    shop.reranker.close()
