"""Magento's (Adobe Commerce's) products as its REST API gives them: simple, and configurable that link them."""

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.attribute_shapes import attribute_pairs
from endcap.index.product import words
from endcap.index.readers.format_records import OwnerFormat
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant, objects

_WORDS = (
    "url_key url_path options_container gift_message_available meta_title meta_keyword meta_description image "
    "small_image thumbnail swatch_image category_ids required_options has_options tax_class_id page_layout "
    "custom_design custom_layout msrp_display_actual_price_type description short_description special_price "
    "special_from_date special_to_date news_from_date news_to_date manufacturer brand gallery cost"
)
_OF_THE_SHOP = frozenset(_WORDS.split())
"""Attributes that are read otherwise, or say nothing of the product."""
_READ = ("name", "custom_attributes", "media_gallery_entries", "price", "product_links", "options", "tier_prices")


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The number; a configurable product takes those that it links to it."""
    links = _extension(row).get("configurable_product_links")
    return words(row.get("id") or row.get("sku")), tuple(map(words, links)) if isinstance(links, list) else ()


def family(records: Sequence[Record]) -> Family:
    """A product and its variants; the SKU is its id, as in the export."""
    rows = [record.value for record in records]
    first = next((row for row in rows if _extension(row).get("configurable_product_links")), rows[0])
    own = _attributes(first)
    options = objects(_extension(first).get("configurable_product_options"))
    varied = [words(option.get("label") or option.get("attribute_code")).casefold() for option in options]
    variants = []
    for row in (row for row in rows if row is not first):
        said = _attributes(row)
        values = {name: words(value) for name, value in said.items() if name in varied or name not in own}
        values = {name: value for name, value in values.items() if name not in _OF_THE_SHOP and value}
        price = said.get("special_price") or row.get("price")
        sku = words(row.get("sku"))
        variants.append(Variant(sku, sku, values, price, tuple(_images(row, said)), words(row.get("name"))))
    shared = {
        **{name: value for name, value in first.items() if name not in _READ},
        "id": words(first.get("sku")),
        "title": words(first.get("name")),
        "description": [text for n in ("short_description", "description") if (text := words(own.get(n)))],
        "brand": words(own.get("brand") or own.get("manufacturer")),
        "attributes": {n: words(value) for n, value in own.items() if n not in _OF_THE_SHOP and words(value)},
        "price": own.get("special_price") or first.get("price"),
        "image": _images(first, own),
    }
    return Family(shared, variants)


def _attributes(row: Mapping[str, Any]) -> dict[str, Any]:
    return dict(attribute_pairs(row.get("custom_attributes") or []))


def _extension(row: Mapping[str, Any]) -> Mapping[str, Any]:
    value = row.get("extension_attributes")
    return value if isinstance(value, Mapping) else {}


def _images(row: Mapping[str, Any], attributes: Mapping[str, Any]) -> list[str]:
    files = (words(entry.get("file")) for entry in objects(row.get("media_gallery_entries")))
    return list(dict.fromkeys(file for file in (words(attributes.get("image")), *files) if file))


FORMATS = (OwnerFormat("magento-json", marks=("sku name attribute_set_id type_id",), order=82, family=family, key=key),)
