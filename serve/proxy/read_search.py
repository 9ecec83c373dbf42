"""A search as a re-ranker takes it: index, body and parameters, out of a request's address and body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from endcap.plugin.search.options import without_rerank
from endcap.serve.proxy.route import parameters, query_of
from endcap.serve.request_body import Unread, check_json, json_object

_FLAGS = frozenset(
    [
        "explain",
        "version",
        "seq_no_primary_term",
        "track_scores",
        "typed_keys",
        "rest_total_hits_as_int",
        "profile",
        "ignore_unavailable",
        "allow_no_indices",
        "request_cache",
        "allow_partial_search_results",
        "ccs_minimize_roundtrips",
        "human",
        "pretty",
        "error_trace",
        "verbose_pipeline",
        "include_named_queries_score",
        "phase_took",
    ]
)
"""Parameters that are true where they stand without a value."""
_OF_SOURCE = ("source", "source_content_type")
_OF_LIBRARIES = frozenset(
    (
        *("index", "body", "params", "headers", "self", "from_"),
        *("request_timeout", "ignore", "opaque_id", "http_auth", "api_key"),
    )
)
"""Words that mean something to a Python client, and something else, or nothing, in an address."""


@dataclass(frozen=True, slots=True)
class ReadSearch:
    """One search, read."""

    index: str
    body: Mapping[str, Any]
    params: Mapping[str, Any]
    sent: bytes
    """The body for the cluster where the search is passed through."""
    query: str
    """The parameters for the cluster then, as they were sent."""


def params_of(query: str) -> dict[str, Any]:
    """A request's parameters; of one that stands twice the last, as OpenSearch reads them. Raises ``Unread``."""
    params: dict[str, Any] = {}
    for name, value in parameters(query):
        params[name] = "true" if not value and name in _FLAGS else value
    if not _OF_LIBRARIES.isdisjoint(params):
        raise Unread("parameters")
    if params.get("format", "json") != "json":
        raise Unread("format")
    return params


def read_search(index: str, query: str, raw: bytes, plain: bytes, content_type: str | None, accept: str) -> ReadSearch:
    """A search, by its body or by the parameter ``source``. Raises ``Unread``.

    ``raw`` is the body as it came, ``plain`` the same without compression.
    """
    params = params_of(query)
    if not plain and "source" in params:
        body = json_object(str(params["source"]).encode("utf-8", "surrogateescape"))
        check_json(str(params.get("source_content_type", "")), accept, b"{}")
        params = {name: value for name, value in params.items() if name not in _OF_SOURCE}
    else:
        check_json(content_type, accept, plain)
        body = json_object(plain)
    stripped = without_rerank(body)
    if stripped == body:
        return ReadSearch(index, body, params, raw, query)
    if not plain:
        given = [(name, value) for name, value in parameters(query) if name != "source"]
        return ReadSearch(index, body, params, raw, query_of([*given, ("source", orjson.dumps(stripped).decode())]))
    return ReadSearch(index, body, params, orjson.dumps(stripped), query)
