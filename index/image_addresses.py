"""The addresses of a product's images: several are several, however they are written."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_BETWEEN = re.compile(r"[\s,;|]+(?=(?:https?:)?//)")
_KEYS = ("url", "src", "uri", "link", "href", "large", "hi_res", "image", "image_url", "file", "path", "value")


def addresses(value: Any) -> list[str]:
    """All addresses in a value: of a text that joins some, of a list, of objects that hold one."""
    if isinstance(value, str):
        return [part for part in _BETWEEN.split(value.strip()) if part]
    if isinstance(value, Mapping):
        return next((found for key in _KEYS if (found := addresses(value.get(key)))), [])
    if isinstance(value, (list, tuple)):
        return list(dict.fromkeys(address for item in value for address in addresses(item)))
    return [] if value is None or isinstance(value, (bool, float)) else [str(value)]


def first_address(value: Any) -> str:
    """The first address; "" where there is none."""
    return next(iter(addresses(value)), "")
