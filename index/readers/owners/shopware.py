"""Shopware 6's export of products by its own profile: a row a product, and one for each variant of it."""

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.image_addresses import addresses
from endcap.index.product import words
from endcap.index.readers.format_records import OwnerFormat
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant, texts

_READ = ("id", "name", "description", "manufacturer_name", "categories", "price_gross", "price_net", "cover_media_url")


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The parent's id, or the product's own."""
    return words(row.get("parent_id")).strip() or words(row.get("id")).strip(), ()


def family(records: Sequence[Record]) -> Family:
    """A product and its variants, which have their parent's texts where they have none; its number is its id."""
    rows = texts(records)
    first = next((row for row in rows if "parent_id" not in row), rows[0])
    variants = [
        Variant(
            row.get("product_number", ""), row.get("product_number", ""), {}, _price(row),
            tuple(addresses(row.get("cover_media_url"))), row.get("name", ""),
            {"gtin": row["ean"]} if "ean" in row else {},
        )
        for row in rows if row is not first
    ]  # fmt: skip
    shared = {
        **{name: value for name, value in first.items() if name not in _READ},
        "id": first.get("product_number") or first.get("id", ""),
        "sku": first.get("product_number", ""),
        "title": first.get("name", ""),
        "description": first.get("description", ""),
        "brand": first.get("manufacturer_name", ""),
        "category": first.get("categories", ""),
        "price": _price(first),
        "image": addresses(first.get("cover_media_url")),
    }
    return Family(shared, variants)


def _price(row: Mapping[str, str]) -> str:
    return row.get("price_gross") or row.get("price_net", "")


FORMATS = (
    OwnerFormat(
        "shopware",
        marks=("id parent_id product_number", "id product_number price_gross", "id product_number manufacturer_name"),
        order=85,
        family=family,
        key=key,
    ),
)
