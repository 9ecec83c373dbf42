"""The shop's rules, on real searches: what each action does, also where the student has failed, and what it leaves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rerank_parts import Broken, ReadableStudent, ids, reranker, told
from rules_parts import rules_file, shop_products, small_shop

from endcap.errors import InputError
from endcap.index.product import Product
from endcap.plugin import Reranker
from endcap.plugin.rules.file import rules_of

QUERY = {"match": {"title": "usb cable"}}
BODY: dict[str, Any] = {"query": QUERY, "size": 10}


def search(rules: list[dict[str, Any]], body: dict[str, Any] | None = None, student: Any = None, **others: Any) -> Any:
    """The reply of the small shop under these rules."""
    engine = small_shop()
    found = reranker(engine, student or ReadableStudent(), rules=rules_of({"rules": rules, **others}))
    return found.search(index="shop", body={**BODY, **(body or {})})


def before(body: dict[str, Any] | None = None, student: Any = None) -> list[str]:
    """The order without rules."""
    return ids(reranker(small_shop(), student or ReadableStudent()).search(index="shop", body={**BODY, **(body or {})}))


def by_id() -> dict[str, Product]:
    return {product.id: product for product in shop_products(40)}


@pytest.mark.parametrize("student", [ReadableStudent(), Broken()], ids=["scored", "engine's order"])
def test_pins_stand_where_they_say(student: Any) -> None:
    """Pinned products are at their places, whether the student ordered the rest or failed."""
    order = before(student=student)
    reply = search([{"pin": [order[7], {"id": order[4], "place": 3}]}], student=student)
    rest = [id for id in order if id not in (order[7], order[4])]
    assert ids(reply) == [order[7], rest[0], order[4], *rest[1:]]
    assert reply["ext"]["rerank"]["rules"] == ["rule 1"]
    scores = [hit["_score"] for hit in reply["hits"]["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert reply["hits"]["max_score"] == scores[0]


def test_a_pinned_product_that_was_not_found_joins() -> None:
    """A product that the text does not find is fetched by id; totals and facets stay the engine's."""
    engine = small_shop()
    engine.load([*shop_products(40), Product("odd", "garden hose", brand="Kite"), Product("far", "watering can")])
    rules = rules_of({"rules": [{"pin": ["odd", "nowhere"]}]})
    facets = {"aggs": {"brand": {"terms": {"field": "brand.keyword"}}}}
    plain = engine.search(index="shop", body={**BODY, **facets})
    reply = reranker(engine, rules=rules).search(index="shop", body={**BODY, **facets})
    first = reply["hits"]["hits"][0]
    assert first["_id"] == "odd"
    assert (first["previous_score"], first["student_score"]) == (pytest.approx(0.0), None)
    assert reply["hits"]["total"] == plain["hits"]["total"]
    assert reply["aggregations"] == plain["aggregations"]
    # under the body's own filters it is not shown where it does not pass them
    for narrowed in (
        {"query": {"bool": {"must": [QUERY], "filter": [{"term": {"brand.keyword": "Zen"}}]}}},
        {"query": {"bool": {"must": [QUERY], "must_not": [{"term": {"brand.keyword": "Kite"}}]}}},
        {"post_filter": {"term": {"brand.keyword": "Acme"}}},
    ):
        assert "odd" not in ids(reranker(engine, rules=rules).search(index="shop", body={**BODY, **narrowed}))
    passes = {"query": {"bool": {"must": [QUERY], "filter": [{"term": {"brand.keyword": "Kite"}}]}}}
    assert ids(reranker(engine, rules=rules).search(index="shop", body={**BODY, **passes}))[0] == "odd"


@pytest.mark.parametrize("source", [False, ["price"], {"excludes": ["brand", "extra"]}])
def test_what_rules_read_is_fetched_and_taken_out_again(source: Any) -> None:
    """A ``_source`` without the fields of the rules changes neither the order nor what is shown."""
    rules = [{"at_most": {"count": 1, "field": "brand"}}, {"in_stock_first": "stock"}, {"pin": ["p30"]}]
    reply = search(rules, {"_source": source})
    assert ids(reply) == ids(search(rules))
    shown = {name for hit in reply["hits"]["hits"] for name in hit.get("_source", {})}
    assert not shown & {"brand", "extra"}
    assert all(("_source" in hit) == (source is not False) for hit in reply["hits"]["hits"])


def test_boost_and_bury_have_strengths() -> None:
    """A stronger boost never stands lower; "wholly" stands above all, and buried last; Querqy's names do the same."""
    order, products = before({"size": 20}), by_id()
    mean = {}
    for action in ("boost", "bury"):
        for strength in ("slight", "some", "strong", "wholly"):
            reply = search([{action: {"where": {"brand": "Zen"}, "strength": strength}}], {"size": 20})
            places = [n for n, id in enumerate(ids(reply)) if products[id].brand == "Zen"]
            mean[action, strength] = float(np.mean(places))
            scores = [hit["_score"] for hit in reply["hits"]["hits"]]
            assert scores == sorted(scores, reverse=True)
    own = float(np.mean([n for n, id in enumerate(order) if products[id].brand == "Zen"]))
    up = [own, *(mean["boost", s] for s in ("slight", "some", "strong", "wholly"))]
    down = [own, *(mean["bury", s] for s in ("slight", "some", "strong", "wholly"))]
    assert up == sorted(up, reverse=True)
    assert down == sorted(down)
    assert up[0] > up[-1]
    assert down[0] < down[-1]
    zen = [id for id in order if products[id].brand == "Zen"]
    wholly = {"where": {"brand": "zen"}, "strength": "wholly"}
    assert ids(search([{"up": wholly}], {"size": 20}))[: len(zen)] == zen
    assert ids(search([{"down": wholly}], {"size": 20}))[-len(zen) :] == zen


def test_hidden_products_are_on_no_page() -> None:
    """What is hidden is neither in the window nor behind it; pages stay full, fit each other, and lose nothing else."""
    products = by_id()
    engine = small_shop()
    found = ids(engine.search(index="shop", body={"query": QUERY, "size": 40}))
    rules = rules_of({"rules": [{"hide": {"where": {"brand": ["Zen", "Acme"]}}}]})
    search = reranker(engine, ReadableStudent(window=12), rules=rules).search
    pages = [ids(search(index="shop", body={"query": QUERY, "from": at, "size": 5})) for at in range(0, 40, 5)]
    shown = [id for page in pages for id in page]
    assert sorted(shown) == sorted(id for id in found if products[id].brand not in ("Zen", "Acme"))
    assert [len(page) for page in pages][: len(shown) // 5] == [5] * (len(shown) // 5)
    only = rules_of({"rules": [{"filter": {"where": {"brand": "Kite"}}}]})
    kept = ids(reranker(engine, rules=only).search(index="shop", body={"query": QUERY, "size": 40}))
    assert sorted(kept) == sorted(id for id in found if products[id].brand == "Kite")


def test_in_stock_first() -> None:
    """What has stock stands first, each part in its own order; a value says it as a number does."""
    order, products = before({"size": 20}), by_id()
    stocked = [id for id in order if products[id].extra["stock"] > 0]
    rest = [id for id in order if id not in stocked]
    assert ids(search([{"in_stock_first": "stock"}], {"size": 20})) == [*stocked, *rest]
    eight = [id for id in order if products[id].extra["stock"] == 8]
    reply = search([{"in_stock_first": {"field": "stock", "value": 8}}], {"size": 20})
    assert ids(reply)[: len(eight)] == eight


def test_at_most_of_one_brand_on_each_page() -> None:
    """No page of the window has more of a brand, while there are others; what has no brand is not limited."""
    products = by_id()
    engine = small_shop()
    rules = rules_of({"rules": [{"at_most": {"count": 1, "field": "brand"}}]})
    search = reranker(engine, rules=rules).search
    first, second = (ids(search(index="shop", body={**BODY, "size": 4, "from": at})) for at in (0, 4))
    assert not set(first) & set(second)
    for page in (first, second):
        counts = Counter(products[id].brand for id in page)
        assert all(count <= 1 for brand, count in counts.items() if brand)
    assert first != before({"size": 4})
    # a page of another size in between has an order of its own
    search(index="shop", body={**BODY, "size": 6})
    assert ids(search(index="shop", body={**BODY, "size": 4, "from": 4})) == second


def test_the_order_of_rules_matters_as_written() -> None:
    """Of two that put something first, the later one decides; the earlier orders within."""
    products = by_id()
    stock, zen = {"in_stock_first": "stock"}, {"boost": {"where": {"brand": "Zen"}, "strength": "wholly"}}
    for rules, firsts in (([stock, zen], lambda p: p.brand == "Zen"), ([zen, stock], lambda p: p.extra["stock"] > 0)):
        shown = [products[id] for id in ids(search(rules, {"size": 20}))]
        marks = [firsts(product) for product in shown]
        assert marks == sorted(marks, reverse=True)
    assert ids(search([stock, zen], {"size": 20})) != ids(search([zen, stock], {"size": 20}))
    in_one = search([{**stock, **zen}], {"size": 20})
    assert ids(in_one) == ids(search([stock, zen], {"size": 20}))


def test_explain_shows_each_rule_on_the_hit_that_it_moved() -> None:
    """An explanation names rule and action; without a score of the student there are still the rules."""
    rules = [{"name": "own brand", "boost": {"where": {"brand": "Zen"}}}, {"name": "first", "pin": ["p30"]}]
    for student in (ReadableStudent(), Broken()):
        reply = search(rules, {"ext": {"rerank": {"explain": True}}}, student)
        hits = reply["hits"]["hits"]
        assert hits[0]["rerank_explanation"]["shop_rules"][-1] == {"rule": "first", "action": "pin", "place": 1}
        for hit in hits[1:]:
            told_of = [each["rule"] for each in hit["rerank_explanation"].get("shop_rules", ())]
            assert told_of == (["own brand"] if hit["_source"].get("brand") == "Zen" else [])


def test_searches_that_are_passed_through_are_left_alone() -> None:
    """Rules are for orders by relevance."""
    engine = small_shop()
    rules = rules_of({"rules": [{"hide": {"where": {"brand": "Zen"}}}]})
    body = {"query": {"term": {"brand.keyword": "Zen"}}}
    reply = reranker(engine, rules=rules).search(index="shop", body=body)
    assert told(reply) == ("skipped", "no_query_text")
    assert reply["hits"] == engine.search(index="shop", body=body)["hits"]
    assert "rules" not in reply["ext"]["rerank"]


def test_rules_that_do_not_hold_change_nothing() -> None:
    """A rule for another search leaves this one to the byte, but for times."""
    plain = reranker(small_shop()).search(index="shop", body=BODY)
    ruled = search([{"query": "something else", "pin": ["p30"], "hide": {"where": {"brand": "Zen"}}}])
    assert plain["hits"] == ruled["hits"]
    assert "rules" not in ruled["ext"]["rerank"]


def test_what_is_first_is_kept() -> None:
    """``keep_first`` of the file keeps the engine's first places from student and rules, pins among them."""
    order = ids(small_shop().search(body=BODY))
    reply = search([{"pin": [order[5]]}, {"boost": {"where": {"brand": "Zen"}, "strength": "wholly"}}], keep_first=2)
    assert ids(reply)[:3] == [order[0], order[1], order[5]]


def test_wrong_arguments_are_named(tmp_path: Path) -> None:
    """A missing or broken file is refused when the re-ranker is made."""
    with pytest.raises(InputError, match="There is no rules file"):
        Reranker(small_shop(), ReadableStudent(), rules=tmp_path / "none.toml")
    with pytest.raises(InputError, match=r"rules.json, rule 1: the key 'boots' is not known. Did you mean boost\?"):
        Reranker(small_shop(), ReadableStudent(), rules=rules_file(tmp_path, [{"boots": {}}]))
    with pytest.raises(InputError, match="rules is 3"):
        Reranker(small_shop(), ReadableStudent(), rules=3)  # type: ignore[arg-type]


@pytest.mark.parametrize("query", ["kettle", "watering"], ids=["nothing found", "one hit"])
def test_a_pin_is_shown_where_little_is_found(query: str) -> None:
    """Also a search that finds nothing, or one product, shows what is pinned; its total stays the engine's."""
    engine = small_shop()
    engine.load([*shop_products(20), Product("can", "watering can")])
    rules = rules_of({"rules": [{"words": query, "pin": ["p3"]}]})
    body = {"query": {"match": {"title": query}}}
    reply = reranker(engine, rules=rules).search(index="shop", body=body)
    found = engine.search(index="shop", body=body)
    assert ids(reply) == ["p3", *ids(found)]
    assert reply["hits"]["total"] == found["hits"]["total"]
    assert told(reply)[0] == "skipped"
    assert reply["ext"]["rerank"]["rules"] == ["rule 1"]


def test_a_rule_that_fails_costs_no_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault in the rules leaves the re-ranked order, and the reply's detail says what happened."""

    def broken(*args: Any, **others: Any) -> None:
        raise ZeroDivisionError("a fault of ours")

    monkeypatch.setattr("endcap.plugin.search.shop_search.ruled", broken)
    reply = search([{"pin": ["p30"]}])
    assert ids(reply) == before()
    assert told(reply) == ("reranked", None)
    assert "the shop's rules could not be applied" in reply["ext"]["rerank"]["detail"]


def test_a_late_search_follows_the_rules() -> None:
    """Where no time is left for the student, the engine's order is arranged."""
    engine = small_shop()
    rules = rules_of({"rules": [{"pin": ["p30"]}, {"hide": {"where": {"brand": "Zen"}}}]})
    reply = reranker(engine, rules=rules, deadline_ms=1e-6).search(index="shop", body=BODY)
    assert told(reply) == ("fallback", "deadline")
    products = by_id()
    found = ids(engine.search(index="shop", body={**BODY, "size": 40}))
    assert ids(reply) == ["p30", *(id for id in found if id != "p30" and products[id].brand != "Zen")][:10]
