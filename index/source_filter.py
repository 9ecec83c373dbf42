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
            includes, excludes = (option.get(f"{name}s", option.get(name)) for name in ("include", "exclude"))
            return cls(True, _patterns(includes), _patterns(excludes))
        return cls(True, () if option is True else _patterns(option))

    def widened(self, paths: Sequence[str]) -> Any:
        """A ``_source`` option that brings what is asked for and these paths as well.

        What the caller leaves out (a vector, a page of HTML) is not brought, unless a path may lie in it.
        """
        if not self.wanted:
            return list(paths) if paths else False
        includes = sorted({*self.includes, *paths}) if self.includes else []
        excludes = [one for one in self.excludes if "*" not in one and not any(_meet(one, path) for path in paths)]
        # OpenSearch 3 warns of an empty list, at every search
        return {name: paths for name, paths in (("includes", includes), ("excludes", excludes)) if paths} or True

    def names(self, path: str) -> bool:
        """Whether something at or below this path is asked for by its name, and not as a part of everything."""
        return any(one == path or one.startswith(f"{path}.") for one in self.includes)

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
    """An object cut down as OpenSearch does it: a part that no ``excludes`` can reach stays as it is. In others, and
    in those of which only something below is included, lists lose their empty items."""
    result: dict[str, Any] = {}
    for name, value in source.items():
        path = above + name
        if _covers(excludes, path):
            continue
        inside = not includes or _covers(includes, path)
        if inside and not _reaches(excludes, path):
            result[name] = value
        elif isinstance(value, (Mapping, list)):
            below = () if inside else includes
            part = _part(value, below, excludes, path)
            if part or inside:
                result[name] = part
        elif inside:
            result[name] = value
    return result


def _part(value: Any, includes: tuple[str, ...], excludes: tuple[str, ...], path: str) -> Any:
    """A list or an object, cut down."""
    if not isinstance(value, list):
        return _cut(value, includes, excludes, path + ".")
    items: list[Any] = []
    for item in value:
        if not isinstance(item, (Mapping, list)):
            items += [] if includes else [item]
        elif part := _part(item, includes, excludes, path):
            items.append(part)
    return items


@lru_cache(maxsize=4096)
def _covers(patterns: tuple[str, ...], path: str) -> bool:
    """Whether a pattern stands for this path, or for something that it lies in."""
    return any(re.fullmatch(_expression(pattern), path) for pattern in patterns)


def _expression(pattern: str) -> str:
    return f"{'.*'.join(map(re.escape, pattern.split('*')))}(?:\\..*)?"


@lru_cache(maxsize=4096)
def _reaches(patterns: tuple[str, ...], path: str) -> bool:
    """Whether a pattern may stand for something below this path."""
    return any(_begins(pattern, f"{path}.") for pattern in patterns)


def _begins(pattern: str, text: str) -> bool:
    """Whether the text, continued somehow, may match the pattern."""
    places = {0}
    for character in text:
        following = set()
        for place in places:
            while place < len(pattern) and pattern[place] == "*":
                following.add(place)
                place += 1
            if place < len(pattern) and pattern[place] == character:
                following.add(place + 1)
        places = following
    return bool(places)
