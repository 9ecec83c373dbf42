"""Tiers that the caller names: hits with a named query above or below the others, or in the order of a field."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endcap.errors import InputError

_TIER = 'a name of the body\'s named queries, such as "pinned" (above) or "-sold_out" (below), or {"field": NAME}'


@dataclass(frozen=True, slots=True)
class Tier:
    """Either a named query or a field of the source; ``descending``: those that have it, or more of it, come first."""

    query: str = ""
    field: str = ""
    descending: bool = True


def read_tiers(value: Any, where: str, names: Collection[str] | None = None) -> tuple[Tier, ...]:
    """Tiers from plain data, the most important first; false is none. ``names`` are the named queries that there are.

    Raises ``InputError``, which says ``where`` the value stands.
    """
    if value is False:
        return ()
    if not isinstance(value, (list, tuple)):
        raise InputError(f"{where} is {value!r}; it should be a list of {_TIER}, or false for no tiers at all.")
    return tuple(_tier(each, where, names) for each in value)


def _tier(value: Any, where: str, names: Collection[str] | None) -> Tier:
    if isinstance(value, Tier):
        return value
    if isinstance(value, str) and value.strip("- "):
        query = value.removeprefix("-")
        if names is not None and query not in names:
            known = ", ".join(map(repr, sorted(names))) or "none"
            raise InputError(f"{where} names the query {query!r}; the body has {known}. Give the clause a _name.")
        return Tier(query=query, descending=not value.startswith("-"))
    if (
        isinstance(value, Mapping)
        and isinstance(value.get("field"), str)
        and value["field"]
        and (value.keys() <= {"field", "order"} and value.get("order", "desc") in ("asc", "desc"))
    ):
        return Tier(field=value["field"], descending=value.get("order", "desc") == "desc")
    raise InputError(f"{where} holds {value!r}; a tier is {_TIER} with an order, asc or desc.")


def read_keep_first(value: Any, where: str) -> int:
    """How many of the engine's first hits stay where they are; ``InputError`` where it is no whole number from 0 up."""
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise InputError(f"{where} is {value!r}; it should be a whole number, 0 or more.")
    return value


def tier_fields(tiers: Sequence[Tier]) -> list[str]:
    """The fields of the source that the tiers read."""
    return [tier.field for tier in tiers if tier.field]


def tier_keys(tiers: Sequence[Tier], hits: Sequence[Mapping[str, Any]]) -> list[tuple[Any, ...]]:
    """One key for each hit; those of higher tiers are smaller."""
    columns = [_column(tier, hits) for tier in tiers]
    return list(zip(*columns, strict=True)) if columns else [()] * len(hits)


def _column(tier: Tier, hits: Sequence[Mapping[str, Any]]) -> list[int]:
    """The place of each hit in one tier, the best 0."""
    if tier.query:
        has = [tier.query in (hit.get("matched_queries") or ()) for hit in hits]
        return [int(value != tier.descending) for value in has]
    values = [_value(hit.get("_source") or {}, tier.field) for hit in hits]
    # Numbers before texts, so that any two values can be compared; what is missing comes last, as in a sort.
    keys = [None if value is None else (isinstance(value, str), value) for value in values]
    ordered = sorted({key for key in keys if key is not None}, reverse=tier.descending)
    places = {key: place for place, key in enumerate(ordered)}
    return [len(ordered) if key is None else places[key] for key in keys]


def _value(source: Any, path: str) -> float | str | None:
    """The value at a dotted path of a source, of several the first; None where there is none that can be compared."""
    if isinstance(source, (list, tuple)):
        return next((value for value in (_value(each, path) for each in source) if value is not None), None)
    if not path:
        if isinstance(source, str):
            return source
        return float(source) if isinstance(source, (int, float)) and source == source else None
    if not isinstance(source, Mapping):
        return None
    parts = path.split(".")
    for length in range(len(parts), 0, -1):
        name = ".".join(parts[:length])
        if name in source and (value := _value(source[name], ".".join(parts[length:]))) is not None:
            return value
    return None
