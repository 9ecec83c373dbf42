"""From a hit's ``_source`` to the key of its state, without building the text again for a document seen before."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from endcap.index.fields import FieldMap
from endcap.index.product import Product
from endcap.plugin.content_memory import ContentMemory
from endcap.plugin.protocols import Scorer

MAX_KEYS = 50_000
"""Keys remembered, at some 200 bytes each."""


class SourceKeys:
    """Keys of states by what a document says in the fields that the student reads.

    Reading a product and building its text takes most of a search's own time, a hash of the document a small part.
    """

    def __init__(self, student: Scorer, fields: FieldMap) -> None:
        self._student, self._fields = student, fields
        self._keys = ContentMemory(fields, self._product_key, MAX_KEYS)

    def product(self, source: Mapping[str, Any], identifier: str) -> Product:
        """The product that a hit describes."""
        return self._fields.product(source, id=identifier)

    def key(self, source: Mapping[str, Any]) -> bytes | None:
        """The key of the hit's state; None where it has none of the fields that the student reads."""
        return self._keys.value(source)

    def _product_key(self, product: Product) -> bytes | None:
        if not any(getattr(product, name, None) for name in self._student.info.fields):
            return None
        return self._student.key(self._student.text(product))
