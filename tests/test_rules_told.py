"""What a reply says of rules that could not do what they say, on real searches."""

from __future__ import annotations

from typing import Any

import pytest
from opensearchpy import OpenSearch
from rerank_parts import ids, reranker, told
from rules_parts import small_shop

from endcap.plugin.rules.file import rules_of

QUERY = {"match": {"title": "usb"}}
Shop = tuple[OpenSearch, str]


@pytest.fixture(params=["embedded", "opensearch"])
def either_shop(request: pytest.FixtureRequest) -> tuple[Any, str]:
    """A shop on either engine; "0" or "p0" is one of its products."""
    if request.param == "embedded":
        return small_shop(60), "shop"
    client, index = request.getfixturevalue("shop")
    return client, index


def search(shop: tuple[Any, str], rules: list[dict[str, Any]], body: dict[str, Any]) -> Any:
    client, index = shop
    return reranker(client, rules=rules_of({"rules": rules})).search(index=index, body={"query": QUERY, **body})


def detail(reply: Any) -> str:
    return str(reply["ext"]["rerank"].get("detail", ""))


def test_an_id_that_there_is_not_is_named(either_shop: tuple[Any, str]) -> None:
    """With its rule; under a filter, which it may have failed, nothing is said."""
    rules = [{"name": "first", "pin": ["B00x"]}]
    assert detail(search(either_shop, rules, {})) == "no product has the id 'B00x', which rule 'first' pins"
    many = detail(search(either_shop, [{"name": "many", "pin": [f"B{n}" for n in range(30)]}], {}))
    assert many.endswith("'B4', which rule 'many' pins; nor are there 25 more")
    narrowed = {"query": {"bool": {"must": [QUERY], "filter": [{"range": {"price": {"gte": 0}}}]}}}
    assert detail(search(either_shop, rules, narrowed)) == ""


@pytest.mark.parametrize("start", [0, 10, 16, 20, 40])
def test_a_page_behind_the_window_says_what_does_not_hold(either_shop: tuple[Any, str], start: int) -> None:
    """From the first page on that shows a hit of behind the window."""
    rules = [{"at_most": {"count": 2, "field": "brand"}}, {"in_stock_first": "stock"}]
    said = "behind the window the engine's order goes on, without at_most, in_stock_first"
    for more in ([], [{"hide": {"ids": ["nothing"]}}]):
        reply = search(either_shop, [*rules, *more], {"from": start, "size": 5})
        assert detail(reply) == (said if start + 5 > 20 else "")
        assert told(reply) == (("skipped", "beyond_window") if start >= 20 else ("reranked", None))
    another = search(either_shop, [{**rules[0], "query": "lamp"}], {"from": start, "size": 5})
    assert detail(another) == ""


def test_a_window_that_holds_everything_has_nothing_behind_it(either_shop: tuple[Any, str]) -> None:
    client, index = either_shop
    rules = rules_of({"rules": [{"in_stock_first": "stock"}]})
    body = {"query": QUERY, "size": 60, "ext": {"rerank": {"rank_window_size": 60}}}
    assert detail(reranker(client, rules=rules).search(index=index, body=body)) == ""


def test_pins_before_a_sort_are_told(shop: Shop) -> None:
    """A pin is at its place also where a body sorts before the score, on each page, and the reply says so."""
    said = "pinned products stand at their places, and not where the body's sort would have them"
    for start in (0, 5):
        reply = search(
            shop, [{"pin": [{"id": "7", "place": 6}]}], {"sort": ["brand", "_score"], "from": start, "size": 5}
        )
        assert detail(reply) == said
    assert ids(reply)[0] == "7"


def test_a_pin_needs_the_score_that_the_body_asks_for(shop: Shop) -> None:
    """A product that the body's ``min_score`` keeps out does not join for a pin."""
    client, index = shop
    query = {"match": {"title": "lamp"}}
    found = client.search(index=index, body={"query": query, "size": 60})["hits"]["hits"]
    low, others = found[-1], set(ids(client.search(index=index, body={"query": QUERY, "size": 60})))
    unfound = next(iter(sorted(others - {hit["_id"] for hit in found})))
    least = float(low["_score"])
    rules = rules_of({"rules": [{"pin": [low["_id"], unfound]}]})
    body = {"query": query, "size": 4}
    assert ids(reranker(client, rules=rules).search(index=index, body=body))[:2] == [low["_id"], unfound]
    for limit, first in ((least, [low["_id"]]), (least * 1.01 + 0.001, [])):
        reply = reranker(client, rules=rules).search(index=index, body={**body, "min_score": limit})
        assert unfound not in ids(reply)
        assert [id for id in ids(reply) if id == low["_id"]] == first
        assert detail(reply) == ""


def test_a_place_that_other_rules_have_taken_away_is_told(either_shop: tuple[Any, str]) -> None:
    """Of a window of 20 a rule leaves five: what is pinned at place 13 is the last of them, and the reply names it."""
    client, index = either_shop
    found = ids(client.search(index=index, body={"query": QUERY, "size": 20}))
    rules = [{"filter": {"ids": found[:5]}}, {"pin": [{"id": found[0], "place": 13}, {"id": found[1], "place": 2}]}]
    reply = search(either_shop, rules, {"size": 10})
    assert ids(reply)[4] == found[0]
    assert f"rules leave 5 products of the window, so '{found[0]}' can't stand further down" in detail(reply)
    assert "can't stand" not in detail(search(either_shop, rules[1:], {"size": 10}))
