"""Where the products are in a JSON file: in an array of an object, beside an engine's words, or behind bulk actions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from endcap.index.readers.record import Fault, Items, Place, Record

_LIST_WORDS = (
    "products product items data results hits docs documents records entries catalog catalogue response value articles "
    "skus @graph itemlistelement edges nodes rows list content"
)
_LISTS = frozenset(_LIST_WORDS.split())
_PRODUCT_WORDS = "id _id sku title name asin product_id productid handle"
OF_A_PRODUCT = frozenset(_PRODUCT_WORDS.split())
_FIELD_WORDS = "brand category categories price image description attributes manufacturer vendor"
_FIELDS = frozenset(_FIELD_WORDS.split())
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|[\[\]{}:,]|[^\s"\[\]{}:,]+', re.DOTALL)
_OPENING, _CLOSING = (b"{", b"["), (b"}", b"]")


_ACTIONS = ("index", "create", "update", "delete")


class Start(NamedTuple):
    """Where the products begin in an object: behind the bracket of an array, or (``keyed``) in an object that has them
    by their ids. ``place`` is -1 where it is not laid out so."""

    place: int = -1
    keyed: bool = False


def list_start(head: bytes) -> Start:
    """Where the products are in a text such as ``{"products": [{…`` or ``{"products": {"p1": {…``; names that lead to
    them are those of lists, and none before is one of a product's fields."""
    tokens = list(_TOKEN.finditer(head))
    path: list[tuple[bytes, str]] = []  # what is open, and under which name
    key, found, depth = "", Start(), 0
    for at, token in enumerate(tokens[:-1]):
        text, after = token[0], tokens[at + 1][0]
        if text[:1] == b'"' and after == b":":
            key = text[1:-1].decode(errors="replace").casefold()
            around = not path or path[-1][1] in ("", *_LISTS) if found.place < 0 else len(path) <= depth
            if key in OF_A_PRODUCT and around:
                return Start()
            value = tokens[at + 2][0] if at + 2 < len(tokens) else b"{"
            # What would be products by their ids are the fields of one.
            if found.keyed and len(path) == depth + 1 and _is_field(key, value):
                return Start()
        elif text in _OPENING:
            listed = key in _LISTS and all(kind == b"{" and (n == "" or n in _LISTS) for kind, n in path)
            if found.place < 0 and listed and text == b"[" and after == b"{":
                found, depth = Start(token.start()), len(path)
            elif found.place < 0 and text == b"{" and (listed or not path) and _by_id(tokens, at):
                found, depth = Start(token.end(), keyed=True), len(path)
            path.append((text, key))
            key = ""
        elif text in _CLOSING and path:
            path.pop()
        elif text == b",":
            key = ""
    return found


def _is_field(name: str, value: bytes) -> bool:
    """Whether a name, and how its value begins, are those of a product's field and not of a whole product."""
    return name in _FIELDS or (name in OF_A_PRODUCT and value not in _OPENING)


def _by_id(tokens: list[re.Match[bytes]], at: int) -> bool:
    """Whether the object that begins there has a product for each of its names."""
    texts = [token[0] for token in tokens[at : at + 400]]
    if len(texts) < 5 or texts[1][:1] != b'"' or texts[2:4] != [b":", b"{"]:
        return False
    names, depth = set[bytes](), 0
    for place, text in enumerate(texts[3:], 3):
        depth += (text in _OPENING) - (text in _CLOSING)
        if depth == 0:
            rest = texts[place + 1 : place + 5]
            return bool(names) and (rest[:1] == [b"}"] or rest[2:] == [b":", b"{"])
        if depth == 1 and texts[place + 1 : place + 2] == [b":"]:
            name = text.strip(b'"').lower()
            names |= {name} & _TITLES
    return bool(names)


_TITLES = frozenset((b"title", b"name", b"sku", b"product_name", b"label"))
_TITLE_NAMES = frozenset(name.decode() for name in _TITLES)
_WRAPPERS = "node item product _source source doc document fields attributes data record index create update delete"
_IN_RECORDS = _LISTS | _FIELDS | OF_A_PRODUCT | frozenset(_WRAPPERS.split())
"""Names of what is in a record, which are no products' ids."""
MOST_HELD = 1_000
_MEMBER = re.compile(rb'[\s,]*("(?:[^"\\]|\\.)*+")\s*:\s*', re.DOTALL)


def from_place(pieces: Iterator[bytes], start: int) -> Iterator[bytes]:
    """The text from a place on; what is before it becomes blanks, so that lines keep their numbers."""
    for piece in pieces:
        cut, start = min(start, len(piece)), max(0, start - len(piece))
        yield re.sub(rb"[^\n]", b" ", piece[:cut]) + piece[cut:]


def documents(items: Items) -> Items:
    """The records without what an engine says about them: bulk actions, and ``_id`` beside ``_source``."""
    id = None
    paged = False
    held: list[Record] = []  # what may be empty pages, which the first page with products will tell
    for item in items:
        pages = _pages(item.value) if isinstance(item, Record) else []
        paged = paged or bool(pages)
        if isinstance(item, Record) and _is_empty_page(item.value):
            if not paged:
                held.append(item)
            if len(held) < MOST_HELD:
                continue
        if not paged:
            yield from held
        held = []
        if not isinstance(item, Record):
            id = None
            yield item
        elif _is_empty_page(item.value):
            continue
        elif (about := _action(item.value)) is not None:
            id = about.get("_id")
        elif pages:
            yield from (_document(replace(item, value=value, raw=None), None) for value in pages[0])
            if len(pages) > 1:
                yield second_list(item.place, item.raw or b"")
        else:
            yield _document(item, id)
            id = None
    if not paged:
        yield from held


def _is_empty_page(value: Mapping[str, Any]) -> bool:
    """Whether a record is a page whose list has nothing, as ``{"page": 3, "products": []}``."""
    if any(name.casefold() in OF_A_PRODUCT for name in value):
        return False
    inner = [item for name, item in value.items() if name.casefold() in _LISTS]
    return bool(inner) and all(item in ([], {}) or (isinstance(item, dict) and _is_empty_page(item)) for item in inner)


def _pages(value: Mapping[str, Any]) -> list[list[dict[str, Any]]]:
    """The lists of products in a record that is a page of them, such as ``{"products": [{…`` or ``{"data": {"items":
    [{…``; none in a product."""
    if any(name.casefold() in OF_A_PRODUCT for name in value):
        return []
    found: list[list[dict[str, Any]]] = []
    for name, inner in value.items():
        if name.casefold() not in _LISTS:
            continue
        if isinstance(inner, list) and inner and all(isinstance(item, dict) for item in inner):
            found.append(inner)
        elif isinstance(inner, dict):
            found += [_by_name(inner)] if _has_products(inner) else _pages(inner)
    return found or ([_by_name(value)] if _has_products(value) else [])


def _has_products(value: Mapping[str, Any]) -> bool:
    """Whether an object has products by their ids: each is an object with a title, and none of the names is a word."""
    titled = (
        isinstance(item, dict) and not _TITLE_NAMES.isdisjoint(map(str.casefold, item)) for item in value.values()
    )
    return bool(value) and all(titled) and all(name.casefold() not in _IN_RECORDS for name in value)


def _by_name(value: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [item if {"id", "_id"} & set(item) else {"id": name, **item} for name, item in value.items()]


def inner_list(value: Mapping[str, Any]) -> str:
    """The name of a list of objects in a record that may be products, as a category's ``products``; else empty."""
    lists = (name for name, inner in value.items() if name.casefold() in _LISTS and isinstance(inner, list) and inner)
    return next((name for name in lists if all(isinstance(item, dict) for item in value[name])), "")


def second_list(place: Place, text: bytes) -> Fault:
    """The fault of a list of products after another one in the same object."""
    detail = "after the list of products comes another. Give a file for each, or each in a line."
    return Fault(place, "broken JSON", detail, text)


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
    value = _inner(item.value)
    source = value.get(
        "_source", value.get("doc") if len(value) <= 2 and set(value) <= {"doc", "doc_as_upsert"} else None
    )
    if not isinstance(source, dict):
        changed = value if id is None else _with_id(value, id)
        return item if changed is item.value else replace(item, value=changed)
    return replace(item, value=_with_id(source, value.get("_id", id)))


def _inner(value: Mapping[str, Any]) -> Mapping[str, Any]:
    """A record without what is around it: GraphQL's ``node``, schema.org's ``item`` of a list, JSON:API's
    ``attributes`` beside type and id, a search's ``fields``, which are lists."""
    if "node" in value and set(value) <= {"node", "cursor"} and isinstance(value["node"], dict):
        return _inner(value["node"])
    if value.get("@type") == "ListItem" and isinstance(value.get("item"), dict):
        return _inner(value["item"])
    attributes, fields = value.get("attributes"), value.get("fields")
    if isinstance(attributes, dict) and set(value) <= {"type", "id", "attributes", "links", "relationships", "meta"}:
        return {"id": value["id"], **attributes} if "id" in value and "type" in value else value
    if isinstance(fields, dict) and "_id" in value and "_source" not in value:
        plain = {n: v[0] if isinstance(v, list) and len(v) == 1 else v for n, v in fields.items()}
        return _with_id(plain, value["_id"])
    return value


def _with_id(document: Mapping[str, Any], id: Any) -> Mapping[str, Any]:
    return document if id is None or "id" in document else {"id": id, **document}
