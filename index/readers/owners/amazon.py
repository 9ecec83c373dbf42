"""Amazon's flat files of an inventory, and its report of listings: a row for a parent and for each child."""

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.image_addresses import addresses
from endcap.index.product import words
from endcap.index.readers.format_records import OwnerFormat
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant, texts

_OPTIONS = {"color_name": "color", "size_name": "size", "material_type": "material", "style_name": "style",
            "flavor_name": "flavor", "scent_name": "scent", "pattern_name": "pattern"}  # fmt: skip
_NUMBERS = ("external_product_id", "product-id")
_POINTS = tuple(f"bullet_point{n}" for n in range(1, 11))
_IMAGES = ("main_image_url", *(f"other_image_url{n}" for n in range(1, 9)), "image-url")
_READ = (
    *("item_sku", "seller-sku", "item_name", "item-name", "brand_name", "product_description", "item-description"),
    *("standard_price", "price", "item_type", "feed_product_type", "external_product_id_type", *_OPTIONS, *_NUMBERS),
    *(*_POINTS, *_IMAGES),
)


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The parent's SKU, or the product's own."""
    own = words(row.get("item_sku") or row.get("seller-sku")).strip()
    return words(row.get("parent_sku")).strip() or own, ()


def family(records: Sequence[Record]) -> Family:
    """A product with its children; where the parent has no row, the first child's texts are its own."""
    rows = texts(records)
    first = next((row for row in rows if "parent_sku" not in row), rows[0])
    children = [row for row in rows if "parent_sku" in row]
    variants = [
        Variant(_sku(row), _sku(row), _options(row), _price(row), _images(row), row.get("item_name", ""), _gtin(row))
        for row in children
    ]
    shared = {
        **{name: value for name, value in first.items() if name not in _READ},
        **({} if variants else _gtin(first)),
        "id": first.get("parent_sku") or _sku(first),
        "sku": "" if "parent_sku" in first else _sku(first),
        "title": first.get("item_name") or first.get("item-name", ""),
        "brand": first.get("brand_name", ""),
        "category": first.get("item_type") or first.get("feed_product_type", ""),
        "description": "\n".join(
            first[name] for name in ("product_description", "item-description", *_POINTS) if name in first
        ),
        "attributes": _options(first) if "parent_sku" not in first else {},
        "price": _price(first),
        "image": list(_images(first)),
    }
    return Family(shared, variants)


def _sku(row: Mapping[str, str]) -> str:
    return row.get("item_sku") or row.get("seller-sku", "")


def _price(row: Mapping[str, str]) -> str:
    return row.get("standard_price") or row.get("price", "")


def _options(row: Mapping[str, str]) -> dict[str, str]:
    return {own: row[name] for name, own in _OPTIONS.items() if name in row}


def _images(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(address for name in _IMAGES for address in addresses(row.get(name, "")))


def _gtin(row: Mapping[str, str]) -> dict[str, str]:
    number = next((row[name] for name in _NUMBERS if name in row), "")
    return {"gtin": number} if number else {}


FORMATS = (
    OwnerFormat(
        "amazon",
        marks=("item_sku item_name", "seller-sku item-name listing-id", "seller-sku item-name asin1"),
        order=96,
        family=family,
        key=key,
    ),
)
