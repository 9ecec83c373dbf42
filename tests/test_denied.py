"""What a query's syntax excludes does not come first, also where the engine has found it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opensearchpy import OpenSearch
from rerank_parts import Listed, ReadableStudent, fill_index, ids, reranker, told, unique

from endcap.index.product import Product
from endcap.plugin.blend.denied import ELSEWHERE, denied_shares
from endcap.plugin.blend.document_words import words_of

SHOP = [
    ("usb cable tester #0.9", "Verrix"),
    ("usb cable and testers in a set #0.9", "Fluke"),
    ("usb cable #0.5", "Verrix"),
    ("long braided usb cable #0.4", "Anker"),
    ("usb hub #0.1", "Anker"),
]
MAPPING = {"properties": {"title": {"type": "text"}, "brand": {"type": "text"}}}


@pytest.fixture(scope="module", params=["opensearch", "opensearch_2"])
def cables(request: pytest.FixtureRequest) -> Any:
    """A client and an index with cables, testers and hubs."""
    client, index = OpenSearch(request.getfixturevalue(request.param)), unique("denied")
    fill_index(client, index, [{"title": title, "brand": brand} for title, brand in SHOP], MAPPING)
    yield client, index
    client.indices.delete(index=index)
    client.close()


def search(shop: tuple[OpenSearch, str], kind: str, text: str, student: Any = None, **settings: Any) -> Any:
    client, index = shop
    body = {"query": {kind: {"query": text, "fields": ["title", "brand"]}}, "ext": {"rerank": {"explain": True}}}
    return reranker(client, student, **settings).search(index=index, body=body)


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("simple_query_string", "usb cable -tester"),
        ("simple_query_string", '"usb cable" | -tester'),
        ("query_string", "usb OR (cable -tester)"),
        ("query_string", "usb cable (hub NOT title:test*)"),
    ],
)
def test_what_is_excluded_comes_last(cables: tuple[OpenSearch, str], kind: str, text: str) -> None:
    """Testers are found by "usb", and liked best by the student; they are shown behind all others."""
    reply = search(cables, kind, text)
    assert told(reply) == ("reranked", None)
    assert set(ids(reply)[-2:]) == {"0", "1"}
    tester = reply["hits"]["hits"][-1]
    assert tester["rerank_explanation"]["parts"][0]["feature"] == "denied"
    assert tester["rerank_explanation"]["score"] == pytest.approx(
        sum(part["adds"] for part in tester["rerank_explanation"]["parts"])
    )


def test_what_the_engine_excludes_is_no_word(cables: tuple[OpenSearch, str]) -> None:
    """The student is asked for the words that are searched for, and for no others."""

    asked = list[str]()

    class Asked(ReadableStudent):
        def prepare(self, query: str) -> None:
            asked.append(query)

    reply = search(cables, "query_string", "title:usb AND NOT brand:Verrix", Asked())
    assert asked == ["usb"]
    assert not {"0", "2"} & set(ids(reply))


def test_the_engine_alone_decides_where_the_student_has_no_say(cables: tuple[OpenSearch, str]) -> None:
    """With weight 0 the order is the engine's, whatever is excluded."""
    client, index = cables
    body = {"query": {"simple_query_string": {"query": "usb cable -tester", "fields": ["title"]}}}
    ours = reranker(client, blend_weight=0.0).search(index=index, body=body)
    assert ids(ours) == ids(client.search(index=index, body=body))


def test_a_syntax_that_is_not_understood_is_said() -> None:
    """The engine gets the body as it is, and the reply says where the syntax ends."""
    reply = reranker(Listed([3, 2, 1], [0.1, 0.2, 0.3])).search(body={"query": {"query_string": {"query": "usb AND"}}})
    assert told(reply) == ("skipped", "query_syntax")
    assert "at character 8" in reply["ext"]["rerank"]["detail"]


def product(**fields: Any) -> Any:
    return words_of(Product("1", **{"title": "usb cable", **fields}))


@pytest.mark.parametrize(
    ("denial", "fields", "share"),
    [
        (("tester",), {"title": "usb cable testers"}, 1.0),
        (("Tester",), {"brand": "TESTER"}, 1.0),
        (("tester",), {"description": "with a tester"}, ELSEWHERE),
        (("red",), {"attributes": {"colour": "red"}}, ELSEWHERE),
        (("tester",), {"title": "usb cable without tester"}, 0.0),
        (("test*",), {"title": "usb cable tester"}, 1.0),
        (("cable tester",), {"title": "tester for usb cable"}, 0.0),
        (("cable tester",), {"title": "usb cable tester"}, 1.0),
        (("usb", "hub"), {}, 0.0),
        (("usb", "cable"), {}, 1.0),
    ],
)
def test_how_much_of_it_a_product_has(denial: tuple[str, ...], fields: dict[str, Any], share: float) -> None:
    """All of it by what it is called, a part by what else is said of it, nothing where it is said to lack it."""
    assert denied_shares([denial], [product(**fields)]) == [share]


@given(st.lists(st.lists(st.text(max_size=8), min_size=1, max_size=2), max_size=3), st.text(max_size=40))
def test_shares_are_shares(denials: list[list[str]], title: str) -> None:
    """Any words give a share between 0 and 1; without a denial it is 0."""
    shares = denied_shares(denials, [product(title=title)])
    assert ((shares >= 0) & (shares <= 1)).all()
    assert denials or not np.any(shares)
