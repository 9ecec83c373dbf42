"""Candidates by meaning: the nearest products join the engine's window, under the body's own rules."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest
from dense_parts import Shop, SynonymStudent, catalogue, cluster_shop, embedded_shop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from opensearchpy import AsyncOpenSearch
from rerank_parts import ids, reranker, told

from endcap.index.opensearch.engine import OpenSearchEngine

DOCS = catalogue()
MATCH = {"match": {"title": "headset"}}


@pytest.fixture(scope="module")
def cluster(opensearch_2: str) -> Iterator[Shop]:
    """Sixty products with their vectors in OpenSearch 2.19 with k-NN, in two shards."""
    yield from cluster_shop(opensearch_2)


@pytest.fixture(params=["cluster", "embedded"])
def shop(request: pytest.FixtureRequest) -> Shop:
    found: Shop = request.getfixturevalue("cluster") if request.param == "cluster" else embedded_shop()
    return found


def titles(reply: dict[str, Any]) -> list[str]:
    return [hit["_source"]["title"] for hit in reply["hits"]["hits"]]


def added(reply: dict[str, Any]) -> list[dict[str, Any]]:
    return [hit for hit in reply["hits"]["hits"] if hit.get("rerank_added")]


def test_the_nearest_join_the_window(shop: Shop) -> None:
    """Headphones are found for "headset", marked, and counted; what the engine counts stays the engine's."""
    plain = shop.client.search(index=shop.index, body={"query": MATCH})
    assert told(shop.search(MATCH, size=10)) == ("reranked", None)
    reply = shop.search(MATCH)
    found = added(reply)
    assert sum("headphones" in title for title in titles(reply)) == 10
    assert len(found) == reply["ext"]["rerank"]["added"] > 0
    assert reply["ext"]["rerank"]["scored"] == 10 + len(found)
    assert {hit["previous_score"] for hit in found} == {None}
    assert all(hit["student_score"] is not None for hit in found)
    assert reply["hits"]["total"] == plain["hits"]["total"]
    scores = [hit["_score"] for hit in reply["hits"]["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert set(ids(plain)) <= set(ids(reply))
    assert len(set(ids(reply))) == len(ids(reply))


def test_a_search_that_finds_nothing(shop: Shop) -> None:
    """Where the engine finds nothing, or less than a page, the nearest are shown, and the reply says so."""
    nothing = shop.search({"match": {"title": "earphones"}}, size=10)
    assert told(nothing) == ("reranked", "nearest")
    assert nothing["ext"]["rerank"]["detail"] == "The engine found no product; the 20 nearest in meaning are shown."
    assert nothing["hits"]["total"]["value"] == 0
    assert all("head" in title for title in titles(nothing))
    few = shop.search({"bool": {"must": [MATCH], "filter": [shop.colour("red")]}}, size=10)
    assert told(few) == ("reranked", "nearest")
    assert "The engine found 2 products;" in few["ext"]["rerank"]["detail"]
    assert {title.split()[0] for title in titles(few)} == {"red"}


def test_it_is_off_unless_asked_for(shop: Shop) -> None:
    """Without ``dense`` nothing is added or said; a body may ask for it, and may forbid it."""
    assert "added" not in shop.search(MATCH, dense=0)["ext"]["rerank"]
    asks = shop.search(MATCH, dense=0, ext={"rerank": {"dense": 20}})
    assert asks["ext"]["rerank"]["added"] > 0
    forbids = shop.search(MATCH, ext={"rerank": {"dense": 0}})
    assert "added" not in forbids["ext"]["rerank"]
    wrong = shop.search(MATCH, ext={"rerank": {"dense": -1}})
    assert told(wrong) == ("skipped", "bad_request")


FILTERS = st.fixed_dictionaries(
    {},
    optional={
        "filter": st.sampled_from([[{"term": {"brand": "zen"}}], [{"term": {"brand": "acme"}}]]),
        "must_not": st.sampled_from([[{"term": {"brand": "orbit"}}], [MATCH]]),
        "red": st.booleans(),
        "post": st.booleans(),
        "wrap": st.sampled_from(["", "function_score", "constant_score", "boosting", "dis_max"]),
    },
)


@given(FILTERS, st.sampled_from(["headset", "earphones", "cord"]))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_the_body_excludes_is_never_added(cluster: Shop, parts: dict[str, Any], text: str) -> None:
    """Whatever a body filters by, and however it is wrapped, no product is added that it does not allow."""
    match = {"match": {"title": text}}
    must = [match, *([cluster.colour("red")] if parts.get("red") else [])]
    query: dict[str, Any] = {
        "bool": {"must": must, "filter": parts.get("filter", []), "must_not": parts.get("must_not", [])}
    }
    match parts.get("wrap"):
        case "function_score":
            query = {"function_score": {"query": query, "functions": [{"weight": 2}]}}
        case "constant_score":
            query = {"constant_score": {"filter": query}}
        case "boosting":
            query = {"boosting": {"positive": query, "negative": {"term": {"stock": 0}}, "negative_boost": 0.1}}
        case "dis_max":
            query = {"dis_max": {"queries": [query]}}
    post = {"post_filter": {"term": {"colour": "red"}}} if parts.get("post") else {}
    reply = cluster.search(query, **post)
    for hit in reply["hits"]["hits"]:
        source = hit["_source"]
        assert not parts.get("filter") or source["brand"] == parts["filter"][0]["term"]["brand"]
        assert parts.get("must_not") != [{"term": {"brand": "orbit"}}] or source["brand"] != "orbit"
        assert parts.get("must_not") != [MATCH] or "headset" not in source["title"]
        assert not (parts.get("red") or parts.get("post")) or source["colour"] == "red"


@pytest.mark.parametrize("size", [3, 7, 10, 25])
def test_pages_are_in_step(shop: Shop, size: int) -> None:
    """Who pages through sees each product once, up to the last; also without the memory of the first page."""
    query = {"match": {"title": "wireless cord"}}
    plain = ids(shop.client.search(index=shop.index, body={"query": query, "size": 60}))
    shared = reranker(shop.client, SynonymStudent(window=12), dense=9)
    for one in (shared, None):
        seen: list[str] = []
        for start in range(0, 60, size):
            searcher = one or reranker(shop.client, SynonymStudent(window=12), dense=9)
            reply = searcher.search(index=shop.index, body={"query": query, "size": size, "from": start})
            seen += ids(reply)
            if start == 0:
                assert reply["ext"]["rerank"]["added"] > 0
        assert len(seen) == len(set(seen))
        assert set(plain) <= set(seen)


def test_facets_and_totals_are_the_engines(cluster: Shop) -> None:
    """Aggregations count what the engine found."""
    aggs = {"brands": {"terms": {"field": "brand"}}}
    plain = cluster.client.search(index=cluster.index, body={"query": MATCH, "aggs": aggs})
    reply = cluster.search(MATCH, aggs=aggs)
    assert reply["aggregations"] == plain["aggregations"]
    assert reply["ext"]["rerank"]["added"] > 0


def test_collapse_keeps_one_of_a_group(cluster: Shop) -> None:
    """A product of a group that is there already is not added, nor shown behind one that was."""
    query = {"match": {"title": "usb"}}
    reply = cluster.search(query, collapse={"field": "group"}, ext={"rerank": {"rank_window_size": 5}})
    groups = [hit["_source"]["group"] for hit in reply["hits"]["hits"]]
    assert len(groups) == len(set(groups))
    pages = [
        cluster.search(
            query, collapse={"field": "group"}, size=4, ext={"rerank": {"rank_window_size": 5}}, **{"from": at}
        )
        for at in range(0, 24, 4)
    ]
    groups = [hit["_source"]["group"] for page in pages for hit in page["hits"]["hits"]]
    assert len(groups) == len(set(groups))


def test_highlights_explanations_and_inner_hits(cluster: Shop) -> None:
    """What a second request makes for the page's hits, it makes for those that were added, too."""
    good = {"range": {"reviews.stars": {"gte": 1}}}
    nested = {"nested": {"path": "reviews", "query": good, "inner_hits": {}}}
    bodies: list[dict[str, Any]] = [
        {"highlight": {"fields": {"title": {}}}},
        {"explain": True},
        {"query": {"bool": {"must": [MATCH], "should": [nested]}}},
        {"_source": ["brand"], "fields": ["colour"]},
        {"script_fields": {"n": {"script": "doc['stock'].value"}}},
    ]
    for body in bodies:
        for size in (4, 60):
            alone = {"rerank": {"blend_weight": 1.0}}  # so that added products come first
            reply = cluster.search(**{"query": MATCH, **body, "size": size, "ext": alone})
            assert reply["ext"]["rerank"]["status"] == "reranked", body
            assert len(reply["hits"]["hits"]) == min(size, 10 + reply["ext"]["rerank"]["added"]), body
            # What a rule of the body makes of added products is not known: they come behind the engine's own.
            assert added(reply) or ("query" in body and size == 4), body
            for hit in reply["hits"]["hits"]:
                assert ("_explanation" in hit) == ("explain" in body)
                assert ("fields" in hit) == ("fields" in body or "script_fields" in body)
                if "_source" in body:
                    assert set(hit["_source"]) == {"brand"}


def test_matched_queries_are_told(cluster: Shop) -> None:
    """A named clause is told of what was added as of the engine's own."""
    named = {"term": {"brand": {"value": "acme", "_name": "ours"}}}
    reply = cluster.search({"bool": {"must": [MATCH], "should": [named]}})
    assert added(reply)
    for hit in reply["hits"]["hits"]:
        assert ("ours" in hit.get("matched_queries", [])) == (hit["_source"]["brand"] == "acme")


def test_every_client(cluster: Shop, opensearch_2: str) -> None:
    """An asyncio client and an endcap engine give what the sync client gives."""
    expected = ids(cluster.search(MATCH))
    body = {"query": MATCH, "size": 60}

    async def awaited() -> Any:
        async with AsyncOpenSearch(opensearch_2) as client:
            return await reranker(client, SynonymStudent(), dense=20).search(index=cluster.index, body=body)

    assert ids(asyncio.run(awaited())) == expected
    engine = OpenSearchEngine(cluster.client, cluster.index)
    assert ids(reranker(engine, SynonymStudent(), dense=20).search(body=body)) == expected
