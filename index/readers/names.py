"""Names of columns and fields, without regard to capitals and blanks around them, and in the language asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from endcap.index.field_map import FieldMap, look_up
from endcap.index.product import Product
from endcap.index.readers.localised import TEXTS, in_language, is_in, language_of
from endcap.index.written_values import written_value

_WRITTEN = ("category", "description", "image")
"""What a program may have written as a list into the cell of a table; attributes are read so everywhere."""


def has_name(names: Collection[str], path: str, language: str = "") -> bool:
    """Whether there is a field at this path, or one that it can lie below."""
    known = {_plain(name) for name in names}
    if not known.isdisjoint((_plain(path), _plain(path.partition(".")[0]))):
        return True
    return bool(language) and any(is_in(language_of(name, path), language) for name in names)


def column_languages(names: Collection[str], paths: Collection[str]) -> list[str]:
    """The languages that columns such as ``title_de`` are in."""
    codes = (language_of(name, path) for name in names for path in paths)
    return list(dict.fromkeys(filter(None, codes)))


def any_case(fields: FieldMap, language: str = "") -> Callable[[Mapping[str, Any]], Product]:
    """Reads products by a map whose names may be written otherwise in the file: ``Title`` is ``title``.

    A name that the file has as it is written goes first. Of texts in several languages one is read: ``InputError`` is
    raised where ``language`` does not say which.
    """
    paths = fields.source_fields()
    wanted = {_plain(part): part for path in reversed(paths) for part in (path, path.partition(".")[0])}
    texts = [(name, path) for name in (*TEXTS, "image") for path in fields.paths_of(name)]

    def usual_name(name: str, names: tuple[str, ...]) -> str:
        """What the map calls a column; of columns in the language that is asked for, the one of just this code."""
        if language:
            in_it = (path for _, path in texts if is_in(language_of(name, path), language))
            if path := next(in_it, ""):
                exact = any(_plain(language_of(other, path)) == _plain(language) for other in names)
                return name if exact and _plain(language_of(name, path)) != _plain(language) else path
        return wanted.get(_plain(name), name)

    @lru_cache(maxsize=256)
    def renamed(names: tuple[str, ...]) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in names:
            usual = usual_name(name, names)
            if usual != name and usual not in names and usual not in found.values():
                found[name] = usual
        return found

    def product(record: Mapping[str, Any]) -> Product:
        names = renamed(tuple(record))
        values = {names.get(name, name): value for name, value in record.items()} if names else record
        for name, path in texts:
            value = look_up(values, path)
            if name in _WRITTEN and isinstance(value, str) and (written := written_value(value)) is not value:
                values, value = {**values, path: written}, written
            if (
                name != "image"
                and isinstance(value, (dict, list))
                and (said := in_language(value, language, name)) != value
            ):
                values = {**values, path: said}
        return fields.product(values)

    return product


def _plain(name: str) -> str:
    return name.strip().casefold()
