"""The shop's rules beside what a body decides: a strength means as much in each search, and crosses no tier."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import pytest
from opensearchpy import OpenSearch
from rerank_parts import MAPPING, ReadableStudent, documents, fill_index, ids, reranker, score_in, told, unique

from endcap.plugin.rules.file import rules_of

QUERY = {"match": {"title": "usb"}}
BRANDS = {str(n): each["brand"] for n, each in enumerate(documents(60))}
Shop = tuple[OpenSearch, str]


class WithVectors(ReadableStudent):
    """A student with vectors: those of one brand are alike, all others at right angles."""

    def vectors(self, states: Any) -> Any:
        import numpy as np

        brands = [(state or b" ").decode().split()[-1] for state in states]
        return np.array([[float(brand == each) for each in ("acme", "zen", "orbit")] for brand in brands], np.float32)


@pytest.fixture(scope="module", params=["scores differ", "scores equal"])
def any_shop(request: pytest.FixtureRequest, opensearch: str) -> Iterator[Shop]:
    """The shop's documents, and the same in an index in which all text scores are equal."""
    client, index, mapping = OpenSearch(opensearch), unique("strengths"), copy.deepcopy(MAPPING)
    if request.param == "scores equal":
        mapping["properties"]["title"] |= {"norms": False, "index_options": "docs"}
    fill_index(client, index, documents(60), mapping)
    yield client, index
    client.indices.delete(index=index)
    client.close()


def pinned_by_body(pins: list[str], boost: float = 1000.0) -> dict[str, Any]:
    """A body's query that puts products above the others."""
    above = {"constant_score": {"filter": {"ids": {"values": pins}}, "boost": boost}}
    return {"bool": {"must": [QUERY], "should": [above]}}


def order(shop: Shop, query: dict[str, Any], *rules: dict[str, Any], **body: Any) -> list[str]:
    """The ids in their order, with these rules."""
    client, index = shop
    found = reranker(client, WithVectors(window=60), blend_weight=0.9, rules=rules_of({"rules": list(rules)}))
    reply = found.search(index=index, body={"query": query, "size": 60, **body})
    assert told(reply)[0] == "reranked"
    assert "detail" not in reply["ext"]["rerank"]
    return ids(reply)


@pytest.mark.parametrize("strength", ["slight", "some", "strong", 0.1])
def test_a_boost_is_as_strong_where_the_body_pins(any_shop: Shop, strength: Any) -> None:
    """Products that the body pins stay above, however strong the boost; the others stand as without those pins."""
    boost = {"boost": {"where": {"brand": "zen"}, "strength": strength}}
    pins = order(any_shop, QUERY)[4:6]
    pinned = order(any_shop, pinned_by_body(pins), boost)
    assert set(pinned[:2]) == set(pins)
    plain = order(any_shop, QUERY, boost)
    assert pinned[2:] == [id for id in plain if id not in pins]
    assert plain != order(any_shop, QUERY)


@pytest.mark.parametrize("action", ["boost", "bury"])
def test_a_slight_boost_passes_no_more_than_it_says(any_shop: Shop, action: str) -> None:
    """Of two products, one that is worse by more than the strength never passes the better."""
    import numpy as np

    client, index = any_shop
    strength = 0.25
    rules = rules_of({"rules": [{action: {"where": {"brand": "zen"}, "strength": "slight"}}]})
    found = reranker(client, ReadableStudent(window=60), blend_weight=1.0, rules=rules)
    reply = found.search(index=index, body={"query": pinned_by_body(["nowhere"]), "size": 60})
    scores = {hit["_id"]: score_in(hit["_source"]["title"]) for hit in reply["hits"]["hits"]}
    values = np.array(list(scores.values()))
    sign = 1 if action == "boost" else -1
    worth = {
        id: (x - values.mean()) / values.std() + sign * strength * (BRANDS[id] == "zen") for id, x in scores.items()
    }
    assert ids(reply) == sorted(scores, key=lambda id: -worth[id])


def test_diverse_means_as_much_where_the_body_pins(any_shop: Shop) -> None:
    """The body's pins stay first, and the others are as varied as without them."""
    pins = order(any_shop, QUERY)[4:6]
    for strength in ("slight", "some", "strong"):
        rule = {"diverse": strength}
        pinned = order(any_shop, pinned_by_body(pins), rule)
        assert set(pinned[:2]) == set(pins)
        firsts = [BRANDS[id] for id in order(any_shop, QUERY, rule)[:6]]
        assert len(set(firsts)) == 3
        below = [BRANDS[id] for id in pinned[2:10]]
        assert len(set(below)) > 1
    one = reranker(any_shop[0], WithVectors(window=60), blend_weight=0.9)
    without = ids(one.search(index=any_shop[1], body={"query": QUERY, "size": 60}))
    assert order(any_shop, QUERY, {"diverse": "slight"}) != without


def test_what_a_query_excludes_stays_last_where_others_are_varied(any_shop: Shop) -> None:
    """Where all words are optional the engine finds excluded products, too; no variety brings them up."""
    query = {"simple_query_string": {"query": "usb cable -hub", "fields": ["title"]}}
    for rule in ({"diverse": "strong"}, {"boost": {"where": {"brand": "zen"}, "strength": 20}}):
        has_hub = ["hub" in documents(60)[int(id)]["title"] for id in order(any_shop, query, rule)]
        assert has_hub == sorted(has_hub)
        assert any(has_hub)


def test_a_far_better_product_is_no_measure_of_the_others() -> None:
    """A product of the number that is asked for stands far above; a strength among the others stays what it is."""
    import numpy as np

    from endcap.plugin.blend.features import FEATURES
    from endcap.plugin.blend.window import Blended

    adds = np.zeros((40, len(FEATURES)))
    adds[:, FEATURES.index("student")] = np.random.default_rng(0).normal(size=40)
    plain = Blended(adds.sum(axis=1), "plain", adds, adds, FEATURES)
    adds = adds.copy()
    adds[3, FEATURES.index("own_number")] = 30.0
    exact = Blended(adds.sum(axis=1), "plain", adds, adds, FEATURES)
    assert exact.unit == plain.unit
    others = np.arange(40) != 3
    assert exact.relevance()[others] == pytest.approx(plain.relevance()[others])
    assert exact.relevance().argmax() == 3


SORT = [{"brand": "asc"}, "_score"]
TIERS = {"ext": {"rerank": {"tiers": [{"field": "brand", "order": "asc"}]}}}


@pytest.mark.parametrize("body", [{"sort": SORT}, TIERS], ids=["sort", "named"])
@pytest.mark.parametrize(
    "rule",
    [
        {"boost": {"where": {"brand": "zen"}, "strength": "wholly"}},
        {"bury": {"where": {"brand": "acme"}, "strength": "strong"}},
        {"in_stock_first": {"field": "brand", "value": "orbit"}},
        {"at_most": {"count": 1, "field": "price"}},
        {"at_most": {"count": 1, "field": "brand"}},
        {"diverse": "strong"},
    ],
    ids=str,
)
def test_no_rule_mixes_what_a_sort_puts_apart(any_shop: Shop, body: dict[str, Any], rule: dict[str, Any]) -> None:
    """A customer's sort, and tiers that are named, hold whatever is to stand first or last."""
    brands = [BRANDS[id] for id in order(any_shop, QUERY, rule, **body)]
    assert brands == sorted(brands)
    first = {"boost": {"where": {"price": {"max": 50}}, "strength": "wholly"}}
    of_acme = [id for id in order(any_shop, QUERY, first, **body) if BRANDS[id] == "acme"]
    cheap = [documents(60)[int(id)]["price"] <= 50 for id in of_acme]
    assert cheap == sorted(cheap, reverse=True)
