"""A body's ``sort``: what stands before the score in it makes tiers, what stands behind it decides equal scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


def keys_before_score(sort: Any) -> int | None:
    """How many keys of a ``sort`` stand before ``_score``, falling; None where it is not sorted by that.

    Without a ``sort`` hits come by their score.
    """
    keys = _keys(sort)
    for position, (name, order) in enumerate(keys):
        if name == "_score":
            return position if order == "desc" else None
    return None if keys else 0


def falling_keys(sort: Any, before: int) -> list[bool]:
    """Whether each of the keys before the score falls."""
    return [order == "desc" for _, order in _keys(sort)[:before]]


def _keys(sort: Any) -> list[tuple[str, str]]:
    """Field and order of each key, of all forms in which a body or a URL may have them."""
    if isinstance(sort, str):
        return [_named(part) for part in sort.split(",") if part.strip()]
    if isinstance(sort, Mapping):
        return [(str(name), _order(str(name), value)) for name, value in sort.items()]
    if isinstance(sort, (list, tuple)):
        return [key for each in sort for key in _keys(each)]
    return [] if sort is None else [("", "")]


def _named(text: str) -> tuple[str, str]:
    name, _, order = text.strip().partition(":")
    return name, order.lower() or ("desc" if name == "_score" else "asc")


def _order(name: str, value: Any) -> str:
    order = value.get("order") if isinstance(value, Mapping) else value
    return str(order).lower() if order is not None else ("desc" if name == "_score" else "asc")


def sort_groups(hits: Sequence[Mapping[str, Any]], before: int) -> list[int] | None:
    """A number for each hit, the same for those with the same sort values before the score; None where one has none."""
    groups = dict[str, int]()
    found = []
    for hit in hits:
        values = hit.get("sort")
        if not isinstance(values, (list, tuple)) or len(values) <= before:
            return None
        found.append(groups.setdefault(repr(values[:before]), len(groups)))
    return found


def score_of(hit: Mapping[str, Any], before: int) -> Any:
    """A hit's score, which a sort may have left in its sort values alone."""
    score, values = hit.get("_score"), hit.get("sort")
    if score is None and isinstance(values, (list, tuple)) and len(values) > before:
        return values[before]
    return score
