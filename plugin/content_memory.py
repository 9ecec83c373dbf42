"""A memory of what was made of documents, by what they say and not by their ids: a changed document is another one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import orjson

from endcap.index.fields import FieldMap
from endcap.index.product import Product

V = TypeVar("V")


class ContentMemory(Generic[V]):
    """The values that ``make`` gives for products, by the content of the fields that are read, ``size`` of them.

    Two generations: when the young one is full, it becomes the old one. Safe between threads: they may make the same
    value twice, and lose no more than an entry.
    """

    def __init__(self, fields: FieldMap, make: Callable[[Product], V], size: int) -> None:
        self._fields, self._make, self._young_size = fields, make, size // 2
        # A path may be a name with dots, or lead into an object: any part of it from the left may be a name.
        paths = [path.split(".") for path in fields.source_fields()]
        self._names = sorted({".".join(path[:n]) for path in paths for n in range(1, len(path) + 1)})
        self._young: dict[bytes, V] = {}
        self._old: dict[bytes, V] = {}

    def value(self, source: Mapping[str, Any]) -> V:
        """The value of a hit's ``_source``."""
        try:
            content = orjson.dumps([source.get(name) for name in self._names])
        except TypeError:  # a number of more than 64 bits
            return self._make(self._fields.product(source, id=""))
        digest = blake2b(content, digest_size=16).digest()
        young = self._young
        try:
            return young[digest]
        except KeyError:
            old = self._old
        value = old[digest] if digest in old else self._make(self._fields.product(source, id=""))
        if len(young) >= self._young_size:
            self._old, self._young = young, {}
        self._young[digest] = value
        return value
