"""The URL parameters of a search that its body has a word for, put there as OpenSearch reads them."""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any

from endcap.errors import InputError

_NUMBERS = ("from", "size")
_TRUTHS = ("explain", "version", "seq_no_primary_term")
_SOURCES = ("_source", "_source_includes", "_source_excludes")
_VALUES = (*_NUMBERS, *_TRUTHS, *_SOURCES, "stored_fields", "docvalue_fields")
# Parameters that the client keeps for itself: they stand in no URL.
_CLIENTS = ("ignore", "request_timeout", "headers", "opaque_id")
_WORDS = {"true": True, "false": False}


def with_url_values(body: Mapping[str, Any], params: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The body with those parameters that it has a word for, and the other parameters.

    ``params`` are the client's: its arguments, and the mapping ``params`` among them, whose values stand in the URL as
    Python writes them. Raises ``InputError`` for a value that OpenSearch does not read, or reads in a way of its own.
    """
    nested = params.get("params")
    if nested is not None and not isinstance(nested, Mapping):
        raise InputError(f"params is {nested!r}; it should be a mapping.")
    others = {name: _as_written(name, value) for name, value in (nested or {}).items()}
    others |= {
        "from" if name == "from_" else name: value
        for name, value in params.items()
        if value is not None and name != "params"
    }
    url = {name: _text(name, others.pop(name)) for name in _VALUES if name in others}
    full_body = dict(body)
    for name in (*_NUMBERS, *_TRUTHS):
        if name in url:
            if name in _TRUTHS and not isinstance(body.get(name, True), bool):
                raise InputError(f"{name} is {body[name]!r} in the body; it should be true or false.")
            full_body[name] = _whole(name, url[name]) if name in _NUMBERS else _truth(name, url[name])
    if "stored_fields" in url:
        full_body["stored_fields"] = _listed(url["stored_fields"])
    if url.get("docvalue_fields", "").strip():
        own = full_body.get("docvalue_fields", [])
        # What can't be added to is no list, and the engine's to judge.
        added = _listed(url["docvalue_fields"])
        full_body["docvalue_fields"] = [*own, *added] if isinstance(own, (list, tuple)) else own
    if any(name in url for name in _SOURCES):
        full_body["_source"] = _source(url)
    return full_body, others


def _source(url: Mapping[str, str]) -> Any:
    """The ``_source`` option that takes the place of the body's."""
    whole = url.get("_source")
    if whole == "false":
        return False
    includes = _listed(whole) if whole not in (None, "true") else []
    includes = _listed(url["_source_includes"]) if "_source_includes" in url else includes
    excludes = _listed(url.get("_source_excludes", ""))
    return {name: listed for name, listed in (("includes", includes), ("excludes", excludes)) if listed} or True


def _as_written(name: str, value: Any) -> Any:
    """A value as it stands in the URL."""
    return value if name in _CLIENTS or (isinstance(value, (str, int)) and not isinstance(value, bool)) else str(value)


def _text(name: str, value: Any) -> str:
    """A value as the client writes it into the URL."""
    if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
        return ",".join(value)
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, (str, Integral)):
        return str(value)
    raise InputError(f"{name} is {value!r}, which no client writes into a URL.")


def _whole(name: str, value: str) -> int:
    if not (value.isascii() and value.isdecimal()):
        raise InputError(f"{name} is {value!r}; it should be a whole number, 0 or more.")
    return int(value)


def _truth(name: str, value: str) -> bool:
    if value not in _WORDS:
        raise InputError(f"{name} is {value!r}; it should be true or false.")
    return _WORDS[value]


def _listed(value: str | None) -> list[str]:
    """The items of a list with commas; as in Java, empty ones at its end are none."""
    items = value.split(",") if value else []
    while items and not items[-1]:
        items.pop()
    return items
