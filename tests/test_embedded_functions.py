"""The embedded engine's function_score, boosting, rescore, sort and named queries, by their arithmetic."""

from __future__ import annotations

from typing import Any

import pytest
from tiers_parts import COUNT, TEXT, Shop, embedded_shop

from endcap.errors import EngineError
from endcap.index.product import Product

ACME, CHEAP = {"term": {"brand.keyword": "acme"}}, {"range": {"price": {"lt": 50}}}


@pytest.fixture
def shop() -> Shop:
    """The shop of the tests of rules."""
    return embedded_shop()


def scores(shop: Shop, query: Any, **body: Any) -> dict[str, float]:
    """The scores of all products."""
    hits = shop.engine({"query": query, "size": COUNT, **body})["hits"]["hits"]
    return {hit["_id"]: hit["_score"] for hit in hits}


def weights(product: Product) -> list[float]:
    """Those of the two functions below that count for a product."""
    return [3.0] * (product.brand == "acme") + [0.5] * ((product.price or 0) < 50)


@pytest.mark.parametrize("score_mode", ["multiply", "sum", "first", "max", "min", "avg"])
@pytest.mark.parametrize("boost_mode", ["multiply", "sum", "replace", "avg", "max"])
def test_function_score(shop: Shop, score_mode: str, boost_mode: str) -> None:
    """Each product's score is changed by the weights of the filters that it matches, as the modes say."""
    functions = [{"filter": ACME, "weight": 3}, {"filter": CHEAP, "weight": 0.5}]
    query = {"query": TEXT, "functions": functions, "score_mode": score_mode, "boost_mode": boost_mode, "boost": 2}
    text, changed = scores(shop, TEXT), scores(shop, {"function_score": query})
    assert changed.keys() == text.keys()
    for id, score in text.items():
        x, own = 2 * score, weights(shop.products[id])  # the boost is the query's, as in Lucene
        joined = {
            "multiply": own[0] * own[-1] if len(own) == 2 else sum(own),
            "sum": sum(own),
            "first": own[0] if own else 1,
            "max": max(own, default=1),
            "min": min(own, default=1),
            "avg": 1.0,
        }[score_mode]
        f = joined if own else 1.0
        expected = {"multiply": x * f, "sum": x + f, "replace": f, "avg": (x + f) / 2, "max": max(x, f)}[boost_mode]
        assert changed[id] == pytest.approx(expected, rel=1e-5)


def test_boosting_and_rescore(shop: Shop) -> None:
    """What is negative counts a part; the first hits of a rescore have their second score added."""
    text = scores(shop, TEXT)
    changed = scores(shop, {"boosting": {"positive": TEXT, "negative": ACME, "negative_boost": 0.25}})
    for id, x in text.items():
        assert changed[id] == pytest.approx(x * (0.25 if shop.products[id].brand == "acme" else 1.0), rel=1e-5)
    second = {"rescore_query": {"constant_score": {"filter": ACME}}, "query_weight": 0.5, "rescore_query_weight": 3}
    again = scores(shop, TEXT, rescore={"window_size": 7, "query": second})
    for place, (id, x) in enumerate(text.items()):
        new = x if place >= 7 else 0.5 * x + 3.0 * (shop.products[id].brand == "acme")
        assert again[id] == pytest.approx(new, rel=1e-5)


def test_sort(shop: Shop) -> None:
    """Hits come in the order of the keys, with their values; without the score among them they have none."""
    reply = shop.engine({"query": TEXT, "size": COUNT, "sort": [{"brand.keyword": "desc"}, {"price": "asc"}]})
    hits = reply["hits"]["hits"]
    values = [(shop.products[hit["_id"]].brand, shop.products[hit["_id"]].price) for hit in hits]
    assert [tuple(hit["sort"]) for hit in hits] == values
    assert values == sorted(sorted(values, key=lambda v: v[1]), key=lambda v: v[0], reverse=True)
    assert {hit["_score"] for hit in hits} == {reply["hits"]["max_score"]} == {None}


def test_named_queries(shop: Shop) -> None:
    """A hit tells which named clauses it matches, with its scores there where the body asks for them."""
    named = {"bool": {"must": [TEXT], "should": [{"constant_score": {"filter": ACME, "boost": 4, "_name": "ours"}}]}}
    for hit in shop.engine({"query": named, "size": COUNT, "include_named_queries_score": True})["hits"]["hits"]:
        assert hit.get("matched_queries") == ({"ours": 4.0} if shop.products[hit["_id"]].brand == "acme" else None)
    names = [hit.get("matched_queries") for hit in shop.engine({"query": named})["hits"]["hits"]]
    assert ["ours"] in names


@pytest.mark.parametrize(
    "body",
    [
        {"query": {"function_score": {"query": TEXT, "script_score": {}}}},
        {"query": {"function_score": {"query": TEXT, "functions": [{"gauss": {}}]}}},
        {"query": {"function_score": {"query": TEXT, "functions": [{"filter": ACME, "weight": -1}]}}},
        {"query": {"function_score": {"query": TEXT, "functions": [{"filter": ACME, "weight": 1}] * 7}}},
        {"query": {"function_score": {"query": TEXT, "boost_mode": "min"}}},
        {"query": {"boosting": {"positive": TEXT}}},
        {"query": TEXT, "sort": ["popularity"]},
        {"query": TEXT, "sort": [{"price": "up"}]},
        {"query": TEXT, "rescore": {"query": {"rescore_query": ACME, "mode": "total"}}},
        {"query": TEXT, "rescore": {"query": {"rescore_query": ACME}}, "sort": ["price"]},
    ],
)
def test_what_is_not_known_is_named(shop: Shop, body: dict[str, Any]) -> None:
    """Anything else is an error."""
    with pytest.raises(EngineError):
        shop.engine(body)
