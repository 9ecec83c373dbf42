"""What a body pins, lifts or demotes by means other than text stays so; within a tier the student orders."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from rerank_parts import BODY, Listed, ids, reranker, told
from tiers_parts import ASKED, COUNT, ENGINES, TEXT, Shop, constant, opensearch_shop, shop_in, turned_back

from endcap.index.product import Product

SOLD_OUT, IN_STOCK = {"term": {"attributes.stock": "no"}}, {"term": {"attributes.stock": "yes"}}
ACME = {"term": {"brand.keyword": "acme"}}


def weighted(query: Any, *functions: Any, **options: Any) -> Any:
    return {"function_score": {"query": query, "functions": list(functions), **options}}


def pinned(*ids_and_boosts: tuple[str, float]) -> Any:
    return {"bool": {"must": [TEXT], "should": [constant(b, {"ids": {"values": [i]}}) for i, b in ids_and_boosts]}}


PINS = (("k3", 1000), ("k7", 990), ("k5", 980))
DEMOTED: dict[str, Any] = {
    "function_score": weighted(TEXT, {"filter": SOLD_OUT, "weight": 0.05}),
    "boosting": {"boosting": {"positive": TEXT, "negative": SOLD_OUT, "negative_boost": 0.01}},
    "in stock lifted": {"bool": {"must": [TEXT], "should": [constant(30, IN_STOCK)]}},
    "added": weighted(TEXT, {"filter": IN_STOCK, "weight": 40}, boost_mode="sum"),
    "inside a bool": {"bool": {"must": [weighted(TEXT, {"filter": IN_STOCK, "weight": 50})], "boost": 3}},
    "max": weighted(TEXT, {"filter": IN_STOCK, "weight": 60}, boost_mode="max"),
}
# Tiers that the engine's window mixes: a product of one may stand above another's by its text.
MIXED: dict[str, Any] = {
    "several should": {
        "bool": {"must": [TEXT], "should": [constant(0.3, ACME), constant(0.1, IN_STOCK), {"match": {"title": "long"}}]}
    },
    "weights": weighted(TEXT, {"filter": ACME, "weight": 1.4}, {"filter": SOLD_OUT, "weight": 0.6}),
    "weights added": weighted(
        TEXT, {"filter": ACME, "weight": 0.2}, {"filter": IN_STOCK, "weight": 0.1}, boost_mode="avg"
    ),
    "weak boosting": {"boosting": {"positive": TEXT, "negative": ACME, "negative_boost": 0.7}},
    "dis_max": {"dis_max": {"queries": [TEXT, constant(0.3, ACME)], "tie_breaker": 0.4}},
    "exact values": {"bool": {"should": [TEXT, {"terms": {"brand.keyword": ["zen"], "boost": 0.2}}], "boost": 2}},
    "functions in functions": weighted(
        {"bool": {"must": [TEXT], "should": [constant(0.2, ACME)]}}, {"filter": SOLD_OUT, "weight": 0.5}, boost=2
    ),
}
TEXT_OF = {"several should": {"bool": {"must": [TEXT], "should": [{"match": {"title": "long"}}]}}}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop in each engine."""
    yield from shop_in(request.param, request, tmp_path_factory)


def is_sold_out(product: Product) -> bool:
    return product.attributes["stock"] == "no"


def test_pins_stay_in_their_order(shop: Shop) -> None:
    """Pins by 1000, 990 and 980 are the first three, in that order; below them the student orders."""
    for weight in (0.3, 1.0):
        shown = ids(shop.reranked({"query": pinned(*PINS)}, weight))
        assert shown[:3] == ["k3", "k7", "k5"]
    assert shown[3:] == shop.by_student(lambda product: product.id not in ("k3", "k7", "k5"))


@pytest.mark.parametrize("name", DEMOTED)
def test_what_is_sold_out_stays_below(shop: Shop, name: str) -> None:
    """Whatever way a body demotes what is sold out, it stays below what is not; the student orders both tiers."""
    reply = shop.reranked({"query": DEMOTED[name]})
    assert told(reply) == ("reranked", None)
    assert ids(reply) == [*shop.by_student(lambda p: not is_sold_out(p)), *shop.by_student(is_sold_out)]
    scores = [hit["_score"] for hit in reply["hits"]["hits"]]
    assert scores == sorted(scores, reverse=True)


@pytest.mark.parametrize("name", [*DEMOTED, *MIXED])
def test_with_no_say_of_the_student_the_order_is_the_engines(shop: Shop, name: str) -> None:
    """With blend weight 0 all that rules have done is understood: nothing moves."""
    body = {"query": (DEMOTED | MIXED)[name], "size": COUNT}
    reply = shop.reranked({**body, "ext": {"rerank": ASKED}}, 0.0)
    assert told(reply) == ("reranked", None)
    if name != "max":  # the engine's scores are equal there
        assert ids(reply) == ids(shop.engine(body))


@pytest.mark.parametrize("name", MIXED)
@pytest.mark.parametrize("weight", [0.4, 1.0])
def test_what_a_rule_has_put_above_stays_above(shop: Shop, name: str, weight: float) -> None:
    """Where a rule has turned the text's order of two products, they stay as they are; others move."""
    body = {"query": MIXED[name]}
    engine, put = shop.put_by_rules(body, TEXT_OF.get(name, TEXT))
    assert put.any()
    shown = ids(shop.reranked({**body, "ext": {"rerank": ASKED}}, weight))
    assert shown != engine
    assert turned_back(put, engine, shown) == []
    plain = ids(shop.reranked({**body, "ext": {"rerank": {**ASKED, "tiers": False}}}, weight))
    assert weight < 1.0 or turned_back(put, engine, plain)  # so the test can see it


def test_rescore_tiers(shop: Shop) -> None:
    """What a rescorer lifts stays above; behind its window nothing gets above what is in it."""
    rescore = {"window_size": 15, "query": {"rescore_query": constant(100, ACME)}}
    body = {"query": TEXT, "rescore": rescore}
    first = set(ids(shop.engine({**body, "size": 15})))
    lifted = [id for id in shop.by_student(lambda p: p.brand == "acme") if id in first]
    others = [id for id in shop.by_student(lambda p: p.brand != "acme") if id in first]
    behind = shop.by_student(lambda p: p.id not in first)
    assert lifted
    assert ids(shop.reranked(body)) == [*lifted, *others, *behind]


RESCORED: dict[str, Any] = {
    "a rule": {"rescore_query": constant(0.4, ACME), "query_weight": 0.7},
    "a rule that multiplies": {"rescore_query": constant(1.5, ACME), "score_mode": "multiply"},
    "a text": {"rescore_query": {"match": {"title": "cable"}}, "rescore_query_weight": 0.5},
}


@pytest.mark.parametrize("name", RESCORED)
@pytest.mark.parametrize("window", [10, 60])
def test_a_rescored_body_with_pins_is_understood(shop: Shop, name: str, window: int) -> None:
    """Pins stay before what a rescorer has scored anew; with no say of the student nothing moves."""
    body = {"query": pinned(*PINS), "rescore": {"window_size": window, "query": RESCORED[name]}, "size": COUNT}
    body["ext"] = {"rerank": ASKED}
    engine = ids(shop.engine({key: value for key, value in body.items() if key != "ext"}))
    reply = shop.reranked(body, 0.0)
    assert told(reply) == ("reranked", None)
    assert ids(reply) == engine
    assert ids(shop.reranked(body))[:3] == engine[:3]


def test_sort_by_a_tier_and_then_the_score(shop: Shop) -> None:
    """Sorted by a field and then by score, the student orders products with equal values of the field."""
    field = "attributes.tier"
    body = {"query": TEXT, "sort": [{field: {"order": "asc"}}, "_score"]}
    reply = shop.reranked(body)
    assert told(reply) == ("reranked", None)
    tiers = [shop.by_student(lambda p, tier=tier: p.attributes["tier"] == tier) for tier in ("1", "2", "3")]
    assert ids(reply) == [id for tier in tiers for id in tier]
    engine = {hit["_id"]: hit for hit in shop.engine({**body, "size": COUNT})["hits"]["hits"]}
    assert [hit["sort"] for hit in reply["hits"]["hits"]] == [engine[id]["sort"] for id in ids(reply)]
    assert told(shop.reranked({"query": TEXT, "sort": [{field: "asc"}]})) == ("skipped", "sorted")


def test_a_tie_break_decides_equal_scores_alone(shop: Shop) -> None:
    """``sort: [_score, tie-break]`` is re-ranked; the tie-break decides where scores are equal."""
    body = {"query": {"constant_score": {"filter": {"match": {"title": "usb"}}}}, "sort": ["_score", {"price": "asc"}]}
    assert ids(shop.reranked(body)) == shop.by_student(lambda p: True)
    assert ids(shop.reranked(body, 0.0)) == ids(shop.engine({**body, "size": COUNT}))


def test_unique_values_before_the_score_leave_nothing_to_order(shop: Shop) -> None:
    """Where no two products have equal values before the score, the engine's order stays."""
    body = {"query": {"bool": {"must": [TEXT], "filter": [{"ids": {"values": ["k1", "k2"]}}]}}}
    assert told(shop.reranked({**body, "sort": [{"price": "asc"}, "_score"]})) == ("skipped", "sorted")


def test_tiers_that_are_named(shop: Shop) -> None:
    """Named queries and fields of the source make tiers where the score does not."""
    clause = {"bool": {"must": [TEXT], "should": [{**constant(0.0, ACME)}]}}
    clause["bool"]["should"][0]["constant_score"]["_name"] = "ours"

    def shown(tiers: Any) -> list[str]:
        return ids(shop.reranked({"query": clause, "ext": {"rerank": {"tiers": tiers}}}))

    ours, others = shop.by_student(lambda p: p.brand == "acme"), shop.by_student(lambda p: p.brand != "acme")
    assert shown(["ours"]) == ours + others
    assert shown(["-ours"]) == others + ours
    assert shown([]) == shown(False) == shop.by_student(lambda p: True)
    tiers = [shop.by_student(lambda p, tier=tier: p.attributes["tier"] == tier) for tier in ("3", "2", "1")]
    assert shown([{"field": "attributes.tier"}]) == [id for tier in tiers for id in tier]
    body = {"query": clause, "_source": ["title"], "ext": {"rerank": {"tiers": [{"field": "attributes.tier"}]}}}
    assert all(hit["_source"].keys() == {"title"} for hit in shop.reranked(body)["hits"]["hits"])


def test_the_first_hits_are_kept_on_all_pages(shop: Shop) -> None:
    """``keep_first`` hits of the engine stay where they are, whatever page they are on."""
    first = ids(shop.engine({"query": TEXT, "size": 6}))
    body = {"query": TEXT, "ext": {"rerank": {"keep_first": 6}}}
    whole = shop.reranked(body)
    assert ids(whole) == [*first, *shop.by_student(lambda p: p.id not in first)]
    scores = [hit["_score"] for hit in whole["hits"]["hits"]]
    assert scores == sorted(scores, reverse=True)
    pages = [ids(shop.reranked({**body, "from": start, "size": 5})) for start in range(0, COUNT, 5)]
    assert [id for page in pages for id in page] == ids(whole)


def test_pages_of_a_body_with_rules_fit_each_other(shop: Shop) -> None:
    """Paging through a window and behind it shows each product once, at scores that never rise."""
    body = {"query": DEMOTED["function_score"], "ext": {"rerank": {"rank_window_size": 20}}}
    pages = [shop.reranked({**body, "from": start, "size": 8}) for start in range(0, COUNT, 8)]
    hits = [hit for page in pages for hit in page["hits"]["hits"]]
    assert len({hit["_id"] for hit in hits}) == len(hits) == COUNT
    scores = [hit["_score"] for hit in hits]
    assert scores == sorted(scores, reverse=True)


def test_names_of_ours_are_not_shown(shop: Shop) -> None:
    """A hit's named queries are the caller's own, with scores only where the caller asks for them."""
    named = {
        "bool": {"must": [{"match": {"title": {"query": "usb", "_name": "words"}}}], "should": [constant(9, ACME)]}
    }
    engine = {hit["_id"]: hit for hit in shop.engine({"query": named, "size": COUNT})["hits"]["hits"]}
    for hit in shop.reranked({"query": named})["hits"]["hits"]:
        assert hit["matched_queries"] == engine[hit["_id"]]["matched_queries"] == ["words"]
    assert not any("matched_queries" in hit for hit in shop.reranked({"query": pinned(*PINS)})["hits"]["hits"])
    if hasattr(shop.target, "indices"):
        ours = reranker(shop.target).search(index=shop.index, body={"query": named}, include_named_queries_score=True)
        assert all(hit["matched_queries"].keys() == {"words"} for hit in ours["hits"]["hits"])


def test_an_explanation_says_what_the_rules_did(shop: Shop) -> None:
    """With ``explain`` a hit tells its text's score and what the rules have made of it."""
    reply = shop.reranked({"query": pinned(*PINS), "ext": {"rerank": {"explain": True}}})
    rules = reply["hits"]["hits"][0]["rerank_explanation"]["rules"]
    assert rules["known"]
    assert rules["engine"]["with_rules"] - rules["engine"]["text"] == pytest.approx(1000, abs=1e-3)
    assert rules["reranked"]["with_rules"] - rules["reranked"]["text"] == pytest.approx(1000, abs=1e-3)


def test_a_script_that_cannot_be_read_leaves_the_engines_order(opensearch: str) -> None:
    """What can't be told of a rule keeps the hits that it has changed in the engine's order, and the reply says so."""
    shop = opensearch_shop(opensearch)
    try:
        script = {"source": "Math.sqrt(_score) + doc['price'].value / 50"}
        body = {"query": {"script_score": {"query": TEXT, "script": script}}, "size": COUNT}
        reply = shop.reranked(body)
        assert told(reply) == ("skipped", "rules_unknown")
        assert reply["ext"]["rerank"]["detail"] == "query.script_score"
        assert ids(reply) == ids(shop.engine(body))
        # Only what is sold out is changed: those hits stay where they are, the others are ordered between them.
        source = "doc['attributes.stock'].value == 'no' ? Math.pow(_score, 0.5) : _score"
        body = {"query": {"script_score": {"query": TEXT, "script": {"source": source}}}, "size": COUNT}
        reply = shop.reranked(body)
        assert told(reply) == ("reranked", "rules_unknown")
        engine, shown = ids(shop.engine(body)), ids(reply)
        assert shown != engine
        for place, id in enumerate(engine):
            if is_sold_out(shop.products[id]):
                assert shown[place] == id
    finally:
        shop.target.indices.delete(index=shop.index)


def test_a_body_of_text_alone_asks_for_nothing_more() -> None:
    """Without rules the window's request has no names in it."""
    listed = Listed([3.0, 2.0, 1.0], [0.1, 0.2, 0.3])
    query = {"bool": {"must": [{"match_all": {}}, BODY["query"]], "must_not": [{"term": {"brand": "acme"}}]}}
    reranker(listed).search(body={"query": query})
    assert listed.asked[0]["query"] == query
    assert "include_named_queries_score" not in listed.asked[0]


def test_an_engine_that_names_no_scores_leaves_its_order() -> None:
    """Where named queries come without scores, nothing can be told of rules."""
    listed = Listed([3.0, 2.0, 1.0], [0.1, 0.2, 0.3])
    for hit in listed.hits:
        hit["matched_queries"] = ["_rerank0"]
    reply = reranker(listed).search(body={"query": pinned(*PINS)})
    assert told(reply) == ("skipped", "rules_unknown")
    assert ids(reply) == ["0", "1", "2"]


@pytest.mark.parametrize(
    "asked",
    [
        {"tiers": "pinned"},
        {"tiers": ["there is none"]},
        {"tiers": [""]},
        {"tiers": [{"field": "tier", "order": "up"}]},
        {"tiers": [{"fields": "tier"}]},
        {"tiers": True},
        {"keep_first": -1},
        {"keep_first": True},
        {"keep_first": "3"},
    ],
)
def test_a_mistake_is_named(asked: dict[str, Any]) -> None:
    """A wrong tier or number costs no search: the engine's order stays, and the reply says what is wrong."""
    reply = reranker(Listed([2.0, 1.0], [0.1, 0.2])).search(body={**BODY, "ext": {"rerank": asked}})
    assert told(reply) == ("skipped", "bad_request")
    assert f"ext.rerank.{next(iter(asked))}" in reply["ext"]["rerank"]["detail"]
