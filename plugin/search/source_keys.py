"""From a hit's ``_source`` to the key of its state, without building the text again for a document seen before."""

from __future__ import annotations

from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.plugin.content_memory import ContentMemory
from endcap.plugin.protocols import Scorer

MAX_KEYS = 50_000
"""Keys remembered, at some 200 bytes each."""


class SourceKeys(ContentMemory[bytes | None]):
    """Keys of states by what a document says in the fields that the student reads; None where it says nothing there.

    Reading a product and building its text takes most of a search's own time, a hash of the document a small part.
    """

    def __init__(self, student: Scorer, fields: FieldMap) -> None:
        names = tuple(student.info.fields)

        def key(product: Product) -> bytes | None:
            has_text = any(getattr(product, name, None) for name in names)
            return student.key(student.text(product)) if has_text else None

        super().__init__(fields, names, key, MAX_KEYS)
