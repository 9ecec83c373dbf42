"""Which part of a document a search gives back: OpenSearch's ``_source`` option."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from endcap.errors import EngineError

Cut = Callable[[dict[str, Any]], dict[str, Any]]


def source_cut(option: Any) -> Cut | None:
    """What to do to each document, or None where no ``_source`` is wanted.

    ``option`` is True or False, a pattern, a list of patterns, or ``{"includes": [...], "excludes": [...]}``; a
    pattern is a dotted path with ``*`` for anything, and a path stands for all that is below it.
    """
    if option is False:
        return None
    if option is True or option is None:
        return lambda source: source
    if isinstance(option, Mapping):
        if unknown := set(option) - {"includes", "include", "excludes", "exclude"}:
            raise EngineError(f"_source does not know {sorted(unknown)[0]!r}; it takes includes and excludes.")
        includes = _patterns(option.get("includes", option.get("include", [])))
        excludes = _patterns(option.get("excludes", option.get("exclude", [])))
    else:
        includes, excludes = _patterns(option), []
    return lambda source: _cut(source, includes, excludes, "")


def _patterns(option: Any) -> list[str]:
    listed = [option] if isinstance(option, str) else option
    if not isinstance(listed, Sequence) or not all(isinstance(item, str) for item in listed):
        raise EngineError(f"_source should be true, false, a path or a list of paths, not {option!r}.")
    return list(listed)


def _cut(source: Mapping[str, Any], includes: list[str], excludes: list[str], prefix: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in source.items():
        path = prefix + name
        if _covers(excludes, path):
            continue
        inside = not includes or _covers(includes, path)
        if isinstance(value, Mapping):
            below = _cut(value, [] if inside else includes, excludes, path + ".")
            if below or (inside and not value):
                kept[name] = below
        elif inside:
            kept[name] = value
    return kept


def _covers(patterns: list[str], path: str) -> bool:
    return any(fnmatchcase(path, pattern.replace("[", "[[]").replace("?", "[?]")) for pattern in patterns)
