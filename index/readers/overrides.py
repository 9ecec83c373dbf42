"""What a map of one's own changes in products whose owner's layout is known: only the fields that it names."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import Product, words
from endcap.index.readers.names import any_case
from endcap.index.readers.record import Record

Change = Callable[[Product, Sequence[Record]], Product]
"""Takes a product and the records that it was made of."""
_EMPTY = Product("", "")


def change_of(fields: FieldMap, language: str, own_name: Callable[[str], str] | None) -> Change:
    """Puts what the map reads in the place of what the owner's layout gives; of several records the first that says
    something is read."""
    if not fields.paths:
        return lambda product, records: product
    own = own_name or str
    pairs = tuple(
        (name, tuple(p for path in paths for p in dict.fromkeys((path, own(path))))) for name, paths in fields.paths
    )
    named = dict.fromkeys(name.partition(".")[0] for name, _ in pairs)
    read = any_case(FieldMap(pairs).restrict(list(named)), language)

    def changed(product: Product, records: Sequence[Record]) -> Product:
        # The row that has the product's id is its own; that of its parent or its variants comes after it.
        in_order = sorted(records, key=lambda record: product.id not in map(words, record.value.values()))
        said = [read(record.value) for record in in_order]
        changes: dict[str, Any] = {}
        for name, _ in sorted(pairs, key=lambda pair: "." in pair[0]):
            field, _, attribute = name.partition(".")
            if field == "extra":
                changes["extra"] = {}
            elif attribute:
                before = changes.get("attributes", product.attributes)
                value = next((each.attributes[attribute] for each in said if attribute in each.attributes), "")
                changes["attributes"] = {**before, **({attribute: value} if value else {})}
            else:
                values = (getattr(each, field) for each in said)
                changes[field] = next(
                    (value for value in values if value not in ("", None, {})), getattr(_EMPTY, field)
                )
        return replace(product, **changes)

    return changed
