"""Whatever a body asks of OpenSearch, the re-ranked reply shows it as the engine would have.

With blend weight 0 the student has no say, so the reply must be the engine's own, hit for hit.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest
from opensearchpy import OpenSearch
from rerank_parts import (
    Listed,
    Memory,
    ReadableStudent,
    documents,
    fill_index,
    ids,
    reranker,
    score_in,
    told,
    unique,
)

from endcap.plugin import Reranker

QUERY = {"match": {"title": "usb cable"}}
NESTED = {"nested": {"path": "reviews", "query": {"term": {"reviews.stars": 5}}, "inner_hits": {}}}

BODIES: dict[str, dict[str, Any]] = {
    "plain": {},
    "small page": {"size": 3},
    "second page": {"from": 5, "size": 5},
    "across the window": {"from": 15, "size": 10},
    "long page": {"size": 40},
    "highlight": {"highlight": {"fields": {"title": {}}}, "size": 4},
    "highlight any field": {"highlight": {"fields": {"*": {}}, "require_field_match": False}, "size": 4},
    "highlight long page": {"highlight": {"fields": {"title": {}}}, "size": 18},
    "explain": {"explain": True, "size": 4},
    "explain and rescore": {
        "explain": True,
        "size": 4,
        "rescore": {"window_size": 30, "query": {"rescore_query": {"match": {"title": "long"}}}},
    },
    "collapse": {"collapse": {"field": "group"}, "size": 4},
    "collapse with inner hits": {
        "collapse": {"field": "group", "inner_hits": {"name": "more", "size": 2, "sort": [{"price": "asc"}]}},
        "size": 4,
    },
    "aggregations": {"aggs": {"brands": {"terms": {"field": "brand"}}}, "size": 4},
    "suggest": {"suggest": {"s": {"text": "cabel", "term": {"field": "title"}}}, "size": 4},
    "rescore": {"rescore": {"window_size": 30, "query": {"rescore_query": {"match": {"title": "long"}}}}, "size": 4},
    "rescore a few": {
        "rescore": {"window_size": 5, "query": {"rescore_query": {"match": {"title": "long"}}}},
        "size": 4,
    },
    "function score": {"query": {"function_score": {"query": QUERY, "field_value_factor": {"field": "price"}}}},
    "script score": {
        "query": {"script_score": {"query": QUERY, "script": {"source": "_score * doc['price'].value"}}},
        "size": 4,
    },
    "post filter": {"post_filter": {"term": {"brand": "acme"}}, "size": 4},
    "min score": {"min_score": 0.5, "size": 4},
    "no source": {"_source": False, "size": 4},
    "no source, as a word": {"_source": "false", "size": 4},
    "source list": {"_source": ["title"], "size": 4},
    "source list with other fields": {"_source": ["price", "stock.where.shelf"], "size": 4},
    "source name": {"_source": "brand", "size": 4},
    "source includes and excludes": {
        "_source": {"includes": ["*e", "stock.*"], "excludes": ["price", "*.row"]},
        "size": 4,
    },
    "source excludes": {"_source": {"excludes": ["title", "reviews"]}, "size": 4},
    "source excludes on a long page": {
        "_source": {"excludes": ["title", "reviews.text", "stock.where.row"]},
        "size": 19,
    },
    "source excludes all of an object": {
        "_source": {"excludes": ["reviews.*", "stock.where.shelf", "stock.where.row"]}
    },
    "source includes part of a list": {"_source": {"includes": ["reviews.stars", "stock.w*.row"]}, "size": 19},
    "vectors left out": {"_source": {"excludes": ["stock", "brand"]}, "size": 4},
    "script fields on a long page": {"script_fields": {"p": {"script": {"source": "doc['price'].value"}}}, "size": 19},
    "source list on a long page": {"_source": ["price", "stock.where.shelf", "rev*"], "explain": True, "size": 19},
    "no source on a long page": {"_source": False, "explain": True, "size": 19},
    "fields": {"fields": ["price", {"field": "brand"}], "_source": False, "size": 4},
    "doc values": {"docvalue_fields": ["price", "group"], "size": 4},
    "collapse and fields": {"collapse": {"field": "group"}, "fields": ["brand"], "size": 4},
    "stored fields": {"stored_fields": ["title"], "size": 4},
    "stored fields and source": {"stored_fields": ["title"], "_source": ["price"], "size": 4},
    "stored fields on a long page": {"stored_fields": ["title"], "size": 19},
    "no stored fields": {"stored_fields": "_none_", "size": 4},
    "no stored fields but doc values": {"stored_fields": "_none_", "docvalue_fields": ["price"], "size": 4},
    "script fields": {"script_fields": {"double": {"script": {"source": "doc['price'].value * 2"}}}, "size": 4},
    "totals off": {"track_total_hits": False, "size": 4},
    "totals to a number": {"track_total_hits": 5, "size": 4},
    "sort by score": {"sort": ["_score"], "size": 4},
    "sort by score, spelt out": {"sort": [{"_score": {"order": "desc"}}], "size": 4},
    "named queries": {"query": {"match": {"title": {"query": "usb cable", "_name": "words"}}}, "size": 4},
    "named queries and highlight": {
        "query": {"bool": {"should": [QUERY, {"term": {"brand": {"value": "acme", "_name": "ours"}}}]}},
        "highlight": {"fields": {"title": {}}},
        "size": 4,
    },
    "version": {"version": True, "seq_no_primary_term": True, "size": 4},
    "timeout": {"timeout": "10s", "size": 4},
    "terminate after": {"terminate_after": 30, "size": 4},
    "inner hits": {"query": {"bool": {"must": [QUERY], "should": [NESTED]}}, "size": 4},
    "inner hits on a long page": {"query": {"bool": {"must": [QUERY], "should": [NESTED]}}, "size": 19},
    "filter": {"query": {"bool": {"must": [QUERY], "filter": [{"range": {"price": {"gte": 20}}}]}}, "size": 4},
    "indices boost": {"indices_boost": [{"*": 2.0}], "explain": True, "size": 4},
    "derived field": {
        "derived": {"cheap": {"type": "boolean", "script": {"source": "emit(doc['price'].value < 50)"}}},
        "fields": ["cheap"],
        "size": 4,
    },
    "page without hits": {"from": 300, "size": 5},
    "no hits": {"query": {"match": {"title": "zzz"}}},
    "one hit": {"query": {"bool": {"must": [QUERY], "filter": [{"ids": {"values": ["1", "2"]}}]}}},
}

SEED = 8
NOT_RERANKED = ("page without hits", "no hits", "one hit")
RULED = ("function score", "script score", "named queries and highlight", "inner hits", "inner hits on a long page")
"""Bodies that score by more than their text: the student has no free hand there."""


def comparable(reply: dict[str, Any], own: bool = False) -> dict[str, Any]:
    """A reply without times and, from ours, without what we add; scores to six digits."""
    reply = copy.deepcopy(reply)
    for name in ("took", "ext", "profile"):
        reply.pop(name, None)
    for hit in reply["hits"]["hits"]:
        if own:
            hit.pop("previous_score", None)
            hit.pop("student_score", None)
        hit["_score"] = pytest.approx(hit["_score"], rel=1e-5)
    if reply["hits"].get("max_score") is not None:
        reply["hits"]["max_score"] = pytest.approx(reply["hits"]["max_score"], rel=1e-5)
    return reply


@pytest.mark.parametrize("name", BODIES)
def test_without_a_say_of_the_student_the_reply_is_the_engines(shop: tuple[OpenSearch, str], name: str) -> None:
    """With blend weight 0, a reply is what the engine says to the same body, and the caller's body stays as it was."""
    client, index = shop
    body = {"query": QUERY, **BODIES[name]}
    given = copy.deepcopy(body)
    reranker = Reranker(client, ReadableStudent(), blend_weight=0.0, deadline_ms=60_000, states=Memory())
    raw, ours = client.search(index=index, body=body), reranker.search(index=index, body=body)
    assert body == given
    if body.get("from", 0) > 0 and ours["ext"]["rerank"]["status"] == "reranked":
        raw["hits"]["max_score"] = raw["hits"]["hits"][0]["_score"]
    assert comparable(ours, own=True) == comparable(raw)
    assert ours["ext"]["rerank"]["status"] in ("reranked", "skipped")
    assert (ours["ext"]["rerank"]["status"] == "skipped") == (name in NOT_RERANKED)


@pytest.mark.parametrize("name", [n for n in BODIES if n not in (*NOT_RERANKED, *RULED) and "from" not in BODIES[n]])
def test_the_student_orders_and_each_hit_is_the_engines(shop: tuple[OpenSearch, str], name: str) -> None:
    """With blend weight 1 the window is in the student's order, and each hit is as the engine shows it."""
    client, index = shop
    body = {"query": QUERY, **BODIES[name]}
    reranker = Reranker(client, ReadableStudent(), blend_weight=1.0, deadline_ms=60_000, states=Memory())
    size, ours = body.get("size", 10), reranker.search(index=index, body=body)
    if body.get("stored_fields") == "_none_":
        assert all("_id" not in hit for hit in ours["hits"]["hits"])
        return
    whole = client.search(index=index, body={**body, "size": max(20, size)})
    titles = {h["_id"]: h["_source"]["title"] for h in client.search(index=index, body={"size": 60})["hits"]["hits"]}
    window = sorted(ids(whole)[:20], key=lambda i: -score_in(titles[i]))
    assert ids(ours) == (window + ids(whole)[20:])[:size]
    engine = {hit["_id"]: hit for hit in whole["hits"]["hits"]}
    scores = [hit["_score"] for hit in ours["hits"]["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert ours["hits"]["max_score"] == scores[0]
    for place, hit in enumerate(ours["hits"]["hits"]):
        expected = engine[hit["_id"]]
        if place < 20:
            assert hit.pop("previous_score") == expected["_score"]
            assert hit.pop("student_score") == pytest.approx(score_in(titles[hit["_id"]]))
        hit["_score"] = expected["_score"]
        assert hit == expected


def test_hits_of_several_indexes_with_equal_ids(shop: tuple[OpenSearch, str]) -> None:
    """Where a search spans indexes by wildcard or alias, hits with one id stay apart."""
    client, index = shop
    names = [f"{index}-b", f"{index}-c"]
    for seed, name in enumerate(names):
        fill_index(client, name, documents(15, seed=seed + SEED))
    client.indices.put_alias(index=f"{index}-*", name=f"{index}.all")
    try:
        reranker = Reranker(client, ReadableStudent(), blend_weight=1.0, deadline_ms=60_000, states=Memory())
        for target in (f"{index}-*", f"{index}.all", ",".join(names)):
            body = {"query": QUERY, "size": 8, "highlight": {"fields": {"title": {}}}}
            whole = client.search(index=target, body={**body, "size": 20})["hits"]["hits"]
            expected = sorted(whole, key=lambda hit: -score_in(hit["_source"]["title"]))[:8]
            shown = reranker.search(index=target, body=body)["hits"]["hits"]
            both = [{hit["_id"] for hit in shown if hit["_index"] == name} for name in names]
            assert both[0] & both[1]
            assert both[1] - both[0]
            assert [(hit["_index"], hit["_id"]) for hit in shown] == [(hit["_index"], hit["_id"]) for hit in expected]
            assert [hit["_source"] for hit in shown] == [hit["_source"] for hit in expected]
            assert [hit["highlight"] for hit in shown] == [hit["highlight"] for hit in expected]
    finally:
        for name in names:
            client.indices.delete(index=name)


def test_an_index_without_sources(opensearch: str) -> None:
    """Where the index keeps no ``_source``, the engine's order is returned and the reply says why."""
    client, index = OpenSearch(opensearch), unique("nosource")
    fill_index(client, index, documents(10), {"_source": {"enabled": False}})
    try:
        ours = Reranker(client, ReadableStudent(), states=Memory(), deadline_ms=60_000).search(
            index=index, body={"query": QUERY}
        )
        assert ours["ext"]["rerank"]["status"] == "fallback"
        assert ours["ext"]["rerank"]["reason"] == "no_product_text"
        assert ids(ours) == ids(client.search(index=index, body={"query": QUERY}))
    finally:
        client.indices.delete(index=index)


@pytest.mark.parametrize(
    ("params", "body"),
    [
        ({"size": 3, "from_": 2}, {}),
        ({"_source": "title,price", "size": 3}, {}),
        ({"_source": "false", "size": 3}, {"_source": ["title"]}),
        ({"_source_includes": "price", "size": 3}, {}),
        ({"_source_excludes": ["title"], "size": 3}, {}),
        ({"explain": "true", "version": True, "size": 3}, {}),
        ({"stored_fields": "title", "docvalue_fields": "price,group", "size": 3}, {}),
        ({"preference": "_local", "routing": "x", "search_type": "dfs_query_then_fetch", "size": 3}, {}),
        ({"track_total_hits": "false", "size": 3, "typed_keys": True}, {"aggs": {"b": {"terms": {"field": "brand"}}}}),
        ({"params": {"size": 3, "from": 1}}, {"size": 9}),
        ({"rest_total_hits_as_int": True, "size": 3, "terminate_after": 40}, {}),
        ({"sort": "_score", "size": 3}, {}),
    ],
)
def test_url_parameters_mean_what_they_mean(
    shop: tuple[OpenSearch, str], params: dict[str, Any], body: dict[str, Any]
) -> None:
    """Parameters beside the body have the effect that they have on the engine."""
    client, index = shop
    body = {"query": QUERY, **body}
    reranker = Reranker(client, ReadableStudent(), blend_weight=0.0, deadline_ms=60_000, states=Memory())
    raw, ours = client.search(index=index, body=body, **params), reranker.search(index=index, body=body, **params)
    if ids(raw):
        raw["hits"]["max_score"] = raw["hits"]["hits"][0]["_score"]
    assert comparable(ours, own=True) == comparable(raw)


@pytest.mark.parametrize("levels", [60, 5_000])
def test_a_body_that_is_nested_deeply(levels: int) -> None:
    """Whatever the depth, the engine gets it as it is, as a mapping and as a text."""
    query: dict[str, Any] = QUERY
    for _ in range(levels):
        query = {"bool": {"must": [query]}}
    engine = Listed([3.0, 2.0], [0.1, 0.2])
    reply = reranker(engine).search(body={"query": query, "size": 2})
    assert told(reply) == ("skipped", "bad_request")
    assert engine.asked[-1]["query"] is query
    text = '{"query":' + '{"bool":{"must":[' * levels + "{}" + "]}}" * levels + "}"
    taken = list[Any]()

    class Client:
        def search(self, *, index: Any = None, body: Any = None) -> dict[str, Any]:
            taken.append(body)
            return {"hits": {"hits": []}}

    assert told(reranker(Client()).search(body=text)) == ("skipped", "bad_request")
    assert taken == [text]
