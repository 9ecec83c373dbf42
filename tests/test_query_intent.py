"""What a generated query asks for, and the grades that follow."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.distill.generate.product_facts import CatalogueWords, FactsMemory, ProductFacts
from endcap.distill.generate.query_intent import QueryIntent, best_answer
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


def graded(query: str, *shop: Product) -> dict[str, int]:
    """Grades by a query that the first product of a shop answers."""
    catalogue = CatalogueWords.of(shop)
    intent = QueryIntent.of(query, ProductFacts.of(shop[0], catalogue), catalogue)
    assert intent is not None, query
    return {each.id: intent.grade(ProductFacts.of(each, catalogue)) for each in shop}


MIRA_4, MIRA_9 = {"compatible_with": "Aurelo Mira 4, Aurelo Mira 5"}, {"compatible_with": "Aurelo Mira 9"}
PHONE = product("phone", "Aurelo Mira 4 phone", "Phones", "Aurelo")


@pytest.mark.parametrize(
    ("query", "shop", "expected"),
    [
        (  # a brand alone is what is looked for, whatever the shelf
            "larkspur",
            (
                product("socks", "Larkspur socks", "Socks", "Larkspur"),
                product("other", "Strideon socks", "Socks", "Strideon"),
                product("hat", "Larkspur hat", "Hats", "Larkspur"),
            ),
            [3, 0, 3],
        ),
        (  # also where it is misspelt
            "hair maask",
            (
                product("a", "Hair mask", "Care"),
                product("b", "Clay mask", "Care"),
                product("c", "Hair brush", "Care"),
            ),
            [3, 2, 1],
        ),
        (
            "lexmark",
            (product("a", "Lexmark toner", brand="Lexmark"), product("b", "Braun shaver", brand="Braun")),
            [3, 0],
        ),
        (  # a model's own number is no value that may differ, wherever it is told
            "hp toner q6001a",
            (
                product("a", "HP toner Q6001A", "Toner", "HP", oem_code="Q6001A"),
                product("b", "HP toner Q6002A", "Toner", "HP", oem_code="Q6002A"),
            ),
            [3, 1],
        ),
        (  # what a part is made for counts where it is told, in the title's head or in an attribute
            "case aurelo mira 4",
            (
                product("a", "Aurelo Mira 4 case", "Cases", "Aurelo", **MIRA_4),
                product("b", "Aurelo Mira 9 case, pack of 4", "Cases", "Aurelo", **MIRA_9),
                replace(
                    product("c", "Aurelo case", "Cases", "Aurelo", **MIRA_9), description="Not for the Aurelo Mira 4."
                ),
                product("neo", "Case", "Cases", "Shellwick", compatible_with="Aurelo Mira 4 Neo"),
                product("both", "Case", "Cases", "Shellwick", compatible_with="Aurelo Mira 3 and Aurelo Mira 4"),
                PHONE,
            ),
            [3, 0, 0, 0, 3, 0],
        ),
        (  # a colour that some brand is called by is no such thing
            "blue recovery collar",
            (
                product("a", "Komg recovery collar for dogs, blue", "Collars", "Komg", colour="blue"),
                product("b", "Midog recovery collar for dogs", "Collars", "Midog"),
                product("food", "Blue Buffalo food for dogs", "Food", "Blue"),
                *(product(f"blue{n}", f"Midog bowl {n}, blue", "Bowls", "Midog") for n in range(20)),
            ),
            [3, 2, *[0] * 21],
        ),
        (  # of two words, one that the product is called by is not denied
            "no frills pasta",
            (
                product("a", "Pasta without frills", "Pasta"),
                product("b", "Pasta with frills", "Pasta"),
                product("c", "Pasta", "Pasta"),
                product("d", "Frills", "Ribbons"),
            ),
            [3, 0, 0, 0],  # where the product says that it is without, one that says nothing may have it
        ),
        (
            "tent not orange",
            (product("a", "Tent", "Tents"), product("b", "Tent, orange", "Tents"), product("c", "Tent, blue", "Tents")),
            [3, 0, 3],
        ),
        (  # a web address's ending is no part of a brand's name, nor are small words
            "startech cable",
            (
                product("a", "StarTech.com cable", "Cables", "StarTech.com"),
                product("b", "Other cable", "Cables", "Other"),
            ),
            [3, 2],
        ),
        (
            "north face jacket",
            (
                product("a", "The North Face jacket", "Jackets", "The North Face"),
                product("b", "Wolden jacket", "Jackets", "Wolden"),
            ),
            [3, 2],
        ),
        (  # a word of buying that the product is called by
            "shop vacuum",
            (product("a", "Shop vacuum 20 l", "Vacuums"), product("b", "Handheld vacuum", "Vacuums")),
            [3, 2],
        ),
        (  # what an attribute calls the thing is no wish beside it
            "castorra frying pan",
            (
                product("a", "Castorra frying pan", "Pans", "Castorra", type="frying pan"),
                product("b", "Ironmoor frying pan", "Pans", "Ironmoor", type="frying pan"),
                product("c", "Castorra kettle", "Kettles", "Castorra", type="kettle"),
            ),
            [3, 2, 0],
        ),
        (  # a colour at the end of a title is not what the product is
            "red pan",
            (
                product("a", "Castorra pan red", "Cookware", colour="red"),
                product("b", "Castorra pan blue", "Cookware", colour="blue"),
                product("c", "Red pot", "Cookware", colour="red"),
            ),
            [3, 2, 1],
        ),
        (  # a model's number in the title is met by no other number elsewhere, nor by what is made for the model
            "iphone 12",
            (
                product("a", "Apple iPhone 12 64GB", "Phones", "Apple", camera="12 MP"),
                product("b", "Apple iPhone 12 128GB", "Phones", "Apple", camera="12 MP"),
                product("c", "Apple iPhone 13 64GB", "Phones", "Apple", camera="12 MP"),
                product("case", "Shellwick iPhone 12 case black", "Cases", "Shellwick"),
            ),
            [3, 3, 1, 1],
        ),
        (  # with the brand's name it is the same phone
            "case mira 4",
            (
                product("a", "Case", "Cases", compatible_with="Mira 4"),
                product("b", "Case", "Cases", compatible_with="Aurelo Mira 4"),
                product("c", "Case", "Cases", compatible_with="Mira 4 Neo"),
                PHONE,
            ),
            [3, 3, 0, 0],
        ),
        (
            "women's levis jeans",
            (
                product("a", "Levi's women's jeans", "Jeans", "Levi's"),
                product("b", "Jeans for women by Levi", "Jeans", "Levi's"),
                product("c", "Wrangler women's jeans", "Jeans", "Wrangler"),
            ),
            [3, 3, 2],
        ),
        (  # a brand before a dash is not the whole of what a product is
            "brake pad",
            (
                product("a", "Bosch - Brake pad, front", brand="Bosch"),
                product("b", "TRW Brake pad", brand="TRW"),
                product("c", "Cleaner for brake pads"),
            ),
            [3, 3, 1],
        ),
        (  # shops say no in several ways
            "waterproof jacket",
            (
                product("a", "Jacket", "Jackets", Waterproof="Yes"),
                *(product(said, "Jacket", "Jackets", Waterproof=said) for said in ("No", "false", "N", "no")),
            ),
            [3, 2, 2, 2, 2],
        ),
        (
            "smart tv",
            (
                product("a", "Samsung smart TV", "Electronics"),
                product("b", "LG TV", "Electronics"),
                product("c", "Smart plug", "Electronics"),
            ),
            [3, 2, 1],
        ),
        (  # a pack's size is an amount, however it is said
            "tea towels pack of 6",
            (
                product("a", "Tea towels, 6 pack", "Linen"),
                product("b", "Tea towels, set of 6", "Linen"),
                product("c", "Tea towels, 12 pack", "Linen"),
                product("d", "Tea cups, pack of 6", "Linen"),
            ),
            [3, 3, 2, 1],
        ),
        (  # for a brand, another maker's part for it is no such product
            "aurelo",
            (
                PHONE,
                product("a", "Shellwick case for Aurelo", "Cases", "Shellwick"),
                product("b", "Aurelo case", "Cases", "Aurelo"),
            ),
            [3, 1, 3],
        ),
        (  # sharing a word is not enough: a hair mask is a mask
            "hair mask",
            (
                product("a", "Hair mask for coloured hair", "Care"),
                product("b", "Velwyn mask for hair", "Care"),
                product("c", "Clay mask", "Care"),
                product("d", "Hair brush", "Care"),
            ),
            [3, 3, 2, 1],
        ),
    ],
)
def test_what_is_told_apart(query: str, shop: tuple[Product, ...], expected: list[int]) -> None:
    assert list(graded(query, *shop).values()) == expected


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
