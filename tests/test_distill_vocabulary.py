"""The words that queries are made of: what is learnt of a catalogue, kinds of queries, quantities and slips."""

from __future__ import annotations

import distill_shop
import numpy as np
import pytest
from distill_shop import BRANDS
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.distill.generate.query_kinds import kind_of, mix
from endcap.distill.generate.spelling import share_misspelt
from endcap.distill.generate.vocabulary import Vocabulary, leaf_names, learn
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.language.misspellings import misspell
from endcap.language.quantities import Quantity, quantities_in


@pytest.fixture(scope="module")
def shelf() -> list[Product]:
    return [FieldMap().product(each) for each in distill_shop.products()]


@pytest.fixture(scope="module")
def vocabulary(shelf: list[Product]) -> Vocabulary:
    return learn(shelf)


def test_types_brands_and_attributes_are_learnt(shelf: list[Product], vocabulary: Vocabulary) -> None:
    assert {brand.lower() for brand in BRANDS} <= set(vocabulary.brands.values())
    assert vocabulary.types_of(shelf[0])[0] in ("lamps", "desk lamp", "lamp")
    assert vocabulary.attributes == {"colour": 1.0}
    assert {"red", "blue", "black"} <= vocabulary.values
    assert list(leaf_names("Clothing > Tops, Tees & Blouses")) == ["tops", "tees", "blouses"]


def test_types_are_found_in_titles_where_there_is_no_category() -> None:
    things = ("toner cartridge", "patch cable", "print drum")
    titles = [(brand, thing) for brand in BRANDS for thing in things for _ in "ab"]
    some = [
        Product(str(n), f"{brand} X{n}Y {thing} black {n} m", brand=brand, attributes={"colour": "black"})
        for n, (brand, thing) in enumerate(titles)
    ]
    learnt = learn(some)
    assert learnt.types_of(some[0])[0] == "toner cartridge"
    assert learnt.types_of(Product("new", "Zenmarq 12 patch cables 3 m"))[0] == "patch cable"


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        ("lamps", "type"),
        ("norvik", "brand"),
        ("norvik kettle", "brand-type"),
        ("red kettle", "attribute"),
        ("something else", "words"),
        ("kx-1200", "model"),
        ("kettle 1.7 l", "unit"),
        ("kettle without filter", "negation"),
        ("bpa-free bottle", "negation"),
    ],
)
def test_kinds(vocabulary: Vocabulary, query: str, kind: str) -> None:
    assert kind_of(query, vocabulary) == kind


def test_the_mix_sums_to_one_and_follows_what_was_seen() -> None:
    shares = mix([("model", 1)] * 80, [("words", 5)] * 40)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["model", 1] > 0.8 > 0.2 > shares["words", 5] > shares["type", 5] > 0
    assert sum(mix([]).values()) == pytest.approx(1)


def test_quantities_are_read_and_said_in_other_ways() -> None:
    found = quantities_in('TV 15.6" 2x1,5kg cable 3 m 18V USB-3.0 12 mp3')
    assert found == [Quantity(15.6, "inch"), Quantity(3, "m"), Quantity(18, "v")]
    assert Quantity(1, "kg").in_base_unit() == Quantity(1000, "g").in_base_unit() == "1000 g"
    assert Quantity(1000, "g").conversion() == Quantity(1, "kg")
    assert Quantity(1.5, "l").conversion() == Quantity(1500, "ml")
    assert Quantity(7, "w").conversion() is None
    assert '15.6"' in Quantity(15.6, "inch").spellings()


@settings(deadline=None)
@given(
    st.lists(st.text("abcdefghijklmnopqrstuvwxyz", min_size=1, max_size=9), min_size=1, max_size=5), st.integers(0, 99)
)
def test_a_slip_is_one_slip(words: list[str], seed: int) -> None:
    """Never in a short word or a first letter, never more than two letters longer or shorter, and it says its kind."""
    before = " ".join(words)
    after, kind = misspell(before, np.random.default_rng(seed))
    assert (kind == "") == (max(map(len, words)) < 5)
    assert (after == before) or kind
    assert abs(len(after) - len(before)) <= 1
    assert [word[0] for word in after.split()] == [word[0] for word in words]


def test_misspelt_queries_are_counted(vocabulary: Vocabulary) -> None:
    clean = share_misspelt(["kettle", "frying pan", "bottle"] * 50, vocabulary)
    assert clean < share_misspelt(["kettel", "fryng pan", "bottle"] * 50, vocabulary)
