"""Numbers, times and objects as the cells of exports write them."""

from __future__ import annotations

import ast
import re
from datetime import UTC, datetime
from typing import Any

import orjson

_LONGEST = 100_000
"""Characters of an object as Python prints it that are read."""
_DASHBOARD = (
    ("%b %d, %Y @ %H:%M:%S.%f", re.compile(r"[A-Z][a-z]{2} \d{1,2}, \d{4} @ \d\d:\d\d:\d\d\.\d{1,6}")),
    ("%B %d %Y, %H:%M:%S.%f", re.compile(r"[A-Z][a-z]+ \d{1,2}(?:st|nd|rd|th) \d{4}, \d\d:\d\d:\d\d\.\d{1,6}")),
)
"""How OpenSearch Dashboards and Kibana write times, today and in older versions."""


def number(value: Any) -> float | None:
    """A finite number of at most 1e15; None where there is none."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) <= 1e15 else None


def decimal(value: Any) -> float | None:
    """The same, with a decimal comma, too. None of ``1,234``, which may be a thousand or a little more than one."""
    if isinstance(value, str) and re.fullmatch(r"\s*\d+,(\d{1,2}|\d{4,})\s*", value):
        value = value.replace(",", ".")
    return number(value)


def is_true(value: Any) -> bool:
    """Whether something is said to be so, as JSON or as a text."""
    return value is True or (isinstance(value, str) and value.strip().casefold() == "true")


def object_of(cell: str) -> Any:
    """The object or list that a cell holds, as JSON or as Python prints it; None where it is none."""
    try:
        return orjson.loads(cell)
    except orjson.JSONDecodeError:
        pass
    if cell[:1] != "{" or len(cell) > _LONGEST:
        return None
    try:
        return ast.literal_eval(cell)
    except (ValueError, SyntaxError, MemoryError, RecursionError):
        return None


def time_of(value: Any) -> tuple[float | None, str]:
    """Seconds since 1970 of an ISO time, of one as dashboards write it, or of seconds or milliseconds; a time without
    a zone is UTC. Where something stands there that is none of these, None and what it is."""
    found: datetime | float | None = value if isinstance(value, datetime) else number(value)
    if isinstance(value, str) and (found is None or len(value.strip()) == len("20261130")):
        found = _datetime(value.strip()) or found  # milliseconds would pass for an ISO date without marks
    if isinstance(found, datetime):
        try:
            return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp(), ""
        except (OverflowError, ValueError):
            found = None
    if found is None:
        return None, "" if value is None or not str(value).strip() else str(value)[:40]
    return found / 1000 if abs(found) > 1e11 else found, ""


def _datetime(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    for form, shape in _DASHBOARD:
        if shape.fullmatch(text):
            try:
                return datetime.strptime(re.sub(r"(?<=\d)(st|nd|rd|th)\b", "", text), form)
            except ValueError:
                return None
    return None
