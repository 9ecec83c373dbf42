"""WooCommerce's products as its REST API gives them: a record a product, and one for each variation it is asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.image_addresses import addresses
from endcap.index.prices import asked_price
from endcap.index.product import thing_names, words
from endcap.index.readers.format_records import OwnerFormat
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant, objects

_READ = (
    *("name", "description", "short_description", "brands", "categories", "tags", "attributes", "images", "image"),
    *("price", "regular_price", "sale_price", "_links", "price_html", "meta_data"),
)


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The product's id; a variation's parent."""
    return words(row.get("parent_id") or row.get("id") if _is_variation(row) else row.get("id")), ()


def family(records: Sequence[Record]) -> Family:
    """A product and those of its variations that are there."""
    rows = [record.value for record in records]
    first = next((row for row in rows if not _is_variation(row)), rows[0])
    variants = [
        Variant(
            words(row.get("id")), words(row.get("sku")), _attributes(row), _price(row),
            tuple(addresses(row.get("image") or row.get("images"))), words(row.get("name")), _gtin(row),
        )
        for row in rows if row is not first and _is_variation(row)
    ]  # fmt: skip
    categories = thing_names(first.get("categories") or [])
    tags = words(thing_names(first.get("tags") or []))
    shared = {
        **{name: value for name, value in first.items() if name not in _READ},
        **_gtin(first),
        "title": words(first.get("name")),
        "description": [text for n in ("short_description", "description") if (text := words(first.get(n)))],
        "brand": words(thing_names(first.get("brands") or [])),
        "category": words(categories[0] if isinstance(categories, list) and categories else categories),
        "categories": categories,
        "attributes": _attributes(first) | ({"Tags": tags} if tags else {}),
        "price": _price(first),
        "image": addresses(first.get("images") or first.get("image")),
    }
    return Family(shared, variants)


def _is_variation(row: Mapping[str, Any]) -> bool:
    return words(row.get("type")) == "variation" or bool(row.get("parent_id") and row.get("type") is None)


def _attributes(row: Mapping[str, Any]) -> dict[str, str]:
    own = row.get("attributes")
    several = objects(own)
    pairs = {words(one.get("name")): words(one.get("options") or one.get("option")) for one in several}
    return {name: value for name, value in pairs.items() if name and value}


def _price(row: Mapping[str, Any]) -> Any:
    return asked_price(row.get("sale_price"), row.get("price") or row.get("regular_price"))


def _gtin(row: Mapping[str, Any]) -> dict[str, str]:
    number = words(row.get("global_unique_id"))
    return {"gtin": number} if number else {}


FORMATS = (
    OwnerFormat(
        "woocommerce-json",
        marks=(
            "id name permalink regular_price",
            "id name slug sku regular_price categories",
            "id sku parent_id regular_price",
        ),
        order=72,
        family=family,
        key=key,
    ),
)
