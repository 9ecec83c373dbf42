"""Whatever a body asks for: pages with products found by meaning hold each product once, and none that it excludes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from dense_parts import Shop, SynonymStudent, cluster_shop, embedded_shop
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rerank_parts import ids, reranker

ZEN, ACME = {"term": {"brand": "zen"}}, {"term": {"brand": "acme"}}
RED = {"term": {"colour": "red"}}
MANY, FEW = {"range": {"stock": {"gte": 2}}}, {"range": {"stock": {"lt": 1}}}
CLAUSES = st.lists(st.sampled_from([ZEN, ACME, RED, MANY, FEW]), max_size=2)
PINNED = {"constant_score": {"filter": MANY, "boost": 100}}
BODIES = st.fixed_dictionaries(
    {
        "text": st.sampled_from(["usb headset", "earphones", "wireless cord", "lead"]),
        "filter": CLAUSES,
        "must": CLAUSES,
        "must_not": st.lists(st.sampled_from([ZEN, RED, FEW]), max_size=1),
        "post_filter": st.sampled_from([None, None, ZEN, MANY]),
        "should": st.sampled_from([[], [], [PINNED], [ACME, RED]]),
        "least": st.sampled_from([None, None, 1]),
        "wrap": st.sampled_from(["", "", "function_score", "boosting", "dis_max"]),
        "sort": st.booleans(),
        "collapse": st.sampled_from([None, None, "group"]),
        "size": st.integers(6, 14),
        "window": st.integers(3, 15),
        "dense": st.integers(1, 15),
        "remembers": st.booleans(),
    }
)


@pytest.fixture(scope="module")
def cluster(opensearch_2: str) -> Iterator[Shop]:
    yield from cluster_shop(opensearch_2)


@pytest.fixture(params=["cluster", "embedded"])
def shop(request: pytest.FixtureRequest) -> Shop:
    found: Shop = request.getfixturevalue("cluster") if request.param == "cluster" else embedded_shop()
    return found


def body_of(shop: Shop, parts: dict[str, Any], text: dict[str, Any]) -> dict[str, Any]:
    """The body, with this clause for its text."""
    options = {name: parts[name] for name in ("filter", "must_not", "should") if parts[name]}
    if parts["least"] and parts["should"]:
        options["minimum_should_match"] = parts["least"]
    query: dict[str, Any] = {"bool": {"must": [text, *parts["must"]], **options}}
    match parts["wrap"]:
        case "function_score":
            query = {"function_score": {"query": query, "functions": [{"filter": FEW, "weight": 0.1}]}}
        case "boosting":
            query = {"boosting": {"positive": query, "negative": RED, "negative_boost": 0.01}}
        case "dis_max":
            query = {"dis_max": {"queries": [query]}}
    body: dict[str, Any] = {"query": query}
    if parts["post_filter"]:
        body["post_filter"] = parts["post_filter"]
    if parts["sort"]:
        body["sort"] = [{"stock": "desc"}, "_score"]
    if parts["collapse"] and shop.is_cluster:
        body["collapse"] = {"field": parts["collapse"]}
    aggs = {"brands": {"terms": {"field": "brand" if shop.is_cluster else "brand.keyword"}}}
    return dict(shop.translated({**body, "track_total_hits": True})) | {"aggs": aggs}


@given(parts=BODIES)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_pages_hold_each_product_once(shop: Shop, parts: dict[str, Any]) -> None:
    """All pages together: what the engine finds and what was added, each once, in its tier, and nothing else."""
    body = body_of(shop, parts, {"match": {"title": parts["text"]}})
    plain = shop.client.search(index=shop.index, body={**body, "size": 60})
    allowed = shop.client.search(
        index=shop.index, body={**body_of(shop, {**parts, "collapse": None}, {"match_all": {}}), "size": 60}
    )
    searcher, seen, added = None, list[dict[str, Any]](), 0
    for start in range(0, 75, parts["size"]):
        if searcher is None or not parts["remembers"]:
            searcher = reranker(shop.client, SynonymStudent(parts["window"]), dense=parts["dense"])
        page = searcher.search(index=shop.index, body={**body, "from": start, "size": parts["size"]})
        assert page["hits"]["total"] == plain["hits"]["total"]
        assert page["aggregations"] == plain["aggregations"]
        seen += page["hits"]["hits"]
        added = max(added, page["ext"]["rerank"].get("added", 0))
        assert page["ext"]["rerank"]["status"] != "fallback"
    shown = [hit["_id"] for hit in seen]
    assert len(shown) == len(set(shown))
    assert set(shown) <= set(ids(allowed))
    if "collapse" in body:
        groups, of_plain = ([hit["_source"]["group"] for hit in hits] for hits in (seen, plain["hits"]["hits"]))
        assert len(groups) == len(set(groups))
        assert set(of_plain) <= set(groups)
    else:
        assert set(ids(plain)) <= set(shown)
        assert len(shown) == len(plain["hits"]["hits"]) + len(set(shown) - set(ids(plain)))
    if parts["sort"]:
        stock = [shop.stock(hit) for hit in seen]
        assert stock == sorted(stock, reverse=True)
    elif parts["should"] == [PINNED] and parts["wrap"] != "boosting" and not parts["least"]:
        tiers = [shop.stock(hit) >= 2 for hit in seen]
        assert tiers == sorted(tiers, reverse=True)
