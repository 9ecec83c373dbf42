"""What the products of a window are called decides where a word of the query can be read in two ways."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.product import Product
from endcap.plugin.blend.document_words import DocumentWords, words_of
from endcap.plugin.blend.features import FEATURES, features
from endcap.plugin.blend.own_number import BEGUN, OWN
from endcap.plugin.blend.query_words import QueryWords


def window(*titles: str) -> list[DocumentWords]:
    """Products by title, and brand behind a bar."""
    parts = (title.split("|") for title in titles)
    return [words_of(Product("x", part[0], brand="".join(part[1:]))) for part in parts]


def columns(query: str, *titles: str) -> dict[str, list[float]]:
    """Features by name of products that all score alike."""
    same = np.ones(len(titles))
    values = features(query, window(*titles), same, same)
    return {name: [round(float(v), 2) for v in values[:, i]] for i, name in enumerate(FEATURES)}


def test_non_stick_is_one_word() -> None:
    """However it is written; the pan is not denied, and a pan that says nothing comes before a glue stick."""
    titles = ("Non-Stick Pan", "Nonstick Pan", "Non Stick Tray", "Steel Pan", "Glue Stick")
    for query in ("non stick pan", "non-stick pan", "nonstick pan"):
        found = columns(query, *titles)
        assert found["negation"] == [1, 1, 1, 0, -1]
        assert found["title"][0] == found["title"][1] == 1.0
        assert found["head"] == [1, 1, 0, 1, 0]


@pytest.mark.parametrize(
    ("query", "titles", "denied", "wanted"),
    [
        ("no bake cheesecake pan", ("No-Bake Cheesecake Pan", "Pan"), (("bake",),), ("cheesecake", "pan")),
        ("no frills pasta", ("Pasta|No Frills", "Pasta"), (), ("no", "frill", "pasta")),
        ("dress without sleeves black", ("Dress black", "Sleeved dress black"), (("sleeve",),), ("dress", "black")),
        ("blanket without glass beads", ("Blanket glass beads", "Blanket"), (("glass", "bead"),), ("blanket",)),
        ("peanut butter no palm oil", ("Palm oil butter", "Nut butter"), (("palm", "oil"),), ("peanut", "butter")),
        ("cola no sugar zero", (), (("sugar", "zero"),), ("cola",)),
    ],
)
def test_how_much_is_denied(query: str, titles: tuple[str, ...], denied: tuple[object, ...], wanted: object) -> None:
    """One word of a name, none of a brand; two only where they stand together in most products that have the second."""
    asked = QueryWords.from_text(query, window(*titles))
    assert asked.negations == denied
    assert asked.words == wanted


def test_what_free_does_not_deny() -> None:
    """A brand, in query and product; and what no product is said to lack."""
    shoes = ("Nike Free Run|Nike", "Free Run by Nike|Nike", "Revolution|Nike")
    assert columns("nike free run", *shoes)["negation"] == [0, 0, 0]
    assert columns("shoes no nike", *shoes)["negation"] == [-1, -1, -1]
    assert columns("dairy and gluten free bread", "Bread, dairy free", "Dairy bread")["negation"] == [0.5, -1]
    assert columns("soft and wrinkle free shirt", "Soft shirt", "Shirt wrinkle free")["negation"] == [0, 1]


def test_one_of_what_was_denied_is_enough() -> None:
    """What has one of two is as little wanted as what has both."""
    titles = ("Granola with nuts", "Granola, nuts, soy", "Granola, no nuts", "Granola")
    assert columns("granola no nuts or soy", *titles)["negation"] == [-1, -1, 0.5, 0]


def test_3m_is_a_brand_if_there_is_one() -> None:
    """Of tapes; a cable of 3 m is as long, whoever else is in the window."""
    tapes = ("Tape 19 mm|3M", "Duct tape 50 m|3M", "Tape 3 m|Tesa", "Tape 10 m|Tesa")
    assert QueryWords.from_text("3m tape", window(*tapes)).amounts == ()
    assert columns("3M tape", *tapes)["brand"] == [1, 1, 0, 0]
    cables = ("Cable 3 m|A", "Cable 3m|B", "Cable 1 m|C", "Adhesive|3M", "Mask|3M", "Tape|3M")
    assert columns("cable 3m", *cables)["quantity"][:3] == [1, 1, -0.64]
    no_brand_field = ("3M tape 19 mm", "3M duct tape", "Tape 3 m")
    assert QueryWords.from_text("3m tape", window(*no_brand_field)).amounts == ()


def test_43l_is_a_model_if_titles_have_it_as_one() -> None:
    """The beginning of its number; of coolers it is a volume."""
    shop = ("LG 43LH5000 TV|LG", "LG 49LH5000 TV|LG", "LG fridge 430 l|LG")
    assert columns("lg 43l", *shop)["own_number"] == [BEGUN, 0, 0]
    assert columns("lg 43lh5000", *shop)["own_number"] == [OWN, 0, 0]
    assert columns("cooler 43l", "Cooler 43 l", "Cooler 20 l", "TV 43LH5000")["quantity"][0] == 1


def test_an_amount_behind_a_word_that_one_title_has_joined_is_an_amount() -> None:
    """ "light5m" is a slip of one title's; "65m" of a "Ci65M" is not said of mice with that length."""
    lights = ("LED strip light 5 m", "LED light strip 5 m", "Motion light5m strip", "Night light 2 m")
    assert QueryWords.from_text("led light 5m", window(*lights)).models == set()
    assert QueryWords.from_text("ci 65m", window("Kensington Ci65M mouse", "Mouse mat 2 m")).amounts == ()


def test_what_says_that_it_is_there() -> None:
    """A hooded jacket has the hood that was not wanted, also where "hood" is not said."""
    assert columns("jacket without hood", "Hooded jacket", "Jacket", "Jacket no hood")["negation"] == [-1, 0, 1]


@given(
    st.lists(
        st.sampled_from(("no", "non", "without", "3m", "43l", "pan", "stick", "black", "or", "of", "")), max_size=6
    ),
    st.lists(st.text(max_size=20) | st.sampled_from(("No stick pan", "3M pan", "43lh pan|3m", "pan 3 m")), max_size=3),
)
def test_any_window_will_do(words: list[str], titles: list[str]) -> None:
    """Nothing is raised, and all features of words are shares."""
    values = features(" ".join(words), window(*titles), np.ones(len(titles)), np.ones(len(titles)))
    assert np.isfinite(values).all()
    assert (np.abs(values) <= 1 + 1e-9).all()


def test_a_minus_before_a_word_denies_it() -> None:
    """As searchers write it; not within a word, nor before a number."""
    assert QueryWords.from_text("headphones -wireless").negations == (("wireless",),)
    assert QueryWords.from_text("cable -usb-c red").negations == (("usb", "c"),)
    for text in ("t-shirt", "case - black", "bag -5 degrees", "wh -1000xm4", "-red"):
        assert not QueryWords.from_text(text).negations


def test_what_is_left_to_search_for_is_not_denied() -> None:
    """ "Not wireless headphones" asks for headphones; "not for dogs" denies dogs."""
    assert QueryWords.from_text("not wireless headphones").negations == (("wireless",),)
    assert QueryWords.from_text("shampoo not for dogs").negations == (("dog",),)
    assert QueryWords.from_text("shampoo nicht für hunde", (), ("de",)).negations == (("hund",),)


def test_a_price_is_no_size() -> None:
    """ "Under 20 dollars" are no 20 millimetres, as two headphones have."""
    products = [words_of(Product(str(n), title)) for n, title in enumerate(("Headphones 20 mm", "20 mm headphones"))]
    assert QueryWords.from_text("headphones 20", products).amounts
    for text in ("headphones under 20 dollars", "headphones $20", "headphones 20€", "headphones 20 EUR"):
        assert not QueryWords.from_text(text, products).amounts, text
