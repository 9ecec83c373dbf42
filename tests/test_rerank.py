"""The middleware's promises beside the shape of bodies: pages, scores, time, faults, and what is passed through."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opensearchpy import AsyncOpenSearch, OpenSearch, RequestError
from opensearchpy.exceptions import NotFoundError, OpenSearchException
from rerank_parts import (
    Broken,
    Memory,
    NotANumber,
    ReadableStudent,
    Slow,
    TooFew,
    documents,
    fill_index,
    ids,
    score_in,
    unique,
)

from endcap.errors import EngineError, InputError, ModelError
from endcap.index.embedded import EmbeddedEngine
from endcap.index.fields import FieldMap
from endcap.index.opensearch import OpenSearchEngine
from endcap.index.product import Product
from endcap.plugin import Reranker
from endcap.plugin.deadline import Deadline
from endcap.plugin.page_memory import PageMemory
from endcap.plugin.scoring import score_hits
from endcap.plugin.source_keys import SourceKeys
from endcap.plugin.status import Reason, Status

QUERY = {"match": {"title": "usb cable"}}
BODY: dict[str, Any] = {"query": QUERY, "size": 5}


class Listed:
    """An engine in a list: it answers from..size of the hits that it was given, and notes what it was asked."""

    def __init__(self, scores: list[float], students: list[float]) -> None:
        self.hits = [
            {"_index": "i", "_id": str(n), "_score": score, "_source": {"title": f"usb #{student}"}}
            for n, (score, student) in enumerate(zip(scores, students, strict=True))
        ]
        self.asked: list[dict[str, Any]] = []

    def search(self, *, index: str | None = None, body: dict[str, Any]) -> dict[str, Any]:
        self.asked.append(body)
        found = self.hits
        narrowed = body.get("query", {}).get("bool", {}).get("filter")
        narrowed = [body["post_filter"]] if "post_filter" in body else narrowed
        if narrowed:
            found = [hit for hit in found if hit["_id"] in narrowed[0]["ids"]["values"]]
        start = body.get("from", 0)
        page = [dict(hit) for hit in found[start : start + body.get("size", 10)]]
        total = {"value": len(self.hits), "relation": "eq"}
        return {"took": 1, "hits": {"total": total, "max_score": None, "hits": page}}


@pytest.fixture(scope="module")
def shop(opensearch: str) -> Iterator[tuple[OpenSearch, str]]:
    client, index = OpenSearch(opensearch), unique("shop")
    fill_index(client, index, documents(60))
    yield client, index
    client.indices.delete(index=index)
    client.close()


def reranker(target: Any, student: Any = None, **settings: Any) -> Reranker:
    """A re-ranker with all the time in the world, unless told otherwise."""
    return Reranker(target, student or ReadableStudent(), **{"deadline_ms": 60_000, "states": Memory(), **settings})


def told(reply: dict[str, Any]) -> tuple[str, str | None]:
    return reply["ext"]["rerank"]["status"], reply["ext"]["rerank"]["reason"]


# -- order, pages, scores


@settings(deadline=None, max_examples=150)
@given(
    scores=st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9)), min_size=1, max_size=40),
    window=st.integers(2, 30),
    size=st.integers(1, 12),
    weight=st.sampled_from([0.0, 0.3, 0.5, 1.0]),
    remember=st.booleans(),
)
def test_pages_show_each_product_once(
    scores: list[tuple[int, int]], window: int, size: int, weight: float, remember: bool
) -> None:
    """All pages together are the engine's hits, each once; scores never rise; behind the window nothing is moved."""
    engine = Listed(sorted((a * 1.5 for a, _ in scores), reverse=True), [b / 10 for _, b in scores])
    memory = PageMemory(ttl_s=60.0 if remember else -1.0)
    search = reranker(engine, window=window, blend_weight=weight, memory=memory).search
    pages = [search(body={"query": QUERY, "from": at, "size": size}) for at in range(0, len(scores) + size, size)]
    hits = [hit for page in pages for hit in page["hits"]["hits"]]
    assert sorted(hit["_id"] for hit in hits) == sorted(hit["_id"] for hit in engine.hits)
    assert [hit["_id"] for hit in hits[window:]] == [hit["_id"] for hit in engine.hits[window:]]
    values = [hit["_score"] for hit in hits]
    assert values == sorted(values, reverse=True)
    if weight == 0:
        assert [hit["_id"] for hit in hits] == [hit["_id"] for hit in engine.hits]
    if weight == 1 and len(scores) > 1:
        inside = [score_in(hit["_source"]["title"]) for hit in hits[:window]]
        assert inside == sorted(inside, reverse=True)


def test_scores_follow_the_written_formula() -> None:
    """``_score`` is floor + (blend - lowest blend) * deviation of the engine's scores; the engine's is kept."""
    engine = Listed([9.0, 6.0, 3.0], [0.1, 0.9, 0.2])
    hits = reranker(engine, blend_weight=0.5).search(body={"query": QUERY})["hits"]["hits"]
    student, scores = np.array([0.1, 0.9, 0.2]), np.array([9.0, 6.0, 3.0])
    blended = 0.5 * (student - student.mean()) / student.std() + 0.5 * (scores - scores.mean()) / scores.std()
    expected = 3.0 + (blended - blended.min()) * scores.std()
    for hit in hits:
        n = int(hit["_id"])
        assert hit["_score"] == pytest.approx(expected[n])
        assert hit["previous_score"] == scores[n]
        assert hit["student_score"] == pytest.approx(student[n])


def test_dear_work_is_done_for_the_page_alone() -> None:
    """What the engine makes for each hit is left out of the window's request, and asked for the page's hits."""
    engine = Listed([float(n) for n in range(30, 0, -1)], [0.5] * 30)
    body = {"query": QUERY, "size": 3, "highlight": {"fields": {"title": {}}}, "aggs": {"a": {}}}
    reranker(engine).search(body=body)
    window, page = engine.asked
    assert window == {"query": QUERY, "size": 20, "from": 0, "_source": True, "aggs": {"a": {}}}
    assert page["query"]["bool"]["must"] == [QUERY]
    assert page["query"]["bool"]["filter"] == [{"ids": {"values": ["0", "1", "2"]}}]
    assert "aggs" not in page


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (True, True),
        (False, ["brand", "title"]),
        (["price"], {"includes": ["brand", "price", "title"], "excludes": []}),
        ({"excludes": ["vector", "title.raw", "b*"]}, {"includes": [], "excludes": ["vector"]}),
        ({"includes": ["p*"], "excludes": ["brand"]}, {"includes": ["brand", "p*", "title"], "excludes": []}),
    ],
)
def test_one_request_where_that_is_cheaper(asked: Any, sent: Any) -> None:
    """Where only the source is shown there is one request; it leaves out what the caller does, but for our fields."""
    engine = Listed([3.0, 2.0, 1.0], [0.1, 0.2, 0.3])
    reranker(engine).search(body={"query": QUERY, "_source": asked})
    assert [body["_source"] for body in engine.asked] == [sent]


def test_a_hybrid_query_is_sent_as_it_is() -> None:
    """A hybrid query can't stand inside another one, so work that needs the query is done in one request."""
    engine = Listed([float(n) for n in range(30, 0, -1)], [n / 30 for n in range(30)])
    body = {"query": {"hybrid": {"queries": [QUERY, {"neural": {"v": {"query_text": "usb cable"}}}]}}, "size": 3}
    highlight = {"highlight": {"fields": {"title": {}}}}
    assert told(reranker(engine).search(body={**body, **highlight})) == ("reranked", None)
    assert [asked["query"] for asked in engine.asked] == [body["query"]]
    assert engine.asked[0]["highlight"] == highlight["highlight"]


def test_later_pages_keep_in_step_with_a_changing_index(shop: tuple[OpenSearch, str]) -> None:
    """A page is the next one of the order that the first page was cut from, whatever has changed in between."""
    client, _ = shop
    index = unique("step")
    fill_index(client, index, documents(40))
    try:
        search = reranker(client, blend_weight=1.0).search
        untouched = [ids(search(index=index, body={**BODY, "from": at})) for at in (0, 5, 10, 15)]
        first = search(index=index, body=BODY)
        best = {"title": "usb cable usb cable #1.0", "brand": "acme"}
        client.index(index=index, id="new", body=best, refresh=True)
        later = [search(index=index, body={**BODY, "from": at}) for at in (5, 10, 15)]
        assert [ids(first), *map(ids, later)] == untouched
        assert {told(page) for page in later} == {("reranked", None)}
        across = search(index=index, body={**BODY, "from": 15, "size": 15})
        assert ids(across)[:5] == untouched[3]
        assert told(across) == ("reranked", "out_of_step")
        assert not set(ids(across)[5:]) & {one for page in untouched for one in page}
        client.delete(index=index, id=untouched[1][2], refresh=True)
        shorter = search(index=index, body={**BODY, "from": 5})
        assert ids(shorter) == [one for one in untouched[1] if one != untouched[1][2]]
        assert told(shorter) == ("reranked", "out_of_step")
    finally:
        client.indices.delete(index=index)


def test_pages_after_a_fallback_stay_in_the_engines_order() -> None:
    """When the first page fell back, the next ones do too, so that nothing is shown twice."""
    engine = Listed([float(n) for n in range(30, 0, -1)], [n / 100 for n in range(30)])
    student = ReadableStudent()
    search = reranker(engine, student, blend_weight=1.0).search
    student.score_batches = Broken().score_batches  # type: ignore[method-assign]
    assert told(search(body=BODY)) == ("fallback", "model_error")
    del student.score_batches
    second = search(body={**BODY, "from": 5})
    assert ids(second) == ["5", "6", "7", "8", "9"]
    assert told(second) == ("fallback", "model_error")
    assert told(search(body=BODY)) == ("reranked", None)


def test_what_vanished_before_the_page_was_fetched_is_left_out() -> None:
    """A hit that is deleted between the two requests makes the page shorter, and nothing else."""
    engine = Listed([3.0, 2.0, 1.0] + [0.5] * 20, [0.9, 0.5, 0.1] + [0.0] * 20)
    whole = engine.search

    def search(*, index: str | None = None, body: dict[str, Any]) -> dict[str, Any]:
        reply = whole(index=index, body=body)
        engine.hits = [hit for hit in engine.hits if hit["_id"] != "1"]
        return reply

    engine.search = search  # type: ignore[method-assign]
    reply = reranker(engine).search(body={"query": QUERY, "size": 3, "explain": True})
    assert ids(reply) == ["0", "2"]
    assert told(reply) == ("reranked", None)


def test_min_score_is_on_the_students_scale(shop: tuple[OpenSearch, str]) -> None:
    """Candidates below ``min_score`` are not shown, nor is anything behind the window; totals are the engine's."""
    client, index = shop
    body = {"query": QUERY, "size": 10, "ext": {"rerank": {"min_score": 0.5}}}
    search = reranker(client).search
    pages = [search(index=index, body={**body, "from": at}) for at in (0, 10, 20, 30)]
    assert not search(index=index, body={**body, "from": 15})["hits"]["hits"]
    hits = [hit for page in pages for hit in page["hits"]["hits"]]
    assert 0 < len(hits) < 20
    assert all(score_in(hit["_source"]["title"]) >= 0.5 for hit in hits)
    assert len({hit["_id"] for hit in hits}) == len(hits)
    total = client.search(index=index, body={"query": QUERY})["hits"]["total"]
    assert all(page["hits"]["total"] == total for page in pages)


# -- ext.rerank


def test_options_of_one_search(shop: tuple[OpenSearch, str]) -> None:
    """``ext.rerank`` changes window and weight for one search, and the engine never sees it."""
    client, index = shop
    search = reranker(client, blend_weight=1.0).search
    ext = {"rerank": {"rank_window_size": 7, "blend_weight": 0.0, "model": "readable"}}
    reply = search(index=index, body={**BODY, "ext": ext})
    assert reply["ext"]["rerank"]["window"] == 7
    assert reply["ext"]["rerank"]["scored"] == 7
    assert ids(reply) == ids(client.search(index=index, body=BODY))
    assert ids(reply) != ids(search(index=index, body=BODY))


@pytest.mark.parametrize(
    "asked",
    [
        "yes",
        {"rank_window_size": 0},
        {"rank_window_size": True},
        {"rank_window_size": 20_000},
        {"blend_weight": 1.5},
        {"blend_weight": "much"},
        {"min_score": None},
        {"min_score": float("nan")},
        {"allow_rerank_failures": "no"},
        {"model": 3},
        {"windwo": 10},
        {"query_context": {}},
        {"query_context": {"query_text": ""}},
        {"query_context": {"query_text": 4}},
        {"query_context": {"query_text": "a", "query_text_path": "query"}},
        {"query_context": {"query_text_path": "query.match.nothing"}},
    ],
)
def test_a_mistake_in_ext_rerank_is_named_and_costs_no_search(shop: tuple[OpenSearch, str], asked: Any) -> None:
    """A wrong value leaves the search as it was, with the reason and what is wrong with it."""
    client, index = shop
    reply = reranker(client).search(index=index, body={**BODY, "ext": {"rerank": asked}})
    assert told(reply) == ("skipped", "bad_request")
    assert "ext.rerank" in reply["ext"]["rerank"]["detail"]
    assert ids(reply) == ids(client.search(index=index, body=BODY))


@pytest.mark.parametrize(
    ("context", "text"),
    [
        ({"query_text": "long lamp"}, "long lamp"),
        ({"query_text_path": "query.match.title"}, "usb cable"),
        ({"query_text_path": "query.match.title.query"}, "usb cable"),
    ],
)
def test_the_query_text_may_be_given(context: dict[str, str], text: str) -> None:
    """``query_context`` gives the text, or says where in the body it stands."""
    seen = []

    class Listening(ReadableStudent):
        def score_batches(self, query: str, items: Any) -> Any:
            seen.append(query)
            return super().score_batches(query, items)

    engine = Listed([2.0, 1.0], [0.1, 0.2])
    reranker(engine, Listening()).search(body={"query": QUERY, "ext": {"rerank": {"query_context": context}}})
    assert seen == [text]


def test_failing_can_be_asked_for() -> None:
    """With ``allow_rerank_failures: false`` a search that can't be re-ranked raises, and says why."""
    engine = Listed([2.0, 1.0], [0.1, 0.2])
    strict = {"query": QUERY, "ext": {"rerank": {"allow_rerank_failures": False}}}
    with pytest.raises(ModelError, match=r"model_error.*the graph is broken"):
        reranker(engine, Broken()).search(body=strict)
    wrong = {"query": QUERY, "ext": {"rerank": {"allow_rerank_failures": False, "blend_weight": 2}}}
    with pytest.raises(InputError, match="blend_weight is 2"):
        reranker(engine).search(body=wrong)
    assert told(reranker(engine).search(body=strict)) == ("reranked", None)


# -- passed through


@pytest.mark.parametrize(
    ("body", "params", "reason"),
    [
        ({"sort": [{"price": "asc"}]}, {}, "sorted"),
        ({"sort": ["_score", {"price": "asc"}]}, {}, "sorted"),
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
    assert told(search(index=index, body='{"size": 1}')) == ("skipped", "bad_request")
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


# -- faults and time


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


def test_a_student_that_fails_at_every_search_does_not_flood_the_log(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each failed search has its line; the traceback comes once a minute."""
    monkeypatch.setattr("endcap.plugin.status._traced", {})
    broken = reranker(Listed([3.0, 2.0, 1.0], [0.1, 0.2, 0.3]), Broken())
    with caplog.at_level(logging.WARNING, "endcap.rerank"):
        for _ in range(20):
            broken.search(body=BODY)
    assert sum(record.exc_info is not None for record in caplog.records) == 1
    lines = [record.getMessage() for record in caplog.records if record.exc_info is None]
    assert len(lines) == 20
    assert all("model_error" in line and "\n" not in line for line in lines)


def test_a_query_that_is_no_unicode() -> None:
    """A text with half a character in it is not scored."""
    reply = reranker(Listed([2.0, 1.0], [0.1, 0.2])).search(body={"query": {"match": {"title": "usb \ud800"}}})
    assert told(reply) == ("fallback", "bad_text")


def test_what_is_not_read_in_time_is_read_for_the_next_search() -> None:
    """Products without a state are read within the deadline; the rest count as the mean, and are read afterwards."""
    engine = Listed([float(n) for n in range(20, 0, -1)], [n / 20 for n in range(20)])
    slow = reranker(engine, Slow(), deadline_ms=100, blend_weight=1.0)
    first = slow.search(body={"query": QUERY, "size": 20})
    assert told(first) == ("partial", "deadline")
    scored = first["ext"]["rerank"]["scored"]
    assert 0 < scored < 20
    assert sum(hit["student_score"] is not None for hit in first["hits"]["hits"]) == scored
    assert first["ext"]["rerank"]["took_ms"] < 200
    assert slow.wait()
    second = slow.search(body={"query": QUERY, "size": 20})
    assert told(second) == ("reranked", None)
    assert ids(second) == [str(n) for n in range(19, -1, -1)]
    slow.close()


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

    class Long(SourceKeys):
        def key(self, source: Any) -> Any:
            time.sleep(0.02)
            made.append(source["title"])
            return super().key(source)

    hits = [{"_id": str(n), "_source": {"title": f"#0.{n}"}} for n in range(1, 100)]
    sources = Long(ReadableStudent(), FieldMap())
    deadline = Deadline.start(100)
    scored = score_hits(ReadableStudent(), None, sources, "usb", hits, deadline)
    assert deadline.elapsed_ms() < 150
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
    monkeypatch.setattr("endcap.plugin.reply.page_hits", lambda *_: 1 / 0)
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


# -- clients, engines, arguments


def test_asyncio(opensearch: str, shop: tuple[OpenSearch, str]) -> None:
    """With an asyncio client, ``search`` is awaited, many at once, and gives what the sync way gives."""
    client, index = shop
    expected = ids(reranker(client).search(index=index, body=BODY))

    async def together() -> list[dict[str, Any]]:
        async with AsyncOpenSearch(opensearch) as asynchronous:
            search = reranker(asynchronous).search
            with pytest.raises(NotFoundError):
                await search(index="rerank-there-is-none", body=BODY)
            return list(await asyncio.gather(*(search(index=index, body=BODY) for _ in range(8))))

    replies = asyncio.run(together())
    assert [ids(reply) for reply in replies] == [expected] * 8
    assert {told(reply) for reply in replies} == {("reranked", None)}


def test_threads_share_a_reranker(shop: tuple[OpenSearch, str]) -> None:
    """Many threads search through one re-ranker, and each gets its own page."""
    client, index = shop
    shared = reranker(client, blend_weight=1.0)
    starts = [0, 5, 10, 15] * 8
    expected = {
        at: ids(reranker(client, blend_weight=1.0).search(index=index, body={**BODY, "from": at})) for at in starts
    }
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda at: ids(shared.search(index=index, body={**BODY, "from": at})), starts))
    assert pages == [expected[at] for at in starts]
    assert dict(shared.outcomes) == {"reranked": len(starts)}


def test_the_event_loop_is_not_blocked(opensearch: str, shop: tuple[OpenSearch, str]) -> None:
    """While the student reads, other tasks go on."""
    _, index = shop

    async def ticks() -> int:
        async with AsyncOpenSearch(opensearch) as asynchronous:
            task = asyncio.ensure_future(reranker(asynchronous, Slow()).search(index=index, body=BODY))
            count, longest = 0, 0.0
            while not task.done():
                began = time.perf_counter()
                await asyncio.sleep(0.001)
                longest = max(longest, time.perf_counter() - began)
                count += 1
            assert told(task.result()) == ("reranked", None)
            return count

    assert asyncio.run(ticks()) > 20


def test_the_embedded_engine(tmp_path: Path) -> None:
    """The embedded engine is re-ranked like a cluster, page by page."""
    engine = EmbeddedEngine("shop", tmp_path)
    engine.load(Product.from_mapping({"id": str(i), **doc}) for i, doc in enumerate(documents(40)))
    search = reranker(engine, blend_weight=1.0).search
    body = {"query": engine.text_query("usb cable"), "size": 4}
    pages = [search(body={**body, "from": at}) for at in (0, 4, 8, 12, 16)]
    assert {told(page) for page in pages} == {("reranked", None)}
    hits = [hit for page in pages for hit in page["hits"]["hits"]]
    students = [hit["student_score"] for hit in hits]
    assert students == sorted(students, reverse=True)
    assert len({hit["_id"] for hit in hits}) == 20
    assert hits[0]["_source"]["price"] > 0
    with pytest.raises(EngineError):
        search(
            body={"query": {"wildcard": {"title": "usb*"}}, "ext": {"rerank": {"query_context": {"query_text": "a"}}}}
        )


def test_an_endcap_engine_in_front_of_a_cluster(shop: tuple[OpenSearch, str]) -> None:
    """An ``OpenSearchEngine`` knows index and field names; its errors are its own, and come after one request."""
    client, _ = shop
    index = unique("engine")
    docs = [{"name": f"usb cable #{n / 10}"} for n in range(10)]
    fill_index(client, index, docs, {"properties": {"name": {"type": "text"}}})
    try:
        engine = OpenSearchEngine(client, index, fields=FieldMap.parse("title=name"))
        reply = reranker(engine, blend_weight=1.0).search(body={"query": {"match": {"name": "usb"}}, "size": 3})
        assert told(reply) == ("reranked", None)
        assert ids(reply) == ["9", "8", "7"]
        with pytest.raises(EngineError):
            reranker(engine).search(index="rerank-there-is-none", body=BODY)
    finally:
        client.indices.delete(index=index)


def test_names_of_fields(shop: tuple[OpenSearch, str]) -> None:
    """``fields`` says how the index calls a product's fields, as a mapping or as a ``FieldMap``."""
    client, _ = shop
    index = unique("names")
    docs = [{"name": f"usb cable #{n / 10}", "maker": {"label": "zen"}} for n in range(10)]
    fill_index(client, index, docs, {"properties": {"name": {"type": "text"}}})
    try:
        body = {"query": {"match": {"name": "usb"}}}
        for fields in ({"title": "name", "brand": "maker.label"}, FieldMap.parse("title=name,brand=maker.label")):
            reply = reranker(client, fields=fields, blend_weight=1.0).search(index=index, body=body)
            assert told(reply) == ("reranked", None)
            assert ids(reply) == [str(n) for n in range(9, -1, -1)]
        assert told(reranker(client).search(index=index, body=body)) == ("fallback", "no_product_text")
    finally:
        client.indices.delete(index=index)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"window": 0}, "window is 0"),
        ({"window": 2.5}, "window is 2.5"),
        ({"blend_weight": -1}, "blend_weight is -1"),
        ({"deadline_ms": 0}, "deadline_ms is 0"),
        ({"deadline_ms": "fast"}, "deadline_ms is 'fast'"),
        ({"fields": "title=name"}, "fields is 'title=name'"),
        ({"fields": {"tilte": "name"}}, "tilte"),
    ],
)
def test_wrong_arguments_are_named(settings: dict[str, Any], message: str) -> None:
    """A wrong argument raises with the value."""
    with pytest.raises(InputError, match=message):
        reranker(Listed([], []), **settings)
    with pytest.raises(InputError, match="has no search"):
        Reranker("http://localhost:9200", ReadableStudent())


def test_every_word_of_a_reply_is_defined_once() -> None:
    """Status and reason are plain words in the reply."""
    reply = reranker(Listed([2.0, 1.0], [0.1, 0.2])).search(body=BODY)["ext"]["rerank"]
    assert type(reply["status"]) is str
    assert reply["status"] in set(Status)
    assert len(set(Reason)) == len({reason.name for reason in Reason})
    assert set(reply) == {"status", "reason", "scored", "model", "window", "took_ms", "stages"}
