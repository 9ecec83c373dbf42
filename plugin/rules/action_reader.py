"""Reads the actions of a rule: a function for each, under the names that a file may use."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from endcap.errors import InputError
from endcap.plugin.blend.limits import is_finite
from endcap.plugin.rules.rule import (
    STRENGTHS,
    VARIETY,
    WHOLLY,
    Action,
    AtMost,
    Boost,
    Condition,
    Diverse,
    Filter,
    Hide,
    Pin,
    Variant,
)
from endcap.plugin.rules.table import Table, shortened

MAX_PLACE = 10_000
MAX_STRENGTH = 100.0
LIMITS = ("min", "max", "contains", "not")


def read_action(name: str, place: str, value: Any) -> list[Action]:
    """The actions under one key of a rule: one, or for a list of tables one each. Raises ``InputError``."""
    read = ACTIONS[name]
    if isinstance(value, list) and name not in ("pin", "in_stock_first", "diverse", "variant"):
        return [read(f"{place}[{n}]", item) for n, item in enumerate(value)]
    return [read(place, value)]


def _pin(place: str, value: Any) -> Action:
    listed = value if isinstance(value, list) else [value]
    places = dict[str, int]()
    for n, item in enumerate(listed, 1):
        if isinstance(item, str) and item.strip():
            id, at = item, n
        elif isinstance(item, Mapping):
            table = Table(f"{place}[{n - 1}]", item)
            table.check_names(("id", "place"))
            id, at = table.text("id"), table.whole("place", 1, MAX_PLACE) if "place" in item else n
        else:
            raise InputError(f"{place} has {shortened(item)}; give ids, or tables as {{ id = 'k17', place = 3 }}.")
        if id in places or at in places.values():
            what = f"the product {id!r}" if id in places else f"place {at}"
            raise InputError(f"{place} has {what} twice. Give each product one place, and each place one product.")
        places[id] = at
    if not places:
        raise InputError(f"{place} is empty; give ids of products, or leave it out.")
    return Pin(tuple(places.items()))


def _boost(place: str, value: Any) -> Action:
    filter, strength = _filter_and_strength(place, value)
    return Boost(filter, strength)


def _bury(place: str, value: Any) -> Action:
    filter, strength = _filter_and_strength(place, value)
    return Boost(filter, -strength)


def _filter_and_strength(place: str, value: Any) -> tuple[Filter, float]:
    table = Table.read(place, value)
    table.check_names(("where", "ids", "strength"))
    strength = table.values.get("strength", "some")
    if is_finite(strength) and 0 < strength <= MAX_STRENGTH:
        return _filter(table), float(strength)
    if strength not in (words := (*STRENGTHS, WHOLLY)):
        table.wrong("strength", f"it should be one of {', '.join(words)}, or a number up to {MAX_STRENGTH:g}")
    return _filter(table), math.inf if strength == WHOLLY else STRENGTHS[strength]


def _hide(place: str, value: Any) -> Action:
    table = Table.read(place, value)
    table.check_names(("where", "ids"))
    return Hide(_filter(table))


def _filter_action(place: str, value: Any) -> Action:
    table = Table.read(place, value)
    table.check_names(("where", "ids"))
    return Hide(_filter(table), others=True)


def _in_stock_first(place: str, value: Any) -> Action:
    if isinstance(value, str) and value.strip():
        value = {"field": value}
    if not isinstance(value, Mapping):
        raise InputError(f"{place} is {shortened(value)}; give the field that has the stock, as in 'stock'.")
    table = Table.read(place, value)
    table.check_names(("field", "value"))
    field = table.text("field")
    if "value" in table.values:
        return Boost(Filter((_condition(table.place, "value", field, table.values["value"]),)), math.inf)
    return Boost(Filter((Condition(field, values=IN_STOCK, low=math.ulp(0.0)),)), math.inf)


IN_STOCK = (True, "in stock", "instock", "available", "in_stock", "InStock", "https://schema.org/InStock")
"""What a stock field says of what there is, besides a number above 0."""


def _at_most(place: str, value: Any) -> Action:
    table = Table.read(place, value)
    table.check_names(("count", "field"))
    return AtMost(table.whole("count", 1, MAX_PLACE), table.text("field"))


def _diverse(place: str, value: Any) -> Action:
    table = Table.read(place, {"strength": value} if isinstance(value, str) else value)
    table.check_names(("strength",))
    return Diverse(VARIETY[table.choice("strength", tuple(VARIETY), "some")])


def _variant(place: str, value: Any) -> Action:
    if value == "relevance":
        return Variant()
    if isinstance(value, str):
        raise InputError(f"{place} is {value!r}; it should be 'relevance', or a table with where, lowest or highest.")
    table = Table.read(place, value)
    table.check_names(("where", "ids", "lowest", "highest"))
    if "lowest" in table.values and "highest" in table.values:
        raise InputError(f"{place} has both lowest and highest. Give one of them.")
    filter = _filter(table) if {"where", "ids"} & set(table.values) else None
    name = "highest" if "highest" in table.values else "lowest"
    return Variant(filter, table.text(name) if name in table.values else "", name == "highest")


ACTIONS: Mapping[str, Callable[[str, Any], Action]] = {
    "pin": _pin,
    "boost": _boost,
    "up": _boost,
    "bury": _bury,
    "down": _bury,
    "hide": _hide,
    "filter": _filter_action,
    "in_stock_first": _in_stock_first,
    "at_most": _at_most,
    "diverse": _diverse,
    "variant": _variant,
}
"""By the names that a file may use; "up", "down" and "filter" are Querqy's."""


def _filter(table: Table) -> Filter:
    """The filter of ``where`` or ``ids``."""
    if ("where" in table.values) == ("ids" in table.values):
        raise InputError(
            f"{table.place}: give either where = {{ field = value }} or ids = [...], to say which products."
        )
    if "ids" in table.values:
        return Filter((Condition("id", values=table.texts("ids")),))
    where = Table.read(f"{table.place}.where", table.values["where"])
    if not where.values:
        raise InputError(f"{where.place} is empty; give a field and its value, as in {{ brand = 'Acme' }}.")
    return Filter(tuple(_condition(where.place, name, name, value) for name, value in where.values.items()))


def _condition(place: str, name: str, field: str, value: Any) -> Condition:
    """A field's value, some of which one will do, or a table of limits."""
    if not field.strip():
        raise InputError(f"{place} has an empty field; give its name, as in {{ brand = 'Acme' }}.")
    if not isinstance(value, Mapping):
        return Condition(field, values=_values(f"{place}.{name}", value))
    limits = Table(f"{place}.{name}", value)
    if value and not set(value) & {*LIMITS}:
        inner = next(iter(value))
        raise InputError(
            f"{limits.place} has {inner!r}, and not one of {', '.join(LIMITS)}. For a field in a field write both "
            f'names as one, in quotes: "{name}.{inner}".'
        )
    limits.check_names(LIMITS)
    if "not" in value:
        if len(value) > 1:
            raise InputError(f"{limits.place} has not and something else. Give the not alone.")
        return Condition(field, values=_values(f"{limits.place}.not", value["not"]), wanted=False)
    contains = limits.text("contains") if "contains" in value else ""
    low, high = limits.number("min"), limits.number("max")
    if (low is None and high is None) == (not contains):
        raise InputError(f"{limits.place} is {shortened(value)}; give min, max or both of them, or contains, or not.")
    if low is not None and high is not None and low > high:
        raise InputError(f"{limits.place} has min {low:g} above max {high:g}; no product would be meant.")
    return Condition(field, low=low, high=high, contains=contains)


def _values(place: str, value: Any) -> tuple[str | float | bool, ...]:
    listed: Sequence[Any] = value if isinstance(value, list) else [value]
    if not listed or not all(isinstance(item, (str, bool)) or is_finite(item) for item in listed):
        raise InputError(f"{place} is {shortened(value)}; it should be a text, a number, true or false, or a list.")
    return tuple(listed)
