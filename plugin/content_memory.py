"""A memory of what was made of documents, by what they say and not by their ids: a changed document is another one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import orjson

from endcap.index.field_map import FieldMap
from endcap.index.product import Product

V = TypeVar("V")


class ContentMemory(Generic[V]):
    """The values that ``make`` gives for products, by the content of the fields ``names`` of them, ``size`` values.

    ``fields`` says how documents name what is read. Two generations: when the young one is full, it becomes the old
    one. Safe between threads: they may make the same value twice, and lose no more than an entry.
    """

    def __init__(self, fields: FieldMap, names: Collection[str], make: Callable[[Product], V], size: int) -> None:
        # "id" without a path is not read, and so not in the hash: it comes with each hit.
        restricted = (pair for pair in fields.restrict(names).paths if pair[0] != "id")
        self._fields = FieldMap((("id", ()), *restricted))
        self.paths = self._fields.source_fields()
        """The source paths that are read."""
        self._make, self._young_size = make, size // 2
        # A path may be a name with dots, or lead into an object: any part of it from the left may be a name.
        paths = [path.split(".") for path in self.paths]
        self._names = sorted({".".join(path[:n]) for path in paths for n in range(1, len(path) + 1)})
        self._young: dict[bytes, V] = {}
        self._old: dict[bytes, V] = {}

    @property
    def fields(self) -> FieldMap:
        """How documents name what is read."""
        return self._fields

    def product(self, source: Mapping[str, Any], identifier: str = "") -> Product:
        """The product that a hit's ``_source`` describes."""
        return self._fields.product(source, id=identifier)

    def value(self, source: Mapping[str, Any]) -> V:
        """The value of a hit's ``_source``."""
        try:
            content = orjson.dumps([source.get(name) for name in self._names])
        except TypeError:  # a number of more than 64 bits
            return self._make(self.product(source))
        digest = blake2b(content, digest_size=16).digest()
        young = self._young
        try:
            return young[digest]
        except KeyError:
            old = self._old
        value = old[digest] if digest in old else self._make(self.product(source))
        if len(young) >= self._young_size:
            self._old, self._young = young, {}
        self._young[digest] = value
        return value
