"""What the learnt blend reads of query and product."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.language.amounts import amounts_out
from endcap.language.model_numbers import model_numbers_in
from endcap.language.negations import lacking_in, negations_out
from endcap.language.plurals import singular
from endcap.language.text import normalised
from endcap.plugin.blend.document_words import WordsMemory, words_of
from endcap.plugin.blend.features import DENIED, FEATURES, MEANINGS, features
from endcap.plugin.blend.query_words import QueryWords

TEXT = st.text(max_size=60) | st.sampled_from(
    ["without", "10 kg", '43"', "sugar free", "wh-1000xm4", "no", "-free", "1/0 l"]
)


def of(query: str, products: list[Product], **columns: Any) -> dict[str, list[float]]:
    """Features by name, rounded, of products that all score alike."""
    scores = np.ones(len(products))
    found = features(query, [words_of(product) for product in products], scores, scores)
    return {name: [round(float(v), 4) for v in found[:, i]] for i, name in enumerate(FEATURES)}


def test_words_by_hand() -> None:
    """Two words; "lamp" is in both products (weight log 2), "red" in one (log 3): .3869 and .6131 of their sum."""
    lamp = Product("1", "Red lamp for the desk", category="Home > Lamps")
    shade = Product("2", "Shade for lamps", brand="Blue")
    found = of("red lamp", [lamp, shade])
    assert found["title"] == [1.0, 0.3869]
    assert found["main"] == [1.0, 0.0]  # what stands behind "for" is what it goes with
    assert found["anywhere"] == [1.0, 0.3869]
    assert found["category"] == [0.3869, 0.0]
    assert found["phrase"] == [1.0, 0.0]
    assert found["head"] == [1.0, 0.0]
    assert found["title_share"] == [0.4, 0.3333]
    assert found["engine"] == found["student"] == found["cosine"] == [0.0, 0.0]


def test_scores_by_hand() -> None:
    """Scores 9, 3, 3 with a student that has not read the second: ranks 1, 2, 2, and a neutral student's part."""
    words = [words_of(Product(str(n), "x")) for n in range(3)]
    found = features("y", words, [0.2, np.nan, 0.6], [9.0, 3.0, 3.0])
    assert found[:, 0] == pytest.approx([-1, 0, 1])
    assert found[:, 1] == pytest.approx([-0.2, 0, 0.2])
    assert found[:, 2] == pytest.approx([2**0.5, -(0.5**0.5), -(0.5**0.5)])
    assert found[:, 3] == pytest.approx([1, 1 / 3, 1 / 3])
    assert found[:, 4] == pytest.approx([1, 1 / np.log2(3), 1 / np.log2(3)])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("1 kg flour", [("mass", 1.0)]),
        ("1,000 g", [("mass", 1.0)]),
        ('tv 43"', [("length", 1.0922)]),
        ("43 in. tv", [("length", 1.0922)]),
        ("109 cm", [("length", 1.09)]),
        ("10 in 1 tool", []),
        ("1,5 l", [("volume", 1.5)]),
        ("1/2 pint", [("volume", 0.2366)]),
        ("16 fl oz", [("volume", 0.4732)]),
        ("phone 5g", []),
        ("5 g gold", [("mass", 0.005)]),
        ("1tb ssd 2.5 inch", [("data", 1e12), ("length", 0.0635)]),
        ("a 3/0 hook", []),
        ("5000mah 20w", [("charge", 5.0), ("power", 20.0)]),
    ],
)
def test_quantities(text: str, expected: list[tuple[str, float]]) -> None:
    """Numbers with units, on their dimension's scale."""
    found, _ = amounts_out(text, limits=True)
    assert [(each.dimension, pytest.approx(each.low, rel=1e-3)) for each in found] == expected


def test_quantities_match_by_value() -> None:
    """1 kg is 1000 g, 43 inches are 109 cm; a value that is far off counts against, and none neither way."""
    flour = [Product("1", "Flour 1000 g"), Product("2", "Flour 500 g"), Product("3", "Flour")]
    same, half, unknown = of("flour 1 kg", flour)["quantity"]
    assert (same, unknown) == (1, 0)
    # Half as much: .5 - 1.5 * ln 2 / (ln 2 + .35)
    assert half == pytest.approx(-0.4967, abs=1e-4)
    television = Product("1", "Television", attributes={"Screen": '109 cm (43")'})
    same, other = of('43" tv', [television, Product("2", 'TV 55"')])["quantity"]
    assert same == 1
    assert other < 0


@pytest.mark.parametrize(
    ("query", "denied", "left"),
    [
        ("water bottle without straw", [("straw",)], ["water", "bottle"]),
        ("bottle w/o a straw", [("straw",)], ["bottle"]),
        ("sugar free candy", [("sugar",)], ["candy"]),
        ("gluten-free bread", [("gluten",)], ["bread"]),
        ("weighted blanket without glass beads", [("glass", "bead")], ["weighted", "blanket"]),
        ("lights without wiring with switch", [("wiring",)], ["light", "switch"]),
        ("black free standing mirror", [], ["black", "free", "standing", "mirror"]),
        ("free shipping", [], ["free", "shipping"]),
        ("watch the game not your phone", [], ["watch", "game", "not", "phone"]),
        ("wireless mouse", [("wire",)], ["wireless", "mouse"]),
        ("sugarless gum", [("sugar",)], ["sugarless", "gum"]),
        ("unsweetened tea", [("sugar",)], ["unsweetened", "tea"]),
        ("bottle without straw or handle", [("straw",), ("handle",)], ["bottle"]),
        ("non-stick pan", [("stick",)], ["nonstick", "pan"]),
    ],
)
def test_negations(query: str, denied: list[tuple[str, ...]], left: list[str]) -> None:
    """What a query excludes is no word that it asks for."""
    asked = QueryWords.from_text(query)
    assert list(asked.negations) == denied
    assert list(asked.words) == left


def test_negations_tell_products_apart() -> None:
    """Said to lack it, silent, and having it: 1, 0, -1."""
    silent, having = Product("1", "Water bottle"), Product("2", "Water bottle with straw lid")
    lacking = [
        Product("3", "Strawless water bottle"),
        Product("4", "Water bottle, no straw"),
        Product("5", "Water bottle", attributes={"straw": "no"}),
    ]
    assert of("water bottle without straws", [silent, having, *lacking])["negation"] == [0, -1, 1, 1, 1]
    assert lacking_in("a strapless dress, unless") == {"strap"}


def test_brand_and_model() -> None:
    """A brand counts where the query says all of it, a model number however its parts are joined."""
    sony = Product("1", "Sony WH-1000XM4 headphones", brand="Sony")
    other = Product("2", "Headphones", brand="Sony Ericsson")
    assert of("sony headphones wh1000xm4", [sony, other])["brand"] == [1, 0]
    assert of("sony headphones wh1000xm4", [sony, other])["model"] == [1, 0]
    assert of("1000xm4", [sony, other])["own_number"] == [1, 0]
    assert of("iphone 11 case", [Product("1", "Case for iPhone 11"), Product("2", "Case for iPhone 12")])["model"] == [
        1,
        0,
    ]
    assert model_numbers_in(normalised("WH-1000XM4 5G")) == {"wh1000xm4", "1000xm4", "5g"}


def test_plain_words() -> None:
    """Case, accents, width and plurals are no difference; curly quotation marks are inches."""
    assert normalised("CAFÉ ＵＳＢ 43″ 6”") == 'cafe usb 43" 6"'
    assert [singular(w) for w in ("batteries", "boxes", "dress", "bus", "shoes", "lenses", "is")] == [
        "battery", "box", "dress", "bus", "shoe", "lens", "is",
    ]  # fmt: skip
    for one, many in (("cookie", "cookies"), ("movie", "movies"), ("battery", "batteries"), ("lens", "lenses")):
        assert singular(one) == singular(many)
    assert normalised("バッグ ガラス") == "バッグ ガラス"  # the marks are no accents
    assert negations_out("no")[0] == []


products = st.builds(
    Product,
    id=st.just("x"),
    title=TEXT,
    brand=TEXT,
    category=TEXT,
    description=TEXT,
    attributes=st.dictionaries(TEXT, TEXT, max_size=3),
)


@given(TEXT, st.lists(products, max_size=4), st.data())
def test_total_and_finite(query: str, found: list[Product], data: st.DataObject) -> None:
    """Whatever is asked and sold has features, all finite and bounded where they are shares, and always the same."""
    n = len(found)
    numbers = st.floats(-1e6, 1e6)
    student = data.draw(st.lists(numbers | st.just(float("nan")), min_size=n, max_size=n))
    engine = data.draw(st.lists(numbers, min_size=n, max_size=n))
    made = features(query, [words_of(product) for product in found], student, engine)
    assert made.shape == (n, len(FEATURES))
    assert made.dtype == np.float64
    assert np.isfinite(made).all()
    assert (np.abs(made[:, 3:]) <= 1 + 1e-9).all()
    again = features(query, [words_of(product) for product in found], student, engine)
    assert (made == again).all()


def test_near_by_hand() -> None:
    """Three shoes and a lamp: each is compared with the mean of the others at the top; who has no vector is neutral."""
    shoe, lamp, none = [1.0, 0.0], [0.0, 1.0], [0.0, 0.0]
    words = [words_of(Product(str(n), "x")) for n in range(5)]
    vectors = np.array([shoe, shoe, shoe, lamp, none], dtype=np.float32)
    found = features("y", words, np.ones(5), np.arange(5.0)[::-1], vectors)[:, FEATURES.index("near")]
    # A shoe with the mean of two shoes and a lamp: 2 / |(2, 1)|; the lamp with three shoes: 0.
    four = np.array([2 / 5**0.5] * 3 + [0.0])
    assert found[:4] == pytest.approx((four - four.mean()) / four.std())
    assert found[4] == 0
    alone = features("y", words[:2], np.ones(2), np.ones(2), vectors[3:])[:, FEATURES.index("near")]
    assert alone.tolist() == [0, 0]


@given(st.integers(0, 40), st.integers(0, 2**32 - 1))
def test_near_is_finite_and_knows_no_order(n: int, seed: int) -> None:
    """Zeros, equal and opposite vectors, any number of them; products in another order have the same values."""
    rng = np.random.default_rng(seed)
    vectors = rng.integers(-1, 2, size=(n, 3)).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12)
    words, student, engine = [words_of(Product("p", "x"))] * n, rng.normal(size=n), rng.normal(size=n)
    column = FEATURES.index("near")
    found = features("y", words, student, engine, vectors)[:, column]
    assert np.isfinite(found).all()
    other = rng.permutation(n)
    again = features("y", words, student[other], engine[other], vectors[other])[:, column]
    np.testing.assert_allclose(again, found[other], atol=1e-5)


def test_two_products_are_as_near_to_each_other() -> None:
    """Rounding is not taken for a difference: of two products neither is nearer to the window's best."""
    rng = np.random.default_rng(1)
    for _ in range(50):
        vectors = rng.normal(size=(2, 384)).astype(np.float32)
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        words = [words_of(Product("p", "x"))] * 2
        found = features("y", words, rng.normal(size=2), rng.normal(size=2), vectors)[:, FEATURES.index("near")]
        assert found.tolist() == [0.0, 0.0]


def test_every_feature_is_explained() -> None:
    """Names and meanings go together."""
    assert tuple(MEANINGS) == (*FEATURES, DENIED)


def test_words_are_remembered_by_content() -> None:
    """The same document is read once, a changed one again; the map says which field is which."""
    memory = WordsMemory(FieldMap.parse("title=name"))
    one = memory.value({"name": "Red lamp", "price": 3})
    assert one.title == " red lamp "
    assert memory.value({"name": "Red lamp", "price": 4}) is one
    assert memory.value({"name": "Blue lamp"}).title == " blue lamp "
    assert memory.value({"name": 2**70}).title.strip() == str(2**70)
    assert "name" in memory.paths
    german = memory.in_languages(("de",))
    assert german.value({"name": "Rote Lampen"}).title == " rot lamp "
    assert german is memory.in_languages(("de",))
    assert memory.in_languages(("en",)) is memory


def test_a_huge_document_costs_little() -> None:
    """Ten megabytes of description are read no further than a page of it."""
    import time

    huge = Product("1", "Lamp", description="word " * 2_000_000, attributes={"a": "b " * 1_000_000})
    began = time.process_time()
    assert len(words_of(huge).rest) < 2_000
    assert time.process_time() - began < 0.5


def test_what_does_not_fit_is_refused() -> None:
    """Scores of another number of products are a mistake."""
    with pytest.raises(ValueError, match="1 scores of the student and 2 of the engine for 2 products"):
        features("x", [words_of(Product("1", "a"))] * 2, [1.0], [1.0, 2.0])
