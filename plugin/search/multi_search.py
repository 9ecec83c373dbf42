"""Several searches as one ``_msearch``, with the URL parameters of a search where ``_msearch`` wants them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endcap.errors import EngineError

CANCEL = "cancel_after_time_interval"
# Parameters that stand in the header of each search.
_HEADER = (
    *("preference", "routing", "search_type", "request_cache", "ignore_unavailable", "allow_no_indices"),
    *("expand_wildcards", "allow_partial_search_results", CANCEL, "ccs_minimize_roundtrips"),
)
# Parameters that an ``_msearch`` has itself, and those that the client keeps.
_URL = (
    *("typed_keys", "rest_total_hits_as_int", "max_concurrent_shard_requests", "pre_filter_shard_size"),
    *("request_timeout", "ignore", "headers", "opaque_id", "http_auth", "api_key", "human", "error_trace"),
)
# Parameters that a body has a word for, with the types of their values: of the window's body, and of all.
SEARCH_HEADER = frozenset((*_HEADER, "index"))
"""What the header of a search may hold that a search by itself takes, too."""
SHARED = frozenset(
    (
        *("typed_keys", "rest_total_hits_as_int", "request_timeout", "headers", "opaque_id", "human", "error_trace"),
        *("http_auth", "api_key", "search_type", "ccs_minimize_roundtrips", "params"),
    )
)
"""Parameters of an ``_msearch`` that a search by itself takes, too, and means the same by."""
_Types = type | tuple[type, ...]
_WINDOW: Mapping[str, _Types] = {
    "terminate_after": int,
    "track_total_hits": (bool, int),
    "track_scores": bool,
    "profile": bool,
}
_BODY: Mapping[str, _Types] = {"timeout": str, "search_pipeline": str}


@dataclass(frozen=True, slots=True)
class MultiSearch:
    """The lines of an ``_msearch``, and its own parameters."""

    lines: list[Mapping[str, Any]]
    params: Mapping[str, Any]


def multi_search(bodies: Sequence[Any], params: Mapping[str, Any], patience_ms: float = math.inf) -> MultiSearch | None:
    """Several bodies as an ``_msearch``; None where a parameter has no place there, so that they must go one by one.

    The first is not to wait for the others longer than ``patience_ms``: the engine is told to give those up.
    The index is the caller's to give in the URL: a cluster may refuse one in the lines.
    """
    header: dict[str, Any] = {}
    url: dict[str, Any] = {}
    of_all: dict[str, Any] = {}
    of_window: dict[str, Any] = {}
    for name, value in params.items():
        if name in _HEADER:
            header[name] = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else value
        elif name in _URL:
            url[name] = value
        elif name in _WINDOW and isinstance(value, _WINDOW[name]):
            of_window[name] = value
        elif name in _BODY and isinstance(value, _BODY[name]):
            of_all[name] = value
        else:
            return None
    first, *others = bodies
    hurried = {**patience(patience_ms), **header}
    lines = [header, {**first, **of_all, **of_window}]
    return MultiSearch(lines + [line for body in others for line in (hurried, {**body, **of_all})], url)


def patience(patience_ms: float) -> dict[str, str]:
    """The parameter that makes the engine give up a search after so long."""
    return {CANCEL: f"{max(1, math.ceil(patience_ms))}ms"} if math.isfinite(patience_ms) else {}


class WindowRefused(EngineError):
    """The engine has answered a search together with another one, and refused this one."""


def two_replies(reply: Any) -> tuple[Any, Any]:
    """The two replies of an ``_msearch``. Raises ``EngineError`` where the first is an error, or there are not two."""
    from opensearchpy.exceptions import TransportError

    replies = reply.get("responses") if isinstance(reply, Mapping) else None
    if not isinstance(replies, list) or len(replies) != 2:
        raise EngineError(f"the engine's answer to _msearch is no two replies, but {str(reply)[:200]}")
    first, second = replies
    if not isinstance(first, dict) or "error" in first:
        if isinstance(first, dict) and first.get("status") in (429, 503):  # as the search alone would have raised
            raise TransportError(first["status"], str(_kind(first["error"])), first)
        raise WindowRefused(f"the engine refused the search: {str(first)[:400]}")
    first.pop("status", None)  # what a search alone does not have
    return first, second


def _kind(error: Any) -> Any:
    return error.get("type") if isinstance(error, Mapping) else error
