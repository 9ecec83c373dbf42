"""Products as shops' interfaces give them (made-up ones): nested JSON, in its owner's layout, with its variants."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.catalogue_files import find_catalogue
from endcap.index.readers.rejects import Rejects

WOO = [
    {"id": 7, "name": "Tee", "slug": "tee", "permalink": "https://s/tee", "type": "variable", "sku": "TEE",
     "price": "18", "regular_price": "", "description": "<p>Warm</p>", "short_description": "Soft", "parent_id": 0,
     "categories": [{"id": 1, "name": "Clothes", "slug": "c"}], "brands": [{"id": 3, "name": "Acme"}],
     "tags": [{"name": "wool"}], "images": [{"id": 1, "src": "https://x/1.jpg"}, {"id": 2, "src": "https://x/2.jpg"}],
     "attributes": [{"id": 0, "name": "Size", "options": ["S", "M"]}], "variations": [8]},
    {"id": 8, "name": "Tee - S", "sku": "TEE-S", "price": "18", "regular_price": "20", "parent_id": 7,
     "type": "variation",
     "permalink": "https://s/tee-s", "slug": "tee-s", "image": {"src": "https://x/s.jpg"},
     "attributes": [{"name": "Size", "option": "S"}], "global_unique_id": "4001"},
]  # fmt: skip
MAGENTO = {"items": [
    {"id": 1, "sku": "TEE", "name": "Tee", "attribute_set_id": 4, "price": 0, "type_id": "configurable",
     "extension_attributes": {"configurable_product_links": [2], "configurable_product_options": [{"label": "Size"}]},
     "media_gallery_entries": [{"file": "/1.jpg"}],
     "custom_attributes": [{"attribute_code": "description", "value": "<p>Warm</p>"},
                           {"attribute_code": "material", "value": "wool"}, {"attribute_code": "url_key", "value": "t"},
                           {"attribute_code": "manufacturer", "value": "Acme"}]},
    {"id": 2, "sku": "TEE-S", "name": "Tee S", "attribute_set_id": 4, "price": 18, "type_id": "simple",
     "custom_attributes": [{"attribute_code": "size", "value": "S"}]},
], "search_criteria": {}, "total_count": 2}  # fmt: skip
PROJECTION = {
    "id": "u-1", "version": 3, "productType": {"typeId": "product-type", "id": "x"},
    "name": {"en": "Tee", "de": "Hemd"}, "description": {"en": "Warm", "de": "Warmes"}, "slug": {"en": "tee"},
    "categories": [{"typeId": "category", "id": "c", "obj": {"name": {"en": "Tops", "de": "Oberteile"},
                    "ancestors": [{"obj": {"name": {"en": "Clothes", "de": "Kleidung"}}}]}}],
    "masterVariant": {"id": 1, "sku": "TEE-S", "images": [{"url": "https://x/1.jpg"}],
                      "prices": [{"value": {"currencyCode": "EUR", "centAmount": 1800, "fractionDigits": 2}}],
                      "attributes": [{"name": "Size", "value": "S"},
                                     {"name": "fit", "value": {"key": "s", "label": {"en": "slim", "de": "eng"}}}]},
    "variants": [{"id": 2, "sku": "TEE-M", "attributes": [{"name": "Size", "value": "M"}]}],
}  # fmt: skip
GRAPHQL = {
    "id": "gid://shopify/Product/1", "title": "Tee", "descriptionHtml": "<p>Warm</p>", "vendor": "Acme",
    "productType": "Tops", "tags": ["wool"], "featuredImage": {"url": "https://x/1.jpg"},
    "images": {"edges": [{"node": {"url": "https://x/1.jpg"}}, {"node": {"url": "https://x/2.jpg"}}]},
    "variants": {"nodes": [
        {"id": "gid://shopify/ProductVariant/1", "sku": "TEE-S", "price": "18.00", "barcode": "4001",
         "selectedOptions": [{"name": "Size", "value": "S"}]},
        {"id": "gid://shopify/ProductVariant/2", "sku": "TEE-M", "price": {"amount": "20.0"},
         "selectedOptions": [{"name": "Size", "value": "M"}]}]},
}  # fmt: skip
BULK = [
    {"id": "gid://shopify/Product/1", "title": "Tee", "vendor": "Acme"},
    {"id": "gid://shopify/ProductVariant/1", "title": "S", "sku": "TEE-S", "price": "18",
     "selectedOptions": [{"name": "Size", "value": "S"}], "__parentId": "gid://shopify/Product/1"},
    {"key": "fit", "value": "slim", "namespace": "custom", "__parentId": "gid://shopify/ProductVariant/1"},
    {"url": "https://x/1.jpg", "__parentId": "gid://shopify/Product/1"},
    {"id": "gid://shopify/Product/2", "title": "Mug", "vendor": "Bolt"},
]  # fmt: skip
ALGOLIA = {"hits": [{"objectID": "7", "name": "Tee", "brand": "Acme", "price": 18, "image": "https://x/1.jpg",
                     "hierarchicalCategories": {"lvl0": "Clothes", "lvl1": ["Clothes > Tops"]},
                     "_highlightResult": {"name": {"value": "<em>Tee</em>"}}}], "nbHits": 1}  # fmt: skip


def read(tmp_path: Path, data: Any, format: str, language: str = "", way: str = "merge") -> list[Product]:
    """The products of a file that is found to be in the format, without a map; all rows are accounted for."""
    path = tmp_path / "export.json"
    path.write_text("\n".join(map(json.dumps, data)) if data is BULK else json.dumps(data))
    assert find_catalogue(path, None, FieldMap(), "", language).format == format
    rejects = Rejects()
    found = list(
        read_products(path, None, FieldMap(), "skip", rejects, "", "each" if way == "each" else "merge", language)
    )
    assert rejects.rows == rejects.products + rejects.counts.total() + rejects.merged + rejects.left_out
    return found


def test_woocommerce(tmp_path: Path) -> None:
    (tee,) = read(tmp_path, WOO, "woocommerce-json")
    assert (tee.id, tee.title, tee.brand, tee.category, tee.description) == (
        "7",
        "Tee",
        "Acme",
        "Clothes",
        "Soft\nWarm",
    )
    assert (tee.price, tee.attributes) == (18, {"Size": "S, M", "Tags": "wool"})
    assert tee.extra["sku"] == ["TEE", "TEE-S"]
    assert tee.extra["gtin"] == "4001"
    assert tee.extra["image"] == ["https://x/1.jpg", "https://x/2.jpg", "https://x/s.jpg"]
    assert [each.id for each in read(tmp_path, WOO, "woocommerce-json", way="each")] == ["8"]


def test_magento(tmp_path: Path) -> None:
    (tee,) = read(tmp_path, MAGENTO, "magento-json")
    assert (tee.id, tee.title, tee.brand, tee.description, tee.price) == ("TEE", "Tee", "Acme", "Warm", 18)
    assert tee.attributes == {"material": "wool", "size": "S"}
    assert (tee.image, tee.extra["sku"]) == ("/1.jpg", ["TEE", "TEE-S"])


@pytest.mark.parametrize(
    "around", [PROJECTION, {"id": "u-1", "masterData": {"current": PROJECTION, "published": True}}]
)
def test_commercetools(tmp_path: Path, around: Any) -> None:
    (tee,) = read(tmp_path, {"limit": 20, "results": [around]}, "commercetools", "de")
    assert (tee.id, tee.title, tee.description, tee.category) == ("u-1", "Hemd", "Warmes", "Kleidung > Oberteile")
    assert (tee.price, tee.attributes) == (18, {"Size": "S, M", "fit": "eng"})
    assert tee.extra["sku"] == ["TEE-S", "TEE-M"]
    for language, said in (("", "the texts are in de, en"), ("fr", "not in 'fr'")):
        with pytest.raises(InputError, match=said):
            read(tmp_path, {"results": [around]}, "commercetools", language)


@pytest.mark.parametrize(
    "data", [{"data": {"products": {"edges": [{"cursor": "a", "node": GRAPHQL}], "pageInfo": {}}}},
             {"data": {"products": {"nodes": [GRAPHQL]}}}, [GRAPHQL]]
)  # fmt: skip
def test_shopifys_graphql(tmp_path: Path, data: Any) -> None:
    (tee,) = read(tmp_path, data, "shopify-graphql")
    assert (tee.id, tee.title, tee.brand) == ("gid://shopify/Product/1", "Tee", "Acme")
    assert (tee.category, tee.description, tee.price) == ("Tops", "Warm", 18)
    assert tee.attributes == {"Tags": "wool", "Size": "S, M"}
    assert (tee.extra["sku"], tee.extra["gtin"]) == (["TEE-S", "TEE-M"], "4001")
    assert tee.extra["image"] == ["https://x/1.jpg", "https://x/2.jpg"]


def test_a_bulk_operations_lines(tmp_path: Path) -> None:
    """Children are put into their product, and those of a variant, too; none is a product."""
    tee, mug = read(tmp_path, BULK, "shopify-graphql")
    assert (tee.price, tee.attributes, tee.image) == (18, {"fit": "slim", "Size": "S"}, "https://x/1.jpg")
    assert (mug.title, mug.brand) == ("Mug", "Bolt")


def test_algolia(tmp_path: Path) -> None:
    (tee,) = read(tmp_path, ALGOLIA, "algolia")
    assert (tee.id, tee.title, tee.brand, tee.category) == ("7", "Tee", "Acme", "Clothes > Tops")
    assert "_highlightResult" not in tee.extra


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["en", "name", "value", "url", "node", "edges", "sku", "price", "id"]), inner)
    ),
    max_leaves=6,
)


@pytest.mark.parametrize("name", ["variants", "categories", "masterVariant"])
def test_a_field_of_another_kind_costs_no_product(name: str, tmp_path: Path) -> None:
    """A list that is no list says nothing, and the rest of the record is read."""
    path = tmp_path / "export.json"
    path.write_text(json.dumps([PROJECTION | {name: True}]))
    (product,) = read_products(path, language="en")
    assert product.title
    path.write_text(json.dumps([WOO[0] | {"categories": {"en": "Tops"}}]))
    assert [product.title for product in read_products(path, language="en")]


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.sampled_from([*WOO, *MAGENTO["items"], PROJECTION, GRAPHQL, *BULK, *ALGOLIA["hits"]]), st.data())  # type: ignore[misc]
def test_any_values(tmp_path: Path, record: dict[str, Any], data: st.DataObject) -> None:
    """Whatever stands in a field, rows are products, rejected or merged, and nothing else is raised than a refusal."""
    changed = {name: data.draw(st.one_of(st.just(value), VALUES)) for name, value in record.items()}
    path = tmp_path / "export.json"
    path.write_text(json.dumps([record, changed | {"id": record.get("id"), "sku": "other"}]))
    rejects = Rejects()
    try:
        list(read_products(path, None, FieldMap(), "skip", rejects, language="en"))
    except InputError:
        return
    assert rejects.rows == rejects.products + rejects.counts.total() + rejects.merged + rejects.left_out
