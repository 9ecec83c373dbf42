"""Cuts the objects out of a big JSON text that comes in pieces, without parsing it; holds one object at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from endcap.index.readers.record import MAX_RECORD_BYTES

# Possessive and atomic, so that an unfinished string costs one pass and no backtracking.
_TOKEN = re.compile(rb'"(?>[^"\\]+|\\.)*+"|["\[\]{}]', re.DOTALL)
_IN_STRING = re.compile(rb'["\\]')
MAX_NAME = 1000
"""Of what belongs to no object, so much is given."""
_BETWEEN = b" \t\r\n,"


class Pieces:
    """A text in pieces, of which one that is not used up may be put back."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._back = pieces, b""

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece, self._back = self._back, b""
        return piece or next(self._pieces)

    def put_back(self, piece: bytes) -> None:
        """Let this be the next piece."""
        self._back = piece


class Element(NamedTuple):
    """One element of an array: its line, its text, and what is wrong with it where something is. A "page" is the rest
    of a piece."""

    line: int
    text: bytes
    problem: str = ""


def split_elements(pieces: Iterator[bytes], until_page: bool = False) -> Iterator[Element]:
    """Cut the top-level objects out of a JSON text that comes in pieces; holds one element, never the whole.

    Only brackets and strings are looked at, so that an object that is not valid JSON does not hide the next one. With
    ``until_page`` an object that is in no array and has no name is the last element, and what is in it is not read.
    """
    line = start_line = 1
    outer = closed = named = False
    depth, in_string, skip = 0, False, 0
    parts: list[bytes] = []
    outside: list[bytes] = []  # a string that belongs to no object, and goes over several pieces
    size = 0
    for piece in pieces:
        at, begin, counted = skip, 0, 0
        if skip and in_string and depth == 0:
            outside.append(piece[:skip])
        skip = 0
        while True:
            match = (_IN_STRING if in_string else _TOKEN).search(piece, at)
            if depth == 0 and not in_string:
                garbage = piece[at : match.start() if match else len(piece)].strip(_BETWEEN)
                if garbage:
                    named = garbage[-1:] == b":"
                    yield Element(line + piece.count(b"\n", counted, at), garbage[:200], "garbage")
            if match is None:
                if in_string and depth == 0:
                    outside.append(piece[at:])
                break
            token, previous, at = match[0], at, match.end()
            if in_string:
                in_string = token == b"\\"
                at += in_string
                if depth == 0:
                    outside.append(piece[previous:at])
                if depth == 0 and not in_string:
                    yield Element(line, b"".join(outside)[:MAX_NAME], "garbage")
                    outside = []
                continue
            if token == b'"':
                in_string = True
            if token[:1] == b'"':
                named = named and depth > 0
                if depth == 0 and token == b'"':
                    outside = [token]
                elif depth == 0:
                    yield Element(line + piece.count(b"\n", counted, match.start()), token[:MAX_NAME], "garbage")
            elif token in (b"{", b"["):
                if depth == 0:
                    if token == b"[" and (not outer or (closed and not named)):  # arrays may follow one another
                        outer, closed = True, False
                        continue
                    if until_page and token == b"{" and not named and (closed or not outer):
                        line += piece.count(b"\n", counted, match.start())
                        yield Element(line, piece[match.start() :], "page")
                        return
                    named = False
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
