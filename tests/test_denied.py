"""What a query's syntax excludes does not come first, also where the engine has found it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from opensearchpy import OpenSearch
from rerank_parts import Listed, ReadableStudent, fill_index, ids, reranker, told, unique

from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.plugin.blend.denied import ELSEWHERE, Phrase, denied_shares
from endcap.plugin.blend.document_words import words_of

SHOP = [
    ("usb cable tester #0.9", "Verrix"),
    ("usb cable and testers in a set #0.9", "Fluke"),
    ("usb cable #0.5", "Verrix"),
    ("long braided usb cable #0.4", "Anker"),
    ("usb hub #0.1", "Anker"),
]
FIELDS = FieldMap.parse("brand=maker.name")
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
    ("denial", "product_fields", "share"),
    [
        ([Phrase("tester")], {"title": "usb cable testers"}, 1.0),
        ([Phrase("Tester")], {"brand": "TESTER"}, 1.0),
        ([Phrase("tester")], {"description": "with a tester"}, ELSEWHERE),
        ([Phrase("red")], {"attributes": {"colour": "red"}}, ELSEWHERE),
        ([Phrase("tester")], {"title": "usb cable without tester"}, 0.0),
        ([Phrase("test", prefix=True)], {"title": "usb cable tester"}, 1.0),
        ([Phrase("cable tester")], {"title": "tester for usb cable"}, 0.0),
        ([Phrase("cable tester")], {"title": "usb cable tester"}, 1.0),
        ([Phrase("cabel", slack=1)], {}, 1.0),
        ([Phrase("cabel")], {}, 0.0),
        ([Phrase("cab", slack=1)], {}, 0.0),
        ([Phrase("usb tester", slack=1)], {"title": "usb cable tester"}, 1.0),
        ([Phrase("tester usb", slack=1)], {"title": "usb c cable tester"}, 0.0),
        ([Phrase("usb"), Phrase("hub")], {}, 0.0),
        ([Phrase("usb"), Phrase("cable")], {}, 1.0),
        ([Phrase("usb"), Phrase("red")], {"description": "red"}, ELSEWHERE),
        ([Phrase("Verrix", "maker.name")], {"title": "usb cable for Verrix"}, 0.0),
        ([Phrase("verrix", "maker.name")], {"brand": "Verrix"}, 1.0),
        ([Phrase("cables", "title.stemmed")], {}, 1.0),
        ([Phrase("usb", "description")], {}, ELSEWHERE),
        ([Phrase("usb", "*")], {}, 1.0),
    ],
)
def test_how_much_of_it_a_product_has(denial: list[Phrase], product_fields: dict[str, Any], share: float) -> None:
    """All of it by what it is called, a part by what else is said of it, nothing where it is said to lack it. A field
    that is named counts alone."""
    assert denied_shares([tuple(denial)], [product(**product_fields)], FIELDS) == [share]


phrases = st.builds(
    Phrase, st.text(max_size=8), st.none() | st.sampled_from(["title", "x", "*"]), st.booleans(), st.integers(0, 3)
)


@given(st.lists(st.lists(phrases, min_size=1, max_size=2).map(tuple), max_size=3), st.text(max_size=40))
def test_shares_are_shares(denials: list[tuple[Phrase, ...]], title: str) -> None:
    """Any words give a share between 0 and 1; without a denial it is 0."""
    shares = denied_shares(denials, [product(title=title)], FIELDS)
    assert ((shares >= 0) & (shares <= 1)).all()
    assert denials or not np.any(shares)
