"""The beginning of a huge document: a search looks at the clock between documents, so none of them may take long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from endcap.index.product import MAX_ATTRIBUTES

MAX_TEXT = 1 << 16
"""Characters of one text; all that students and blends read is among the first thousands."""
MAX_BYTES = 1 << 18
"""Of all that is read of a document, as JSON."""
_MAX_ENTRIES = 4 * MAX_ATTRIBUTES
"""Of all objects and lists in a value together."""


def is_large(values: Iterable[Any]) -> bool:
    """Whether one of these values is longer than what is read of it; what lies inside them is not looked at."""
    for value in values:
        if value is None:
            continue
        kind = type(value)
        if kind is str:
            if len(value) > MAX_TEXT:
                return True
        elif (kind is dict or kind is list) and len(value) > MAX_ATTRIBUTES:
            return True
    return False


def is_vast(value: Any) -> bool:
    """Whether all that lies in a value is more than is read of it; looks no further than is needed to say so."""
    waiting, entries, characters = [value], 0, 0
    while waiting:
        value = waiting.pop()
        kind = type(value)
        if kind is str:
            characters += len(value)
        elif kind is dict or kind is list:
            entries += len(value)
            if entries > _MAX_ENTRIES:
                return True
            waiting.extend(value.values() if kind is dict else value)
        if characters > MAX_BYTES:
            return True
    return False


def bounded_source(source: Mapping[str, Any], paths: Iterable[str]) -> dict[str, Any]:
    """A document with the beginnings of the values that ``paths`` lead to."""
    names = {path[:end] for path in paths for end in range(1, len(path) + 1) if path[end : end + 1] in (".", "")}
    return {name: bounded(source[name]) for name in sorted(names) if name in source}


def bounded(value: Any) -> Any:
    """The beginning of a value: of each text, object and list as much as is read, and of all together."""
    left = [MAX_BYTES, _MAX_ENTRIES]

    def beginning(value: Any) -> Any:
        left[1] -= 1
        if isinstance(value, str):
            text = value[: min(MAX_TEXT, left[0])]
            left[0] -= len(text)
            return text
        if isinstance(value, Mapping):
            return {name: beginning(item) for name, item in islice(value.items(), MAX_ATTRIBUTES) if left[1] > 0}
        if isinstance(value, (list, tuple)):
            return [beginning(item) for item in islice(value, MAX_ATTRIBUTES) if left[1] > 0]
        return value

    return beginning(value)
