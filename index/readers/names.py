"""Names of columns and fields, without regard to capitals and blanks around them, and in the language asked for."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import lru_cache
from typing import Any

from endcap.index.field_map import FieldMap, look_up
from endcap.index.product import Product
from endcap.index.readers.localised import TEXTS, in_language, is_code, name_in


def has_name(names: Collection[str], path: str, language: str = "") -> bool:
    """Whether there is a field at this path, or one that it can lie below."""
    known = {_plain(name) for name in names}
    own = (_plain(path), _plain(path.partition(".")[0]), *(name_in(path, language) if language else ()))
    return not known.isdisjoint(own)


def column_languages(names: Collection[str], paths: Collection[str]) -> list[str]:
    """The languages that columns such as ``title_de`` are in."""
    ends = [_plain(name)[len(path) + 1 :].rstrip(")]") for name in names for path in map(_plain, paths)
            if _plain(name).startswith(path) and _plain(name)[len(path) : len(path) + 1] in tuple("_-.:[")]  # fmt: skip
    return [end for end in ends if is_code(end)]


def any_case(fields: FieldMap, language: str = "") -> Callable[[Mapping[str, Any]], Product]:
    """Reads products by a map whose names may be written otherwise in the file: ``Title`` is ``title``.

    A name that the file has as it is written goes first. Of texts in several languages one is read: ``InputError`` is
    raised where ``language`` does not say which.
    """
    paths = fields.source_fields()
    wanted = {_plain(part): part for path in reversed(paths) for part in (path, path.partition(".")[0])}
    texts = [(name, path) for name in TEXTS for path in fields.paths_of(name)]
    if language:
        wanted = {name: path for _, path in texts for name in name_in(path, language)} | wanted

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
        values = {names.get(name, name): value for name, value in record.items()} if names else record
        for name, path in texts:
            value = look_up(values, path)
            if isinstance(value, (dict, list)) and (said := in_language(value, language, name)) != value:
                values = {**values, path: said}
        return fields.product(values)

    return product


def _plain(name: str) -> str:
    return name.strip().casefold()
