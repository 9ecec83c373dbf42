"""Numbers of a search's body, and the total of its reply."""

from __future__ import annotations

import math
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from endcap.errors import EngineError

MAX_WINDOW = 10_000
"""``from`` plus ``size`` may be at most this, as in OpenSearch."""


def total_words(tracked: Any, total: int) -> dict[str, Any]:
    """``hits.total`` of a reply, as ``track_total_hits`` asks for it."""
    tracked = {"true": True, "false": False}.get(tracked, tracked) if isinstance(tracked, str) else tracked
    if tracked is False or tracked in (-1, "-1"):
        return {}
    limit = total if tracked is True else whole_number({"track_total_hits": tracked}, "track_total_hits", MAX_WINDOW)
    return {"total": {"value": min(total, limit), "relation": "gte" if total > limit else "eq"}}


def whole_number(body: Mapping[str, Any], name: str, default: int) -> int:
    """A whole number from 0 up in a body, as OpenSearch reads it: "10" is 10, and 2.7 is 2.

    Raises ``EngineError`` where it is something else.
    """
    value = body.get(name, default)
    try:
        number = -1 if value is None or isinstance(value, bool) else int(float(value))
    except (TypeError, ValueError, OverflowError):
        number = -1
    if number < 0:
        raise EngineError(f"{name} should be a whole number from 0 up, not {value!r}.")
    return number


def java_number(value: float) -> str:
    """A number as Java writes a double: 1.0E7 from ten millions up, and 1.0E-4 below a thousandth.

    Source: ``Double.toString``, https://docs.oracle.com/en/java/javase/21/docs/api/java.base/java/lang/Double.html
    """
    if value == 0 or 1e-3 <= abs(value) < 1e7 or not math.isfinite(value):
        return repr(value)
    sign, digits, exponent = Decimal(repr(value)).normalize().as_tuple()
    first, *rest = map(str, digits)
    return f"{'-' * sign}{first}.{''.join(rest) or '0'}E{int(exponent) + len(rest)}"
