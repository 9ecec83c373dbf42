"""Where candidates by meaning can't be had: said in the reply, warned of once, and the search goes on as ever."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import dense_parts
import pytest
from dense_parts import SynonymStudent, catalogue, with_vectors
from opensearchpy import OpenSearch
from opensearchpy.exceptions import AuthorizationException, NotFoundError
from rerank_parts import Listed, ReadableStudent, fill_index, ids, reranker, told, unique

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.plugin.search.dense_support import DenseSupport, Scope, trouble
from endcap.plugin.search.multi_search import multi_search

MATCH = {"match": {"title": "headset"}}
BODY: dict[str, Any] = {"query": MATCH, "size": 5}


@pytest.fixture(scope="module")
def index(opensearch_2: str) -> Iterator[tuple[OpenSearch, str]]:
    """Sixty products with vectors."""
    client, name = OpenSearch(opensearch_2), unique("dense-support")
    dense_parts.fill(client, name, with_vectors(catalogue()))
    yield client, name
    client.indices.delete(index=name)


class Counting:
    """A client that counts what it is asked."""

    def __init__(self, client: OpenSearch, refuses: Exception | None = None) -> None:
        self.client, self.refuses, self.asked = client, refuses, list[str]()

    def search(self, **request: Any) -> Any:
        self.asked.append("search")
        return self.client.search(**request)

    def msearch(self, **request: Any) -> Any:
        self.asked.append("msearch")
        if self.refuses is not None:
            raise self.refuses
        return self.client.msearch(**request)


def detail_of(client: Any, index: str, student: Any = None, body: dict[str, Any] = BODY, **params: Any) -> str:
    """What a search says of its candidates by meaning, of which there are none."""
    searcher = reranker(client, student or SynonymStudent(), dense=10)
    reply = searcher.search(index=index, body=body, **params)
    assert reply["ext"]["rerank"]["status"] == "reranked"
    assert reply["ext"]["rerank"]["added"] == 0
    plain = reranker(client, student or SynonymStudent()).search(index=index, body=body, **params)
    assert ids(reply) == ids(plain)
    detail: str = reply["ext"]["rerank"]["detail"]
    return detail


def test_an_engine_without_knn(shop: tuple[OpenSearch, str]) -> None:
    """OpenSearch without the plugin refuses both searches of an _msearch: the window goes alone."""
    client, name = shop
    assert "the engine has no k-NN" in detail_of(client, name, body={"query": {"match": {"title": "usb"}}, "size": 5})


def test_an_index_without_vectors(index: tuple[OpenSearch, str]) -> None:
    """Where the field is not there, one part of the _msearch fails, and the window stands."""
    client, _ = index
    name = unique("dense-none")
    fill_index(client, name, [{"title": "wireless headset"}, {"title": "headset stand"}], {"properties": {}})
    try:
        assert "the index has no vectors of this model" in detail_of(client, name)
    finally:
        client.indices.delete(index=name)


def test_vectors_of_another_model(index: tuple[OpenSearch, str]) -> None:
    """Vectors of another model are no neighbours; a filter that lets nothing through is not taken for that."""
    client, name = index
    other = SynonymStudent(model="feedfacefeedface")
    assert "no vectors of this model (feedfacefeedface)" in detail_of(client, name, other)

    class Longer(SynonymStudent):
        def query_vector(self, query: str) -> Any:
            return dense_parts.np.ones(SIZE + 1, dtype="float32")

    SIZE = dense_parts.SIZE
    longer = Longer()
    longer.info.state_shape = [SIZE + 1]
    assert "another length" in detail_of(client, name, longer)
    none = {"query": {"bool": {"must": [MATCH], "filter": [{"term": {"brand": "nobody"}}]}}}
    reply = reranker(client, SynonymStudent(), dense=10).search(index=name, body=none)
    assert told(reply) == ("skipped", "empty_window")
    assert "detail" not in reply["ext"]["rerank"]


def test_the_embedded_engine_without_vectors() -> None:
    """The embedded engine says so, too."""
    engine = EmbeddedEngine("bare")
    engine.load([Product("1", "wireless headset"), Product("2", "headset stand")])
    assert "the index has no vectors in endcap.vector" in detail_of(engine, "bare")


def test_an_engine_that_has_no_msearch() -> None:
    """A client with ``search`` alone is asked twice; what it finds again is not added."""
    listed = Listed([2.0, 1.0], [0.1, 0.9])
    reply = reranker(listed, SynonymStudent(), dense=10).search(index="i", body={**BODY, "size": 2})
    assert [next(iter(body["query"])) for body in listed.asked] == ["match", "knn"]
    assert told(reply) == ("reranked", None)
    assert len(ids(reply)) == 2
    assert reply["ext"]["rerank"]["added"] == 0


def test_a_student_without_vectors(index: tuple[OpenSearch, str]) -> None:
    """A student that makes none (a cross-encoder, somebody's own) costs no search."""
    client, name = index

    class Reader(SynonymStudent):
        def query_vector(self, query: str) -> None:
            return None

    assert "makes no vectors" in detail_of(client, name, Reader())
    assert "could not be made" in detail_of(client, name, ReadableStudent())


def test_an_unclear_body(index: tuple[OpenSearch, str]) -> None:
    """A body whose text may exclude products says so."""
    client, name = index
    query = {"simple_query_string": {"query": "headset -red", "fields": ["title"]}}
    detail = detail_of(
        client, name, body={"query": query, "size": 5, "ext": {"rerank": {"query_context": {"query_text": "headset"}}}}
    )
    assert detail == (
        "No product was added by meaning: the text of simple_query_string has operators, which may exclude products."
    )


def test_it_is_remembered_and_warned_once(index: tuple[OpenSearch, str], caplog: pytest.LogCaptureFixture) -> None:
    """What keeps an index from it is asked once, not at every search, and logged once."""
    client, name = index
    counting = Counting(client, AuthorizationException(403, "security_exception", {"error": "no permissions"}))
    searcher = reranker(counting, SynonymStudent(), dense=10)
    with caplog.at_level(logging.WARNING, "endcap.rerank"):
        details = {searcher.search(index=name, body=BODY)["ext"]["rerank"]["detail"] for _ in range(3)}
    assert counting.asked == ["msearch", "search", "search", "search"]
    assert [detail for detail in details if "does not allow _msearch (403)" in detail] == list(details)
    assert sum("does not allow _msearch" in record.message for record in caplog.records) == 1


def test_it_is_forgotten_after_a_while() -> None:
    """After its time the index is asked again; a warning is not repeated."""
    now = [0.0]
    support = DenseSupport(60.0, clock=lambda: now[0])
    assert support.remember("i m", Scope("no vectors")) == support.scope("i m") == Scope("no vectors")
    now[0] = 61.0
    assert support.scope("i m") is None


def test_one_round_trip(index: tuple[OpenSearch, str]) -> None:
    """Window and neighbours come by one request, also with parameters, and a parameter without a place costs two."""
    client, name = index
    for params, asked in (
        ({}, ["msearch"]),
        ({"preference": "_local", "routing": "a", "timeout": "5s", "request_timeout": 5}, ["msearch"]),
        ({"track_total_hits": True, "ignore_unavailable": True, "search_type": "dfs_query_then_fetch"}, ["msearch"]),
        ({"batched_reduce_size": 2}, ["search", "search"]),
    ):
        counting = Counting(client)
        reply = reranker(counting, SynonymStudent(), dense=10).search(index=name, body=BODY, **params)
        assert counting.asked == asked, params
        assert "detail" not in reply["ext"]["rerank"], params


def test_a_window_does_not_wait_for_its_neighbours(index: tuple[OpenSearch, str]) -> None:
    """The engine gives the neighbours up when the deadline is over; the window comes all the same."""
    client, name = index
    reply = reranker(client, SynonymStudent(), dense=10, deadline_ms=0.001).search(index=name, body=BODY)
    assert told(reply) == ("fallback", "deadline")
    assert ids(reply) == ids(client.search(index=name, body=BODY))


def test_the_windows_error_is_the_engines(index: tuple[OpenSearch, str]) -> None:
    """An index that is not there, and a body that the engine refuses, raise what they raise without candidates."""
    client, name = index
    searcher = reranker(client, SynonymStudent(), dense=10)
    with pytest.raises(NotFoundError):
        searcher.search(index="rerank-there-is-none", body=BODY)
    for query in ({"no_such_clause": {}}, {"bool": {"must": [MATCH], "filter": [{"range": {"stock": {"gte": "x"}}}]}}):
        with pytest.raises(Exception) as plain:
            client.search(index=name, body={"query": query})
        with pytest.raises(type(plain.value)) as caught:
            searcher.search(
                index=name, body={"query": query, "ext": {"rerank": {"query_context": {"query_text": "headset"}}}}
            )
        assert str(caught.value) == str(plain.value)


def test_a_window_that_is_too_large_is_passed_through(index: tuple[OpenSearch, str]) -> None:
    """What only the window's request may not do, the caller's body still may."""
    client, name = index
    client.indices.put_settings(index=name, body={"index": {"max_result_window": 15}})
    try:
        reply = reranker(client, SynonymStudent(window=20), dense=10).search(index=name, body=BODY)
        assert told(reply) == ("fallback", "window_error")
    finally:
        client.indices.put_settings(index=name, body={"index": {"max_result_window": None}})


def test_parameters_of_an_msearch() -> None:
    """Each parameter stands where an _msearch has it; what has no place there makes two searches."""
    found = multi_search(
        ({"query": 1}, {"query": 2}),
        {"preference": "p", "routing": ["a", "b"], "typed_keys": True, "timeout": "1s", "profile": True},
    )
    assert found is not None
    assert found.lines == [
        {"preference": "p", "routing": "a,b"},
        {"query": 1, "timeout": "1s", "profile": True},
        {"preference": "p", "routing": "a,b"},
        {"query": 2, "timeout": "1s"},
    ]
    assert found.params == {"typed_keys": True}
    hurried = multi_search(({}, {}), {"preference": "p"}, 12.3)
    assert hurried is not None
    assert hurried.lines == [{"preference": "p"}, {}, {"preference": "p", "cancel_after_time_interval": "13ms"}, {}]
    assert multi_search(({}, {}), {"terminate_after": "10"}) is None
    assert multi_search(({}, {}), {"suggest_field": "title"}) is None


def test_troubles_that_do_not_last() -> None:
    """A cluster that is overloaded now may not be so at the next search."""
    found = trouble(
        {"error": {"root_cause": [{"reason": "rejected execution of a coordinating operation"}]}, "status": 429}
    )
    assert not found.lasts
    assert found.words.endswith("the search by vectors failed: rejected execution of a coordinating operation.")
