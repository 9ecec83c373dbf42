"""Rules on collapsed searches, highlights and hybrid filters, on real OpenSearch: variants, and pins of a group."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from opensearchpy import OpenSearch
from rerank_parts import MAPPING, ReadableStudent, fill_index, ids, reranker, told, unique

from endcap.plugin.rules.file import rules_of

QUERY = {"match": {"title": "usb cable"}}
COLOURS = ("black", "red", "blue")
BODY: dict[str, Any] = {"query": QUERY, "size": 4, "collapse": {"field": "group"}}


def variants() -> list[dict[str, Any]]:
    """Twelve groups of three colours; the student likes one colour of each best, and red is cheapest."""
    return [
        {
            "title": f"usb cable {'usb ' * (12 - group)}{colour} #{(group * 7 + 5 * n) % 12 / 12 + (n == group % 3)}",
            "brand": "acme" if group % 2 else "zen",
            "price": 10.0 + (0 if colour == "red" else 5 + n),
            "group": group,
            "colour": colour,
        }
        for group in range(12)
        for n, colour in enumerate(COLOURS)
    ] + [{"title": "garden hose", "brand": "zen", "price": 3.0, "group": 3, "colour": "green"}]


@pytest.fixture(scope="module", params=["opensearch", "opensearch_2"])
def group_shop(request: pytest.FixtureRequest) -> Iterator[tuple[OpenSearch, str]]:
    """A client of each version, and an index of products in groups; "36" is found by no search for cables."""
    client, index = OpenSearch(request.getfixturevalue(request.param)), unique("groups")
    fill_index(client, index, variants(), MAPPING)
    yield client, index
    client.indices.delete(index=index)
    client.close()


def shown(shop: tuple[OpenSearch, str], rules: list[dict[str, Any]], body: dict[str, Any]) -> dict[str, Any]:
    client, index = shop
    student = ReadableStudent(window=8)
    reply = reranker(client, student, rules=rules_of({"rules": rules})).search(index=index, body=body)
    assert told(reply)[0] == "reranked"
    assert "detail" not in reply["ext"]["rerank"]
    return dict(reply)


def colours(reply: dict[str, Any]) -> list[str]:
    return [variants()[int(id)]["colour"] for id in ids(reply)]


def groups(reply: dict[str, Any]) -> list[int]:
    return [hit["fields"]["group"][0] for hit in reply["hits"]["hits"]]


@pytest.mark.parametrize("extra", [{}, {"highlight": {"fields": {"title": {}}}}, {"size": 8}, {"_source": False}])
def test_the_variant_that_is_shown(group_shop: tuple[OpenSearch, str], extra: dict[str, Any]) -> None:
    """By relevance, by a field, by a filter: in one request or two; what the choice needed is not in the reply."""
    body = {**BODY, **extra}
    best = shown(group_shop, [{"variant": "relevance"}], body)
    assert [int(id) % 3 for id in ids(best)] == [group % 3 for group in groups(best)]
    cheap = shown(group_shop, [{"variant": {"lowest": "price"}}], body)
    assert set(colours(cheap)) == {"red"}
    blue = shown(group_shop, [{"variant": {"where": {"colour": "blue"}}}], body)
    assert set(colours(blue)) == {"blue"}
    plain = shown(group_shop, [{"query": "another", "variant": "relevance"}], body)
    for reply in (best, cheap, blue):
        assert len(set(groups(reply))) == len(groups(reply)) == body["size"]
        for hit in reply["hits"]["hits"]:
            assert "inner_hits" not in hit
            assert hit.keys() - {"rerank_explanation"} == plain["hits"]["hits"][0].keys()
        assert reply["hits"]["total"] == plain["hits"]["total"]


def test_a_hidden_product_is_not_the_variant(group_shop: tuple[OpenSearch, str]) -> None:
    """Another of its group is shown; a group that is hidden as a whole is not."""
    hide = {"hide": {"where": {"colour": "red"}}}
    cheap = shown(group_shop, [{"variant": {"lowest": "price"}}, hide], BODY)
    assert set(colours(cheap)) == {"black"}
    assert len(ids(cheap)) == BODY["size"]
    gone = shown(group_shop, [{"variant": {"lowest": "price"}, "hide": {"where": {"group": 3}}}], {**BODY, "size": 12})
    assert sorted(groups(gone)) == [group for group in range(12) if group != 3]


def test_ones_own_inner_hits_stay(group_shop: tuple[OpenSearch, str]) -> None:
    """The body's inner hits are what they were, and ours are not among them."""
    own = {"name": "others", "size": 2, "_source": ["colour"]}
    for inner in (own, [own]):
        body = {**BODY, "collapse": {"field": "group", "inner_hits": inner}}
        for hit in shown(group_shop, [{"variant": {"lowest": "price"}}], body)["hits"]["hits"]:
            assert hit["inner_hits"].keys() == {"others"}
            assert {"colour"} == set(hit["inner_hits"]["others"]["hits"]["hits"][0]["_source"])


def test_pages_of_variants_fit(group_shop: tuple[OpenSearch, str]) -> None:
    """Each group is shown once, page by page, inside the window and behind it, in step."""
    client, index = group_shop
    rules = rules_of({"rules": [{"variant": {"lowest": "price"}}]})
    search = reranker(client, ReadableStudent(window=8), rules=rules).search
    pages = [search(index=index, body={**BODY, "from": at}) for at in (0, 4, 8)]
    assert sorted(group for page in pages for group in groups(page)) == list(range(12))
    assert {told(page) for page in pages} <= {("reranked", None), ("skipped", "beyond_window")}
    assert {colour for page in pages for colour in colours(page)} == {"red"}


@pytest.mark.parametrize("pinned", ["11", "36"], ids=["found", "not found"])
def test_a_pin_stands_for_its_group(group_shop: tuple[OpenSearch, str], pinned: str) -> None:
    """A pinned product that is not its group's first, or was not found at all, is shown in the place of it."""
    client, index = group_shop
    rules = rules_of({"rules": [{"pin": [{"id": pinned, "place": 2}]}]})
    search = reranker(client, ReadableStudent(window=8), rules=rules).search
    for extra in ({}, {"highlight": {"fields": {"title": {}}}}):
        pages = [search(index=index, body={**BODY, **extra, "from": at}) for at in (0, 4, 8)]
        assert ids(pages[0])[1] == pinned
        every = [group for page in pages for group in groups(page)]
        assert sorted(every) == list(range(12))


def test_a_pin_needs_the_filters_of_a_hybrid_query(opensearch_2: str) -> None:
    """Each part of a hybrid query is searched under filters; a pinned product must pass those of one of them."""
    client, index = OpenSearch(opensearch_2), unique("hybrid")
    fill_index(client, index, variants(), MAPPING)
    rules = rules_of({"rules": [{"pin": ["36"]}]})
    search = reranker(client, ReadableStudent(window=8), rules=rules).search
    try:
        for brand, is_shown in (("zen", True), ("acme", False)):
            part = {"bool": {"must": [QUERY], "filter": [{"term": {"brand": brand}}]}}
            body = {"query": {"hybrid": {"queries": [part, part]}}, "size": 4}
            reply = search(index=index, body=body)
            assert told(reply)[0] == "reranked", reply["ext"]
            assert (ids(reply)[0] == "36") == is_shown
    finally:
        client.indices.delete(index=index)
        client.close()


@pytest.mark.parametrize("name", ["highlight", "explain", "fields", "docvalue_fields"])
def test_a_pinned_hit_looks_like_the_others(group_shop: tuple[OpenSearch, str], name: str) -> None:
    """What the body asks for of each hit is there of the pinned one, on its page and on a later one."""
    client, index = group_shop
    asked = {"highlight": {"fields": {"title": {}}}, "explain": True, "fields": ["brand"], "docvalue_fields": ["price"]}
    rules = rules_of({"rules": [{"pin": [{"id": "36", "place": 1}, {"id": "5", "place": 6}]}]})
    search = reranker(client, ReadableStudent(window=8), rules=rules).search
    body = {"query": QUERY, "size": 4, name: asked[name]}
    first, second = (search(index=index, body={**body, "from": at}) for at in (0, 4))
    assert ids(first)[0] == "36"
    assert ids(second)[1] == "5"
    assert first["hits"]["hits"][0]["_source"]["title"] == "garden hose"
    assert (
        "fields" not in name or first["hits"]["hits"][0]["fields"].keys() == second["hits"]["hits"][0]["fields"].keys()
    )
