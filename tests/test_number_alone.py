"""A search for nothing but a number: never worse than the engine, whatever the number looks like."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.product import Product
from endcap.plugin.blend.document_words import WordsMemory, words_of
from endcap.plugin.blend.features import FEATURES, features
from endcap.plugin.blend.own_number import FITTED, NAMED, OWN, UNBRANDED
from endcap.plugin.blend.plain import order
from endcap.plugin.blend.window import blend_window, exact_blend
from endcap.plugin.deadline import Deadline

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
    """Whatever the student says: only what is more the product of the number than another passes one that carries it.
    What does not carry it ("Verrix phone") the student may put in order, behind the thing."""
    hits = sorted([*hits, ("Verrix X12 smartphone", 0.0, 0.0)], key=lambda hit: -hit[1])
    words = [words_of(made(title, "Verrix" if "Verrix" in title else "")) for title, _, _ in hits]
    engine, student = (np.array([hit[column] for hit in hits]) for column in (1, 2))
    blended = exact_blend(query, words, student, engine, weight)
    places = {position: place for place, position in enumerate(order(blended.scores))}
    levels = blended.values[:, OWN_NUMBER]
    for one in range(len(hits)):
        if "12" not in hits[one][0] and "12" in query:
            continue
        for later in range(one + 1, len(hits)):
            assert places[one] < places[later] or levels[later] > levels[one]


def test_behind_the_thing_the_student_orders_what_does_not_carry_its_number() -> None:
    """Other phones before other phones' cases, whatever the engine says; what carries it stays before them."""
    titles = ("Verrix Z90 sleeve", "Case for X12", "Verrix X12 smartphone", "Verrix Z90 smartphone")
    words = [words_of(made(title, "Verrix")) for title in titles]
    student, engine = np.array([0.1, 0.0, 0.9, 0.8]), np.array([1.2, 1.2, 1.1, 1.0])
    assert [titles[i] for i in order(exact_blend("x12", words, student, engine, 0.8).scores)] == [
        "Verrix X12 smartphone",
        "Case for X12",
        "Verrix Z90 smartphone",
        "Verrix Z90 sleeve",
    ]


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
        ("bxsts-100p", "Intel BXSTS100P cooler"),
        ("hp canvas-610", "HP Satin Canvas-610 mm x 6.1 m"),
        ("xerox 5550v_dn", "Xerox Phaser 5550V_DN laser printer"),
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
    others = [made("Lid for Kromar BX-77", "Fitwell"), made("Gripo Wrench BX-77", "Gripo")]
    assert own("bx-77", [part, thing, *others])[:2] == [UNBRANDED, OWN]
    # Of two brands that are each named once, either may be the thing's.
    assert own("bx-77", [made("Blender BX-77", "Kromar"), others[1]]) == [OWN, OWN]
    assert own("bx-77", [part]) == [OWN]
    assert own("bx-77", [made("Blender BX-77", "Kromar"), made("Kromar BX-77 pulp bin", "Kromar")])[0] == OWN


def test_a_thing_in_the_category_of_its_number_is_no_accessory() -> None:
    """Whatever words its title ends in."""
    thing, same = made("JVC Headphones HA G101", category="Headphones"), "JVC HA-G101 headphones head-band"
    assert own("ha-g101", [made(same, category="Headphones"), thing]) == [OWN, OWN]
    assert own("ha-g101", [made(same, category="Parts"), thing]) == [FITTED, OWN]


def test_of_two_numbers_what_it_is_stands_behind_the_last() -> None:
    """ "EXV11/12 drum unit" is a drum unit, as "EXV11 toner" is a toner."""
    drum, toner = made("Canon iR C-EXV11/12 drum unit", "Canon"), made("Canon C-EXV11 toner", "Canon")
    assert own("c-exv11", [drum, toner]) == [OWN, OWN]


@pytest.mark.parametrize("query", ["1000-staple", "3in1", "300000"])
def test_so_many_of_something_is_no_number(query: str) -> None:
    """The engine's order stays."""
    titles = ("HP 1000-staple cartridge", "Leitz 1000 staples", "Fan 3in1 case", "3-in-1 tool", "Kit (300,000 pages)")
    words = [words_of(made(title)) for title in titles]
    blended = exact_blend(query, words, np.array([0.1, 0.2, 0.9, 1.0, 1.1]), np.arange(5, 0, -1.0), 0.8)
    assert list(order(blended.scores)) == [0, 1, 2, 3, 4]


def test_a_number_with_its_kind_where_the_thing_is_called_like_a_part() -> None:
    """A controller is one, where nothing else has the number."""
    raid = made("Intel SRCS28X RAID controller", "Intel", "RAID")
    assert own("srcs28x raid", [made("RAID card", "Other", "RAID"), raid]) == [0, OWN]
    assert own("srcs28x raid", [made("SRCS28X RAID cable"), made("Intel SRCS28X RAID board", "Intel")]) == [0, OWN]


@pytest.mark.parametrize("query", ["x1200", "Verrix X1200", "verrix x-1200 pro", "iphone 12", "15 33 07", "lg ps5"])
def test_without_time_for_words_a_number_keeps_the_engines_order(query: str) -> None:
    """And it is said that there was none."""
    hits = [{"_id": str(n), "_source": {"title": f"Verrix {n}"}} for n in range(3)]
    student, engine = np.array([0.1, 0.2, 0.9]), np.array([3.0, 2.0, 1.0])
    late = Deadline.start(0.0)
    blended = blend_window(query, hits, student, engine, 0.8, None, WordsMemory(), late)
    assert list(order(blended.scores)) == [0, 1, 2]
    assert "there was time to compare the words of" in blended.lacking
    other = blend_window("mouse without cable", hits, student, engine, 0.8, None, WordsMemory(), late)
    assert order(other.scores)[0] == 2


@pytest.mark.parametrize(
    "part",
    [
        "Fitwell Screen film Verrix BX-770",
        "Filtro de agua Verrix BX-770",
        "Verre trempé BX-770",
        "Schlauch BX-770",
        "BX-770 eyecup",
    ],
)
def test_a_part_by_its_noun_whatever_stands_between(part: str) -> None:
    """A brand, what it is of, what it is like."""
    levels = own("bx-770", [made(part, "Fitwell"), made("Phone (BX-770)", "Verrix")])
    assert levels == [FITTED, OWN]


def test_a_brand_with_a_digit_is_no_number() -> None:
    """Of C2G's things one with that number is meant."""
    things = [made("C2G KX-200 cable tester", "C2G"), made("C2G tool", "C2G"), made("Case for KX-200", "Gripo")]
    assert own("c2g kx-200", things) == [OWN, 0, 0]
