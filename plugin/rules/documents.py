"""What rules read of a window's hits: values of fields, and which hits a filter means."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np

from endcap.index.field_map import NAMED_ATTRIBUTE, FieldMap, look_up
from endcap.index.prices import price
from endcap.index.product import CATEGORY_SEPARATOR, attribute_words, number, words
from endcap.language.text import normalised
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.rules.rule import Condition, Filter

DAY_S = 86_400.0
_DATE = re.compile(r"\s*\d{4}-\d\d-\d\d")
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
        self._meant: dict[Filter, list[bool]] = {}

    def __len__(self) -> int:
        return len(self.hits)

    def values(self, field: str) -> list[list[Any]]:
        """The values of a field, by hit."""
        if field not in self._values:
            self._values[field] = [list(self._of(hit, field)) for hit in self.hits]
        return self._values[field]

    def numbers(self, field: str) -> FloatArray:
        """The first number of a field, float64 (n,), of a date its days since 1970; NaN where there is none."""
        found = ([_as_level(value, field) for value in values] for values in self.values(field))
        return np.array([next((x for x in row if x is not None), np.nan) for row in found], dtype=np.float64)

    def meant(self, filter: Filter) -> list[bool]:
        """Which hits a filter means."""
        if filter not in self._meant:
            tests = [(_Test(each), self.values(each.field)) for each in filter.conditions]
            met = [list(map(test.meets, values)) for test, values in tests]
            self._meant[filter] = [all(row) for row in zip(*met, strict=True)]
        return self._meant[filter]

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


def _as_level(value: Any, field: str) -> float | None:
    found = as_number(value, field)
    if found is not None or not isinstance(value, str) or not _DATE.match(value):
        return found
    try:
        moment = datetime.fromisoformat(value.strip())
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() / DAY_S
    except (ValueError, OverflowError):
        return None


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, (list, tuple)):
        for item in value:
            yield from _flat(item)
    elif value is not None and value != "":
        yield value


class _Test:
    """A condition made ready for many values: what it looks for is read once."""

    def __init__(self, condition: Condition) -> None:
        self._condition, self._is_path = condition, condition.field == "category"
        numbers = (v for v in condition.values if isinstance(v, (int, float)) and not isinstance(v, bool))
        self._numbers = frozenset(map(float, numbers))
        truths = [_TRUE if v else _FALSE for v in condition.values if isinstance(v, bool)]
        self._truths = frozenset(word for words_ in truths for word in words_)
        self._texts = frozenset(normalised(v).strip() for v in condition.values if isinstance(v, str))
        self._contained = normalised(condition.contains)
        self._has_limits = condition.low is not None or condition.high is not None
        self._known: dict[str, bool] = {}

    def meets(self, values: Sequence[Any]) -> bool:
        """Whether a hit's values are as the condition wants them."""
        return any(map(self._holds, values)) == self._condition.wanted

    def _holds(self, value: Any) -> bool:
        if not isinstance(value, str):
            return self._is_met(value)
        met = self._known.get(value)
        if met is None:
            met = self._known[value] = self._is_met(value)
        return met

    def _is_met(self, value: Any) -> bool:
        if self._numbers or self._has_limits:
            x = as_number(value, self._condition.field)
            if x is not None and (x in self._numbers or (self._has_limits and self._is_within(x))):
                return True
        if self._truths and words(value).casefold() in self._truths:
            return True
        if not self._texts and not self._contained:
            return False
        text = normalised(words(value)).strip()
        if self._contained:
            return self._contained in text
        return text in self._texts or (self._is_path and self._is_on_the_way(text))

    def _is_within(self, x: float) -> bool:
        low, high = self._condition.low, self._condition.high
        return (low is None or x >= low) and (high is None or x <= high)

    def _is_on_the_way(self, path: str) -> bool:
        """Whether a category's path has one of the texts as a level, or begins with one."""
        levels = {level.strip() for level in path.split(CATEGORY_SEPARATOR)}
        return bool(levels & self._texts) or any(path.startswith(f"{t}{CATEGORY_SEPARATOR}") for t in self._texts)
