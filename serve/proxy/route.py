"""Which requests are searches: by their method and path, as OpenSearch reads them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode


class Kind(StrEnum):
    """What a request is; its value is that of the metrics' label."""

    SEARCH = "search"
    TEMPLATE = "search_template"
    MULTI = "msearch"
    MULTI_TEMPLATE = "msearch_template"
    OTHER = "other"


_KINDS = {
    ("_search",): Kind.SEARCH,
    ("_search", "template"): Kind.TEMPLATE,
    ("_msearch",): Kind.MULTI,
    ("_msearch", "template"): Kind.MULTI_TEMPLATE,
}


@dataclass(frozen=True, slots=True)
class Route:
    """A request's kind, and the indexes that its path names (``shop,other-*``; empty: none)."""

    kind: Kind
    index: str = ""


OTHER = Route(Kind.OTHER)
_KEPT, _KEPT_CHARACTERS = 512, 256
"""Searches have few paths; so many are kept as they were read, none that is longer."""


def route_of(method: str, target: str) -> Route:
    """The route of a request; ``target`` is the path with its parameters, as sent."""
    if method not in ("GET", "POST") or "search" not in target:
        return OTHER
    path = target.partition("?")[0]
    return _route_of_path(path) if len(path) <= _KEPT_CHARACTERS else _read(path)


def _read(path: str) -> Route:
    parts = path.removeprefix("/").rstrip("/").split("/")
    if "" in parts:  # no address of OpenSearch, which ends at the last slashes
        return OTHER
    if kind := _KINDS.get(tuple(parts)):
        return Route(kind)
    if len(parts) > 1 and not parts[0].startswith("_") and (kind := _KINDS.get(tuple(parts[1:]))):
        return Route(kind, unquote(parts[0]))
    if len(parts) > 1 and parts[0] == "_all" and (kind := _KINDS.get(tuple(parts[1:]))):
        return Route(kind, "_all")
    return OTHER


_route_of_path = lru_cache(_KEPT)(_read)


def parameters(query: str) -> list[tuple[str, str]]:
    """The parameters of an address, in their order; bytes that are no UTF-8 are kept."""
    return parse_qsl(query, keep_blank_values=True, errors="surrogateescape") if query else []


def query_of(parameters: Iterable[tuple[str, Any]]) -> str:
    """The address's part that says the same."""
    return urlencode(list(parameters), errors="surrogateescape")
