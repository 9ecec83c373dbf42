"""Names of columns and fields, without regard to capitals and to blanks around them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import Product


def has_name(names: Collection[str], path: str) -> bool:
    """Whether there is a field at this path, or one that it can lie below."""
    known = {_plain(name) for name in names}
    return path in names or _plain(path) in known or _plain(path.partition(".")[0]) in known


def any_case(fields: FieldMap) -> Callable[[Mapping[str, Any]], Product]:
    """Reads products by a map whose names may be written otherwise in the file: ``Title`` is ``title``.

    A name that the file has as it is written goes first.
    """
    wanted = {
        _plain(first): first for path in reversed(fields.source_fields()) for first in (path, path.partition(".")[0])
    }

    @lru_cache(maxsize=256)
    def renamed(names: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in names:
            usual = wanted.get(_plain(name), name)
            if usual != name and usual not in names and usual not in found.values():
                found[name] = usual
        return found

    def product(record: Mapping[str, Any]) -> Product:
        names = renamed(tuple(record))
        return fields.product({names.get(name, name): value for name, value in record.items()} if names else record)

    return product


def _plain(name: str) -> str:
    return name.strip().casefold()
