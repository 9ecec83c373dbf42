"""From a hit's ``_source`` to the key of its state, without building the text again for a document seen before."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import blake2b
from typing import Any

import orjson

from endcap.index.fields import FieldMap
from endcap.index.product import Product
from endcap.plugin.protocols import Scorer

MAX_KNOWN = 50_000
"""Documents remembered, at some 200 bytes each."""


class SourceKeys:
    """Keys of states by what a document says in the fields that the student reads.

    Reading a product and building its text takes most of a search's own time, the hash of the same parts of a document
    a small part of it. It is the content that is remembered, not the id, so a changed document is another one.
    """

    def __init__(self, student: Scorer, fields: FieldMap) -> None:
        self._student, self._fields = student, fields
        # A path may be a name with dots, or lead into an object: any part of it from the left may be a name.
        paths = [path.split(".") for path in fields.source_fields()]
        self._names = sorted({".".join(path[:n]) for path in paths for n in range(1, len(path) + 1)})
        self._young: dict[bytes, bytes | None] = {}
        self._old: dict[bytes, bytes | None] = {}

    def product(self, source: Mapping[str, Any], identifier: str) -> Product:
        """The product that a hit describes."""
        return self._fields.product(source, id=identifier)

    def key(self, source: Mapping[str, Any]) -> bytes | None:
        """The key of the hit's state; None where it has none of the fields that the student reads."""
        try:
            parts = orjson.dumps([source.get(name) for name in self._names])
        except TypeError:  # a number of more than 64 bits
            return self._made(source)
        digest = blake2b(parts, digest_size=16).digest()
        # Two generations: when the young one is full it becomes the old one. Threads may race here; they lose no more
        # than an entry.
        young, old = self._young, self._old
        if digest in young:
            return young[digest]
        key = old[digest] if digest in old else self._made(source)
        if len(young) >= MAX_KNOWN // 2:
            self._old, self._young = young, {}
        self._young[digest] = key
        return key

    def _made(self, source: Mapping[str, Any]) -> bytes | None:
        product = self.product(source, "")
        if not any(getattr(product, name, None) for name in self._student.info.fields):
            return None
        return self._student.key(self._student.text(product))
