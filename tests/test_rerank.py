"""The middleware: order, pages and scores, and what a search may ask for in ``ext.rerank``."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opensearchpy import OpenSearch
from rerank_parts import (
    BODY,
    QUERY,
    Broken,
    Listed,
    ReadableStudent,
    documents,
    fill_index,
    ids,
    reranker,
    score_in,
    told,
    unique,
)

from endcap.errors import InputError, ModelError
from endcap.index.number_spellings import OWN_NUMBERS
from endcap.plugin.search.page_memory import PageMemory
from endcap.plugin.search.reranker import Reranker


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
    w = 0.6 / 1.6  # of a query of two words
    blended = w * (student - student.mean()) / student.std() + (1 - w) * (scores - scores.mean()) / scores.std()
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


READ = ("attributes", "brand", "category", "description", "title", *OWN_NUMBERS, *(f"extra.{n}" for n in OWN_NUMBERS))
"""What a student reads, and where a product's own numbers may be."""


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        (True, True),
        (False, sorted(READ)),
        (["price"], {"includes": sorted([*READ, "price"])}),
        ({"excludes": ["vector", "title.raw", "b*"]}, {"excludes": ["vector"]}),
        (
            {"includes": ["p*"], "excludes": ["brand"]},
            {"includes": sorted([*READ, "p*"])},
        ),
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


def test_a_page_that_lacks_hits_is_the_engines() -> None:
    """Where a hit of the window is not among the page's, for whatever reason, the engine is asked for its own page."""
    engine = Listed([3.0, 2.0, 1.0] + [0.5] * 20, [0.9, 0.5, 0.1] + [0.0] * 20)
    whole = engine.search

    def search(*, index: str | None = None, body: dict[str, Any]) -> dict[str, Any]:
        reply = whole(index=index, body=body)
        engine.hits = [hit for hit in engine.hits if hit["_id"] != "1"]
        return reply

    engine.search = search  # type: ignore[method-assign]
    reply = reranker(engine).search(body={"query": QUERY, "size": 3, "explain": True})
    assert ids(reply) == ["0", "2", "3"]
    assert told(reply) == ("fallback", "page_error")
    assert "2 of the page's 3 hits" in reply["ext"]["rerank"]["detail"]


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


@pytest.mark.parametrize("wrong", [{"student": None}, {"student": "model/"}, {"states": "states/"}])
def test_wrong_arguments_are_named(wrong: dict[str, Any]) -> None:
    """A path instead of a student or a store is refused when the re-ranker is made, not in each search."""
    [(name, value)] = wrong.items()
    with pytest.raises(InputError, match=f"^{name} is {value!r}; give a "):
        Reranker(Listed([2.0], [0.1]), **{"student": ReadableStudent(), **wrong})


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
