"""What a generated query asks for, and the grades that follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.distill.generate.wishes import Facts, Makes, Wishes
from endcap.index.product import Product


def product(id: str, title: str, category: str = "", brand: str = "", **attributes: str) -> Product:
    named = {name.replace("_", " "): value for name, value in attributes.items()}
    return Product(id=id, title=title, brand=brand, category=category, attributes=named)


SHOP = [
    product("pan", "Castorra frying pan 28 cm, red", "Kitchen > Pans", "Castorra", colour="red", material="steel"),
    product("blue", "Castorra frying pan 28 cm, blue", "Kitchen > Pans", "Castorra", colour="blue", material="steel"),
    product("small", "Ironmoor frying pan 20 cm, red", "Kitchen > Pans", "Ironmoor", colour="red", material="steel"),
    product("wok", "Castorra wok 28 cm, red", "Kitchen > Pans", "Castorra", colour="red"),
    product("lid", "Castorra lid for frying pan, red", "Kitchen > Lids", "Castorra", colour="red"),
    product("case", "Shellwick case for Aurelo Mira 4", "Phones > Cases", "Shellwick", compatible_with="Aurelo Mira 4"),
    product(
        "case9", "Shellwick case for Aurelo Mira 9", "Phones > Cases", "Shellwick", compatible_with="Aurelo Mira 9"
    ),
    product("aurelo", "Aurelo case, Aurelo Mira 4, red", "Phones > Cases", "Aurelo", compatible_with="Aurelo Mira 4"),
    product("phone", "Aurelo Mira 4 phone", "Phones > Phones", "Aurelo", colour="red"),
    product("tea", "Camomile tea, caffeine-free", "Groceries > Tea", "Leaf", caffeine="no"),
    product("black", "Earl Grey black tea with caffeine", "Groceries > Tea", "Leaf"),
]
MAKES = Makes.of(SHOP)
FACTS = {each.id: Facts.of(each, MAKES) for each in SHOP}


def grades(query: str, source: str) -> dict[str, int]:
    wishes = Wishes.of(query, FACTS[source], MAKES)
    assert wishes is not None, query
    return {id: grade for id, facts in FACTS.items() if (grade := wishes.grade(facts))}


@pytest.mark.parametrize(
    ("query", "source", "expected"),
    [
        # one wish missed is 2, two are 1; another thing of the same shelf is near; what mentions it goes with it
        ("red frying pan", "pan", {"pan": 3, "blue": 2, "small": 3, "wok": 2, "lid": 1}),
        ("castorra frying pan red", "pan", {"pan": 3, "blue": 2, "small": 2, "wok": 2, "lid": 1}),
        ("castorra frying pan red 28 cm", "pan", {"pan": 3, "blue": 2, "small": 1, "wok": 2}),
        ("frying pan 280 mm", "pan", {"pan": 3, "blue": 3, "small": 2, "wok": 2}),
        # a part for another model is none, whatever else it has; nor is the model itself
        ("case for aurelo mira 4", "case", {"case": 3, "aurelo": 3}),
        ("aurelo case", "aurelo", {"case": 3, "case9": 3, "aurelo": 3}),
        # of a model number, another number is another product
        ("aurelo mira 4", "phone", {"case": 1, "aurelo": 1, "phone": 3}),
        # what must not be
        ("tea without caffeine", "tea", {"tea": 3}),
    ],
)
def test_grades(query: str, source: str, expected: dict[str, int]) -> None:
    assert grades(query, source) == expected


def test_what_a_product_has_not_is_not_made_from_it() -> None:
    for query, source in (
        ("green frying pan", "pan"),
        ("frying pan 30 cm", "pan"),
        ("tea without caffeine", "black"),
        ("pan red castorra for induction", "pan"),
    ):
        assert Wishes.of(query, FACTS[source], MAKES) is None


def test_a_word_that_no_title_has_may_be_a_slip() -> None:
    """A tin is no slip of a pan, and red none of reed where reed is in the catalogue."""
    assert grades("buy red fryng pan online", "pan") == grades("red frying pan", "pan")
    assert Wishes.of("red frying pin", FACTS["pan"], MAKES) is None
    more = Makes.of([*SHOP, Product("x", "Fryng, a book")])
    assert Wishes.of("red fryng pan", FACTS["pan"], more) is None
    assert Wishes.of("mira 44", FACTS["phone"], MAKES) is None


def test_what_a_query_is_known_to_negate() -> None:
    """However oddly it is said."""
    said = "frying pan o' lid"
    assert Wishes.of(said, FACTS["pan"], MAKES) is None
    wishes = Wishes.of(said.replace("o' ", ""), FACTS["pan"], MAKES, "lid")
    assert wishes is not None
    assert (wishes.grade(FACTS["blue"]), wishes.grade(FACTS["lid"])) == (3, 0)


def test_without_categories_the_words_decide() -> None:
    bare = [Product(id=each.id, title=each.title, brand=each.brand) for each in SHOP]
    makes = Makes.of(bare)
    facts = {each.id: Facts.of(each, makes) for each in bare}
    wishes = Wishes.of("castorra frying pan", facts["pan"], makes)
    assert wishes is not None
    found = {id: grade for id, each in facts.items() if (grade := wishes.grade(each))}
    assert found == {"pan": 3, "blue": 3, "small": 2, "lid": 1}


SAID = ("red", "blue", "pan", "frying", "wok", "lid", "castorra", "aurelo", "mira", "4", "28 cm", "20cm", "case", "tea")
words = st.sampled_from((*SAID, "for", "with", "without", "no", "free", "caffeine"))


@given(st.lists(words, min_size=1, max_size=6).map(" ".join), st.sampled_from(sorted(FACTS)))
def test_a_source_has_all_and_nothing_has_more(query: str, source: str) -> None:
    wishes = Wishes.of(query, FACTS[source], MAKES)
    if wishes is not None:
        assert wishes.grade(FACTS[source]) == 3
        assert {wishes.grade(each) for each in FACTS.values()} <= {0, 1, 2, 3}


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_any_text_will_do(query: str, title: str, value: str) -> None:
    each = Product(id="x", title=title or "x", brand=value, category=title, attributes={"compatible with": value})
    makes = Makes.of([each])
    facts = Facts.of(each, makes)
    wishes = Wishes.of(query, facts, makes)
    assert wishes is None or wishes.grade(facts) == 3
