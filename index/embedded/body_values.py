"""Numbers of a search's body, and the total of its reply."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from endcap.errors import EngineError

MAX_WINDOW = 10_000
"""``from`` plus ``size`` may be at most this, as in OpenSearch."""


def total_words(tracked: Any, total: int) -> dict[str, Any]:
    """``hits.total`` of a reply, as ``track_total_hits`` asks for it."""
    if tracked is False:
        return {}
    limit = total if tracked is True else whole_number({"track_total_hits": tracked}, "track_total_hits", MAX_WINDOW)
    return {"total": {"value": min(total, limit), "relation": "gte" if total > limit else "eq"}}


def whole_number(body: Mapping[str, Any], name: str, default: int) -> int:
    """A whole number from 0 up in a body. Raises ``EngineError`` where it is something else."""
    value = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise EngineError(f"{name} should be a whole number from 0 up, not {value!r}.")
    return value
