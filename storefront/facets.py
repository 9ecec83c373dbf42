"""Facets as the engine's own aggregations: what can be chosen, with counts over all that a search matches.

What is chosen is the body's ``post_filter``. Each facet is counted below a filter of all that is chosen in the others,
so that a second brand can be added to the first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from endcap.errors import InputError
from endcap.index.engine import Engine
from endcap.index.field_map import FieldMap

NAMES = ("brand", "category", "price")
MAX_VALUE = 1000
"""Characters of a value that can be chosen."""
SHOWN = 50
"""So many values of a facet are offered, the most frequent first."""
COUNTED = 5000
"""So many values each of several shards counts: what is not among a shard's would be missing in the sum."""
BANDS = 6
"""Into about so many price ranges of equal size a catalogue is cut."""
_NUMBERS = {"byte", "short", "integer", "long", "unsigned_long", "half_float", "float", "double", "scaled_float"}
_PRICE = re.compile(r"(\d{1,12}(?:\.\d{1,6})?)?-(\d{1,12}(?:\.\d{1,6})?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Price:
    """A range of prices, ``low`` included and ``high`` not; None where it has no end."""

    low: float | None
    high: float | None

    @classmethod
    def read(cls, text: str) -> Price:
        """A range as it is written, ``10-25``, ``-10`` or ``250-``; ``InputError`` where it is none."""
        match = _PRICE.fullmatch(text)
        if match is None or text == "-":
            raise InputError(f"price is {text!r:.80}; write LOW-HIGH, as in 10-25, -10 or 250-.")
        low, high = (None if end is None else float(end) for end in match.groups())
        if low is not None and high is not None and low >= high:
            raise InputError(f"price is {text!r:.80}; its first number should be the lower one.")
        return cls(low, high)

    def __str__(self) -> str:
        return "-".join("" if end is None else f"{end:.6f}".rstrip("0").rstrip(".") for end in (self.low, self.high))

    def ends(self, low: str, high: str) -> dict[str, float]:
        """The ends that there are, under these names."""
        return {name: end for name, end in ((low, self.low), (high, self.high)) if end is not None}


def _prices_between(ends: Iterable[float]) -> tuple[Price, ...]:
    return tuple(Price(low, high) for low, high in pairwise([None, *ends, None]))


LADDER = [float(step * 10**power) for power in range(8) for step in (1, 2, 5)]
"""Prices that a range may end at, in any currency."""
STEPS = _prices_between(LADDER)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a search is narrowed to: any of the brands, any of the categories, and a range of prices."""

    brand: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    price: Price | None = None

    def values(self, name: str) -> list[str]:
        """What is chosen of a facet, as it stands in an address."""
        if name == "price":
            return [str(self.price)] if self.price else []
        return list(getattr(self, name))

    def __bool__(self) -> bool:
        return bool(self.brand or self.category or self.price)


@dataclass(frozen=True, slots=True)
class Facets:
    """The fields that a shop's facets are counted in, by facet; a facet whose field can't be counted is not there.

    ``shards`` is how many each count is put together from.
    """

    fields: Mapping[str, str] = field(default_factory=dict)
    prices: tuple[Price, ...] = ()
    shards: int = 1

    def narrowed(self, chosen: Chosen, leave_out: str = "") -> dict[str, Any]:
        """The filter of all that is chosen, but for one facet; ``match_all`` where that is nothing."""
        filters = [
            _within(path, chosen.price) if name == "price" else {"terms": {path: chosen.values(name)}}
            for name, path in self.fields.items()
            if name != leave_out and getattr(chosen, name)
        ]
        return {"bool": {"filter": filters}} if filters else {"match_all": {}}

    def body(self, chosen: Chosen) -> dict[str, Any]:
        """``post_filter`` and ``aggs`` of a body. ``InputError`` where something is chosen that has no field."""
        for name in NAMES:
            if getattr(chosen, name) and name not in self.fields:
                raise InputError(f"this shop can't be narrowed by {name}: its index has no field to count it in.")
        if not self.fields:
            return {}
        aggs = {
            name: {"filter": self.narrowed(chosen, name), "aggs": self._counts(name, path, chosen)}
            for name, path in self.fields.items()
        }
        return {"aggs": aggs} | ({"post_filter": self.narrowed(chosen)} if chosen else {})

    def _counts(self, name: str, path: str, chosen: Chosen) -> dict[str, Any]:
        # What is chosen is counted by its own filter: it may not be among the most frequent, and the ends of a range
        # are rounded by a filter as its field is, by a range aggregation not at all.
        if name == "price":
            own = {"chosen0": {"filter": _within(path, chosen.price)}} if chosen.price else {}
            return {"values": _range_counts(path, self.prices), **own}
        own = {f"chosen{i}": {"filter": {"term": {path: value}}} for i, value in enumerate(chosen.values(name))}
        counted = {"field": path, "size": SHOWN} | ({"shard_size": COUNTED} if self.shards > 1 else {})
        return {"values": {"terms": counted}, **own}

    def read(self, reply: Mapping[str, Any], chosen: Chosen) -> dict[str, list[dict[str, Any]]]:
        """Each facet's values with their counts, those that are chosen also where they have none."""
        counted = reply.get("aggregations", {})
        facets: dict[str, list[dict[str, Any]]] = {}
        for name in self.fields:
            buckets = counted[name]["values"]["buckets"]
            counts = {str(bucket["key"]): int(bucket["doc_count"]) for bucket in buckets if bucket["doc_count"]}
            # no brand at all, and one that no address can hold, can't be chosen
            counts = {value: n for value, n in counts.items() if 0 < len(value) <= MAX_VALUE}
            # what is chosen was counted by its own filter
            values = chosen.values(name)
            for i, value in enumerate(values):
                counts[value] = int(counted[name][f"chosen{i}"]["doc_count"])
            facets[name] = [{"value": v, "count": n, "chosen": v in values} for v, n in counts.items()]
        return facets


def _within(path: str, price: Price | None) -> dict[str, Any]:
    return {"range": {path: price.ends("gte", "lt") if price else {}}}


def find_facets(engine: Engine, index: str, fields: FieldMap) -> Facets:
    """The facets that an index can count: brand and category where they are keywords, price where it is a number."""
    mappings = getattr(engine, "mappings", None)
    if mappings is None:  # the embedded engine, which has them all
        paths = {"brand": "brand.keyword", "category": "category.keyword", "price": "price"}
    else:
        per_index = mappings()
        paths = {name: path for name in NAMES if (path := _countable(per_index, name, fields.paths_of(name)))}
    if not paths:
        return Facets()
    # count the prices between the steps of the ladder, where there is a field of them
    aggs = {"aggs": {"steps": _range_counts(paths["price"], STEPS)}} if "price" in paths else {}
    reply = engine.search(index=index, body={"query": {"match_all": {}}, "size": 0, **aggs})
    prices = _bands(reply["aggregations"]["steps"]["buckets"]) if "price" in paths else ()
    if not prices:
        paths.pop("price", None)
    return Facets(paths, prices, int(reply.get("_shards", {}).get("total", 1)))


def _countable(mappings: Sequence[Mapping[str, Any]], name: str, paths: Iterable[str]) -> str | None:
    """The first of the paths that all mappings can count, or a keyword below it."""
    kinds = _NUMBERS if name == "price" else {"keyword"}
    for path in paths:
        below = {f"{path}.{sub}" for m in mappings for sub in (_field_mapping(m, path) or {}).get("fields", {})}
        for place in (path, *sorted(below, key=lambda place: (not place.endswith(".keyword"), place))):
            types = [_field_mapping(mapping, place) for mapping in mappings]
            if types and all(t and t.get("type") in kinds and t.get("doc_values", True) for t in types):
                return place
    return None


def _field_mapping(mapping: Mapping[str, Any], path: str) -> Mapping[str, Any] | None:
    """What a mapping says of a field, or of a multi-field; None where there is none, or where it is nested."""
    at: Mapping[str, Any] = mapping
    for part in path.split("."):
        below = {**at.get("properties", {}), **at.get("fields", {})}
        if part not in below or below[part].get("type") == "nested":
            return None
        at = below[part]
    return at


def _range_counts(path: str, prices: Iterable[Price]) -> dict[str, Any]:
    ranges = [{"key": str(price), **price.ends("from", "to")} for price in prices]
    return {"range": {"field": path, "ranges": ranges}}


def _bands(buckets: Sequence[Mapping[str, Any]]) -> tuple[Price, ...]:
    """Ranges with round ends that hold about as many products each; none where no product has a price."""
    counts = {bucket["key"]: int(bucket["doc_count"]) for bucket in buckets}
    total = sum(counts.values())
    ends: list[float] = []
    below = 0
    for step in STEPS:
        below += counts[str(step)]
        if step.high is not None and total * (len(ends) + 1) / BANDS <= below < total:
            ends.append(step.high)
    return _prices_between(ends) if total else ()
