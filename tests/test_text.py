"""The one text builder of training and serving."""

import time
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.field_map import FieldMap
from endcap.plugin.model.text import TextRecipe, clean, product_text, query_text

RECIPE = TextRecipe()

GOLDEN = [
    ("Red shoe", "Red shoe"),
    ({"title": "Red  shoe\n", "brand": "Norvik"}, "Red shoe. Norvik"),
    ({"title": "NORVIK red shoe", "brand": "Norvik"}, "NORVIK red shoe"),
    ({"title": "Shoe", "category": "Clothing > Shoes > Trainers"}, "Shoe. Trainers"),
    ({"title": "Shoe", "category": ["Clothing", "Shoes"]}, "Shoe. Shoes"),
    (
        {"title": "Shoe", "attributes": {"colour": "red", "waterproof": True, "lined": False, "size": 42.0}},
        "Shoe. colour red, size 42, waterproof",
    ),
    ({"title": "Shoe", "description": "Good\x00 for\u200b running."}, "Shoe. Good for running"),
    ({"title": None, "brand": "Norvik"}, "Norvik"),
    ({}, ""),
    ({"title": "ﬁne ½ ℡"}, "fine 1⁄2 TEL"),
    ("<b>Red</b>&nbsp;shoe", "Red shoe"),
    ({"title": "Red<br>shoe", "brand": "N/A", "description": "<p>Size &lt; 5</p>"}, "Red shoe. Size < 5"),
    ({"title": "Shoe", "attributes": {"<b>colour</b>": "red &amp; blue", "sole": "-"}}, "Shoe. colour red & blue"),
]


@pytest.mark.parametrize(("product", "text"), GOLDEN)
def test_golden(product: object, text: str) -> None:
    """These products have had these texts since the first model: a change here makes every kept state another's."""
    assert product_text(product, RECIPE) == text  # type: ignore[arg-type]


def test_a_product_and_its_mapping_have_one_text() -> None:
    """What is scored as a mapping is what was read in advance as a Product."""
    source = {
        "id": "1",
        "title": "Shoe",
        "brand": "Norvik",
        "category": "A > B",
        "attributes": {"size": 42, "wide": True},
    }
    assert product_text(FieldMap().product(source), RECIPE) == product_text(source, RECIPE)


def test_prefixes_and_order_come_from_the_recipe() -> None:
    """The recipe alone decides what a product and a query look like to the model."""
    recipe = TextRecipe(fields=("description", "title"), product_prefix="passage: ", query_prefix="query: ")
    assert product_text({"title": "T", "description": "D", "brand": "B"}, recipe) == "passage: D. T"
    assert query_text("  red\tshoe ", recipe) == "query: red shoe"


def test_whole_parts_are_read_whole_or_not_at_all() -> None:
    """Where the recipe says so, a description longer than its bound is left out, and one within it is read."""
    recipe = TextRecipe(max_chars={"description": 10}, whole=("description",))
    assert product_text({"title": "T", "description": " 123456789\n0"[:11]}, recipe) == "T. 123456789"
    assert product_text({"title": "T", "description": "12345678901"}, recipe) == "T"


def test_the_order_of_attributes_does_not_matter() -> None:
    """OpenSearch gives the fields of an object back in an order of its own where ``_source`` is cut down."""
    attributes = {"size": 42, "colour": "red", "sole": {"type": "flat", "material": "rubber"}}
    turned = {"sole": {"material": "rubber", "type": "flat"}, "colour": "red", "size": 42}
    texts = {product_text({"title": "Shoe", "attributes": each}, RECIPE) for each in (attributes, turned)}
    assert texts == {"Shoe. colour red, size 42, sole material: rubber, type: flat"}
    recipe = TextRecipe(max_chars={"attributes": 20}, whole=("attributes",))
    assert (
        product_text({"title": "T", "attributes": {"b": "12345678", "a": "123456"}}, recipe)
        == "T. a 123456, b 12345678"
    )
    assert product_text({"title": "T", "attributes": {"b": "12345678", "a": "1234567"}}, recipe) == "T"


def test_huge_text_costs_no_more_than_long_text() -> None:
    """A 10 MB description is cut before any work is done on it."""
    product = {"title": "T", "description": "ab\u0300\n" * 3_000_000, "attributes": {"a": "x " * 5_000_000}}
    started = time.process_time()
    text = product_text(product, RECIPE)
    assert time.process_time() - started < 1
    assert len(text) < 5000


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
odd_products = st.dictionaries(
    st.sampled_from(["id", "title", "brand", "category", "description", "attributes", "price", "else"]), values
)


@given(odd_products)
def test_any_mapping_has_a_text(product: dict[str, object]) -> None:
    """Whatever an index holds, the text is one line of bounded length, the same as that of the Product it becomes."""
    text = product_text(product, RECIPE)
    assert text == product_text(FieldMap().product(product), RECIPE)
    assert text == product_text(FieldMap().product(FieldMap().product(product).to_mapping()), RECIPE)
    assert "\n" not in text
    assert len(text) < 6000


@given(st.text(), st.integers(1, 50))
def test_clean_is_idempotent_and_bounded(text: str, max_chars: int) -> None:
    """Cleaning what is clean changes nothing, and nothing unseen is left."""
    cleaned = clean(text, max_chars)
    assert len(cleaned) <= max_chars
    assert clean(cleaned, max_chars) == cleaned
    assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in cleaned)
