"""The options of a clause, read and refused in the same words everywhere in the embedded engine."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from endcap.errors import EngineError


def listed(value: Any) -> Sequence[Any]:
    """A list as it is, else the one value as a list."""
    return value if isinstance(value, (list, tuple)) else [value]


def clause_options(value: Any, clause: str, *names: str) -> Mapping[str, Any]:
    """The options of a clause, which may have these names, a boost and a name of its own."""
    options = mapping(value, clause)
    refuse_unknown(options, {*names, "boost", "_name"}, clause)
    return options


def single(value: Any, clause: str) -> tuple[str, Any]:
    """Name and value of an object's only entry."""
    if not isinstance(value, Mapping) or len(value) != 1:
        raise EngineError(f"{clause} should be an object with one entry, not {short(value)}.")
    return next((str(name), item) for name, item in value.items())


def mapping(value: Any, clause: str) -> Mapping[str, Any]:
    """The value, where it is an object."""
    if not isinstance(value, Mapping):
        raise EngineError(f"{clause} should be an object, not {short(value)}.")
    return value


def refuse_unknown(options: Mapping[str, Any], names: Iterable[str], clause: str) -> None:
    """Raise ``EngineError`` where a clause or an aggregation has an option that is not one of these."""
    if unknown := sorted(set(map(str, options)) - set(names)):
        raise EngineError(f"the embedded engine does not know the option {unknown[0]!r} of {clause}.")


def number(value: Any, name: str) -> float:
    """The value as a number, which may be written as a text."""
    try:
        if isinstance(value, bool):
            raise TypeError
        return float(value)
    except (TypeError, ValueError):
        raise EngineError(f"{name} should be a number, not {short(value)}.") from None


def short(value: Any) -> str:
    """The value as a message shows it."""
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."
