"""A product type: what a kind of product is like, read from its table in a department's file."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from endcap.demo.data_file import check_form, check_forms, read_field
from endcap.demo.rules import Rule, read_rules
from endcap.demo.wording import Line, read_lines, slots
from endcap.errors import InputError

VARIES = ("colour", "storage", "memory", "size", "pack", "layout", "_noun", "_set")
REQUIRED = {"key": str, "category": str, "count": int, "price": str, "brands": list, "titles": str, "text": str}
OPTIONAL = {"values": dict, "dear": str, "fits": str, "varies": list, "icon": str, "stuffing": str}
_RANGE = re.compile(r"(\d+)-(\d+)")


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand and its models; in a model ``#`` stands for a digit and ``@`` for a letter."""

    name: str
    models: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Price:
    """The lowest and the highest price, in whole units, by the value of a fact; for all by ``""``."""

    fact: str
    ranges: Mapping[str, tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Value:
    """A value that an attribute may have: its condition, the fact, and how it may be spelt."""

    condition: Line
    fact: str
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProductType:
    """A ``[[type]]`` table of a department's file, read.

    ``brands`` are written ``"Brand: Model #, Model @##"`` or ``"Brand"``; ``price`` is ``"from-to"`` or
    ``"attribute: value from-to, value from-to"``; ``titles`` and ``text`` are lines of a grammar (``wording``).
    ``values`` lists what each attribute may be: ``"fact"``, ``"fact=spelling~spelling"`` or ``"(condition) fact"``.
    An attribute whose name begins with ``_`` shows in titles and texts alone.

    ``dear`` names the attribute whose values go from cheap to dear. ``fits`` has rules for what this is made to fit.
    ``varies`` lists the attributes that two products of one model may differ in. ``stuffing`` has the catchwords that
    a careless seller adds.
    """

    key: str
    category: str
    count: int
    price: Price
    brands: tuple[Brand, ...]
    titles: tuple[Line, ...]
    text: tuple[Line, ...]
    values: Mapping[str, tuple[Value, ...]]
    dear: str
    fits: tuple[Rule, ...]
    varies: frozenset[str]
    icon: str
    stuffing: str


def read_type(table: Mapping[str, Any], earlier: Container[str] = ()) -> ProductType:
    """A type from its table; ``earlier`` has the keys of the types before it.

    Raises InputError with the field and the value that is wrong.
    """
    check_forms(table, REQUIRED, OPTIONAL)
    for name, entries in table.get("values", {}).items():
        check_form(f"values.{name}", entries, list)
    product_type = ProductType(
        key=table["key"],
        category=table["category"],
        count=table["count"],
        price=_price(table["price"]),
        brands=tuple(_brand(entry) for entry in table["brands"]),
        titles=read_lines(table["titles"]),
        text=read_lines(table["text"]),
        values={name: tuple(map(_value, entries)) for name, entries in table.get("values", {}).items()},
        dear=table.get("dear", ""),
        fits=read_field(table, "fits", read_rules),
        varies=frozenset(table.get("varies", VARIES)),
        icon=table.get("icon", "box"),
        stuffing=table.get("stuffing", ""),
    )
    if product_type.key in earlier:
        raise InputError(f"field 'key' is {product_type.key!r}, as in another type. Choose another one.")
    if unread := [rule.type for rule in product_type.fits if rule.type not in earlier]:
        raise InputError(f"field 'fits' names {unread[0]!r}, which is no type before this one. Put that type first.")
    _check_names(product_type)
    return product_type


def _check_names(product_type: ProductType) -> None:
    """Every attribute and every value that a field names is there."""
    values = product_type.values
    facts = {"brand", "model", *values}
    if product_type.fits:
        facts |= {"for", "for brand", "for model", "other"}
    for field, name in _names(product_type):
        if name and name not in facts:
            raise InputError(f"field {field!r} names {name!r}. 'values' has {', '.join(values) or 'nothing'}.")
    for field, line in _lines(product_type):
        if line.fact in values and (unknown := line.values - {value.fact for value in values[line.fact]}):
            raise InputError(f"field {field!r} has {min(unknown)!r}, which is no value of {line.fact!r}.")
    price = product_type.price
    if unpriced := [value.fact for value in values.get(price.fact, ()) if value.fact not in price.ranges]:
        raise InputError(f"field 'price' has no range for the value {unpriced[0]!r} of {price.fact!r}. Add one.")


def _names(product_type: ProductType) -> Iterator[tuple[str, str]]:
    """Each field that names an attribute, with the name."""
    for field, line in _lines(product_type):
        yield field, line.fact
        # a hidden attribute, _name, goes before one that shows
        yield from ((field, f"_{name}" if f"_{name}" in product_type.values else name) for name in slots(line.template))
    yield from (("dear", product_type.dear), ("price", product_type.price.fact))


def _lines(product_type: ProductType) -> Iterator[tuple[str, Line]]:
    """Each field that has lines of the grammar, with the line."""
    by_field = {"titles": product_type.titles, "text": product_type.text, "stuffing": read_lines(product_type.stuffing)}
    yield from ((field, line) for field, lines in by_field.items() for line in lines)
    yield from ((f"values.{name}", value.condition) for name, values in product_type.values.items() for value in values)


def _price(text: str) -> Price:
    fact, by_value, ranges = text.partition(": ")
    entries = [entry.rpartition(" ") for entry in ranges.split(", ")] if by_value else [("", "", text)]
    matches = {value: _RANGE.fullmatch(edges) for value, _, edges in entries}
    prices = {value: (int(match[1]), int(match[2])) for value, match in matches.items() if match}
    if len(prices) < len(entries):
        raise InputError(f'field \'price\' is {text!r}. Write "10-99", or "attribute: value 10-99, value 20-49".')
    return Price(fact if by_value else "", prices)


def _brand(entry: str) -> Brand:
    name, _, models = entry.partition(":")
    return Brand(name.strip(), tuple(model.strip() for model in models.split(",") if model.strip()))


def _value(entry: str) -> Value:
    (line,) = read_lines(entry) or [Line("")]
    fact, equals, forms = line.template.partition("=")
    spellings = tuple((forms if equals else fact).split("~"))
    return Value(line, fact if equals else spellings[0], spellings)
