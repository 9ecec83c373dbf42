"""Google Merchant's product data, as XML or between tabs: each variant is an item, ``item_group_id`` joins them."""

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.attribute_shapes import attribute_pairs
from endcap.index.image_addresses import addresses
from endcap.index.prices import asked_price
from endcap.index.product import attribute_words, words
from endcap.index.readers.format_records import OwnerFormat, own_names
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant

_OPTIONS = ("color", "size", "material", "pattern", "size_type", "size_system", "gender", "age_group", "condition")
_READ = (
    *("id", "item_group_id", "title", "description", "brand", "product_type", "google_product_category", "price"),
    *("sale_price", "image_link", "additional_image_link", "product_highlight", "product_detail", "gtin", "mpn"),
)


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """The group, if it has one."""
    return words(_plain(row).get("item_group_id")).strip(), ()


def family(records: Sequence[Record]) -> Family:
    """A product of all items of a group, or of a lone item."""
    rows = [_plain(record.value) for record in records]
    first = rows[0]
    options = [{name: words(row[name]) for name in _OPTIONS if row.get(name)} for row in rows]
    grouped = bool(words(first.get("item_group_id")).strip())
    variants = [
        Variant(words(row.get("id")), words(row.get("id")), own, _price(row), tuple(_images(row)),
                words(row.get("title")), {n: words(row[n]) for n in ("gtin", "mpn") if row.get(n)})
        for row, own in zip(rows, options, strict=True) if grouped
    ]  # fmt: skip
    attributes = attribute_words(first.get("attributes")) | {
        n: v for n, v in options[0].items() if all(own.get(n) == v for own in options)
    }
    details = first.get("product_detail")
    for detail in details if isinstance(details, list) else [details]:
        if isinstance(detail, Mapping) and detail.get("attribute_name"):
            attributes[words(detail["attribute_name"])] = words(detail.get("attribute_value"))
        elif detail:
            attributes |= {name: words(value) for name, value in attribute_pairs(detail)}
    highlights = first.get("product_highlight") or []
    description = [words(first.get("description")), *(highlights if isinstance(highlights, list) else [highlights])]
    shared = {
        **{name: value for name, value in first.items() if name not in (*_READ, *_OPTIONS)},
        **({} if grouped else {name: words(first[name]) for name in ("gtin", "mpn") if first.get(name)}),
        "id": words(first.get("item_group_id") or first.get("id")),
        "title": words(first.get("title")),
        "description": [text for text in description if text],
        "brand": words(first.get("brand")),
        "category": _one(first.get("product_type"))
        or _one(first.get("google_product_category"))
        or first.get("category", ""),
        "attributes": attributes,
        "price": _price(first),
        "image": _images(first),
    }
    return Family(shared, variants)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """The names as Google writes them in XML: ``image_link``, not ``Image link`` or ``g:image_link``."""
    return {str(n).strip().lower().removeprefix("g:").replace(" ", "_"): value for n, value in row.items()}


def _price(row: Mapping[str, Any]) -> Any:
    return asked_price(row.get("sale_price"), row.get("price"))


def _images(row: Mapping[str, Any]) -> list[str]:
    several = row.get("additional_image_link") or []
    if isinstance(several, str):
        several = several.replace(",http", " http")
    return [*addresses(row.get("image_link")), *addresses(several)]


def _one(value: Any) -> str:
    return words(value[0] if isinstance(value, list) and value else value)


FORMATS = (
    OwnerFormat(
        "merchant",
        marks=("id title image_link", "g:id g:title g:image_link"),
        order=90,
        own_name=own_names(
            ("id", "title", "image_link"), {f"g:{name}": name for name in ("id", "title", "image_link")}
        ),
        own_marks=("id title image_link",),
        family=family,
        key=key,
    ),
)
