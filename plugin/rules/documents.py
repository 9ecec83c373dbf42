"""What rules read of a window's hits: values of fields, and which hits a filter means."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from endcap.index.field_map import NAMED_ATTRIBUTE, FieldMap, look_up
from endcap.index.prices import price
from endcap.index.product import CATEGORY_SEPARATOR, attribute_words, number, words
from endcap.language.text import normalised
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.rules.rule import Condition, Filter

_TRUE, _FALSE = ("true", "yes"), ("false", "no")


def paths_of(field: str, fields: FieldMap) -> list[str]:
    """The source paths of a field of products, the first choice first: by the map, by its own name, or in ``extra``."""
    mapped = fields.paths_of(field)
    if mapped or field == "id":
        return list(mapped)
    if field.startswith(NAMED_ATTRIBUTE):
        return [f"{path}.{field.removeprefix(NAMED_ATTRIBUTE)}" for path in fields.paths_of("attributes")] or [field]
    return [field, f"extra.{field}"]


def source_paths(names: Collection[str], fields: FieldMap) -> list[str]:
    """All that has to be in ``_source`` for these fields, sorted."""
    paths = {path for name in names for path in paths_of(name, fields)}
    if any(name.startswith(NAMED_ATTRIBUTE) for name in names):
        paths.update(fields.paths_of("attributes"))
    return sorted(paths)


class Documents:
    """The hits of a window, in its order. What a document lacks has no values: no filter means it, but by ``not``."""

    def __init__(self, hits: Sequence[Mapping[str, Any]], fields: FieldMap) -> None:
        self.hits, self._map = hits, fields
        self._values: dict[str, list[list[Any]]] = {}

    def __len__(self) -> int:
        return len(self.hits)

    def values(self, field: str) -> list[list[Any]]:
        """The values of a field, by hit."""
        if field not in self._values:
            self._values[field] = [list(self._of(hit, field)) for hit in self.hits]
        return self._values[field]

    def numbers(self, field: str) -> FloatArray:
        """The first number of a field, float64 (n,), NaN where there is none."""
        found = ([as_number(value, field) for value in values] for values in self.values(field))
        return np.array([next((x for x in row if x is not None), np.nan) for row in found], dtype=np.float64)

    def meant(self, filter: Filter) -> list[bool]:
        """Which hits a filter means."""
        met = [[_meets(v, each) for v in self.values(each.field)] for each in filter.conditions]
        return [all(row) for row in zip(*met, strict=True)]

    def _of(self, hit: Mapping[str, Any], field: str) -> Iterator[Any]:
        if field == "id":
            yield str(hit.get("_id", ""))
            return
        source = hit.get("_source") or {}
        for path in paths_of(field, self._map):
            values = list(_flat(look_up(source, path)))
            if values:
                yield from values
                return
        if field.startswith(NAMED_ATTRIBUTE):  # a list of names and values, or a text
            for path in self._map.paths_of("attributes"):
                value = attribute_words(look_up(source, path)).get(field.removeprefix(NAMED_ATTRIBUTE))
                yield from () if value is None else (value,)


def as_number(value: Any, field: str = "") -> float | None:
    """A value as a number; a price as shops write it."""
    if isinstance(value, bool):
        return float(value)
    return price(value) if field == "price" else number(value)


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    elif value is not None and value != "":
        yield value


def _meets(values: Sequence[Any], condition: Condition) -> bool:
    met = any(_is_one(value, condition) or _is_within(value, condition) for value in values)
    return met == condition.wanted


def _is_within(value: Any, condition: Condition) -> bool:
    if condition.contains:
        return normalised(condition.contains) in normalised(words(value))
    if condition.low is None and condition.high is None:
        return False
    x = as_number(value, condition.field)
    return (
        x is not None
        and (condition.low is None or x >= condition.low)
        and not (condition.high is not None and x > condition.high)
    )


def _is_one(value: Any, condition: Condition) -> bool:
    return any(_equal(value, wanted, condition.field) for wanted in condition.values)


def _equal(value: Any, wanted: str | float | bool, field: str) -> bool:
    if isinstance(wanted, bool):
        text = words(value).casefold()
        return text in (_TRUE if wanted else _FALSE)
    if isinstance(wanted, (int, float)):
        return as_number(value, field) == float(wanted)
    text, sought = normalised(words(value)).strip(), normalised(wanted).strip()
    if text == sought:
        return True
    # A category is a path: each of its levels is one, and so is the way down to it.
    levels = [level.strip() for level in text.split(CATEGORY_SEPARATOR)] if field == "category" else []
    return sought in levels or text.startswith(f"{sought}{CATEGORY_SEPARATOR}") if levels else False
