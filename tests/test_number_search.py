"""A model's number in a spelling that an index does not know is searched for in the others, where that is asked for."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from opensearchpy import OpenSearch

from endcap.errors import InputError
from endcap.plugin import Reranker, Student

TITLES = {
    "printer": "Brandis BT-4410 Label Printer",
    "cable": "Power cable for Brandis BT-4410",
    "other": "Brandis BT-5510 Label Printer",
    "speaker": "Bluetooth speaker BT 20",
    "phones": "Sony WH-1000XM4 Headphones",
    "joined": "Velmo KX7730 Trimmer",
    "ink": "Marna T7780A2MG cartridge",
    "sold": "Velmo QT-8812 Trimmer",
}


class Counting:
    """A client that counts its searches."""

    def __init__(self, client: Any) -> None:
        self._client, self.searches = client, 0

    def search(self, **options: Any) -> Any:
        self.searches += 1
        return self._client.search(**options)


@pytest.fixture(scope="module", params=["opensearch", "opensearch_2"])
def shop(request: pytest.FixtureRequest) -> Iterator[tuple[Any, str]]:
    """An index that endcap did not load, with OpenSearch's own analysis."""
    client, index = OpenSearch(request.getfixturevalue(request.param)), f"words-{uuid.uuid4().hex[:8]}"
    for id, title in TITLES.items():
        client.index(index=index, id=id, body={"title": title, "stock": id != "sold"})
    client.indices.refresh(index=index)
    yield client, index
    client.indices.delete(index=index)
    client.close()


def found(client: Any, index: str, query: dict[str, Any], numbers: bool = True, **body: Any) -> tuple[list[str], Any]:
    reranker = Reranker(client, Student.load(), deadline_ms=60_000, numbers=numbers, languages="any")
    reply = reranker.search(index=index, body={"query": query, **body})
    reranker.close()
    return [hit["_id"] for hit in reply["hits"]["hits"]], reply


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("bt4410", "printer"),
        ("brandis bt4410", "printer"),
        ("BT.4410", "printer"),
        ("wh1000xm4", "phones"),
        ("wh1000 xm4", "phones"),
        ("KX-7730", "joined"),
        ("kx 7730", "joined"),
        ("t 7780a2mg", "ink"),
    ],
)
@pytest.mark.parametrize("extra", [{}, {"operator": "and"}])
def test_the_product_of_the_number_is_first(shop: tuple[Any, str], text: str, id: str, extra: dict[str, str]) -> None:
    """Whatever the clause demands of several words; what only fits it is not added."""
    ids, reply = found(*shop, {"match": {"title": {"query": text, **extra}}})
    assert ids[0] == id
    if "added" in reply["ext"]["rerank"]:
        assert reply["ext"]["rerank"]["added"] == 1
        assert "cable" not in ids


def test_it_is_off_and_costs_nothing_where_nothing_lacks(shop: tuple[Any, str]) -> None:
    """One request for a search that is no number, or finds its product; two for one that does not."""
    client, index = shop
    assert "printer" not in found(client, index, {"match": {"title": "bt4410"}}, numbers=False)[0]
    for text, searches in (("label printer", 1), ("bt-4410", 1), ("bt4410", 2), ("zz9999", 2)):
        counting = Counting(client)
        ids, reply = found(counting, index, {"match": {"title": text}})
        assert counting.searches == searches, text
    assert ids == []
    assert "added" not in reply["ext"]["rerank"]


def test_the_body_decides_what_may_be_shown(shop: tuple[Any, str]) -> None:
    """Its filters hold for what is added, too; one search may ask for it by itself."""
    client, index = shop
    match = {"match": {"title": "qt8812"}}
    assert found(client, index, match)[0] == ["sold"]
    filtered = {"bool": {"must": [match], "filter": [{"term": {"stock": True}}]}}
    assert found(client, index, filtered)[0] == []
    assert found(client, index, match, post_filter={"term": {"stock": True}})[0] == []
    assert found(client, index, match, numbers=False, ext={"rerank": {"numbers": True}})[0] == ["sold"]


@pytest.mark.parametrize(
    "decided",
    [
        {"must_not": [{"term": {"title.keyword": TITLES["sold"]}}]},
        {"must_not": [{"match_phrase": {"title": "qt 8812"}}]},
        {"filter": [{"match": {"note": "qt8812"}}]},
        {"filter": [{"term": {"note": "qt8812"}}]},
    ],
)
def test_another_spelling_does_not_change_what_is_excluded(shop: tuple[Any, str], decided: dict[str, Any]) -> None:
    """A body's exclusions and filters are asked as they stand, though they may hold the very number."""
    client, index = shop
    assert found(client, index, {"bool": {"must": [{"match": {"title": "qt8812"}}], **decided}})[0] == []


def test_a_limit_on_the_score_holds_for_what_is_added(shop: tuple[Any, str]) -> None:
    client, index = shop
    assert found(client, index, {"match": {"title": "qt8812"}}, min_score=1000)[0] == []


def test_a_wrong_value_is_refused() -> None:
    with pytest.raises(InputError, match="numbers is 'yes'"):
        Reranker(Counting(None), Student.load(), numbers="yes")  # type: ignore[arg-type]
