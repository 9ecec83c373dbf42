"""What a map of one's own changes in products whose owner's layout is known: only the fields that it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import Product, words
from endcap.index.readers.names import any_case
from endcap.index.readers.record import Record
from endcap.index.readers.variants import is_of_language

Change = Callable[[Product, Sequence[Record]], Product]
"""Takes a product and the records that it was made of."""
_EMPTY = Product("", "")
_NO_OPTION = "Default Title"
"""What Shopify writes as the option of a product without any."""


def change_of(fields: FieldMap, language: str, own_name: Callable[[str], str] | None, view: str = "") -> Change:
    """Puts what the map reads in the place of what the owner's layout gives.

    Of several records the first that says something is read: the product's own before those of its variants, that in
    the language before the shop's default (``view`` is the field that names a record's store view). Attributes are
    joined: those of variants are the product's.
    """
    if not fields.paths:
        return lambda product, records: product
    own = own_name or str
    pairs = tuple(
        (name, tuple(p for path in paths for p in dict.fromkeys((path, own(path))))) for name, paths in fields.paths
    )
    named = dict.fromkeys(name.partition(".")[0] for name, _ in pairs)
    read = any_case(FieldMap(pairs).restrict(list(named)), language)

    def rank(record: Record, product: Product) -> tuple[bool, int]:
        code = words(record.value.get(view)).strip() if view else ""
        # The row that has the product's id is its own; that of its parent or its variants comes after it.
        own_row = product.id in map(words, record.value.values())
        return not own_row, 0 if code and is_of_language(code, language) else 1 if not code else 2

    def changed(product: Product, records: Sequence[Record]) -> Product:
        ranked = [(rank(record, product), read(record.value)) for record in records]
        ranked.sort(key=lambda pair: pair[0])
        attributes = _joined(ranked)
        changes: dict[str, Any] = {}
        for name, paths in sorted(pairs, key=lambda pair: "." in pair[0]):
            field, _, attribute = name.partition(".")
            if field == "extra":
                changes["extra"] = {}
            elif attribute:
                before = changes.get("attributes", product.attributes)
                value = attributes.get(attribute, "")
                changes["attributes"] = {**before, **({attribute: value} if value else {})}
            elif field == "attributes":
                changes["attributes"] = _with_text(attributes, product.attributes, paths)
            else:
                values = (getattr(each, field) for _, each in ranked)
                changes[field] = next(
                    (value for value in values if value not in ("", None, {})), getattr(_EMPTY, field)
                )
        return replace(product, **changes)

    return changed


def _joined(ranked: Sequence[tuple[tuple[bool, int], Product]]) -> dict[str, str]:
    """Each attribute with its values in all records of the first rank that has it."""
    found: dict[str, tuple[tuple[bool, int], dict[str, None]]] = {}
    for rank, product in ranked:
        for name, value in product.attributes.items():
            first, values = found.setdefault(name, (rank, {}))
            if first == rank and value != _NO_OPTION:
                values[value] = None
    return {name: ", ".join(values) for name, (_, values) in found.items() if values}


def _with_text(attributes: Mapping[str, str], own: Mapping[str, str], paths: Sequence[str]) -> dict[str, str]:
    """The attributes; a plain text, which has no name, joins the owner's own under its column's name, if it is new."""
    said = {name: value for name, value in attributes.items() if name}
    if text := attributes.get("", ""):
        said = {**own, **said}
        if text not in said.values():
            said[paths[0]] = text
    return said
