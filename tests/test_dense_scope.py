"""What an index's name stands for: aliases with filters, several indexes, vectors of some products or of old texts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import dense_parts
import pytest
from dense_parts import Shop, SynonymStudent, cluster_shop, with_vectors
from opensearchpy.exceptions import RequestError, TransportError
from rerank_parts import ids, reranker, told

from endcap.plugin.rules.file import rules_of

EARPHONES = {"match": {"title": "earphones"}}
HEADSET = {"match": {"title": "headset"}}


@pytest.fixture(scope="module")
def cluster(opensearch_2: str) -> Iterator[Shop]:
    yield from cluster_shop(opensearch_2)


def search(cluster: Shop, query: Any, index: str = "", dense: int = 4, **params: Any) -> dict[str, Any]:
    searcher = reranker(cluster.client, SynonymStudent(), dense=dense)
    return dict(searcher.search(index=index or cluster.index, body={"query": query, "size": 60}, **params))


@pytest.fixture
def other(cluster: Shop) -> Iterator[str]:
    """An index beside it, without vectors."""
    name = f"{cluster.index}-other"
    cluster.client.indices.create(index=name, body={"mappings": {"properties": {"title": {"type": "text"}}}})
    cluster.client.index(index=name, id="1", body={"title": "old headset"}, refresh=True)
    yield name
    cluster.client.indices.delete(index=name)


def test_an_alias_with_a_filter(cluster: Shop) -> None:
    """The filter of an alias is one of the search for neighbours, so that as many are found as in the whole index."""
    alias = f"{cluster.index}-orbit"
    clause = {"bool": {"filter": [{"term": {"brand": "orbit"}}, {"terms": {"colour": ["red", "blue"]}}]}}
    cluster.client.indices.put_alias(index=cluster.index, name=alias, body={"filter": clause})
    reply = search(cluster, EARPHONES, alias)
    assert told(reply) == ("reranked", "nearest")
    assert len(ids(reply)) == 4
    assert {hit["_source"]["brand"] for hit in reply["hits"]["hits"]} == {"orbit"}
    filtered = search(cluster, {"bool": {"must": [EARPHONES], "filter": [clause]}})
    assert sorted(ids(filtered)) == sorted(ids(reply))
    # Known from now on, so the second search asks no more.
    asked: list[str] = []

    class Client:
        def search(self, **request: Any) -> Any:
            asked.append("search")
            return cluster.client.search(**request)

        def msearch(self, **request: Any) -> Any:
            asked.append("msearch")
            return cluster.client.msearch(**request)

        def search_shards(self, **request: Any) -> Any:
            asked.append("search_shards")
            return cluster.client.search_shards(**request)

    searcher = reranker(Client(), SynonymStudent(), dense=4)
    for _ in range(3):
        assert len(ids(searcher.search(index=alias, body={"query": EARPHONES}))) == 4
    assert asked[0] == "msearch"
    assert asked[1] == "search_shards"
    assert asked[-2:] == ["msearch", "msearch"]
    nothing = search(cluster, {"bool": {"must": [EARPHONES], "filter": [{"term": {"brand": "zen"}}]}}, alias)
    assert ids(nothing) == []
    assert "detail" not in nothing["ext"]["rerank"]


def test_some_indexes_have_vectors(cluster: Shop, other: str) -> None:
    """Of several indexes those with vectors give neighbours, and the others only what has the words."""
    for index in (f"{cluster.index},{other}", f"{cluster.index}*"):
        for params in ({}, {"allow_partial_search_results": False}):
            reply = search(cluster, HEADSET, index, dense=20, **params)
            assert told(reply) == ("reranked", "nearest")
            found = reply["hits"]["hits"]
            assert reply["ext"]["rerank"]["added"] > 0
            assert {hit["_index"] for hit in found if not hit.get("rerank_added")} == {cluster.index, other}
            assert {hit["_index"] for hit in found if hit.get("rerank_added")} == {cluster.index}
            assert reply["_shards"]["failed"] == 0
    assert "no vectors of this model" in search(cluster, HEADSET, other)["ext"]["rerank"]["detail"]


def test_routing_and_preference(cluster: Shop) -> None:
    """Neighbours come from the shards that the search is routed to."""
    shards = cluster.client.search_shards(index=cluster.index, routing="a")["shards"]
    everywhere = {hit["_id"] for hit in search(cluster, EARPHONES, dense=60)["hits"]["hits"]}
    routed = search(cluster, EARPHONES, dense=60, routing="a", preference="_local")
    assert routed["_shards"]["total"] == len(shards) == 1
    of_shard = cluster.client.search(index=cluster.index, body={"size": 100}, routing="a")
    assert set(ids(routed)) == set(ids(of_shard)) < everywhere


def test_vectors_of_texts_that_have_changed(cluster: Shop) -> None:
    """What a product was is no reason to show it: such a neighbour is left out, and the reply says so."""
    name, client = f"{cluster.index}-changed", cluster.client
    docs = dense_parts.catalogue()
    dense_parts.fill(client, name, with_vectors(docs))
    try:
        client.update(index=name, id="5", body={"doc": {"title": "grey sofa"}}, refresh=True)
        client.update(index=name, id="11", body={"doc": {"title": ""}}, refresh=True)
        reply = search(cluster, EARPHONES, name, dense=20)
        assert not {"5", "11"} & set(ids(reply))
        detail = reply["ext"]["rerank"]["detail"]
        assert detail.startswith("The engine found no product; the 18 nearest in meaning are shown. 2 of the nearest")
        for source in (["title"], False, {"excludes": ["endcap"]}):
            body = {"query": EARPHONES, "_source": source, "size": 60}
            reply = reranker(client, SynonymStudent(), dense=20).search(index=name, body=body)
            assert not {"5", "11"} & set(ids(reply))
            assert all("endcap" not in hit.get("_source", {}) for hit in reply["hits"]["hits"])
        wrong = reranker(client, SynonymStudent(), dense=20, fields={"title": "brand"})
        reply = wrong.search(index=name, body={"query": EARPHONES})
        assert ids(reply) == []
        assert "Is the field map the one that they were written with?" in reply["ext"]["rerank"]["detail"]
    finally:
        client.indices.delete(index=name)


def test_vectors_of_two_models(cluster: Shop) -> None:
    """While another model writes its vectors, the reply says that not all products are found by meaning."""
    name, docs = f"{cluster.index}-half", dense_parts.catalogue()
    halves = with_vectors(docs[:30]) + with_vectors(docs[30:], "feedfacefeedface")
    dense_parts.fill(cluster.client, name, halves)
    try:
        reply = search(cluster, HEADSET, name, dense=20)
        assert reply["ext"]["rerank"]["added"] > 0
        assert "5 of the 10 products that the engine found have another model's" in reply["ext"]["rerank"]["detail"]
    finally:
        cluster.client.indices.delete(index=name)


@pytest.mark.parametrize("ruled", [False, True])
def test_all_requests_are_the_callers(cluster: Shop, ruled: bool) -> None:
    """Headers, timeouts and the like go with each request: they may say who asks."""
    asked: list[dict[str, Any]] = []

    class Client:
        def search(self, **request: Any) -> Any:
            asked.append(request)
            return cluster.client.search(**request)

        def msearch(self, **request: Any) -> Any:
            asked.append(request)
            return cluster.client.msearch(**request)

        def search_shards(self, **request: Any) -> Any:
            asked.append(request)
            return cluster.client.search_shards(**request)

    rule = {"constant_score": {"filter": {"term": {"brand": "zen"}}, "boost": 9}}
    query = {"bool": {"must": [EARPHONES], "should": [rule] if ruled else [], "filter": [{"term": {"brand": "zen"}}]}}
    headers = {"x-proxy-user": "somebody"}
    searcher = reranker(Client(), SynonymStudent(), dense=50)
    searcher.search(index=cluster.index, body={"query": query}, headers=headers, request_timeout=30)
    assert len(asked) > 2
    assert all(request["headers"] == headers and request["request_timeout"] == 30 for request in asked)


def test_a_refusal_is_asked_twice_at_most(cluster: Shop) -> None:
    """Where the cluster refuses the window, it gets the caller's body next, as without candidates; where it has too
    much to do, nothing more."""

    class Refusing:
        def __init__(self, part: Any) -> None:
            self.part, self.asked = part, list[str]()

        def search(self, **request: Any) -> Any:
            self.asked.append("search")
            return cluster.client.search(**request)

        def msearch(self, **request: Any) -> Any:
            self.asked.append("msearch")
            if isinstance(self.part, Exception):
                raise self.part
            return {"responses": [self.part, self.part]}

    busy = {"error": {"type": "rejected_execution_exception", "reason": "busy"}, "status": 429}
    for part in (busy, TransportError(429, "rejected_execution_exception", busy), TransportError(503, "no", {})):
        client = Refusing(part)
        with pytest.raises(TransportError):
            reranker(client, SynonymStudent(), dense=4).search(index=cluster.index, body={"query": HEADSET})
        assert client.asked == ["msearch"], part
    client = Refusing(RequestError(400, "parsing_exception", {"error": {"reason": "unknown query [no_such]"}}))
    reranker(client, SynonymStudent(), dense=4).search(index=cluster.index, body={"query": HEADSET})
    assert client.asked == ["msearch", "search"]


def test_what_the_reply_counts(cluster: Shop) -> None:
    """``nearest`` is said where the engine found less than the page, whatever the window; and as many are counted as
    are shown."""
    usb = {"query": {"match": {"title": "usb"}}, "size": 20, "ext": {"rerank": {"rank_window_size": 5}}}
    reply = reranker(cluster.client, SynonymStudent(), dense=10).search(index=cluster.index, body=usb)
    assert told(reply) == ("reranked", None)
    rules = rules_of({"rules": [{"name": "hidden", "hide": {"where": {"brand": "zen"}}}]})
    for dense in (4, 30):
        searcher = reranker(cluster.client, SynonymStudent(), dense=dense, rules=rules)
        reply = searcher.search(index=cluster.index, body={"query": EARPHONES, "size": 60})
        shown = ids(reply)
        assert told(reply) == ("reranked", "nearest")
        assert reply["ext"]["rerank"]["added"] == len(shown) < dense
        assert f" the {len(shown)} nearest in meaning are shown" in reply["ext"]["rerank"]["detail"]
