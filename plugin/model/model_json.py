"""The types of what a ``model.json`` says, and the names of its files, before anything is made of them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import PurePosixPath
from typing import Any

MAX_DEPTH = 50
"""So deep a ``model.json`` may be nested; ours are 5."""
MAX_WHOLE = 10_000_000
_Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_name(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip()) and value.isprintable() and len(value) <= 200


def _is_number(value: Any) -> bool:
    # Of a whole number beyond a double, float() fails.
    is_real = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_real and abs(value) <= 1e300 and math.isfinite(value)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_WHOLE


def _is_object(value: Any) -> bool:
    return isinstance(value, Mapping)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and all(map(_is_text, value)) and len(set(value)) == len(value)


_NAME, _TEXT, _NUMBER, _COUNT = "a name", "a text", "a finite number", "a whole number above 0"
_REQUIRED: Mapping[str, tuple[str, _Check]] = {
    "name": (_NAME, _is_name),
    "shape": (_NAME, _is_name),
    "base": ("an object", _is_object),
    "base.name": (_NAME, _is_name),
    "precision": (_NAME, _is_name),
    "pooling": (_NAME, _is_name),
    "text": ("an object", _is_object),
    "text.fields": ("a list of different texts", lambda value: _is_names(value) and bool(value)),
    "state": ("an object", _is_object),
    "state.dtype": (_NAME, _is_name),
    "state.shape": ("a list of whole numbers above 0", lambda v: isinstance(v, list) and all(map(_is_count, v))),
    "score": ("an object", _is_object),
    "score.scale": (_NUMBER, _is_number),
    "score.offset": (_NUMBER, _is_number),
    "blend": ("an object", _is_object),
    "blend.weight": (_NUMBER, _is_number),
    "blend.window": (_COUNT, _is_count),
}
_OPTIONAL: Mapping[str, tuple[str, _Check]] = {
    "text.whole": ("a list of different texts", _is_names),
    "text.max_chars": (
        "an object of whole numbers above 0",
        lambda value: isinstance(value, Mapping) and all(map(_is_count, value.values())),
    ),
    "text.max_product_tokens": (_COUNT, _is_count),
    "text.max_query_tokens": (_COUNT, _is_count),
    "text.product_prefix": (_TEXT, _is_text),
    "text.query_prefix": (_TEXT, _is_text),
    "blend.signals": (
        "a list of objects",
        lambda value: isinstance(value, list) and all(map(_is_object, value)),
    ),
}


def check_types(raw: Mapping[str, Any]) -> None:
    """Raise ``ValueError`` for what is missing, or not of the type that it should be, with its name and value."""
    for path, (words, fits) in {**_REQUIRED, **_OPTIONAL}.items():
        value: Any = raw
        for part in path.split("."):
            value = value.get(part, _MISSING)
            if value is _MISSING:
                break
        if value is _MISSING and path in _OPTIONAL:
            continue
        if value is _MISSING:
            raise ValueError(f"{path}, which is missing ({words})")
        if not fits(value):
            raise ValueError(f"{path} {shortened(value)} ({words})")


_MISSING = object()


def check_name(name: Any) -> str:
    """The name of a file of the folder. Raises ``ValueError`` where it leads out of the folder, or is none."""
    path = PurePosixPath(name) if _is_name(name) and "\\" not in name and ":" not in name else None
    if path is None or path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{shortened(name)} as a file's name (a path inside the folder)")
    return str(name)


def is_too_deep(value: Any, limit: int = MAX_DEPTH) -> bool:
    """Whether objects and lists are nested deeper than the limit."""
    level = [value]
    for _ in range(limit):
        inner = [item for each in level if isinstance(each, (dict, list)) for item in _items(each)]
        if not inner:
            return False
        level = inner
    return True


def _items(value: dict[str, Any] | list[Any]) -> list[Any]:
    return list(value.values()) if isinstance(value, dict) else value


def shortened(value: Any) -> str:
    """A value as a message shows it."""
    try:
        text = repr(value)
    except ValueError:  # a whole number of thousands of digits
        text = "a very long number"
    return text if len(text) <= 120 else f"{text[:117]}..."
