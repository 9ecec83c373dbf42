"""A model's number is found however it is written: with hyphens, blanks, dots or slashes, or none, in any case."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.engine import Engine
from endcap.index.number_spellings import number_spellings, without_marks
from endcap.index.open_engine import open_engine
from endcap.index.product import Product
from endcap.index.settings import IndexSettings

SPELT = {
    "Brandis BT-4410 Label Printer": ("bt4410", "BT-4410", "bt 4410", "bt/4410", "bt.4410", "brandis bt4410"),
    "Velmo KX7730 Trimmer": ("kx7730", "kx-7730", "KX 7730"),
    "Palit GeForce RTX 4070 Graphics Card": ("rtx4070", "RTX-4070", "rtx 4070"),
    "Sony WH-1000XM4 Headphones": ("wh1000xm4", "wh1000 xm4", "WH 1000 XM4", "wh.1000xm4", "1000xm4", "wh-1000-xm4"),
    "Skarn Bearing 6205 2RS": ("6205-2rs", "62052RS"),
    "Bosca GSR 18V-28 Drill": ("gsr18v28", "gsr 18v28", "GSR18V-28"),
    "Sonta A7 III Camera": ("a7iii", "A7III"),
    "Brodo TZe-231 Label Tape": ("tz-e231", "tze231", "TZE 231"),
    "Logi MX3S Mouse": ("MX-3S", "mx3s"),
    "Marna 652XL Ink": ("652 xl", "marna 652"),
    "Apple iPhone 12": ("iphone12", "iphone-12"),
    "Hex Bolt M8 x 40": ("m8x40", "M8X40"),
    "Linen Sheet 90 × 200 cm": ("90x200",),
    "Palit GeForce RTX 3060 Ti Graphics Card": ("rtx3060ti", "RTX 3060Ti"),
}
"""Ways to search for the number of a title."""


def test_spellings_by_hand() -> None:
    """What the engine has anyway is left out; nothing goes across a comma."""
    assert number_spellings("Label Printer BT-4410") == ["bt4410", "t4410"]
    assert number_spellings("RTX 4070, 500ml (2.5 l)") == ["rtx4070", "500"]
    assert number_spellings("ISBN 978-3-16-148410-0")[0] == "9783161484100"
    assert number_spellings("A red lamp with no number") == []
    assert without_marks("wh.1000xm4 2.5 l, usb 3.0") == "wh 1000xm4 2.5 l, usb 3.0"


@pytest.fixture(params=["embedded", "opensearch", "opensearch_2"])
def engine(request: pytest.FixtureRequest) -> Iterator[Engine]:
    """A shop of the titles, among others that have one part of each number."""
    name = f"endcap-numbers-{uuid.uuid4().hex[:8]}"
    products = [Product(f"p{n}", title) for n, title in enumerate(SPELT)]
    if request.param == "embedded":
        made: Engine = EmbeddedEngine(name)
        made.load(products)
        yield made
        return
    made = open_engine(IndexSettings(name, "opensearch", request.getfixturevalue(request.param)))
    made.load(products)
    yield made
    made.client.indices.delete(index=f"{name}-*")  # type: ignore[attr-defined]
    made.close()  # type: ignore[attr-defined]


def test_each_spelling_finds_it(engine: Engine) -> None:
    """By the tuned query, in both engines, as the first of the shop."""
    for n, queries in enumerate(SPELT.values()):
        for query in queries:
            hits = engine.search(body={"query": engine.text_query(query), "size": 3})["hits"]["hits"]
            assert hits, query
            assert hits[0]["_id"] == f"p{n}", query


@given(
    st.text(max_size=80)
    | st.lists(st.sampled_from(("a", "12", "-", " ", ".", "xm4", "ß", "٣")), max_size=20).map("".join)
)
def test_any_text_has_spellings(text: str) -> None:
    """Each is one word with a digit."""
    for spelling in number_spellings(text):
        assert any(map(str.isdigit, spelling))
        assert not set(spelling) & set(" -/._")


@pytest.mark.parametrize("piece", ["a1", "1 ", "a-1.", "wh-1000xm4 ", "_"])
def test_no_text_takes_long(piece: str) -> None:
    began = process_time()
    number_spellings(piece * 100_000)
    without_marks(piece * 1_000)
    assert process_time() - began < 1
