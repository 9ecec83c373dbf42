"""What the middleware passes through, and what it does when something fails or time runs out."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from opensearchpy import OpenSearch, RequestError
from opensearchpy.exceptions import NotFoundError, OpenSearchException
from rerank_parts import (
    BODY,
    QUERY,
    Broken,
    Listed,
    Memory,
    NotANumber,
    ReadableStudent,
    TooFew,
    documents,
    fill_index,
    ids,
    reranker,
    told,
    unique,
)

from endcap.errors import ModelError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.plugin import faults
from endcap.plugin.deadline import Deadline
from endcap.plugin.search.scoring import score_hits
from endcap.plugin.search.status import Reason
from endcap.plugin.source_keys import SourceKeys
from endcap.rates import Rate


@pytest.mark.parametrize(
    ("body", "params", "reason"),
    [
        ({"sort": [{"price": "asc"}]}, {}, "sorted"),
        ({"sort": [{"price": "asc"}, {"brand": "asc"}]}, {}, "sorted"),
        ({"sort": [{"_score": "asc"}]}, {}, "sorted"),
        ({"sort": [{"price": "asc"}], "search_after": [10]}, {}, "search_after"),
        ({"size": 0}, {}, "size_zero"),
        ({"from": 20}, {}, "beyond_window"),
        ({"query": {"match_all": {}}}, {}, "no_query_text"),
        ({"query": {"term": {"brand": "acme"}}}, {}, "no_query_text"),
        ({"query": {"bool": {"must": [QUERY, {"match": {"title": "lamp"}}]}}}, {}, "several_query_texts"),
        ({"query": {"bool": {"must": [QUERY], "filter": [{"ids": {"values": ["2"]}}]}}}, {}, "one_hit"),
        ({"query": {"match": {"title": "nothing"}}}, {}, "empty_window"),
        ({}, {"scroll": "1m"}, "scroll"),
        ({}, {"q": "title:usb"}, "url_query"),
        ({}, {"filter_path": "hits.hits._id,hits.hits._score"}, "url_query"),
        ({}, {"sort": "price:asc"}, "sorted"),
        ({"ext": {"rerank": {"model": "another"}}}, {}, "unknown_model"),
    ],
)
def test_passed_through_with_the_reason(
    shop: tuple[OpenSearch, str], body: dict[str, Any], params: dict[str, Any], reason: str
) -> None:
    """What is not to be re-ranked comes back as the engine says it, with the reason."""
    client, index = shop
    body = {"query": {"match": {"title": "usb"}}, **body}
    if reason == "one_hit":
        body["query"]["bool"]["must"] = [{"match_all": {}}, QUERY]
        hit = client.search(index=index, body={"query": QUERY})["hits"]["hits"][0]["_id"]
        body["query"]["bool"]["filter"] = [{"ids": {"values": [hit]}}]
    reply = reranker(client).search(index=index, body=body, **params)
    assert told(reply) == ("skipped", reason)
    raw = client.search(index=index, body={k: v for k, v in body.items() if k != "ext"}, **params)
    if "_scroll_id" in raw:
        client.clear_scroll(body={"scroll_id": [raw["_scroll_id"], reply["_scroll_id"]]})
    assert reply["hits"] == raw["hits"]


def test_a_point_in_time_without_search_after_is_reranked(shop: tuple[OpenSearch, str]) -> None:
    """A point in time is only another way to name the index."""
    client, index = shop
    pit = client.create_pit(index=index, params={"keep_alive": "1m"})["pit_id"]
    try:
        body = {**BODY, "pit": {"id": pit, "keep_alive": "1m"}}
        reply = reranker(client, blend_weight=1.0).search(body=body)
        assert told(reply) == ("reranked", None)
        assert ids(reply) == ids(reranker(client, blend_weight=1.0).search(index=index, body=BODY))
    finally:
        client.delete_pit(body={"pit_id": [pit]})


def test_odd_bodies_go_to_the_engine_as_they_are(shop: tuple[OpenSearch, str]) -> None:
    """A body that we can't read is the engine's to judge."""
    client, index = shop
    search = reranker(client).search
    assert told(search(index=index)) == ("skipped", "no_query_text")
    assert told(search(index=index, body={"query": QUERY, "size": "3"})) == ("reranked", None)
    assert told(search(index=index, body='{"size": 1}')) == ("skipped", "no_query_text")
    for body in ({"query": QUERY, "from": -1}, {"query": QUERY, "size": [1]}, {"query": {"mtach": {}}}):
        with pytest.raises(RequestError):
            search(index=index, body=body)
    deep: Any = QUERY
    for _ in range(3000):
        deep = {"bool": {"must": [deep]}}
    with pytest.raises((OpenSearchException, RecursionError)):
        search(index=index, body={"query": deep})


def test_the_engines_errors_are_its_own(shop: tuple[OpenSearch, str]) -> None:
    """What the engine raises comes through as it is."""
    client, _ = shop
    with pytest.raises(NotFoundError):
        reranker(client).search(index="rerank-there-is-none", body=BODY)
    down = OpenSearch("http://127.0.0.1:9", max_retries=0)
    asked = []
    perform = down.transport.perform_request
    down.transport.perform_request = lambda *args, **kwargs: asked.append(args) or perform(*args, **kwargs)
    with pytest.raises(OpenSearchException):
        reranker(down).search(index="x", body=BODY)
    assert len(asked) == 1


def test_a_window_that_the_engine_refuses(shop: tuple[OpenSearch, str]) -> None:
    """Where the window is larger than the index allows, the body is sent as it was."""
    client, _ = shop
    index = unique("small")
    fill_index(client, index, documents(30))
    try:
        client.indices.put_settings(index=index, body={"index.max_result_window": 10})
        reply = reranker(client).search(index=index, body=BODY)
        assert told(reply) == ("fallback", "window_error")
        assert (
            "max_result_window" in reply["ext"]["rerank"]["detail"] or "too large" in reply["ext"]["rerank"]["detail"]
        )
        assert ids(reply) == ids(client.search(index=index, body=BODY))
    finally:
        client.indices.delete(index=index)


@pytest.mark.parametrize("student", [Broken, NotANumber, TooFew])
def test_a_student_that_fails_costs_no_search(student: type[ReadableStudent], caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the student does, the engine's order is returned, with reason, counter and log line."""
    engine = Listed([3.0, 2.0, 1.0], [0.1, 0.2, 0.3])
    broken = reranker(engine, student())
    with caplog.at_level(logging.WARNING, "endcap.rerank"):
        reply = broken.search(body=BODY)
    assert told(reply) == ("fallback", "model_error")
    assert ids(reply) == ["0", "1", "2"]
    assert [hit["_score"] for hit in reply["hits"]["hits"]] == [3.0, 2.0, 1.0]
    assert all("previous_score" not in hit for hit in reply["hits"]["hits"])
    assert dict(broken.outcomes) == {"fallback:model_error": 1}
    assert "model_error" in caplog.text


def test_a_student_that_fails_at_every_search_does_not_flood_the_log(caplog: pytest.LogCaptureFixture) -> None:
    """One traceback a minute, and one line in ten seconds that says how many others there were."""
    faults._tracebacks.clear()
    broken = reranker(Listed([3.0, 2.0, 1.0], [0.1, 0.2, 0.3]), Broken())
    now = [0.0]
    broken.outcomes.warnings = Rate(faults.WARNING_EVERY_S, lambda: now[0])
    with caplog.at_level(logging.WARNING, "endcap.rerank"):
        for _ in range(20):
            broken.search(body=BODY)
        now[0] = 10.0
        broken.search(body=BODY)
    assert sum(record.exc_info is not None for record in caplog.records) == 1
    lines = [record.getMessage() for record in caplog.records if record.exc_info is None]
    assert all("model_error" in line and "\n" not in line for line in lines)
    assert [line.partition(" (")[2].partition(" ")[0] for line in lines][1:] == ["19"]
    assert dict(broken.outcomes) == {"fallback:model_error": 21}


def test_a_query_that_is_no_unicode() -> None:
    """A text with half a character in it is not scored."""
    reply = reranker(Listed([2.0, 1.0], [0.1, 0.2])).search(body={"query": {"match": {"title": "usb \ud800"}}})
    assert told(reply) == ("fallback", "bad_text")


def test_what_is_not_read_in_time_is_read_for_the_next_search() -> None:
    """Products without a state are read within the deadline; the rest count as the mean, and are read afterwards."""
    engine, now = Listed([float(n) for n in range(20, 0, -1)], [n / 20 for n in range(20)]), [0.0]

    class Reading(ReadableStudent):
        """Takes 30 ms to read four products, by the search's own clock."""

        def encode_batches(self, products: Sequence[Product]) -> Iterator[list[tuple[int, bytes]]]:
            for batch in super().encode_batches(products):
                now[0] += 0.03 * (threading.current_thread() is threading.main_thread())  # not what is read afterwards
                yield batch

    slow = reranker(engine, Reading(), deadline_ms=100, blend_weight=1.0, clock=lambda: now[0])
    first = slow.search(body={"query": QUERY, "size": 20})
    assert told(first) == ("partial", "deadline")
    scored = first["ext"]["rerank"]["scored"]
    assert 0 < scored < 20
    assert sum(hit["student_score"] is not None for hit in first["hits"]["hits"]) == scored
    assert first["ext"]["rerank"]["took_ms"] < 150
    assert slow.wait()
    second = slow.search(body={"query": QUERY, "size": 20})
    assert told(second) == ("reranked", None)
    assert ids(second) == [str(n) for n in range(19, -1, -1)]
    slow.close()


def test_a_failure_that_is_to_be_raised_is_raised_once() -> None:
    """Where a failure may not be passed over, the engine is asked once, and the student's failure counted and said."""
    engine = Listed([2.0, 1.0], [0.1, 0.2])
    strict = reranker(engine, Broken())
    with pytest.raises(ModelError, match=r"\(model_error: RuntimeError\('the graph is broken'\)\)"):
        strict.search(body={**BODY, "ext": {"rerank": {"allow_rerank_failures": False}}})
    assert len(engine.asked) == 1
    assert strict.outcomes == {"fallback:model_error": 1}


def test_nothing_read_by_the_deadline() -> None:
    """Where the engine alone takes all the time, its order is returned as soon as it is there."""
    engine = Listed([2.0, 1.0], [0.1, 0.2])
    now = iter(range(1000))
    reply = reranker(engine, deadline_ms=500, clock=lambda: float(next(now))).search(body=BODY)
    assert told(reply) == ("fallback", "deadline")
    assert ids(reply) == ["0", "1"]


def test_documents_that_take_long_to_look_through() -> None:
    """The deadline holds while keys are made and products built, and so many as there was time for are read later."""
    made: list[str] = []
    now = [0.0]

    class Long(SourceKeys):
        def _digest(self, source: Any) -> Any:
            now[0] += 0.02
            made.append(source["title"])
            return super()._digest(source)

    hits = [{"_id": str(n), "_source": {"title": f"#0.{n}"}} for n in range(1, 100)]
    sources = Long(ReadableStudent(), FieldMap())
    deadline = Deadline.start(100, lambda: now[0])
    scored = score_hits(ReadableStudent(), None, sources, "usb", hits, deadline)
    assert deadline.elapsed_ms() <= 121
    assert scored.reason is Reason.DEADLINE
    assert np.isnan(scored.scores).all()
    assert 0 < len(scored.late) <= len(made) <= 6


def test_states_are_kept_and_found() -> None:
    """What a search has read is not read again."""
    student, states = ReadableStudent(), Memory()
    engine = Listed([3.0, 2.0, 1.0], [0.1, 0.2, 0.3])
    search = reranker(engine, student, states=states)
    search.search(body=BODY)
    assert search.wait()
    assert len(states.kept) == 3
    reranker(engine, student, states=states).search(body=BODY)
    assert student.encoded == 3
    search.close()


def test_a_store_that_fails_costs_time_only() -> None:
    """When states can't be read or kept, products are encoded at every search."""

    class Gone(Memory):
        def get(self, keys: Any) -> Any:
            raise OSError("no such device")

        put = get

    search = reranker(Listed([2.0, 1.0], [0.1, 0.2]), states=Gone(), blend_weight=1.0)
    assert ids(search.search(body=BODY)) == ["1", "0"]
    assert search.wait()
    assert told(search.search(body=BODY)) == ("reranked", None)
    search.close()


def test_a_fault_of_ours_costs_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even an error in the middleware itself gives the engine's reply, and is said."""
    monkeypatch.setattr("endcap.plugin.search.search_run.page_hits", lambda *_: 1 / 0)
    reply = reranker(Listed([2.0, 1.0], [0.1, 0.2])).search(body=BODY)
    assert told(reply) == ("fallback", "internal_error")
    assert ids(reply) == ["0", "1"]


def test_some_products_without_text() -> None:
    """A product that has none of the student's fields counts as the mean of the others."""
    engine = Listed([3.0, 2.0, 1.0], [0.1, 0.2, 0.9])
    engine.hits[1]["_source"] = {"sku": 7}
    reply = reranker(engine, blend_weight=1.0).search(body=BODY)
    assert told(reply) == ("partial", "no_product_text")
    assert ids(reply) == ["2", "1", "0"]
