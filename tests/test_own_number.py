"""A model, part or article number: the product that has it comes before what fits it."""

from __future__ import annotations

import uuid
from contextlib import closing

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.open_engine import open_engine
from endcap.index.product import Product
from endcap.index.settings import IndexSettings
from endcap.language.accessories import is_accessory_word, parts_by_fit
from endcap.plugin import Reranker, Student
from endcap.plugin.blend.document_words import words_of
from endcap.plugin.blend.features import FEATURES, features
from endcap.plugin.blend.own_number import BEGUN, FITTED, NAMED, OWN, SHARED, UNBRANDED, VARIANT
from endcap.plugin.blend.plain import order
from endcap.plugin.blend.window import exact_blend, plain_blend

OWN_NUMBER = FEATURES.index("own_number")


def made(title: str, brand: str = "", category: str = "", description: str = "", **attributes: str) -> Product:
    return Product("p", title, brand=brand, category=category, description=description, attributes=attributes)


PHONE = made("Verrix X12 smartphone", "Verrix")
FITTING = (
    made("Case for X12", "Gripo"),
    made("Verrix X12 screen protector", "Gripo"),
    made("Schutzhülle für Verrix X12"),
    made("Charger, compatible with X12"),
)
PRINTER = made("Brother HL-2030 Laserdrucker", "Brother")
TONER = (made("Toner für HL-2030"), made("Toner HL2030 schwarz"), made("Black cartridge (fits HL-2030)"))
PHONES = made("Sony WH-1000XM4 headphones", "Sony")
PADS = (made("Ear pads for Sony WH-1000XM4"), made("WH1000XM4 hard case"))


def own(query: str, products: list[Product]) -> list[float]:
    """How far each product is the one of the query's number."""
    ones = np.ones(len(products))
    return features(query, [words_of(product) for product in products], ones, ones)[:, OWN_NUMBER].tolist()


@pytest.mark.parametrize(
    ("query", "product", "fitting"),
    [
        ("x12", PHONE, FITTING),
        ("X-12", PHONE, FITTING),
        ("x 12", PHONE, FITTING),
        ("verrix x12", PHONE, FITTING),
        ("x12 verrix", PHONE, FITTING),
        ("x12 smartphone", PHONE, FITTING),
        ("hl-2030", PRINTER, TONER),
        ("HL 2030", PRINTER, TONER),
        ("brother hl2030", PRINTER, TONER),
        ("WH-1000XM4", PHONES, PADS),
        ("wh1000 xm4", PHONES, PADS),
        ("sony wh1000xm4", PHONES, PADS),
        ("1000xm4", PHONES, PADS),
    ],
)
def test_the_product_stands_first(query: str, product: Product, fitting: tuple[Product, ...]) -> None:
    """However it is written, and though student and engine like everything else better, also in the plain blend."""
    words = [words_of(each) for each in (*fitting, product)]
    scores = np.arange(len(words), 0.0, -1)
    assert order(exact_blend(query, words, scores, scores, 0.8).scores)[0] == len(fitting)
    assert order(plain_blend(scores, scores, 0.8).scores)[0] == 0


@pytest.mark.parametrize(
    ("query", "product", "others"),
    [
        (
            "tn-2110",
            "Brother TN-2110 Toner",
            ("Brother HL-2140 Laser Printer (TN-2110)", "Brother MFC-7320 TN-2110 printer"),
        ),
        ("np-fw50", "Sony NP-FW50 Battery", ("Sony Alpha A6000 camera, NP-FW50",)),
        ("km331", "Kenwood KM331 Stand Mixer", ("Kenwood KM331 glass bowl lid",)),
        ("iphone 12 pro", "Apple iPhone 12 Pro", ("Apple iPhone 12 Pro Max", "Case iPhone 12 Pro", "Apple iPhone 12")),
        ("kindle paper 11", "Kindle Paper 11th gen", ("Cover Kindle Paper 11", "Case for Kindle Paper 11")),
        ("rtx 4070", "Zotac RTX 4070 graphics card", ("Backplate RTX 4070", "RTX 4070 heatsink")),
        ("fs55", "Stihl FS55 Brush Cutter", ("Stihl FS55 harness strap",)),
    ],
)
def test_a_thing_named_by_a_part_has_its_own_number(query: str, product: str, others: tuple[str, ...]) -> None:
    """A toner that printers name as well, a mixer whose kind is told by "stand"."""
    levels = own(query, [made(product), *map(made, others)])
    assert levels[0] == OWN
    assert max(levels[1:]) < OWN


@pytest.mark.parametrize("query", ["case for x12", "x12 case", "verrix x12 screen protector", "schutzhülle x12", "12"])
def test_who_says_what_is_wanted_of_it_gets_that(query: str) -> None:
    """Then the number is what the thing has to fit, and its own product goes first by nothing of this."""
    assert own(query, [PHONE, *FITTING])[0] == 0


LAPTOPS = (
    made('HP Laptop 15.6"', "HP"),
    made("Lenovo Laptop 15.6 inch", "Lenovo"),
    made("Acer Laptop 14 inch", "Acer"),
)
TVS = (made("Samsung TV 55 inch", "Samsung"), made("LG TV 55", "LG", "TVs"), made("Sony TV 43 inch", "Sony", "TVs"))


@pytest.mark.parametrize(
    ("query", "products"),
    [
        ("laptop 15", [*LAPTOPS, made("Sleeve for laptop 15", "Tomtoc")]),
        ("tv 55", [*TVS, made("TV 55 wall mount", "Barkan")]),
        ("monitor 27", [made(f"{brand} Monitor 27", brand, "Monitors") for brand in ("LG", "AOC", "Dell")]),
        ("size 10 shoes", [made("Shoes size 10"), made("Shoe laces size 10")]),
        ("toys age 5", [made("Toys, ages 5 and up"), made("Toys age 5")]),
        ("schuhe größe 38", [made("Schuhe Größe 38")]),
    ],
)
def test_a_size_is_no_number_of_a_thing(query: str, products: list[Product]) -> None:
    """Behind the word for a kind of things, or for a size, by how the products are called."""
    words = [words_of(product, ("en", "de")) for product in products]
    ones = np.ones(len(words))
    assert not features(query, words, ones, ones, languages=("en", "de"))[:, OWN_NUMBER].any()


def test_a_size_without_its_unit_is_that_of_the_window() -> None:
    """55 is inches of televisions, 500 is gigabytes of disks; as it is where titles have it so."""
    quantity = FEATURES.index("quantity")
    for query, title, other in (("tv 55", "TV 55 inch", "TV 43 inch"), ("hdd 500", "Hdd 500 GB", "Hdd 1 TB")):
        values = features(query, [words_of(made(title)), words_of(made(other))], [1, 1], [1, 1])
        assert values[0, quantity] == 1 > values[1, quantity]
    jeans = [words_of(made("Levis 501 Jeans")), words_of(made("Levis 511 Jeans, 501 g"))]
    assert list(features("501 jeans", jeans, [1, 1], [1, 1])[:, quantity]) == [0, 0]


def test_a_name_of_a_common_word() -> None:
    """One brand's, and nothing with that word measures as much: beside leaves and ears, "leaf 7" is a laptop."""
    leaves = [made("Gold leaf necklace"), made("Leaf rake"), made("Maple leaf plate")]
    laptop, charger = made("Hexolo Leaf 7 laptop", "Hexolo"), made("Hexolo Leaf 7 charger 130 W", "Hexolo")
    assert own("leaf 7", [charger, laptop, *leaves])[:2] == [FITTED, OWN]
    assert not any(own("rake 7", [*leaves, made("Rake 7", "Hexolo"), made("Rake 7 m", "Gardo")]))


def test_a_part_beside_a_thing_that_names_its_number_late() -> None:
    """A printer with no other number is the thing; one with its own only names the toner's."""
    ink = made("Osmarin Jetta L60 ink cartridge, black", "Osmarin")
    late = made("Inkjet printer with scanner, Osmarin Jetta L60", "Osmarin")
    assert own("jetta l60", [ink, late]) == [0, NAMED]
    assert own("l60", [ink, late]) == [FITTED, NAMED]
    assert own("l60", [ink, made("Inkjet printer MX-200, Jetta L60", "Osmarin")]) == [OWN, NAMED]


def test_a_number_that_many_makers_have_is_a_kind() -> None:
    """Where it stands in a title says nothing then; a bare one, or with its series, is that of a thing as ever."""
    tvs = [made("4K TV", "LG"), made("TV UHD, 4K", "Sony"), made("Smart TV (4K)", "Samsung"), made("TV, HD", "Aiwa")]
    assert own("4k tv", tvs) == [SHARED, SHARED, SHARED, 0]
    phones = [made("Samsung Galaxy S21", "Samsung")] + [made(f"{x} Galaxy S21 armor", x) for x in ("Aro", "Bex", "Cy")]
    assert own("samsung galaxy s21", phones) == [OWN, 0, 0, 0]
    assert own("galaxy s21", phones)[0] == OWN


def test_degrees_by_hand() -> None:
    """An identifier or the main part; a variant not named; in a bracket alone; an accessory by its words; fitting."""
    products = [
        made("Wireless headphones", mpn="WH-1000XM4"),
        made("Sony WH-1000XM4 Pro headphones"),
        made("Headphones (WH-1000XM4)"),
        made("WH-1000XM4 cushion"),
        made("Headband for WH-1000XM4"),
        made("Wireless headphones", compatibility="WH-1000XM4"),
    ]
    assert own("wh1000xm4", products) == [OWN, VARIANT, OWN, FITTED, 0, 0]
    assert own("wh1000xm4 pro", products) == [0, OWN, 0, 0, 0, 0]


@pytest.mark.parametrize("kind", ["embedded", "opensearch"])
def test_numbers_beside_the_products_fields_are_its_own(request: pytest.FixtureRequest, kind: str) -> None:
    """A field such as ``mpn``, or the document's id: found, and before what names it in its title."""
    name = f"endcap-own-{uuid.uuid4().hex[:8]}"
    products = [
        Product("p1", "Cushion for KX-7731 and PQ-9914", extra={"stock": 3}),
        Product("p2", "Wireless headphones", extra={"mpn": "KX-7731"}),
        Product("PQ-9914", "Wired headphones"),
    ]
    url = "" if kind == "embedded" else request.getfixturevalue(kind)
    engine = open_engine(IndexSettings(name, kind, url))
    engine.load(products)
    with closing(Reranker(engine, Student.load(), deadline_ms=60_000)) as reranker:
        for query, id in (("kx7731", "p2"), ("KX 7731", "p2"), ("pq9914", "PQ-9914"), ("pq-9914", "PQ-9914")):
            found = reranker.search(body={"query": engine.text_query(query)})["hits"]["hits"]
            assert next(hit["_id"] for hit in found) == id
    if kind == "opensearch":
        engine.client.indices.delete(index=f"{name}-*")  # type: ignore[attr-defined]


def test_another_brands_number_is_another() -> None:
    """A brand that is named is the product's, or is said of it."""
    assert own("gripo x12", [PHONE, made("Gripo X12 drill", "Gripo")]) == [0, OWN]


def test_the_student_has_no_say_on_a_bare_number() -> None:
    """Among products that do not tell each other apart by it, or that are none of it, the engine's order stays; where
    more is asked for it has."""
    words = [words_of(made(f"Verrix X12 smartphone, {colour}", "Verrix")) for colour in ("black", "white", "red")]
    student, engine = np.array([0.1, 0.2, 0.9]), np.array([3.0, 2.0, 1.0])
    assert list(order(exact_blend("x12", words, student, engine, 0.8).scores)) == [0, 1, 2]
    assert list(order(exact_blend("x13", words, student, engine, 0.8).scores)) == [0, 1, 2]
    assert order(exact_blend("smartphone", words, student, engine, 0.8).scores)[0] == 2
    assert order(exact_blend("red x12 smartphone", words, student, engine, 0.8).scores)[0] == 2


def test_what_stands_behind_for() -> None:
    """A fur is not the German "für"; what comes with a product is left out, and its name behind that stays."""
    assert parts_by_fit("Toner für HL-2030") == ("Toner ", " HL-2030")
    assert parts_by_fit("Faux fur coat") == ("Faux fur coat", "")
    assert parts_by_fit("Printer with duplex, Inkwell M39")[0].split() == ["Printer", ",", "Inkwell", "M39"]
    assert parts_by_fit("For children: toothbrush, Sonic 5")[0] == " Sonic 5"
    assert is_accessory_word("displayschutzfolie")
    assert not is_accessory_word("smartphone")


@given(st.text(max_size=60), st.lists(st.text(max_size=60), min_size=1, max_size=4))
def test_any_text_has_a_degree(query: str, titles: list[str]) -> None:
    """Whatever is asked and sold: one of the degrees, or 0."""
    found = own(query, [made(title) for title in titles])
    assert set(found) <= {OWN, VARIANT, UNBRANDED, NAMED, FITTED, BEGUN, SHARED, 0.0}


def test_what_is_wanted_of_a_thing_may_name_it_behind_for() -> None:
    """The brand and the series stand behind "for"; a bundle of the thing and its parts is none of them."""
    case, sleeve = made("Case for Aurelo Mira 3 - Aurelo", "Aurelo"), made("Aurelo Mira 3 case, leather", "Aurelo")
    bundle = made("Aurelo Mira 3 bundle: phone, case and charger", "Aurelo", "Bundles")
    assert own("case for aurelo mira 3", [bundle, case, sleeve]) == [0, NAMED, NAMED]
    assert own("aurelo mira 3 bundle", [bundle, case]) == [NAMED, 0]


@pytest.mark.parametrize(
    "text", ["Not for the L6 printer.", "Does not fit L6", "Nicht für L6", "No compatible con L6", "Pas pour L6"]
)
def test_what_a_part_does_not_fit_is_no_number_of_it(text: str) -> None:
    """ "Not for the L6": it is another's ink."""
    other = made("Jetta P7 ink", "Osmarin", description=f"Black. {text}; 300 pages.")
    assert own("ink for jetta l6", [other, made("Osmarin Jetta L6 ink", "Osmarin")]) == [0, NAMED]
    assert " 300 " in words_of(other).rest
