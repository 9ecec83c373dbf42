"""A search for nothing but a number: never worse than the engine, whatever the number looks like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.product import Product
from endcap.plugin.blend.document_words import words_of
from endcap.plugin.blend.features import FEATURES, features
from endcap.plugin.blend.own_number import FITTED, NAMED, OWN, UNBRANDED
from endcap.plugin.blend.plain import order
from endcap.plugin.blend.window import exact_blend

OWN_NUMBER = FEATURES.index("own_number")


def made(title: str, brand: str = "", category: str = "") -> Product:
    return Product("p", title, brand=brand, category=category)


def own(query: str, products: list[Product]) -> list[float]:
    """How far each product is the one of the query's number."""
    ones = np.ones(len(products))
    return features(query, [words_of(product) for product in products], ones, ones)[:, OWN_NUMBER].tolist()


TITLES = (
    "Verrix X12 smartphone",
    "Case for X12",
    "X12 sleeve",
    "Verrix X12 Pro",
    "Phone (X12)",
    "Verrix phone",
    "X-12",
)
SCORES = st.integers(-3, 3).map(float)


@given(
    st.sampled_from(("x12", "X-12", "x 12", "verrix x12", "x12 verrix", "verrix x12 pro", "x13", "Verrix-X12")),
    st.lists(st.tuples(st.sampled_from(TITLES), SCORES, SCORES), min_size=1, max_size=12),
    st.sampled_from((0.2, 0.8)),
)
def test_no_product_of_the_number_goes_down(query: str, hits: list[tuple[str, float, float]], weight: float) -> None:
    """Whatever the student says: only what is more the product of the number than another passes it."""
    hits = sorted([*hits, ("Verrix X12 smartphone", 0.0, 0.0)], key=lambda hit: -hit[1])
    words = [words_of(made(title, "Verrix" if "Verrix" in title else "")) for title, _, _ in hits]
    engine, student = (np.array([hit[column] for hit in hits]) for column in (1, 2))
    blended = exact_blend(query, words, student, engine, weight)
    places = {position: place for place, position in enumerate(order(blended.scores))}
    levels = blended.values[:, OWN_NUMBER]
    for one in range(len(hits)):
        for later in range(one + 1, len(hits)):
            assert places[one] < places[later] or levels[later] > levels[one]


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("be 550gsp", "APC BE550G-SP power supply"),
        ("boxdp 55wb", "Intel BOXDP55WB motherboard"),
        ("ci 65m", "Kensington Ci65M Mouse"),
        ("VMC-15FS", "Sony VMC-15FS"),
        ("msi 10ser-075ca", "MSI GL75 10SER-075CA Notebook"),
        ("n820-10m-ind", "Tripp Lite N820-10M-IND fibre"),
        ("bambolino toys 83003", "Bambolino Toys Caterpillar 83003"),
        ("30g-2030", "Lexmark 30G2030 printer kit"),
        ("ps5 slim", "Sony PlayStation 5 Slim"),
    ],
)
def test_a_number_is_known_by_any_cut(query: str, title: str) -> None:
    """As windows have it, also where a part of it looks like an amount, a plural or a word of a brand."""
    brand = "Bambolino Toys" if "Bambolino" in title else title.split()[0]
    assert own(query, [made("Another thing", "Other"), made(title, brand)])[1] >= NAMED


@pytest.mark.parametrize(
    "part",
    [
        "Replacement Jug BX-77",
        "Gasket BX-77",
        "BX-77 spare lid",
        "Kromar BX-77 plates",
        "Toner-Kit BX-77",
        "Tray f/ BX-77",
        "Ersatzkrug BX-77",
        "Jarra de recambio BX-77",
        "Joint BX-77",
    ],
)
def test_a_spare_part_is_not_the_thing(part: str) -> None:
    """By its noun, or by any noun behind "replacement"; where it is all there is, the number is its own."""
    thing = made("Kromar Blender BX-77", "Kromar")
    levels = own("bx-77", [made(part), thing])
    assert levels[0] < levels[1] == OWN


def test_a_brand_that_no_field_has() -> None:
    """Titles begin with it: the student has no say then, either."""
    words = [words_of(made(f"Verrix X12 smartphone, {colour}")) for colour in ("black", "white", "red")]
    blended = exact_blend("verrix x12", words, np.array([0.1, 0.2, 0.9]), np.array([3.0, 2.0, 1.0]), 0.8)
    assert list(order(blended.scores)) == [0, 1, 2]


def test_what_is_wanted_of_a_thing_is_not_the_thing_with_it() -> None:
    """ "With remote" is no remote."""
    levels = own("zk9000 remote", [made("Zentro ZK9000 TV with remote"), made("Remote control ZK9000")])
    assert levels == [0, NAMED]


def test_a_title_without_a_brand_is_that_of_a_part() -> None:
    """Where the thing's has one; but not if its brand is the same, and only a field says so."""
    thing, part = made("Kromar Blender BX-77", "Kromar"), made("Tamper BX-77", "Fitwell")
    assert own("bx-77", [part, thing]) == [UNBRANDED, OWN]
    assert own("bx-77", [part]) == [OWN]
    assert own("bx-77", [made("Blender BX-77", "Kromar"), made("Kromar BX-77 pulp bin", "Kromar")])[0] == OWN


def test_a_thing_in_the_category_of_its_number_is_no_accessory() -> None:
    """Whatever words its title ends in."""
    thing, same = made("JVC Headphones HA G101", category="Headphones"), "JVC HA-G101 headphones head-band"
    assert own("ha-g101", [made(same, category="Headphones"), thing]) == [OWN, OWN]
    assert own("ha-g101", [made(same, category="Parts"), thing]) == [FITTED, OWN]
