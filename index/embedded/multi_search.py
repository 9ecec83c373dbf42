"""``_msearch``: several searches in one call, each with a reply or an error of its own."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from endcap.errors import EngineError
from endcap.index.embedded.clause_options import refuse_unknown

_HEADER = frozenset(
    (
        *("index", "indices", "search_type", "request_cache", "preference", "routing", "allow_partial_search_results"),
        *("expand_wildcards", "ignore_unavailable", "allow_no_indices", "ignore_throttled", "ccs_minimize_roundtrips"),
        *("cancel_after_time_interval",),
    )
)
"""What OpenSearch knows in a header; with anything else it refuses the whole request."""
_SEARCH_TYPES = ("query_then_fetch", "dfs_query_then_fetch")

Search = Callable[[str | None, Mapping[str, Any]], dict[str, Any]]
"""Searches an index, None for the engine's own, by a body."""


def multi_search(search: Search, index: str | None, body: Any) -> dict[str, Any]:
    """The reply to header, body, header, body, ... in OpenSearch's shape.

    A search that fails has an ``error`` in the place of its reply, with a status; the others are not touched by it.
    """
    began = time.monotonic()
    lines = list(body) if isinstance(body, (list, tuple)) else []
    if not lines or len(lines) % 2 or not all(isinstance(line, Mapping) for line in lines):
        raise EngineError("msearch needs a list of objects: a header, a body, a header, a body, and so on.")
    for header in lines[::2]:
        _check_header(header)
    responses = [_response(search, index, header, of) for header, of in zip(lines[::2], lines[1::2], strict=True)]
    return {"took": round(1000 * (time.monotonic() - began)), "responses": responses}


def _check_header(header: Mapping[str, Any]) -> None:
    refuse_unknown(header, _HEADER, "an msearch header")
    if "index" in header and header["index"] is None:
        raise EngineError("an msearch header's index is null: leave it out, or name one.")
    if header.get("search_type", _SEARCH_TYPES[0]) not in _SEARCH_TYPES:
        raise EngineError(f"search_type should be one of {', '.join(_SEARCH_TYPES)}, not {header['search_type']!r}.")
    if header.get("request_cache", True) not in (True, False, "true", "false"):
        raise EngineError(f"request_cache should be true or false, not {header['request_cache']!r}.")


def _response(search: Search, index: str | None, header: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    named = header.get("index", header.get("indices", index))
    try:
        if isinstance(named, list) and len(named) == 1:
            named = named[0]
        return search(named, body) | {"status": 200}
    except EngineError as error:
        cause = {"type": "illegal_argument_exception", "reason": str(error)}
        return {"error": {"root_cause": [cause], **cause}, "status": 400}
