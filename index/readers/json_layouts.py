"""Where the products are in a JSON file: in an array of an object, beside an engine's words, or behind bulk actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from endcap.index.readers.record import Items, Record

_LISTS = "products items data results hits docs documents records entries catalog catalogue response value"
_SCALAR = rb'(?:"(?:[^"\\]|\\.)*"|[-\d.eE+]+|true|false|null)'
_SMALL = rb"(?:\{[^{}\[\]]*\}|\[[^{}\[\]]*\]|" + _SCALAR + rb")"
_BEFORE = re.compile(
    rb'\s*(?P<before>(?:\{\s*(?:"[^"]*"\s*:\s*'
    + _SMALL
    + rb'\s*,\s*)*"(?:'
    + "|".join(_LISTS.split()).encode()
    + rb')"\s*:\s*)+)\[\s*[{\]]'
)
_OF_A_PRODUCT = re.compile(rb'"(?:id|_id|sku|title|name|asin|product_id|productId|handle)"\s*:', re.IGNORECASE)
_ACTIONS = ("index", "create", "update", "delete")


def list_start(head: bytes) -> int:
    """Where the array of products begins in a text such as ``{"products": [{…``; -1 where it is not laid out so."""
    found = _BEFORE.match(head)
    if found is None or _OF_A_PRODUCT.search(found["before"]):
        return -1
    return found.end("before")


def from_place(pieces: Iterator[bytes], start: int) -> Iterator[bytes]:
    """The text from a place on; what is before it becomes blanks, so that lines keep their numbers."""
    for piece in pieces:
        cut, start = min(start, len(piece)), max(0, start - len(piece))
        yield re.sub(rb"[^\n]", b" ", piece[:cut]) + piece[cut:]


def documents(items: Items) -> Items:
    """The records without what an engine says about them: bulk actions, and ``_id`` beside ``_source``."""
    id = None
    for item in items:
        if not isinstance(item, Record):
            id = None
            yield item
        elif (about := _action(item.value)) is not None:
            id = about.get("_id")
        else:
            yield _document(item, id)
            id = None


def _action(value: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a line of a bulk request says about the next one; None where it is no such line."""
    if len(value) != 1:
        return None
    name, about = next(iter(value.items()))
    own = name in _ACTIONS and isinstance(about, dict) and all(key[:1] == "_" or key in _OPTIONS for key in about)
    return about if own else None


_OPTIONS = ("routing", "pipeline", "version", "version_type", "retry_on_conflict", "if_seq_no", "if_primary_term",
            "require_alias")  # fmt: skip


def _document(item: Record, id: Any) -> Record:
    value = item.value
    source = value.get(
        "_source", value.get("doc") if len(value) <= 2 and set(value) <= {"doc", "doc_as_upsert"} else None
    )
    if not isinstance(source, dict):
        return item if id is None else replace(item, value=_with_id(value, id))
    return replace(item, value=_with_id(source, value.get("_id", id)))


def _with_id(document: Mapping[str, Any], id: Any) -> Mapping[str, Any]:
    return document if id is None or "id" in document else {"id": id, **document}
