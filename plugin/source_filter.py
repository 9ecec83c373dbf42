"""OpenSearch's ``_source`` option: what a request asks for, and cutting a document down to it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any


@dataclass(frozen=True, slots=True)
class SourceFilter:
    """``wanted`` False: no ``_source`` at all. Empty ``includes``: everything but the ``excludes``."""

    wanted: bool = True
    includes: tuple[str, ...] = ()
    excludes: tuple[str, ...] = ()

    @classmethod
    def read(cls, option: Any) -> SourceFilter:
        """The filter that a ``_source`` option means; one that OpenSearch would refuse is read as "everything"."""
        if option is False:
            return cls(wanted=False)
        if isinstance(option, Mapping):
            return cls(
                True,
                _patterns(option.get("includes", option.get("include"))),
                _patterns(option.get("excludes", option.get("exclude"))),
            )
        return cls(True, () if option is True else _patterns(option))

    def widened(self, paths: Sequence[str]) -> Any:
        """A ``_source`` option that brings what is asked for and these paths as well.

        What the caller leaves out (a vector, a page of HTML) is not brought, unless a path may lie in it.
        """
        if not self.wanted:
            return list(paths) if paths else False
        includes = sorted({*self.includes, *paths}) if self.includes else []
        excludes = [one for one in self.excludes if "*" not in one and not any(_meet(one, path) for path in paths)]
        return {"includes": includes, "excludes": excludes} if includes or excludes else True

    def cut(self, source: Mapping[str, Any]) -> dict[str, Any]:
        """What is asked for of a document; meaningless where no ``_source`` is wanted."""
        if not self.includes and not self.excludes:
            return dict(source)
        return _cut(source, self.includes, self.excludes, "")


EVERYTHING = SourceFilter()


def _meet(one: str, other: str) -> bool:
    return f"{one}.".startswith(f"{other}.") or f"{other}.".startswith(f"{one}.")


def _patterns(option: Any) -> tuple[str, ...]:
    listed = [option] if isinstance(option, str) else option
    return tuple(str(item) for item in listed) if isinstance(listed, (list, tuple)) else ()


def _cut(source: Mapping[str, Any], includes: tuple[str, ...], excludes: tuple[str, ...], above: str) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for name, value in source.items():
        path = above + name
        if _covers(excludes, path):
            continue
        inside = not includes or _covers(includes, path)
        below = () if inside else includes
        if isinstance(value, Mapping):
            inner = _cut(value, below, excludes, path + ".")
            if inner or inside:
                kept[name] = inner
        elif isinstance(value, list):
            items = _cut_list(value, below, excludes, path, inside)
            if items or inside:
                kept[name] = items
        elif inside:
            kept[name] = value
    return kept


def _cut_list(
    values: list[Any], includes: tuple[str, ...], excludes: tuple[str, ...], path: str, inside: bool
) -> list[Any]:
    items: list[Any] = []
    for value in values:
        if isinstance(value, Mapping):
            inner = _cut(value, includes, excludes, path + ".")
            if inner:
                items.append(inner)
        elif isinstance(value, list):
            nested = _cut_list(value, includes, excludes, path, inside)
            if nested or inside:
                items.append(nested)
        elif inside:
            items.append(value)
    return items


def _covers(patterns: tuple[str, ...], path: str) -> bool:
    return bool(patterns) and _pattern(patterns).fullmatch(path) is not None


@lru_cache(maxsize=256)
def _pattern(patterns: tuple[str, ...]) -> re.Pattern[str]:
    # A pattern stands for the path and for all below it; "*" for any characters, dots as well.
    return re.compile("|".join(f"{'.*'.join(map(re.escape, pattern.split('*')))}(?:\\..*)?" for pattern in patterns))
