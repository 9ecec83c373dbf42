"""A product's own numbers: which fields of a document hold them."""

from __future__ import annotations

from endcap.index.field_map import NAMED_ATTRIBUTE, FieldMap
from endcap.index.number_spellings import OWN_NUMBERS


def with_own_numbers(fields: FieldMap) -> FieldMap:
    """The same map, which also reads such fields as attributes, where it does not read them already: those of a
    document, and those that endcap keeps in ``extra``."""
    named = {name for name, _ in fields.paths}
    used = set(fields.source_fields())
    more = [
        (f"{NAMED_ATTRIBUTE}{name}", (name, f"extra.{name}"))
        for name in OWN_NUMBERS
        if name not in used and f"{NAMED_ATTRIBUTE}{name}" not in named
    ]
    return FieldMap((*fields.paths, *more))
