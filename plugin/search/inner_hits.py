"""Inner hits of a query: the parts of a document that a joining clause matches, made hit by hit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_JOINS = ("nested", "has_child", "has_parent")


def has_inner_hits(query: Any) -> bool:
    """Whether a clause asks for the parts of a document that it matches."""
    if isinstance(query, Mapping):
        return any(
            (name in _JOINS and isinstance(value, Mapping) and "inner_hits" in value) or has_inner_hits(value)
            for name, value in query.items()
        )
    return isinstance(query, (list, tuple)) and any(map(has_inner_hits, query))


def without_inner_hits(query: Any) -> Any:
    """The query without asking for them."""
    if isinstance(query, Mapping):
        return {
            name: without_inner_hits(
                {k: v for k, v in value.items() if k != "inner_hits"}
                if name in _JOINS and isinstance(value, Mapping)
                else value
            )
            for name, value in query.items()
        }
    return [without_inner_hits(item) for item in query] if isinstance(query, (list, tuple)) else query
