"""Shopify's export of products: a row for each variant and each image, put together by the handle."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.product import words
from endcap.index.readers.format_records import OwnerFormat, own_names
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant, texts

_NAMES = {
    "body_html": "Body (HTML)",
    "URL handle": "Handle",
    "Description": "Body (HTML)",
    "Product category": "Product Category",
    "SKU": "Variant SKU",
    "Barcode": "Variant Barcode",
    "Price": "Variant Price",
    "Product image URL": "Image Src",
    "Variant image URL": "Variant Image",
    **{f"Option{n} {word}": f"Option{n} {word.title()}" for n in (1, 2, 3) for word in ("name", "value")},
}
"""The columns of newer exports and of its API, and what older exports call them."""
_COLUMNS = (
    *("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags", "Published", "Status"),
    *("Image Src", "Image Position", "Image Alt Text", "Gift Card", "SEO Title", "SEO Description", "Cost per item"),
    *(f"Option{n} {word}" for n in (1, 2, 3) for word in ("Name", "Value", "Linked To")),
    *("Variant SKU", "Variant Price", "Variant Compare At Price", "Variant Barcode", "Variant Image", "Variant Grams"),
    *("Variant Inventory Qty", "Variant Inventory Tracker", "Variant Inventory Policy", "Variant Weight Unit"),
    *("Variant Fulfillment Service", "Variant Requires Shipping", "Variant Taxable", "Variant Tax Code"),
)
_METAFIELD = re.compile(r"(.+) \(product\.metafields\..+\)")


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The handle."""
    return words(row.get("Handle")).strip(), ()


def family(records: Sequence[Record]) -> Family:
    """A product: its rows with a SKU, a price or an option are variants, all rows may have images."""
    rows = texts(records)
    first = next((row for row in rows if "Title" in row), rows[0])
    names = {n: next((row[f"Option{n} Name"] for row in rows if f"Option{n} Name" in row), "") for n in (1, 2, 3)}
    variants: list[Variant] = []
    for row in rows:
        values = {name: row.get(f"Option{n} Value", "") for n, name in names.items() if name}
        options = {name: value for name, value in values.items() if value and value != "Default Title"}
        if options or "Variant SKU" in row or "Variant Price" in row:
            sku = row.get("Variant SKU", "").removeprefix("'")
            number = {"gtin": row["Variant Barcode"].removeprefix("'")} if "Variant Barcode" in row else {}
            images = tuple(filter(None, [row.get("Variant Image", "")]))
            id = sku or f"{first.get('Handle', '')}-{len(variants) + 1}"
            variants.append(Variant(id, sku, options, row.get("Variant Price"), images, numbers=number))
    attributes = {found[1]: value for name, value in first.items() if (found := _METAFIELD.fullmatch(name))}
    if "Tags" in first:
        attributes["Tags"] = first["Tags"]
    shared = {
        **{name: value for name, value in first.items() if not _is_read(name)},
        "id": first.get("Handle", ""),
        "title": first.get("Title", ""),
        "description": first.get("Body (HTML)", ""),
        "brand": first.get("Vendor", ""),
        "category": first.get("Product Category") or first.get("Type", ""),
        "attributes": attributes,
        "image": [row["Image Src"] for row in rows if "Image Src" in row],
    }
    return Family(shared, variants)


def _is_read(name: str) -> bool:
    own = ("Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Tags", "Image Src", "Image Position")
    return name in own or name.startswith(("Option", "Variant ")) or _METAFIELD.fullmatch(name) is not None


FORMATS = (
    OwnerFormat(
        "shopify",
        marks=(
            "Handle Title Vendor",
            "Handle Title Body_(HTML)",
            "Handle Title Variant_SKU",
            "Title URL_handle Vendor",
        ),
        order=60,
        own_name=own_names(_COLUMNS, _NAMES),
        mark_name=own_names(_COLUMNS, {"URL handle": "Handle"}),
        own_marks=("Handle Title Variant_Price", "Handle Title Image_Src"),
        family=family,
        key=key,
    ),
)
