"""The lines of an ``_msearch``: a header and a body for each search."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from endcap.serve.request_body import Unread, json_object

_PARAMS = (
    *("preference", "routing", "search_type", "request_cache", "ignore_unavailable", "allow_no_indices"),
    *("expand_wildcards", "allow_partial_search_results", "cancel_after_time_interval", "ccs_minimize_roundtrips"),
)
_OF_ALL = (
    *("typed_keys", "rest_total_hits_as_int", "max_concurrent_shard_requests", "pre_filter_shard_size"),
    *("search_type", "ccs_minimize_roundtrips", "human", "error_trace", "pretty", "format", "max_concurrent_searches"),
    *("ignore_unavailable", "allow_no_indices", "expand_wildcards", "cancel_after_time_interval", "phase_took"),
)
OF_REQUEST = frozenset((*_PARAMS, *_OF_ALL, "search_pipeline", "batched_reduce_size"))
"""Parameters that are a search's beside its body: of a template, only these count."""
_NOT_OF_SEARCH = ("max_concurrent_searches", "pretty", "format")
MAX_SEARCHES = 1000


@dataclass(frozen=True, slots=True)
class Line:
    """One search of an ``_msearch``."""

    head: bytes
    text: bytes
    index: str
    body: Mapping[str, Any]
    params: Mapping[str, Any]


def read_lines(text: bytes, index: str, params: Mapping[str, Any]) -> list[Line]:
    """The searches. Raises ``Unread`` where something is not as it mostly is: the cluster knows what it means."""
    unknown = set(params) - set(_OF_ALL)
    if unknown or not _is_count(str(params.get("max_concurrent_searches", 1))):
        raise Unread("parameters")
    of_all = {name: value for name, value in params.items() if name not in _NOT_OF_SEARCH}
    if not text.endswith(b"\n"):
        raise Unread("body")
    parts = text[:-1].split(b"\n")
    if len(parts) % 2 or not parts[0].strip() or len(parts) // 2 > MAX_SEARCHES:
        raise Unread("body")
    return [_line(head, body, index, of_all) for head, body in zip(parts[::2], parts[1::2], strict=True)]


def _line(head: bytes, body: bytes, index: str, of_all: Mapping[str, Any]) -> Line:
    about = json_object(head)
    named = about.pop("index", index)
    names = named if isinstance(named, list) else [named]
    # What names no index is all of them to one version, and an error to another.
    is_named = named == index or (names and all(isinstance(name, str) and name for name in names))
    if set(about) - set(_PARAMS) or not body.strip() or not is_named:
        raise Unread("body")
    own = {name: value for name, value in about.items() if value is not None}
    return Line(head, body, ",".join(names), json_object(body), {**of_all, **own})


def _is_count(text: str) -> bool:
    """Whether the cluster takes a text as a number of searches."""
    return text.isascii() and text.isdecimal() and int(text[:10]) > 0
