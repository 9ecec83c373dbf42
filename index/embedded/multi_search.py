"""``_msearch``: several searches in one call, each with a reply or an error of its own."""

import time
from collections.abc import Callable, Mapping
from typing import Any

from endcap.errors import EngineError

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
    responses = [_response(search, index, header, of) for header, of in zip(lines[::2], lines[1::2], strict=True)]
    return {"took": round(1000 * (time.monotonic() - began)), "responses": responses}


def _response(search: Search, index: str | None, header: Mapping[str, Any], body: Mapping[str, Any]) -> dict[str, Any]:
    named = header.get("index", index)
    try:
        if isinstance(named, list) and len(named) == 1:
            named = named[0]
        return search(named, body) | {"status": 200}
    except EngineError as error:
        cause = {"type": "illegal_argument_exception", "reason": str(error)}
        return {"error": {"root_cause": [cause], **cause}, "status": 400}
