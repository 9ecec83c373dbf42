"""Aggregations and ``post_filter``: the embedded engine answers them exactly as OpenSearch does."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from engine_catalogue import CATALOGUE
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import EngineError
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.engine import Engine
from endcap.index.open_engine import open_engine
from endcap.index.product import Product
from endcap.index.settings import IndexSettings

BRANDS = ["Acme", "acme", "Bolt", "Été & Söhne", "日本", "𝄞 Musik", "Zed", ""]
"""Ties of count are broken by the bytes of the key: capitals first, and what lies beyond the first 65,536 last."""
SHOP = CATALOGUE + [
    Product(
        f"n{i}",
        "lamp with a long arm" if i % 3 else "cable",
        brand=BRANDS[i % len(BRANDS)],
        category=f"Home > Room {i % 12}" if i % 5 else "",
        price=None if i % 7 == 0 else i * 0.75,
    )
    for i in range(200)
]
LAMPS: dict[str, Any] = {"match": {"title": "lamp"}}
PRICES = {"field": "price", "ranges": [{"to": 10}, {"from": 10, "to": 25.5}, {"from": 25.5}]}
ACME = {"term": {"brand.keyword": "Acme"}}
DEAR = {"range": {"price": {"gte": 30}}}


@pytest.fixture(scope="module")
def both(opensearch: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Engine, Engine]]:
    """The same shop in the embedded engine and in an OpenSearch."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    embedded = EmbeddedEngine(name, tmp_path_factory.mktemp("home"))
    cluster = open_engine(IndexSettings(name, "opensearch", opensearch))
    for engine in (embedded, cluster):
        engine.load(SHOP)
    yield embedded, cluster
    cluster.client.indices.delete(index=f"{name}-*")  # type: ignore[attr-defined]
    cluster.close()  # type: ignore[attr-defined]


ASKED: list[dict[str, Any]] = [
    {"brands": {"terms": {"field": "brand.keyword"}}},
    {"brands": {"terms": {"field": "brand.keyword", "size": 3}}},
    {"brands": {"terms": {"field": "brand.keyword", "size": 3, "order": {"_key": "desc"}}}},
    {"brands": {"terms": {"field": "brand.keyword", "size": 4, "order": [{"_key": "asc"}]}}},
    {"brands": {"terms": {"field": "brand.keyword", "order": {"_count": "asc"}}}},
    {"paths": {"terms": {"field": "category.keyword", "size": 100}}, "prices": {"range": PRICES}},
    {"prices": {"range": {**PRICES, "keyed": True}}},
    {
        "prices": {
            "range": {"field": "price", "ranges": [{"from": 50}, {"from": 5, "to": 60}, {"to": 20, "key": "low"}]}
        }
    },
    {"prices": {"range": {"field": "price", "ranges": [{"from": 500, "to": 600}, {"from": 20, "to": 20}, {}]}}},
    {"mine": {"filter": ACME}},
    {
        "mine": {
            "filter": {"bool": {"filter": [DEAR]}},
            "aggs": {"brands": {"terms": {"field": "brand.keyword"}}, "prices": {"range": PRICES}},
        }
    },
    {"none": {"filter": {"match_none": {}}, "aggregations": {"brands": {"terms": {"field": "brand.keyword"}}}}},
    {"deep": {"filter": DEAR, "aggs": {"deeper": {"filter": ACME, "aggs": {"prices": {"range": PRICES}}}}}},
    {},
]
QUERIES: list[dict[str, Any]] = [{"match_all": {}}, LAMPS, {"match": {"title": "zeppelin"}}]


@pytest.mark.parametrize("query", QUERIES, ids=["all", "lamps", "nothing"])
@pytest.mark.parametrize("asked", ASKED, ids=[str(asked)[:70] for asked in ASKED])
def test_aggregations_are_answered_alike(
    both: tuple[Engine, Engine], asked: dict[str, Any], query: dict[str, Any]
) -> None:
    """Names, keys, order, counts and what is left over are OpenSearch's."""
    mine, theirs = (engine.search(body={"query": query, "aggs": asked, "size": 0}) for engine in both)
    assert mine.get("aggregations") == theirs.get("aggregations")
    assert ("aggregations" in mine) == bool(asked)


ENDS = st.one_of(st.none(), st.integers(-5, 160), st.floats(-5, 160, width=32))


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ranges=st.lists(st.tuples(ENDS, ENDS), min_size=1, max_size=5), size=st.integers(1, 9), cheap=st.integers(0, 160)
)
def test_any_ranges_are_answered_alike(
    both: tuple[Engine, Engine], ranges: list[tuple[float | None, float | None]], size: int, cheap: int
) -> None:
    """Ranges may overlap, have holes, be empty or have no end; both engines count the same, in the same order."""
    named = [{k: v for k, v in (("from", low), ("to", high)) if v is not None} for low, high in ranges]
    below = {
        "prices": {"range": {"field": "price", "ranges": named}},
        "brands": {"terms": {"field": "brand.keyword", "size": size}},
    }
    body = {"query": LAMPS, "size": 0, "aggs": {"f": {"filter": {"range": {"price": {"lt": cheap}}}, "aggs": below}}}
    mine, theirs = (engine.search(body=body)["aggregations"]["f"] for engine in both)
    assert (mine["doc_count"], mine["brands"]) == (theirs["doc_count"], theirs["brands"])
    # keys hold floats as Java writes them
    assert [(b.get("from"), b.get("to"), b["doc_count"]) for b in mine["prices"]["buckets"]] == [
        (b.get("from"), b.get("to"), b["doc_count"]) for b in theirs["prices"]["buckets"]
    ]


@pytest.mark.parametrize("query", [{"match_all": {}}, LAMPS], ids=["all", "lamps"])
def test_a_post_filter_narrows_hits_but_no_counts(both: tuple[Engine, Engine], query: dict[str, Any]) -> None:
    """Hits, total and scores are those of what the filter lets through; aggregations count what the query matches."""
    aggs = {"brands": {"terms": {"field": "brand.keyword"}}}
    replies = []
    for engine in both:
        plain = engine.search(body={"query": query, "aggs": aggs, "size": 300})
        narrowed = engine.search(body={"query": query, "aggs": aggs, "size": 300, "post_filter": ACME})
        kept = [hit for hit in plain["hits"]["hits"] if hit["_source"].get("brand") == "Acme"]
        assert 0 < len(kept) < plain["hits"]["total"]["value"]
        assert [(h["_id"], h["_score"]) for h in narrowed["hits"]["hits"]] == [(h["_id"], h["_score"]) for h in kept]
        assert narrowed["hits"]["total"] == {"value": len(kept), "relation": "eq"}
        assert narrowed["hits"]["max_score"] == kept[0]["_score"]
        assert narrowed["aggregations"] == plain["aggregations"]
        replies.append((narrowed["aggregations"], narrowed["hits"]["total"]))
    assert replies[0] == replies[1]


@pytest.mark.parametrize(
    "asked",
    [
        {"brands": {"no_such": {"field": "brand.keyword"}}},
        {"brands": {"terms": {"field": "brand.keyword", "size": 0}}},
        {"brands": {"terms": {"field": "brand.keyword", "size": -1}}},
        {"brands": {"terms": {"field": "brand.keyword", "order": {"no_such": "asc"}}}},
        {"brands": {"terms": {"field": "brand.keyword", "no_such": 1}}},
        {"brands": {"terms": {"field": "brand.keyword"}, "range": PRICES}},
        {"brands": {}},
        {"a[b]": {"terms": {"field": "brand.keyword"}}},
        {"prices": {"range": {"field": "price", "ranges": []}}},
        {"prices": {"range": {"field": "price", "ranges": [{"no_such": 1}]}}},
        {"mine": {"filter": {"no_such": {}}}},
        {"mine": {"filter": ACME, "aggs": {"x": {"no_such": {}}}}},
        {"mine": []},
    ],
    ids=str,
)
def test_what_is_not_understood_is_named(both: tuple[Engine, Engine], asked: dict[str, Any]) -> None:
    """What OpenSearch refuses, the embedded engine refuses, and neither gives an empty facet for it."""
    for engine in both:
        with pytest.raises(EngineError):
            engine.search(body={"query": LAMPS, "aggs": asked, "size": 0})


def test_counts_hold_beyond_a_bucket_per_product(tmp_path: Any) -> None:
    """Many thousand brands are counted exactly: the ten most frequent, and how many products the others have."""
    engine = EmbeddedEngine("many", tmp_path)
    engine.load(Product(f"p{i}", "lamp", brand=f"brand {i % 9_000}") for i in range(20_000))
    body = {"query": LAMPS, "size": 0, "aggs": {"brands": {"terms": {"field": "brand.keyword"}}}}
    found = engine.search(body=body)["aggregations"]["brands"]
    assert [bucket["doc_count"] for bucket in found["buckets"]] == [3] * 10
    assert found["buckets"][1]["key"] == "brand 1"
    assert found["sum_other_doc_count"] == 20_000 - 30
