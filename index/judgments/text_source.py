"""A file of judgments as a text, in whatever encoding spreadsheets write, without the comments before its first row."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import suppress
from functools import cache
from itertools import islice
from pathlib import Path

from endcap.errors import InputError
from endcap.index.readers.files import CHUNK_BYTES, Damaged, Source, head, lines, raw_chunks

PARQUET = b"PAR1"
_EXCEL = re.compile(rb'"?sep=."?', re.IGNORECASE)
"""A line before the first row that tells Excel the delimiter."""


def text_source(path: Path, *, comments: bool = False) -> Source:
    """The file with the encoding that it is in; ``comments``: without the comments before its first row."""
    encoding = encoding_of(str(path), path.stat().st_mtime_ns if path.is_file() else 0)
    source = Source(path, encoding=encoding, span=(0.0, 1.0))
    return source._replace(skip=comments_before(source)) if comments else source


@cache
def encoding_of(path: str, changed: int) -> str:
    """Empty for UTF-8 (and for what is no text), else ``utf-16…`` or ``cp1252``, as Windows writes Western languages.

    Raises ``InputError`` where it is none of them.
    """
    source = Source(Path(path))
    start = next(iter(_whole_chunks(source)), b"")
    if start.startswith((PARQUET, b"PK\x03\x04")):
        return ""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if wide := _wide(start[:4096]):
        return wide
    fault = _fault_in(source, "utf-8")
    if fault is None or b"\0" in start:
        return ""
    if _fault_in(source, "cp1252") is None:
        return "cp1252"
    raise InputError(f"{path}: the file is neither UTF-8 ({fault}), UTF-16 nor cp1252. Save it as UTF-8.")


def _whole_chunks(source: Source) -> Iterator[bytes]:
    """The chunks as far as the file goes: where it breaks off is said by who reads it."""
    with suppress(Damaged):
        yield from raw_chunks(source, CHUNK_BYTES)


def _fault_in(source: Source, encoding: str) -> UnicodeDecodeError | None:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        for chunk in _whole_chunks(source):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return error
    return None


def _wide(start: bytes) -> str:
    """UTF-16 without its mark: half the bytes of a Western text are zeros."""
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) <= len(start) // 4 or min(even, odd) > len(start) // 16:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def comments_before(source: Source) -> int:
    """How many lines before the first row are empty or begin with ``#``; a first line that names columns is a row."""
    if head(source).startswith(PARQUET):
        return 0
    count = 0
    for number, line, _ in islice(lines(source), 1_000):
        if line.strip() and not line.lstrip().startswith(b"#") and not _EXCEL.fullmatch(line.strip()):
            break
        count = number
    else:
        return 0
    return count
