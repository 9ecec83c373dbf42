"""What a rules file alone can't show: fields, ids and values that no product has, and searches that nobody makes."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any

import numpy as np

from endcap.index.field_map import FieldMap
from endcap.plugin.rules.documents import Documents
from endcap.plugin.rules.query_match import searched_text, searched_words
from endcap.plugin.rules.rule import Filter, Pin, ShopRules, Variant, fields_of, filter_of
from endcap.plugin.rules.words import filter_words

AT_ONCE = 1000
Hit = Mapping[str, Any]
_Wanted = dict[Any, list[str]]
"""What is looked for, and who reads it."""


def lacking(rules: ShopRules, hits: Iterable[Hit], fields: FieldMap) -> list[str]:
    """What rules and signals name and none of these products has, a sentence each.

    ``hits`` are all products of an index, with the paths that rules read; they are read only as far as is needed.
    """
    ids, named, numbers, filters = _ids(rules), _fields(rules), _numbers(rules), _filters(rules)
    names, left = set[str](), iter(hits)
    folded, near_ids = {_folded(id) for id in ids}, dict[str, str]()
    while (ids or named or numbers or filters) and (chunk := list(islice(left, AT_ONCE))):
        documents = Documents(chunk, fields)
        names |= {name for hit in chunk[:20] for name in _names(hit.get("_source") or {})}
        found = [str(hit.get("_id")) for hit in chunk]
        near_ids |= {_folded(id): id for id in found if _folded(id) in folded}
        _drop(ids, found)
        _drop(named, [field for field in named if any(documents.values(field))])
        _drop(numbers, [field for field in numbers if not np.isnan(documents.numbers(field)).all()])
        _drop(filters, [filter for filter in filters if any(documents.meant(filter))])
    said = []
    for id, by in ids.items():
        said += [f"{each}: no product has the id {id!r}.{_hint(near_ids.get(_folded(id)))}" for each in by]
    for field, by in named.items():
        # A field of the mapping, such as brand.keyword, is read as the one of the document.
        whole = [name for name in sorted(names) if field.startswith(f"{name}.")]
        near = whole or difflib.get_close_matches(field, sorted(names), 1, 0.6)
        said += [f"{each}: no product has the field {field!r}.{_hint(near[0] if near else None)}" for each in by]
    said += [f"{each}: no product has a number in {f!r}." for f, by in numbers.items() if f not in named for each in by]
    return said + [
        f"{each}: there are no {filter_words(filter)}."
        for filter, by in filters.items()
        if not filter.fields() & {"id", *named}
        for each in by
    ]


def _hint(near: str | None) -> str:
    return f" Did you mean {near!r}?" if near else ""


def _folded(id: str) -> str:
    return id.strip().casefold()


def over(rules: ShopRules, now: datetime) -> list[str]:
    """The rules that will not hold again, a sentence each."""
    ended = [(rule.name, rule.end) for rule in rules.rules if rule.end is not None and rule.end <= now]
    return [f"rule {name!r}: it is over since {end:%Y-%m-%d %H:%M}." for name, end in ended]


def held(rules: ShopRules, counts: Mapping[str, int]) -> dict[str, dict[str, int]]:
    """By each rule's name, the searches that it is for, whatever day it is: queries with how often they were made."""
    read = [(query, searched_words(query), searched_text(query)) for query in counts]
    return {
        rule.name: {query: counts[query] for query, words, text in read if rule.match.matches(words, text)}
        for rule in rules.rules
    }


def _ids(rules: ShopRules) -> _Wanted:
    found = _Wanted()
    for place, action in _actions(rules):
        filter = filter_of(action)
        listed = [id for id, _ in action.places] if isinstance(action, Pin) else []
        listed += [str(id) for each in filter.conditions if each.field == "id" for id in each.values] if filter else []
        for id in listed:
            found.setdefault(id, []).append(place)
    return found


def _fields(rules: ShopRules) -> _Wanted:
    found = _Wanted()
    for place, action in _actions(rules):
        for field in sorted(fields_of(action) - {"id"}):
            found.setdefault(field, []).append(place)
    for signal in rules.signals:
        found.setdefault(signal.field, []).append(f"signal {signal.name!r}")
    return found


def _numbers(rules: ShopRules) -> _Wanted:
    found = _Wanted()
    for signal in rules.signals:
        found.setdefault(signal.field, []).append(f"signal {signal.name!r}")
    for place, action in _actions(rules):
        if isinstance(action, Variant) and action.field:
            found.setdefault(action.field, []).append(place)
    return found


def _filters(rules: ShopRules) -> dict[Filter, list[str]]:
    found = dict[Filter, list[str]]()
    for place, action in _actions(rules):
        if filter := filter_of(action):
            found.setdefault(filter, []).append(place)
    return found


def _actions(rules: ShopRules) -> Iterator[tuple[str, Any]]:
    for rule in rules.rules:
        for each in rule.actions:
            yield f"rule {rule.name!r}, {each.name}", each.action


def _drop(wanted: dict[Any, list[str]], found: Iterable[Any]) -> None:
    for each in found:
        wanted.pop(each, None)


def _names(source: Mapping[str, Any], before: str = "") -> Iterator[str]:
    """The names of a document's fields, as rules may write them."""
    for name, value in source.items():
        if isinstance(value, Mapping):
            yield from _names(value, "" if name == "extra" else f"{before}{name}.")
        else:
            yield f"{before}{name}"
