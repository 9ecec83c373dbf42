"""Tables that pandas writes by columns into JSON: one object of all rows, which is no product."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import islice
from typing import Any

from endcap.errors import InputError
from endcap.index.readers.record import Items, Record

_NAME = r'"(?:[^"\\]|\\.)*+"'
_SCALAR = rf'(?:{_NAME}|[^\s"\[\]{{}},:]++)'
_BEGINNINGS = (
    rf'"columns"\s*:\s*\[(?:{_SCALAR}|[\s,])*+\]\s*,\s*"(?:index|data)"\s*:\s*\[',
    rf'{_NAME}\s*:\s*\{{\s*"0"\s*:\s*{_SCALAR}\s*[,}}]',
    rf'"(?:_?id|sku|asin|handle|product_?id)"\s*:\s*\[\s*{_SCALAR}\s*,',
)
_BEGINNING = re.compile(rf"\s*\{{\s*(?:{'|'.join(_BEGINNINGS)})".encode(), re.DOTALL | re.IGNORECASE)


def rows_only(items: Items, name: str, head: bytes) -> Items:
    """The records of a file. Raises ``InputError`` where it begins as ``{"id": {"0": 1, …``, ``{"id": [1, 2, …`` or
    ``{"columns": […`` do, or its first record has nothing but columns of equally many rows."""
    if _BEGINNING.match(head):
        raise _by_columns(name)
    first = True
    for item in items:
        if first and isinstance(item, Record) and _has_columns(item.value):
            raise _by_columns(name)
        first = False
        yield item


def _by_columns(name: str) -> InputError:
    return InputError(
        f"{name}: the products are written by columns, not one after another. Write them by rows; with pandas: "
        'df.to_json(FILE, orient="records", lines=True).'
    )


def _has_columns(value: Mapping[str, Any]) -> bool:
    columns = list(value.values())
    if len(columns) < 2 or {name.casefold() for name in value}.isdisjoint(("id", "title", "name", "sku", "price")):
        return False
    if all(isinstance(column, list) for column in columns):
        return len(columns[0]) > 1 and all(len(column) == len(columns[0]) for column in columns)
    if not all(isinstance(column, dict) and column for column in columns):
        return False
    plain = (not isinstance(item, (dict, list)) for column in columns for item in islice(column.values(), 20))
    return all(plain) and all(column.keys() == columns[0].keys() for column in columns)
