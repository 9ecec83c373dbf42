"""Magento's (Adobe Commerce's) export: simple products, configurable ones, and a row for each store view."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.product import CATEGORY_SEPARATOR, words
from endcap.index.readers.format_records import OwnerFormat, own_names
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant, texts

_NEXT = re.compile(r",(?=[\w.-]+=)")
_READ = ("sku", "name", "description", "short_description", "categories", "additional_attributes", "price", "brand")
_COLUMNS = (
    *_READ,
    *("store_view_code", "attribute_set_code", "product_type", "base_image", "additional_images"),
    *("configurable_variations", "configurable_variation_labels", "product_online", "visibility", "special_price"),
)
_TEXTS = ("name", "description", "short_description")
_IMAGES = ("base_image", "additional_images")


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The SKU; a configurable product takes those of its variations to it."""
    variations = words(row.get("configurable_variations")).split("|")
    children = (_pairs(variation).get("sku", "") for variation in variations)
    return words(row.get("sku")).strip(), tuple(filter(None, children))


def family(records: Sequence[Record]) -> Family:
    """A product and its variations; what other store views call it is kept."""
    rows = texts(records)
    views = [row for row in rows if "store_view_code" in row]
    own = [row for row in rows if "store_view_code" not in row] or views[:1]
    first = next((row for row in own if "configurable_variations" in row), own[0])
    variations = [_pairs(text) for text in first.get("configurable_variations", "").split("|") if text]
    options = {pairs.pop("sku", ""): pairs for pairs in variations}
    variants = [
        Variant(row["sku"], row["sku"], options[row["sku"]], row.get("price"), _images(row), row.get("name", ""))
        for row in own
        if row is not first and row.get("sku") in options
    ]
    known = {variant.id for variant in variants}
    variants += [Variant(sku, sku, pairs, has_row=False) for sku, pairs in options.items() if sku and sku not in known]
    paths = [path.split("/") for path in first.get("categories", "").split(",")]
    path = max(paths, key=len)
    attributes = _pairs(first.get("additional_attributes", ""))
    others = {row["store_view_code"]: row for row in views if row is not first and row.get("sku") == first.get("sku")}
    shared = {
        **{name: value for name, value in first.items() if name not in (*_READ, *_IMAGES)},
        "id": first.get("sku", ""),
        "sku": first.get("sku", ""),
        "title": first.get("name", ""),
        "description": "\n".join(first[n] for n in ("short_description", "description") if n in first),
        "category": CATEGORY_SEPARATOR.join(path[1:] if path[0] == "Default Category" else path),
        "brand": first.get("brand") or attributes.get("brand") or attributes.get("manufacturer", ""),
        "attributes": {name: value for name, value in attributes.items() if name not in ("brand", "manufacturer")},
        "price": first.get("price"),
        "image": list(_images(first)),
        "store_views": {code: {n: row[n] for n in _TEXTS if n in row} for code, row in others.items()},
    }
    said = {name: value for name, value in shared.items() if value not in ("", None, {}, []) or name in ("id", "title")}
    return Family(said, variants, {code: _view(row) for code, row in others.items()})


def _view(row: Mapping[str, str]) -> dict[str, str]:
    """What a store view says instead, in the names of a product."""
    description = "\n".join(row[name] for name in ("short_description", "description") if name in row)
    said = {"title": row.get("name", ""), "description": description}
    return {name: text for name, text in said.items() if text}


def _images(row: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(image for name in _IMAGES for image in row.get(name, "").split(",") if image))


def _pairs(text: str) -> dict[str, str]:
    """``a=1,b=x, y`` as a mapping; a comma parts pairs where a name and a "=" come after it."""
    pairs = (piece.strip('"').partition("=") for piece in _NEXT.split(text) if "=" in piece)
    return {name.strip(): value.strip('"').replace("|", ", ") for name, _, value in pairs if value}


_MARK = "sku attribute_set_code product_type"
FORMATS = (
    OwnerFormat(
        "magento",
        marks=(_MARK,),
        order=80,
        own_name=own_names(_COLUMNS),
        own_marks=(_MARK,),
        family=family,
        key=key,
        view="store_view_code",
    ),
)
