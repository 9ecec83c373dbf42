"""The lines of a query log, as a stream, in whatever encoding it was written."""

from __future__ import annotations

import codecs
from collections import deque
from collections.abc import Iterator

from endcap.index.readers.files import (
    BYTE_ORDER_MARK,
    CHUNK_BYTES,
    HEAD_BYTES,
    Damaged,
    Source,
    chunks,
    damaged,
    head,
    known_encoding,
    lines,
    raw_chunks,
    utf_16,
)

TOO_LONG = "\0"
"""Stands for a line of over 1 MiB."""
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_NOT_CP1252 = frozenset(b"\x81\x8d\x8f\x90\x9d")


class LogLines:
    """The lines, of which some may be looked at before they are taken. ``number`` is that of the next line, from 1."""

    def __init__(self, source: Source) -> None:
        self._lines = _texts(source)
        self._ahead: deque[str] = deque()
        self.number = 1

    def ahead(self, count: int) -> list[str]:
        """The next lines, as many as that or as there are; they are not taken."""
        while len(self._ahead) < count and (line := next(self._lines, None)) is not None:
            self._ahead.append(line)
        return [self._ahead[n] for n in range(min(count, len(self._ahead)))]

    def take(self, count: int = 1) -> None:
        """Go on behind so many of the lines that were looked at."""
        for _ in range(count):
            self._ahead.popleft()
        self.number += count

    def __iter__(self) -> Iterator[tuple[int, str]]:
        while line := self.ahead(1):
            self.take()
            yield self.number - 1, line[0]


def in_its_encoding(source: Source, encoding: str) -> tuple[Source, str]:
    """The source as it is to be read, and the encoding, "" for UTF-8: the one that is named, or else UTF-16, as Excel's
    "Unicode text" has it, or cp1252.

    A file in which no sign beyond ASCII is UTF-8 was written as cp1252, by Windows; where some are, it is UTF-8 with
    lines that are damaged. Raises ``InputError`` where the packing breaks off.
    """
    found = known_encoding(encoding)
    if not encoding:
        try:
            found = utf_16(next(raw_chunks(source, HEAD_BYTES), b"")) or ("cp1252" if _is_cp1252(source) else "")
        except Damaged as damage:
            raise damaged(source, damage) from damage
    return source._replace(encoding=found), found


def _is_cp1252(source: Source) -> bool:
    """Whether there are signs beyond ASCII, of which none is UTF-8 and all are cp1252."""
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    beyond, last = False, b""
    for chunk in raw_chunks(source, CHUNK_BYTES):
        text = decoder.decode(chunk)
        if text.isascii() and chunk.isascii():
            continue
        # A mark of UTF-16 is no word of cp1252.
        if set(text) - {"\ufffd"} - _ASCII or any(mark in last + chunk for mark in _UTF_16) or _NOT_CP1252 & set(chunk):
            return False
        beyond, last = True, chunk[-1:]
    return beyond


_ASCII = frozenset(map(chr, range(128)))


def _texts(source: Source) -> Iterator[str]:
    """Without line ends."""
    try:
        for _, raw, whole in lines(source):
            yield raw.decode("utf-8", "replace").removesuffix("\r") if whole else TOO_LONG
    except Damaged as damage:
        raise damaged(source, damage) from damage


def some_text(source: Source, most: int) -> str | None:
    """The whole text, or None where it has more bytes than that."""
    parts, size = [], 0
    try:
        for chunk in chunks(source):
            size += len(chunk)
            if size > most:
                return None
            parts.append(chunk)
    except Damaged as damage:
        raise damaged(source, damage) from damage
    return b"".join(parts).decode("utf-8", "replace")


def is_text(source: Source) -> bool:
    """Whether what it begins with may be a text."""
    return b"\0" not in head(source).removeprefix(BYTE_ORDER_MARK)
