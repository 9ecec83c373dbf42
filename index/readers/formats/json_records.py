"""Records of JSON files, as a stream: one object a line, or the objects of one big array, however it is laid out."""

import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import orjson

from endcap.index.readers.files import BYTE_ORDER_MARK, Damaged, Source, chunks, head, lines
from endcap.index.readers.format_records import FileFormat
from endcap.index.readers.json_layouts import documents, from_place, list_start
from endcap.index.readers.record import MAX_RECORD_BYTES, Fault, Items, Place, Record, not_utf8, too_large

# Possessive and atomic, so that an unfinished string costs one pass and no backtracking.
_TOKEN = re.compile(rb'"(?>[^"\\]+|\\.)*+"|["\[\]{}]', re.DOTALL)
_IN_STRING = re.compile(rb'["\\]')
_TWO = re.compile(rb"\}\s*\{")
MAX_DEPTH = 100
"""Deeper records are a fault: nothing that reads products later, engines included, takes any depth."""
_BETWEEN = b" \t\r\n,"


def read_json(source: Source) -> Items:
    """The objects of a file of JSON lines, of one JSON array, or of JSON objects after one another."""
    start = head(source).removeprefix(BYTE_ORDER_MARK)
    first_line = start.lstrip().partition(b"\n")[0].strip()
    inner = list_start(start)
    laid_out = first_line.startswith(b"[") or first_line == b"{" or _goes_on(first_line)
    place = Place(source.name)
    try:
        yield from documents(_array(source, inner) if laid_out or inner >= 0 else _lines(source))
    except Damaged as damage:
        yield Fault(place, "truncated file", f"the file breaks off or is damaged ({damage}). Fetch it again.")


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


def _array(source: Source, start: int = -1) -> Items:
    """The objects of an array; one that begins at ``start`` is in an object, whose rest says nothing of products."""
    for element in split_elements(from_place(chunks(source), start) if start >= 0 else chunks(source)):
        if start >= 0 and element.problem == "garbage":
            return
        place = Place(source.name, element.line)
        if element.problem == "too large":
            yield too_large(place, element.text)
        elif element.problem == "unfinished":
            yield Fault(place, "truncated file", "the JSON ends before it is closed. Fetch it again.", element.text)
        elif element.problem:
            yield Fault(place, "broken JSON", "text that belongs to no JSON object.", element.text)
        else:
            yield json_record(place, element.text)


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


def _depth(value: Any) -> int:
    """How deep lists and objects are nested, level by level, so that no depth breaks the walk."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, (dict, list))]:
        depth += 1
        level = [inner for item in level for inner in (item.values() if isinstance(item, dict) else item)]
    return depth


class Element(NamedTuple):
    """One element of an array: its line, its text, and what is wrong with it where something is."""

    line: int
    text: bytes
    problem: str = ""


def split_elements(pieces: Iterator[bytes]) -> Iterator[Element]:
    """Cut the top-level objects out of a JSON text that comes in pieces; holds one element, never the whole.

    Only brackets and strings are looked at, so that an object that is not valid JSON does not hide the next one.
    """
    line = start_line = 1
    outer = closed = False
    depth, in_string, skip = 0, False, 0
    parts: list[bytes] = []
    size = 0
    for piece in pieces:
        at, begin, counted = skip, 0, 0
        skip = 0
        while True:
            match = (_IN_STRING if in_string else _TOKEN).search(piece, at)
            if depth == 0 and not in_string:
                garbage = piece[at : match.start() if match else len(piece)].strip(_BETWEEN)
                if garbage:
                    yield Element(line + piece.count(b"\n", counted, at), garbage[:200], "garbage")
            if match is None:
                break
            token, previous, at = match[0], at, match.end()
            if in_string:
                in_string = token == b"\\"
                at += in_string
                continue
            if token == b'"':
                in_string = True
            if token[:1] == b'"':
                if depth == 0:
                    yield Element(line + piece.count(b"\n", counted, match.start()), token[:200], "garbage")
            elif token in (b"{", b"["):
                if depth == 0:
                    if token == b"[" and not outer:
                        outer = True
                        continue
                    begin = match.start()
                    line += piece.count(b"\n", counted, begin)
                    counted, start_line = begin, line
                depth += 1
            elif depth == 0:
                if token == b"]" and outer and not closed:
                    closed = True
                else:
                    yield Element(line + piece.count(b"\n", counted, previous), token, "garbage")
            else:
                depth -= 1
                if depth == 0:
                    parts.append(piece[begin:at])
                    size += at - begin
                    text = b"".join(parts)
                    yield Element(start_line, text[:MAX_RECORD_BYTES], "too large" if size > MAX_RECORD_BYTES else "")
                    parts, size = [], 0
        skip = max(0, at - len(piece))
        line += piece.count(b"\n", counted)
        if depth:
            size += len(piece) - begin
            if sum(map(len, parts)) <= MAX_RECORD_BYTES:
                parts.append(piece[begin:])
    if depth or in_string or (outer and not closed):
        yield Element(start_line if depth else line, b"".join(parts)[:MAX_RECORD_BYTES], "unfinished")


FORMATS = (FileFormat("jsonl", (".jsonl", ".ndjson", ".json"), read_json, 10, starts=(b"{", b"[")),)
