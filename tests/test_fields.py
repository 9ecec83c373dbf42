"""The map from a source document's fields to a product's."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import FIELDS, Product

NAMES = st.text(min_size=1, max_size=12).filter(lambda name: name.strip() != "")
TARGETS = st.sampled_from(FIELDS) | NAMES.map(lambda name: f"attributes.{name}")
MAPS = st.dictionaries(TARGETS, st.lists(NAMES, max_size=3), max_size=6).map(FieldMap.from_json)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
TEXT = st.text(max_size=20)
IN_ITS_TIME = settings(deadline=None)
FULL_TEXT = st.text(min_size=1, max_size=20)
PRODUCTS = st.builds(
    Product,
    id=FULL_TEXT,
    title=FULL_TEXT,
    brand=TEXT,
    category=TEXT,
    description=TEXT,
    attributes=st.dictionaries(TEXT, FULL_TEXT, max_size=3),
    price=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    image=TEXT,
    extra=st.dictionaries(TEXT, JSON.filter(lambda value: value == value), max_size=3),
).map(lambda product: FieldMap().product(product.to_mapping()))


def test_every_kind_of_field_is_read() -> None:
    """Plain fields, alternatives, dotted paths, whole attributes and single ones all reach the product."""
    fields = FieldMap.parse(
        "id=sku, title=name,brand=maker.name,attributes.color=colour,attributes=specs,category=cat1|cat2,price=cost"
    )
    product = fields.product(
        {
            "sku": 7,
            "name": "Kettle",
            "maker": {"name": "Acme", "url": "x"},
            "colour": "red",
            "specs": [{"name": "volume", "value": 1.7}, {"name": "cordless", "value": True}],
            "cat1": "",
            "cat2": ["Kitchen", "Kettles"],
            "cost": "19.90",
            "stock": 3,
        }
    )
    assert product == Product(
        id="7",
        title="Kettle",
        brand="Acme",
        category="Kitchen > Kettles",
        attributes={"volume": "1.7", "cordless": "yes", "color": "red"},
        price=19.9,
        extra={"maker": {"name": "Acme", "url": "x"}, "stock": 3},
    )


def test_unknown_field_is_named_with_the_right_ones() -> None:
    """A wrong name on the left says what would be right."""
    with pytest.raises(
        InputError, match=r"'titel' is not a field.*id, title, brand, category, description, attributes"
    ):
        FieldMap.parse("titel=name")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("title", "FIELD=PATH"),
        ("title=a=b", "FIELD=PATH"),
        ("title=a,title=b", "given twice"),
        ("title=a|", "empty path"),
        ("attributes.=x", "not a field"),
        ("extra=x", "extra"),
        ("=x", "not a field"),
    ],
)
def test_broken_maps_are_refused(text: str, said: str) -> None:
    """A map that can't be meant raises InputError saying why."""
    with pytest.raises(InputError, match=said):
        FieldMap.parse(text)


@IN_ITS_TIME
@given(MAPS)
def test_map_survives_text_and_json(fields: FieldMap) -> None:
    """A map written as text or JSON is read back as the same map, whatever its names are made of."""
    assert FieldMap.parse(str(fields)) == fields
    assert FieldMap.from_json(json.loads(json.dumps(fields.to_json()))) == fields


@IN_ITS_TIME
@given(st.text(max_size=60))
def test_any_text_is_a_map_or_an_input_error(text: str) -> None:
    """No text makes parse fail in another way, and what it reads it can write."""
    try:
        fields = FieldMap.parse(text)
    except InputError:
        return
    assert FieldMap.parse(str(fields)) == fields


@IN_ITS_TIME
@given(MAPS, st.dictionaries(st.text(max_size=8), JSON, max_size=5))
def test_odd_values_never_fail(fields: FieldMap, source: dict[str, Any]) -> None:
    """Whatever a document holds, it becomes a product."""
    product = fields.product(source)
    assert all(isinstance(value, str) for value in (product.id, product.title, *product.attributes.values()))


@IN_ITS_TIME
@given(PRODUCTS)
def test_default_map_reads_what_endcap_wrote(product: Product) -> None:
    """FieldMap() gives back the product of a document that endcap loaded."""
    assert FieldMap().product(product.to_mapping()) == product


@pytest.mark.parametrize(
    "missing", [None, "", " ", "N/A", "n/a", ".", "-", "null", "NULL", "nan", "...", [], ["N/A", None]]
)
def test_what_stands_for_a_missing_value(missing: object) -> None:
    """It is no word of any field, also in a list, and the next alternative counts."""
    fields = FieldMap.parse("title=name|label,attributes.colour=colour,attributes=specs")
    source = {"name": missing, "label": "Kettle", "brand": missing, "category": ["Kitchen", missing]}
    source |= {"description": missing, "colour": missing, "specs": {"volume": missing, "lid": "yes"}}
    product = fields.product({"id": "N/A", **source})
    assert product == Product(id="N/A", title="Kettle", category="Kitchen", attributes={"lid": "yes"})


def test_what_only_looks_as_if_it_were_missing() -> None:
    """A sign may be a value, an attribute may be "none", a brand NAN, and a film called so."""
    product = FieldMap().product({"title": "Unknown", "brand": "NAN", "attributes": {"scent": "none", "safe": "✓"}})
    assert product == Product("", "Unknown", "NAN", attributes={"scent": "none", "safe": "✓"})


def test_markup_is_no_text_in_any_field() -> None:
    """Tags and entities are gone from every field that is read as text, and only from these."""
    document: dict[str, Any] = {
        "id": "a&amp;b",
        "title": "<b>USB&nbsp;cable</b><br/>2&nbsp;m",
        "brand": "Tom &amp; Jerry",
        "category": "Home &amp; Garden &gt; Lamps",
        "description": "<style>p{margin:0}</style><ul><li>no straw</li><li>size &lt; 5</li></ul>",
        "attributes": {"<i>size</i>": "5&quot;", "tags": ["<b>red</b>", "R&D"]},
        "image": "https://shop.example/a.png?b&amp;c",
    }
    product = FieldMap().product(document)
    assert product == Product(
        id="a&amp;b",
        title="USB cable 2 m",
        brand="Tom & Jerry",
        category="Home & Garden > Lamps",
        description="no straw\nsize < 5",
        attributes={"size": '5"', "tags": "red, R&D"},
        image="https://shop.example/a.png?b&amp;c",
        extra={name: document[name] for name in ("title", "brand", "category", "description")},
    )


def test_odd_numbers_and_depths_never_fail() -> None:
    """Numbers beyond floats and lists nested a thousand deep become products, too."""
    deep: Any = "x"
    for _ in range(2000):
        deep = [deep]
    product = FieldMap().product({"id": 10**400, "title": deep, "price": 10**400, "attributes": {"a": deep}})
    assert product.price is None
    assert product.id.startswith("1000")


def test_engines_id_goes_before_the_documents() -> None:
    """The id that the engine uses wins, and the document's own is kept in extra."""
    product = FieldMap().product({"id": "own", "title": "x"}, id="engine")
    assert (product.id, product.extra) == ("engine", {"id": "own"})


def test_lists_of_objects_give_all_their_values() -> None:
    """A dotted path through a list reads every item, as OpenSearch does; a key with dots itself goes first."""
    fields = FieldMap.parse("brand=makers.name,title=name.en")
    product = fields.product({"makers": [{"name": "A"}, {"name": "B"}, {}], "name.en": "T", "name": {"en": "other"}})
    assert (product.brand, product.title) == ("A, B", "T")


def test_price_that_is_no_number_is_kept_in_extra() -> None:
    """Nothing is lost: what can't be a price stays where it can be seen."""
    assert FieldMap().product({"id": 1, "title": "x", "price": "on request"}).extra == {"price": "on request"}


def test_source_fields_are_what_is_read() -> None:
    """The list of paths covers alternatives and nested paths, and nothing that is not read."""
    fields = FieldMap.parse("title=name,category=a|b.c,price=,image=,description=")
    assert fields.source_fields() == ["a", "attributes", "b.c", "brand", "id", "name"]


def test_restricted_map_reads_only_those_fields() -> None:
    """restrict leaves the id and the named fields, with their paths, and drops the rest."""
    fields = FieldMap.parse("title=name,attributes.color=colour").restrict(["title", "attributes"])
    assert fields.source_fields() == ["attributes", "colour", "id", "name"]
    product = fields.product({"id": 1, "name": "x", "brand": "y", "colour": "red", "stock": 3})
    assert product == Product(id="1", title="x", attributes={"color": "red"})
    with pytest.raises(InputError, match="'colour'"):
        fields.restrict(["colour"])
