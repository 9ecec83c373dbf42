"""How a catalogue is to be read, as a person says it once for every command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.rejects import Rejects
from endcap.index.readers.variants import WAYS


@dataclass(frozen=True, slots=True)
class Reading:
    """What ``read_products`` takes; what is empty is found out. ``str`` of two is equal if they read the same."""

    format: str = ""
    fields: FieldMap = FieldMap()  # noqa: RUF009 (frozen)
    encoding: str = ""
    variants: str = "merge"
    language: str = ""

    def __post_init__(self) -> None:
        if self.variants not in WAYS:
            raise InputError(f"variants is {self.variants!r}. Use 'merge' or 'each'.")

    @classmethod
    def of(cls, said: Any) -> Reading:
        """That of a record with fields of these names, whose map is a text."""
        variants = said.variants or "merge"
        return cls(said.format, FieldMap.parse(said.fields), said.encoding, variants, said.language)

    def products(
        self, path: str | Path, on_error: Literal["fail", "skip"] = "fail", rejects: Rejects | None = None
    ) -> Iterator[Product]:
        """The products of a catalogue; see ``read_products``."""
        way: Literal["merge", "each"] = "each" if self.variants == "each" else "merge"
        return read_products(
            path, self.format or None, self.fields, on_error, rejects, self.encoding, way, self.language
        )
