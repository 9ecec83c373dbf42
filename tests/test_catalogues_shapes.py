"""Attributes, images and texts in the shapes that shops give them in: nothing of them vanishes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.index.field_map import FieldMap
from endcap.index.product import Product, attribute_words
from endcap.index.readers.catalogue import read_products

SHAPES: list[tuple[Any, dict[str, str]]] = [
    ([{"name": "Colour", "values": ["red", "blue"]}], {"Colour": "red, blue"}),
    ([{"key": "colour", "value": "red"}], {"colour": "red"}),
    ([{"attribute_code": "colour", "value": "red", "label": "Colour"}], {"Colour": "red"}),
    ([{"name": "Weight", "value": 2.0, "unit": "kg"}], {"Weight": "2 kg"}),
    ([{"@type": "PropertyValue", "name": "Weight", "value": 2, "unitText": "kg"}], {"Weight": "2 kg"}),
    ({"weight": {"value": 2, "unit": "kg"}, "lid": True}, {"weight": "2 kg", "lid": "yes"}),
    ({"weight": {"amount": "2", "unit": "kg"}}, {"weight": "2 kg"}),
    ([{"name": "Length", "values": [2, 3], "unit": "m"}], {"Length": "2 m, 3 m"}),
    ([{"id": 6, "name": "Size", "position": 0, "visible": True, "options": ["S", "M"]}], {"Size": "S, M"}),
    ([{"attribute": {"code": "c", "name": "Colour"}, "value": "red"}], {"Colour": "red"}),
    ([{"Colour": "red"}, {"Size": "M"}], {"Colour": "red", "Size": "M"}),
    ({"name": "Colour", "value": "red"}, {"Colour": "red"}),
    ([{"group": "Body", "attributes": [{"name": "Colour", "value": "red"}]}], {"Colour": "red"}),
    ('{"Colour": "red"}', {"Colour": "red"}),
    ('[{"name": "Colour", "value": "red"}]', {"Colour": "red"}),
    ([{"name": "Colour", "value": None}], {}),
    ([{"Name": "Colour", "Value": "red"}], {"Colour": "red"}),
    ([{"name": {"en": "Colour"}, "value": "red"}], {"Colour": "red"}),
    ([{"name": "Power", "numericValue": 5, "unit": "W"}], {"Power": "5 W"}),
    ({"size": {"w": {"value": 1, "unit": "cm"}, "h": 2}}, {"size": "h: 2, w: 1 cm"}),
    (["washable", {"name": "Colour", "value": "red"}], {"": "washable", "Colour": "red"}),
    ("washable [red]", {"": "washable [red]"}),
    ({"name": "Ada", "fit": "slim"}, {"name": "Ada", "fit": "slim"}),
]


@pytest.mark.parametrize(("value", "words"), SHAPES)
def test_attributes_of_every_shape(value: Any, words: dict[str, str]) -> None:
    """Names, values and units are found whatever they are called, and whatever holds them."""
    assert attribute_words(value) == words


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(["name", "value", "values", "unit", "key", "data", "items", "x"]), inner)
        ),
        max_leaves=12,
    )
)
def test_no_attributes_fail(value: Any) -> None:
    """Any JSON value is put into words."""
    assert all(isinstance(text, str) and text for text in attribute_words(value).values())


def test_a_map_of_parquet(tmp_path: Path) -> None:
    """A MAP column is attributes with their names; of a key that stands twice both values are read."""
    column = pa.array([[("colour", "red"), ("size", "M"), ("size", "L")], None], pa.map_(pa.string(), pa.string()))
    table = pa.table({"id": ["1", "2"], "title": ["Shirt", "Hat"], "attributes": column})
    pq.write_table(table, tmp_path / "a.parquet")
    shirt, hat = read_products(tmp_path / "a.parquet")
    assert (shirt.attributes, hat.attributes) == ({"colour": "red", "size": "M, L"}, {})


@pytest.mark.parametrize(
    "images",
    [
        ["https://x.example/1.jpg", "https://x.example/2.jpg"],
        "https://x.example/1.jpg, https://x.example/2.jpg",
        "https://x.example/1.jpg|https://x.example/2.jpg",
        [{"id": 1, "src": "https://x.example/1.jpg"}, {"id": 2, "src": "https://x.example/2.jpg"}],
    ],
)
def test_several_images_are_several(images: Any) -> None:
    """The image is the first address; all of them are kept in ``extra``, also by an engine that gives them back."""
    product = FieldMap().product({"id": "1", "title": "Kettle", "image": images})
    assert (product.image, product.extra) == ("https://x.example/1.jpg", {"image": images})
    assert FieldMap().product(product.to_mapping()) == product


def test_an_address_with_a_comma_is_one() -> None:
    """Only before another address does a comma part two."""
    assert FieldMap().product({"id": "1", "image": "https://x.example/w_5,h_5/1.jpg"}).image.endswith("w_5,h_5/1.jpg")


@pytest.mark.parametrize("kind", ["jsonl", "csv", "parquet"])
def test_the_raw_text_is_kept(tmp_path: Path, kind: str) -> None:
    """Markup is no word, and is still there in ``extra``; a text without any is kept once."""
    row = {"id": "1", "title": "Caf&eacute; set", "description": "<p>Two cups</p>", "brand": "A&B"}
    path = tmp_path / f"a.{kind}"
    if kind == "jsonl":
        path.write_text(json.dumps(row))
    elif kind == "csv":
        path.write_text(",".join(row) + "\n" + ",".join(row.values()) + "\n")
    else:
        pq.write_table(pa.Table.from_pylist([row]), path)
    (product,) = read_products(path)
    raw = {"title": "Caf&eacute; set", "description": "<p>Two cups</p>"}
    assert product == Product("1", "Café set", "A&B", description="Two cups", extra=raw)
    assert FieldMap().product(product.to_mapping()) == product


ACME = {"id": 9, "name": "Acme"}


@pytest.mark.parametrize(
    ("brand", "said"),
    [(ACME, "Acme"), ([ACME, {"title": "Bolt"}], "Acme, Bolt"), ({"code": "A"}, "code: A"), ("Acme", "Acme"),
     ({"name": {"x": 1}, "title": "Acme"}, "Acme"), ({"name": "<b>Acme</b>"}, "Acme"), ({"name": "N/A"}, "")],
)  # fmt: skip
def test_an_object_is_its_name(brand: Any, said: str, tmp_path: Path) -> None:
    """Brands and categories as programs write them, by the usual name or a map; ``extra`` keeps what else they say."""
    for place, text in (("brand", ""), ("marke", "brand=marke")):
        path = tmp_path / "a.jsonl"
        path_of = [{"id": 1, "name": "Home"}, {"id": 2, "name": "Mugs"}]
        row = {"id": "1", "title": "Mug", place: brand, "category": path_of, "image": [{"src": "https://x/1.jpg"}]}
        path.write_text(json.dumps(row))
        (mug,) = read_products(path, fields=FieldMap.parse(text))
        assert (mug.brand, mug.category, mug.image) == (said, "Home > Mugs", "https://x/1.jpg")
        assert (mug.extra.get(place) == brand) == (brand != "Acme" and brand != {"code": "A"})
        assert mug.extra["category"][0]["id"] == 1
        assert FieldMap().product(mug.to_mapping()) == mug
