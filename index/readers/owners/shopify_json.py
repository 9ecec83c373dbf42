"""Shopify's products as its API and ``/products.json`` give them: a record a product, with its variants in it."""

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.image_addresses import addresses
from endcap.index.product import words
from endcap.index.readers.format_records import OwnerFormat
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant, objects

_READ = ("title", "body_html", "vendor", "product_type", "tags", "images", "image", "variants", "options")


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """None: each record is a whole product."""
    return "", ()


def family(records: Sequence[Record]) -> Family:
    """A product and its variants, whose options are named by the product."""
    row = records[0].value
    own = row.get("options")
    named = own if isinstance(own, list) else []
    names = [words(option.get("name") if isinstance(option, Mapping) else option) for option in named]
    variants = []
    for variant in objects(row.get("variants")):
        pairs = ((name, words(variant.get(f"option{n}"))) for n, name in enumerate(names, 1))
        options = {name: value for name, value in pairs if name and value not in ("", "Default Title")}
        number = {"gtin": words(variant["barcode"])} if variant.get("barcode") else {}
        images = tuple(addresses(variant.get("featured_image")))
        id, sku = words(variant.get("id")), words(variant.get("sku"))
        variants.append(Variant(id or sku, sku, options, variant.get("price"), images, numbers=number))
    shared = {
        **{name: value for name, value in row.items() if name not in _READ},
        "id": row.get("id"),
        "title": words(row.get("title")),
        "description": row.get("body_html"),
        "brand": row.get("vendor"),
        "category": row.get("product_type"),
        "attributes": {"Tags": tags} if (tags := words(row.get("tags"))) else {},
        "image": addresses(row.get("images")) or addresses(row.get("image")),
    }
    return Family(shared, variants)


FORMATS = (OwnerFormat("shopify-json", marks=("id title body_html variants",), order=65, family=family, key=key),)
