"""What a generated query asks for, and the grades that follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from intent_parts import graded, product

from endcap.distill.generate.product_facts import CatalogueWords, FactsMemory, ProductFacts
from endcap.distill.generate.query_intent import QueryIntent, best_answer
from endcap.index.product import Product

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
CATALOGUE = CatalogueWords.of(SHOP)
FACTS = {each.id: ProductFacts.of(each, CATALOGUE) for each in SHOP}


def grades(query: str, source: str) -> dict[str, int]:
    intent = QueryIntent.of(query, FACTS[source], CATALOGUE)
    assert intent is not None, query
    return {id: grade for id, facts in FACTS.items() if (grade := intent.grade(facts))}


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
        assert QueryIntent.of(query, FACTS[source], CATALOGUE) is None


def test_a_word_that_no_title_has_may_be_a_slip() -> None:
    """A tin is no slip of a pan, and red none of reed where reed is in the catalogue."""
    assert grades("buy red fryng pan online", "pan") == grades("red frying pan", "pan")
    assert QueryIntent.of("red frying pin", FACTS["pan"], CATALOGUE) is None
    assert (
        QueryIntent.of("mase for aurelo mira 4", FACTS["case"], CATALOGUE) is None
    )  # the first letter is seldom wrong
    assert QueryIntent.of("pan not bleu", FACTS["pan"], CATALOGUE) is None  # what is denied has to be understood
    more = CatalogueWords.of([*SHOP, Product("x", "Fryng, a book")])
    assert QueryIntent.of("red fryng pan", FACTS["pan"], more) is None
    assert QueryIntent.of("mira 44", FACTS["phone"], CATALOGUE) is None


def test_what_a_query_is_known_to_negate() -> None:
    """However oddly it is said."""
    said = "frying pan o' lid"
    assert QueryIntent.of(said, FACTS["pan"], CATALOGUE) is None
    intent = QueryIntent.of(said.replace("o' ", ""), FACTS["pan"], CATALOGUE, "lid")
    assert intent is not None
    assert (intent.grade(FACTS["blue"]), intent.grade(FACTS["lid"])) == (3, 0)


def test_without_categories_the_words_decide() -> None:
    bare = [Product(id=each.id, title=each.title, brand=each.brand) for each in SHOP]
    catalogue = CatalogueWords.of(bare)
    facts = {each.id: ProductFacts.of(each, catalogue) for each in bare}
    intent = QueryIntent.of("castorra frying pan", facts["pan"], catalogue)
    assert intent is not None
    found = {id: grade for id, each in facts.items() if (grade := intent.grade(each))}
    assert found == {"pan": 3, "blue": 3, "small": 2, "lid": 1}


def test_a_shelf_counts_where_what_stands_on_it_is_called_so() -> None:
    """Where things of one name stand on many shelves, another shelf is none against them."""
    one = [product(f"one{n}", f"Pan {n}", "Pans") for n in range(3)] + [
        product("other", "Red pan", "Gifts"),
        product("rack", "Pan rack", "Shelves"),
    ]
    many = [product(f"many{n}", "Pan", f"Shelf {n}") for n in range(4)]
    assert graded("pan", *one) == {"one0": 3, "one1": 3, "one2": 3, "other": 2, "rack": 1}
    assert graded("pan", *many) == dict.fromkeys(("many0", "many1", "many2", "many3"), 3)


def test_a_query_that_tells_nothing_apart_has_no_known_grades() -> None:
    shop = [product("a", "Castorra pan, red", colour="red"), product("b", "Belltane television")]
    catalogue = CatalogueWords.of(shop)
    facts = ProductFacts.of(shop[0], catalogue)
    for query in ("", "best", "for the", "red", "buy red online"):
        assert QueryIntent.of(query, facts, catalogue) is None, query


def test_the_best_answer_is_what_is_looked_for_and_of_the_commonest_shelf() -> None:
    shop = [
        product("holder", "Mobile phone holder", "Holders"),
        product("lid", "Lid for mobile phone", "Lids"),
        product("a", "Aurelo mobile phone", "Phones", "Aurelo"),
        product("b", "Norvik mobile phone", "Phones", "Norvik"),
    ]
    catalogue = CatalogueWords.of(shop)
    facts = [ProductFacts.of(each, catalogue) for each in shop]
    found = best_answer("mobile phone", facts, catalogue)
    assert found is not None
    assert found.source.id == "a"
    one_of_each = best_answer("mobile phone", [facts[0], facts[3]], catalogue)
    assert one_of_each is not None
    assert one_of_each.source.id == "b"
    assert best_answer("mobile phone", facts[1:2], catalogue) is None
    assert best_answer("green elephant", facts, catalogue) is None


def test_facts_are_made_once() -> None:
    asked = list[str]()

    def found(id: str) -> Product:
        asked.append(id)
        return next(each for each in SHOP if each.id == id)

    memory = FactsMemory(CATALOGUE, found)
    assert memory["pan"] == memory["pan"] == FACTS["pan"]
    assert asked == ["pan"]


SAID = ("red", "blue", "pan", "frying", "wok", "lid", "castorra", "aurelo", "mira", "4", "28 cm", "20cm", "case", "tea")
words = st.sampled_from((*SAID, "for", "with", "without", "no", "free", "caffeine"))


@given(st.lists(words, min_size=1, max_size=6).map(" ".join), st.sampled_from(sorted(FACTS)))
def test_a_source_has_all_and_nothing_has_more(query: str, source: str) -> None:
    intent = QueryIntent.of(query, FACTS[source], CATALOGUE)
    if intent is not None:
        assert intent.grade(FACTS[source]) == 3
        assert {intent.grade(each) for each in FACTS.values()} <= {0, 1, 2, 3}


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=20))
def test_any_text_will_do(query: str, title: str, value: str) -> None:
    each = Product(id="x", title=title or "x", brand=value, category=title, attributes={"compatible with": value})
    catalogue = CatalogueWords.of([each])
    facts = ProductFacts.of(each, catalogue)
    intent = QueryIntent.of(query, facts, catalogue)
    assert intent is None or intent.grade(facts) == 3
