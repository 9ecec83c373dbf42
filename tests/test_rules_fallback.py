"""The shop's rules where the student has no say: what the body, its sort and named tiers have put apart stays."""

from __future__ import annotations

from typing import Any

import pytest
from opensearchpy import OpenSearch
from rerank_parts import Broken, ids, reranker, told

from endcap.plugin.rules.file import rules_of

QUERY = {"match": {"title": "usb"}}
BOOST = {"rules": [{"boost": {"where": {"brand": "zen"}, "strength": "strong"}}]}


def fallen_back(shop: tuple[OpenSearch, str], body: dict[str, Any], **arguments: Any) -> Any:
    """The reply to a body where the student fails."""
    client, index = shop
    broken = reranker(client, Broken(window=60), rules=rules_of(BOOST), **arguments)
    return broken.search(index=index, body={**body, "size": 60})


def test_pins_of_the_body_stay_first(shop: tuple[OpenSearch, str]) -> None:
    """A strong boost moves nothing above what the body pins, nor the pins themselves."""
    pins = ids(fallen_back(shop, {"query": QUERY}))[5:8]
    should = [
        {"constant_score": {"filter": {"ids": {"values": [pin]}}, "boost": 1000 - n}} for n, pin in enumerate(pins)
    ]
    reply = fallen_back(shop, {"query": {"bool": {"must": [QUERY], "should": should}}})
    assert told(reply)[0] == "fallback"
    assert ids(reply)[:3] == pins


@pytest.mark.parametrize("arguments", [{}, {"tiers": [{"field": "price", "order": "asc"}]}], ids=["sort", "named"])
def test_tiers_stay_apart(shop: tuple[OpenSearch, str], arguments: dict[str, Any]) -> None:
    """A body's sort before the score, and tiers that are named, hold without the student."""
    sort = {} if arguments else {"sort": [{"price": "asc"}, "_score"]}
    reply = fallen_back(shop, {"query": QUERY, **sort}, **arguments)
    prices = [hit["_source"]["price"] for hit in reply["hits"]["hits"]]
    assert prices == sorted(prices)
