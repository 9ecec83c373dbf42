"""What a body decides holds for products that were found by meaning, too: boosts, demotions, rescoring, sort."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest
from dense_parts import Shop, SynonymStudent, cluster_shop, embedded_shop, state
from rerank_parts import ids, reranker

MATCH = {"match": {"title": "headset"}}
IN_STOCK = {"range": {"stock": {"gte": 2}}}
"""In the embedded engine: by the price."""
RULES: dict[str, dict[str, Any]] = {
    "boost": {"bool": {"must": [MATCH], "should": [{"constant_score": {"filter": IN_STOCK, "boost": 1000}}]}},
    "demotion": {
        "function_score": {
            "query": MATCH,
            "functions": [{"filter": {"range": {"stock": {"lt": 2}}}, "weight": 0.001}],
        }
    },
    "boosting": {"boosting": {"positive": MATCH, "negative": {"range": {"stock": {"lt": 2}}}, "negative_boost": 0.001}},
    "added to": {
        "function_score": {
            "query": MATCH,
            "functions": [{"filter": IN_STOCK, "weight": 500}],
            "boost_mode": "sum",
            "score_mode": "sum",
        }
    },
    "nested": {
        "bool": {
            "must": [
                {"function_score": {"query": MATCH, "functions": [{"filter": IN_STOCK, "weight": 900}]}},
            ],
            "filter": [{"match_all": {}}],
        }
    },
}


@pytest.fixture(scope="module")
def cluster(opensearch_2: str) -> Iterator[Shop]:
    """Sixty products with their vectors in OpenSearch 2.19 with k-NN, in two shards."""
    yield from cluster_shop(opensearch_2)


@pytest.fixture(params=["cluster", "embedded"])
def shop(request: pytest.FixtureRequest) -> Shop:
    found: Shop = request.getfixturevalue("cluster") if request.param == "cluster" else embedded_shop()
    return found


def tiers(shop: Shop, reply: dict[str, Any]) -> list[bool]:
    return [shop.stock(hit) >= 2 for hit in reply["hits"]["hits"]]


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("text", ["headset", "earphones"])
def test_rules_hold_for_what_was_added(shop: Shop, name: str, text: str) -> None:
    """What is in stock comes first, whether the engine found it or not, and within a tier the student orders."""
    query = shop.translated(RULES[name], headset=text)
    reply = shop.search(query, dense=15)
    shown = tiers(shop, reply)
    assert shown == sorted(shown, reverse=True)
    hits = reply["hits"]["hits"]
    added = [hit for hit in hits if hit.get("rerank_added")]
    assert {shop.stock(hit) >= 2 for hit in added} == {True, False}
    assert all("matched_queries" not in hit for hit in hits)
    assert reply["ext"]["rerank"]["reason"] in (None, "nearest")
    scores = [hit["_score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_rescored_tiers(shop: Shop) -> None:
    """A rescorer of the whole window holds for added products; one of its first hits alone does not reach them."""
    tier = {"constant_score": {"filter": IN_STOCK, "boost": 100}}
    rescore = {"window_size": 60, "query": {"rescore_query": tier}}
    reply = shop.search(MATCH, dense=15, rescore=shop.translated(rescore))
    shown = tiers(shop, reply)
    assert shown == sorted(shown, reverse=True)
    assert {bool(hit.get("rerank_added")) for hit in reply["hits"]["hits"] if shop.stock(hit) >= 2} == {True, False}
    first = shop.search(MATCH, dense=15, rescore=shop.translated({**rescore, "window_size": 3}))
    assert first["ext"]["rerank"]["added"] > 0
    assert shop.stock(first["hits"]["hits"][0]) >= 2


@pytest.mark.parametrize("order", ["asc", "desc"])
@pytest.mark.parametrize("field", ["stock", "brand"])
@pytest.mark.parametrize("text", ["headset", "earphones"])
def test_sorted_tiers(shop: Shop, order: str, field: str, text: str) -> None:
    """A sort by another field and then by the score puts added products where their values belong."""
    key = "brand.keyword" if field == "brand" and not shop.is_cluster else shop.field(field)
    reply = shop.search({"match": {"title": text}}, dense=15, sort=[{key: order}, "_score"])
    assert reply["ext"]["rerank"]["added"] > 0
    values = [shop.value(hit, field) for hit in reply["hits"]["hits"]]
    assert values == sorted(values, reverse=order == "desc")


@pytest.mark.parametrize("query", [RULES["boost"], MATCH])
@pytest.mark.parametrize("sort", [None, [{"stock": "desc"}, "_score"]])
def test_tiers_go_on_behind_the_window(cluster: Shop, query: dict[str, Any], sort: Any) -> None:
    """Where the engine found more than its window, a lower tier than the window's last hit does not come before it."""
    if query is MATCH and sort is None:
        return
    body = {"query": {**query}, **({"sort": sort} if sort else {})}
    text = {"match": {"title": "usb"}}
    body["query"] = text if query is MATCH else {"bool": {**query["bool"], "must": [text]}}
    seen: list[dict[str, Any]] = []
    searcher = reranker(cluster.client, SynonymStudent(window=8), dense=15)
    for start in range(0, 60, 6):
        reply = searcher.search(index=cluster.index, body={**body, "from": start, "size": 6})
        seen += reply["hits"]["hits"]
    found = [cluster.stock(hit) if sort else cluster.stock(hit) >= 2 for hit in seen]
    assert found == sorted(found, reverse=True)
    names = [hit["_id"] for hit in seen]
    assert len(names) == len(set(names))
    plain = cluster.client.search(index=cluster.index, body={**body, "size": 60})
    assert set(ids(plain)) <= set(names)


def test_both_go_at_once(cluster: Shop) -> None:
    """The scores of named queries have no place in an _msearch: the two searches go beside each other."""
    asked: list[str] = []

    class Slow:
        """Takes a while to answer."""

        def search(self, **request: Any) -> Any:
            asked.append("search")
            time.sleep(0.4)
            return cluster.client.search(**request)

        def msearch(self, **request: Any) -> Any:
            asked.append("msearch")
            return cluster.client.msearch(**request)

    reply = reranker(Slow(), SynonymStudent(), dense=15, deadline_ms=60_000).search(
        index=cluster.index, body={"query": RULES["boost"]}
    )
    assert asked == ["search", "search"]
    assert reply["ext"]["rerank"]["added"] > 0
    window = reply["ext"]["rerank"]["stages"]["engine_ms"]
    assert window >= 400
    plain = reranker(Slow(), SynonymStudent(), deadline_ms=60_000).search(
        index=cluster.index, body={"query": RULES["boost"]}
    )
    assert window < 1.9 * plain["ext"]["rerank"]["stages"]["engine_ms"]


def test_the_callers_names_are_of_one_kind(cluster: Shop) -> None:
    """Named clauses of the caller's come as names, or with scores where these were asked for, of all hits alike."""
    named = {
        "bool": {
            "must": [{"match": {"title": {"query": "headset", "_name": "words"}}}],
            "should": [{"constant_score": {"filter": {"term": {"brand": "acme"}}, "boost": 50, "_name": "ours"}}],
        }
    }
    for params, kind in (({}, list), ({"include_named_queries_score": True}, dict)):
        searcher = reranker(cluster.client, SynonymStudent(), dense=15)
        reply = searcher.search(index=cluster.index, body={"query": named, "size": 60}, **params)
        assert any(hit.get("rerank_added") for hit in reply["hits"]["hits"])
        for hit in reply["hits"]["hits"]:
            matched = hit.get("matched_queries", kind())
            assert isinstance(matched, kind)
            assert set(matched) == (
                ({"ours"} if hit["_source"]["brand"] == "acme" else set())
                | ({"words"} if "headset" in hit["_source"]["title"] else set())
            )


def test_a_rule_that_fails_on_what_was_added(cluster: Shop) -> None:
    """A function that products of the neighbours lack the field of fails on their shard: that is said."""
    lacking = {"title": "wireless headphones", "brand": "zen", "endcap": state("wireless headphones")}
    cluster.client.index(index=cluster.index, id="lacking", body=lacking, refresh=True)
    try:
        query = {"function_score": {"query": MATCH, "field_value_factor": {"field": "stock", "modifier": "ln2p"}}}
        said = cluster.search(query, dense=30)["ext"]["rerank"]
        assert said["status"] == "reranked"
        assert said["added"] > 0
        assert "failed on 1 of 2 shards: Missing value for field [stock]" in said["detail"]
    finally:
        cluster.client.delete(index=cluster.index, id="lacking", refresh=True)
