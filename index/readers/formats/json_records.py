"""Records of JSON files, as a stream: one object a line, or the objects of one big array, however it is laid out."""

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Any

import orjson

from endcap.index.readers.files import BYTE_ORDER_MARK, Damaged, Source, chunks, head, lines
from endcap.index.readers.format_records import FileFormat
from endcap.index.readers.json_columns import rows_only
from endcap.index.readers.json_layouts import (
    OF_A_PRODUCT,
    Start,
    documents,
    from_place,
    inner_list,
    list_start,
    second_list,
)
from endcap.index.readers.json_split import Element, Pieces, split_elements
from endcap.index.readers.record import Fault, Items, Place, Record, not_utf8, too_large

_TWO = re.compile(rb"\}\s*\{")
LOOKED_AT = 1 << 16
"""Within so many bytes a list of products begins."""
MAX_DEPTH = 100
"""Deeper records are a fault: nothing that reads products later, engines included, takes any depth."""


def read_json(source: Source) -> Items:
    """The objects of a file of JSON lines, of one JSON array, or of JSON objects after one another."""
    start = head(source, LOOKED_AT).removeprefix(BYTE_ORDER_MARK)
    first_line = start.lstrip().partition(b"\n")[0].strip()
    inner = Start() if _has_lines(start) else list_start(start)
    laid_out = first_line.startswith(b"[") or first_line == b"{" or _goes_on(first_line)
    by_lines = not laid_out and inner.place < 0
    items = _lines(source) if by_lines else _laid_out(source.name, Pieces(chunks(source)), inner)
    place = Place(source.name)
    try:
        yield from documents(rows_only(items, source.name, start))
    except Damaged as damage:
        yield Fault(place, "truncated file", f"the file breaks off or is damaged ({damage}). Fetch it again.")


def _has_lines(start: bytes) -> bool:
    """Whether the first line is a whole object, and another begins with the next."""
    first, _, rest = start.lstrip().partition(b"\n")
    if not rest.lstrip().startswith(b"{"):
        return False
    try:
        return isinstance(orjson.loads(first), dict)
    except orjson.JSONDecodeError:
        return False


def _goes_on(line: bytes) -> bool:
    """Whether the first line holds no whole object, or more than one, so that lines are not what parts them."""
    if not line.startswith(b"{") or not (line.endswith(b",") or _TWO.search(line)):
        return False
    try:
        orjson.loads(line)
    except orjson.JSONDecodeError:
        return True
    return False


def _lines(source: Source) -> Items:
    for number, line, whole in lines(source):
        place = Place(source.name, number)
        if not whole:
            yield too_large(place, line)
        elif line.strip():
            yield json_record(place, line.strip())


def _laid_out(name: str, pieces: Pieces, start: Start) -> Items:
    """The records of a text of which ``list_start`` says where they begin, and those of the pages after it."""
    line, paged = 0, False
    while True:
        page: Element | None = None
        laid_out = start.place >= 0
        elements = split_elements(from_place(pieces, start.place) if laid_out else pieces, until_page=laid_out)
        placed = (element._replace(line=line + element.line) for element in elements)
        for item in _members(name, placed) if start.keyed else _listed(name, placed, laid_out, paged):
            if isinstance(item, Element):
                page = item
            else:
                yield item
        if page is None:
            return
        head, line, paged = page.text, page.line - 1, True
        while len(head) < LOOKED_AT and (piece := next(pieces, b"")):
            head += piece
        pieces.put_back(head)
        start = list_start(head[:LOOKED_AT])


def _listed(name: str, elements: Iterator[Element], inner: bool, paged: bool) -> Iterator[Record | Fault | Element]:
    """The objects of an array, which is ``inner`` to a page; or those after pages, of which some may be empty pages."""
    for element in elements:
        if inner and element.problem == "garbage":
            yield from _after(name, chain([element], elements))
            return
        if element.problem == "page":
            yield element
        elif inner or not paged or element.problem or _is_product(element.text):
            yield _item(name, element)


def _members(name: str, elements: Iterator[Element]) -> Iterator[Record | Fault | Element]:
    """The objects of an object that has them by their ids."""
    key = ""
    for element in elements:
        if element.problem == "garbage":
            if element.text == b"}":
                yield from _after(name, elements)
                return
            if element.text[:1] == b'"':
                key = orjson.loads(element.text)
            continue
        if element.problem == "unfinished":
            break
        item = _item(name, element)
        if isinstance(item, Record) and not {"id", "_id"} & set(item.value):
            item = Record(item.place, {"id": key, **item.value}, element.text)
        yield item
    yield Fault(Place(name), "truncated file", "the JSON ends before it is closed. Fetch it again.")


def _after(name: str, elements: Iterator[Element]) -> Iterator[Record | Fault | Element]:
    """What comes after a list of products: the rest of its object says nothing of products, or is a fault where it is
    another list; then there may be a page, which is the last element."""
    key, member = b'""', False
    for element in elements:
        if element.problem == "page":
            yield element
        elif element.problem == "garbage":
            member = element.text[-1:] == b":"
            key = element.text if element.text[:1] == b'"' else key
        elif not member:
            yield _item(name, element)
        elif list_start(b"{%s:%s" % (key, element.text[:LOOKED_AT])).place >= 0:
            yield second_list(Place(name, element.line), element.text)


def _is_product(text: bytes) -> bool:
    """Whether an object that stands after a page may be a product or a page, and no page without any."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError:
        return True
    names = {name.casefold() for name in value} if isinstance(value, dict) else set()
    return not isinstance(value, dict) or not names.isdisjoint(OF_A_PRODUCT) or bool(inner_list(value))


def _item(name: str, element: Element) -> Record | Fault:
    place = Place(name, element.line)
    if element.problem == "too large":
        return too_large(place, element.text)
    if element.problem == "unfinished":
        return Fault(place, "truncated file", "the JSON ends before it is closed. Fetch it again.", element.text)
    if element.problem:
        return Fault(place, "broken JSON", "text that belongs to no JSON object.", element.text)
    return json_record(place, element.text)


def json_record(place: Place, text: bytes) -> Record | Fault:
    """The record that a JSON text is, or what is wrong with it."""
    try:
        value = orjson.loads(text)
    except orjson.JSONDecodeError as error:
        if (value := _with_nan(text)) is not None:
            return Record(place, value, text)
        try:
            text.decode()
        except UnicodeDecodeError as decoding:
            return not_utf8(place, text, decoding)
        return Fault(
            place, "broken JSON", f"not valid JSON: {error.msg} (character {error.pos + 1} of the record).", text
        )
    if not isinstance(value, dict):
        return Fault(place, "not an object", f"a record should be a JSON object, not {type(value).__name__}.", text)
    # Brackets are counted first, because walking every record would cost more than parsing it.
    if text.count(b"{") + text.count(b"[") > MAX_DEPTH and _depth(value) > MAX_DEPTH:
        return Fault(place, "nested too deeply", f"lists or objects are nested more than {MAX_DEPTH} deep.", text)
    if b'"$' in text:
        value = _plain(value)
    return Record(place, value, text)


def _with_nan(text: bytes) -> dict[str, Any] | None:
    """The object of a text with NaN or Infinity, as Python and pandas write it: nothing stands in their place."""
    if b"NaN" not in text and b"Infinity" not in text:
        return None
    try:
        value = json.loads(text, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and _depth(value) <= MAX_DEPTH else None


def _plain(value: Any) -> Any:
    """What MongoDB's export writes as ``{"$oid": "…"}`` or ``{"$numberDecimal": "9.50"}``, as a value."""
    if isinstance(value, list):
        return [_plain(item) for item in value]
    if not isinstance(value, dict):
        return value
    if len(value) == 1 and (name := next(iter(value)))[:1] == "$":
        inner = value[name]
        if name in ("$numberInt", "$numberLong"):
            return int(inner) if str(inner).lstrip("-").isdecimal() else inner
        if name in ("$numberDouble", "$numberDecimal"):
            return float(inner) if re.fullmatch(r"-?\d+(\.\d+)?(E[+-]?\d+)?", str(inner), re.IGNORECASE) else None
        if name in ("$oid", "$date", "$uuid", "$symbol"):
            return _plain(inner)
    return {name: _plain(item) for name, item in value.items()}


def _depth(value: Any) -> int:
    """How deep lists and objects are nested, level by level, so that no depth breaks the walk."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, (dict, list))]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


FORMATS = (FileFormat("jsonl", (".jsonl", ".ndjson", ".json"), read_json, 10, starts=(b"{", b"[")),)
