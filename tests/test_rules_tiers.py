"""The shop's rules beside what a body decides: a strength means as much, and crosses no tier of the body's."""

from __future__ import annotations

from typing import Any

import pytest
from opensearchpy import OpenSearch
from rerank_parts import ids, reranker, told

from endcap.plugin.rules.file import rules_of

QUERY = {"match": {"title": "usb"}}


def order(shop: tuple[OpenSearch, str], query: dict[str, Any], strength: str | None) -> list[str]:
    """The ids in their order, with a boost of one brand."""
    client, index = shop
    boost = {"where": {"brand": "zen"}, "strength": strength}
    rules = None if strength is None else rules_of({"rules": [{"boost": boost}]})
    reply = reranker(client, blend_weight=1.0, rules=rules).search(index=index, body={"query": query, "size": 60})
    assert told(reply)[0] == "reranked"
    return ids(reply)


@pytest.mark.parametrize("strength", ["slight", "some"])
def test_a_boost_is_as_strong_where_the_body_pins(shop: tuple[OpenSearch, str], strength: str) -> None:
    """Products that the body pins stay above, however strong the boost; the others stand as without those pins."""
    pins = order(shop, QUERY, None)[4:6]
    above = {"constant_score": {"filter": {"ids": {"values": pins}}, "boost": 1000}}
    pinned = order(shop, {"bool": {"must": [QUERY], "should": [above]}}, strength)
    assert set(pinned[:2]) == set(pins)
    plain = [id for id in order(shop, QUERY, strength) if id not in pins]
    moved = sum(abs(plain.index(id) - place) for place, id in enumerate(pinned[2:]))
    assert moved <= len(plain) / 2  # what is pinned is no part of the deviation, so not all are where they were
