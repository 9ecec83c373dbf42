"""From a hit's ``_source`` to the key of its state, without building the text again for a document seen before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.plugin.content_memory import ContentMemory, Packing
from endcap.plugin.protocols import Scorer
from endcap.plugin.reading_version import reading_version

_CHECK = "is the field map right?"
MAX_KEYS = 50_000
"""Keys remembered, at some 250 bytes each."""


class UntitledKey(bytes):
    """The key of a product of which more is known than its title; to all others it is a key."""


def _packed(key: bytes | None) -> bytes:
    return b"" if key is None else (b"u" if isinstance(key, UntitledKey) else b"k") + key


def _unpacked(record: bytes) -> bytes | None:
    if not record:
        return None
    return UntitledKey(record[1:]) if record[:1] == b"u" else record[1:]


class SourceKeys(ContentMemory[bytes | None]):
    """Keys of states by what a document says in the fields that the student reads; None where it says nothing there.

    Reading a product and building its text takes most of a search's own time, a hash of the document a small part.
    """

    def __init__(self, student: Scorer, fields: FieldMap) -> None:
        names = tuple(student.info.fields)

        def key(product: Product) -> bytes | None:
            if not any(getattr(product, name, None) for name in names):
                return None
            key = student.key(student.text(product))
            return key if product.title or "title" not in names else UntitledKey(key)

        def version() -> str:
            info, kind = student.info, type(student)
            read = f"{info.checksum}\0{getattr(info, 'text', '')}\0{names}"
            return f"key {reading_version()} {kind.__module__}.{kind.__qualname__} {read}"

        super().__init__(fields, names, key, MAX_KEYS, Packing(version, _packed, _unpacked))
        self._paths_by_name = {name: paths for name in names if (paths := _paths_read(fields, name))}

    def missing_text(self, hits: Sequence[Mapping[str, Any]], keys: Sequence[bytes | None]) -> str:
        """What is missing of the text of hits, whose keys are given, as a sentence; "" where they have what is read.

        Single products without a title are what they are. Where more than half of them have none, it is not read.
        """
        kinds = [*map(type, keys)]
        n, nothing, untitled = len(keys), kinds.count(type(None)), kinds.count(UntitledKey)
        if n and not any(hit.get("_source") for hit in hits):
            return "the hits came without their _source: does the index keep it?"
        if untitled and "title" in self._paths_by_name and 2 * (untitled + nothing) > n:
            return f"{untitled + nothing} of {n} products have no title ({self._looked_for('title')}): {_CHECK}"
        if nothing:
            all_paths = self._looked_for(*self._paths_by_name)
            return f"{nothing} of {n} products have nothing that the student reads ({all_paths}): {_CHECK}"
        return ""

    def _looked_for(self, *names: str) -> str:
        places = (f"{name} at {' or '.join(self._paths_by_name[name])}" for name in names)
        return f"looked for: {', '.join(places)}"


def _paths_read(fields: FieldMap, name: str) -> tuple[str, ...]:
    """The source paths of a field of ``Product``, those of single attributes too."""
    named = (path for other, paths in fields.paths if other.startswith(f"{name}.") for path in paths)
    return (*fields.paths_of(name), *named)
