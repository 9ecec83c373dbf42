"""WooCommerce's export of products: a variable product, and a row for each variation that names it as its parent."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.image_addresses import addresses
from endcap.index.prices import asked_price
from endcap.index.product import words
from endcap.index.readers.format_records import OwnerFormat
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant, texts
from endcap.index.readers.woocommerce_names import own_name

_COMMA = re.compile(r"(?<!\\),\s*")
_READ = re.compile(
    r"ID|SKU|GTIN|Name|(Short d|D)escription|(Sale|Regular) price|Images|Brands?|Parent|Attribute \d+ .+"
)


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """A variation's parent, which is named by its SKU, or as ``id:7``; any other product's own SKU or id."""
    parent, id, sku = (words(row.get(name)).strip() for name in ("Parent", "ID", "SKU"))
    if words(row.get("Type")).startswith("variation") and parent:
        return parent, ()
    return sku or f"id:{id}", (f"id:{id}",) if sku and id else ()


def family(records: Sequence[Record]) -> Family:
    """A product and its variations."""
    rows = texts(records)
    first = next((row for row in rows if not row.get("Type", "").startswith("variation")), rows[0])
    variants = []
    lacks_parent = len(rows) > 1 and first.get("Type", "").startswith("variation")
    for row in rows:
        if (row is not first or lacks_parent) and row.get("Type", "").startswith("variation"):
            id, images = row.get("ID") or row.get("SKU", ""), tuple(addresses(row.get("Images")))
            own = (id, row.get("SKU", ""), _attributes(row), _price(row), images, row.get("Name", ""))
            variants.append(Variant(*own, numbers={"gtin": row["GTIN"]} if "GTIN" in row else {}))
    paths = _COMMA.split(first.get("Categories", ""))
    shared = {
        **{name: value for name, value in first.items() if not _READ.fullmatch(name)},
        "id": first.get("ID") or first.get("SKU", ""),
        "sku": first.get("SKU", ""),
        "gtin": first.get("GTIN", ""),
        "title": first.get("Name", ""),
        "description": _lines("\n".join(first[n] for n in ("Short description", "Description") if n in first)),
        "brand": first.get("Brands") or first.get("Brand", ""),
        "category": max(paths, key=lambda path: path.count(">")).replace("\\,", ","),
        "attributes": _attributes(first) | ({"Tags": first["Tags"]} if "Tags" in first else {}),
        "price": _price(first),
        "image": addresses(first.get("Images")),
    }
    return Family(shared, variants)


def _lines(text: str) -> str:
    """The text with its line ends, which the export writes as a backslash and an n."""
    return text.replace("\\n", "\n")


def _price(row: Mapping[str, str]) -> str:
    return asked_price(row.get("Sale price"), row.get("Regular price", "")) or ""


def _attributes(row: Mapping[str, str]) -> dict[str, str]:
    numbers = [found[1] for name in row if (found := re.fullmatch(r"Attribute (\d+) name", name))]
    pairs = {row[f"Attribute {n} name"]: row.get(f"Attribute {n} value(s)", "") for n in numbers}
    return {name: value.replace("\\,", ",") for name, value in pairs.items() if value}


_MARKS = tuple(f"ID Type SKU Name {column}" for column in ("Parent", "Published", "Regular_price"))
FORMATS = (
    OwnerFormat(
        "woocommerce",
        marks=_MARKS,
        order=70,
        own_name=own_name,
        own_marks=_MARKS,
        never=("permalink", "slug", "parent_id"),
        family=family,
        key=key,
    ),
)
