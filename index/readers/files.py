"""Files as streams of bytes and lines: plain, gzipped, or members of a zip; recognised by content, not by name."""

import codecs
import errno
import lzma
import os
import re
import zipfile
import zlib
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import NamedTemporaryFile, gettempdir
from typing import IO, NamedTuple

from endcap.errors import InputError
from endcap.index.readers.packing import is_packed, unpacked
from endcap.index.readers.record import MAX_RECORD_BYTES
from endcap.progress import reading_step, tell_share

CHUNK_BYTES = 1 << 16
HEAD_BYTES = 4096
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_PACKED = (".gz", ".zip", ".bz2", ".xz", ".zst")
_DAMAGE = (EOFError, OSError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, RuntimeError, NotImplementedError)


class Damaged(Exception):
    """A compressed file ended too early or can't be unpacked; everything before the damage has been read."""


class Source(NamedTuple):
    """One stream of bytes: a file, or one member of a zip file. ``encoding`` names one other than UTF-8, from which a
    text is put into UTF-8 as it is read; of its first ``skip`` lines nothing is read. ``span`` is which part of all
    that is read it is, for those who watch how far that has come; ``(0, 0)``: of a look at a file none is told."""

    path: Path
    member: str = ""
    encoding: str = ""
    skip: int = 0
    span: tuple[float, float] = (0.0, 0.0)

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"{self.path}/{self.member}" if self.member else str(self.path)

    @property
    def suffix(self) -> str:
        """The ending that says what is inside, without that of the packing: ``.json`` of ``1.json.gz``."""
        path = Path((self.member or self.path.name).lower())
        while path.suffix in _PACKED:
            path = path.with_suffix("")
        return path.suffix

    def size(self) -> int:
        """Bytes on the disk, as packed as they are; 0 where it has no size that is known."""
        try:
            if not self.member:
                return self.path.stat().st_size
            with zipfile.ZipFile(self.path) as archive:
                return archive.getinfo(self.member).compress_size
        except (*_DAMAGE, ValueError, KeyError):
            return 0

    def tell(self, share: float) -> None:
        """Say that so much of it, 0 to 1, has been read."""
        first, last = self.span
        if last > first:
            tell_share(first + (last - first) * share)


def with_spans(files: Collection[Source]) -> list[Source]:
    """The sources, each with its part of all their bytes; without it where one has no size, as a pipe."""
    sizes = [source.size() for source in files]
    if not files or not all(sizes):
        return list(files)
    ends = list(accumulate(sizes, initial=0))
    return [s._replace(span=(a / ends[-1], b / ends[-1])) for s, (a, b) in zip(files, pairwise(ends), strict=True)]


def sources(path: Path, endings: Collection[str]) -> list[Source]:
    """The streams that a file holds: itself, or those members of a zip file that have one of the endings."""
    if path.exists() and not path.is_file():
        raise InputError(f"{path}: it is a pipe or a device, and is read more than once. Write it into a file first.")
    with _refused_as_input_error(path), path.open("rb") as file:
        magic = file.read(4)
    if magic != b"PK\x03\x04":
        return [Source(path)]
    try:
        with zipfile.ZipFile(path) as archive:
            names = [info.filename for info in archive.infolist() if not info.is_dir()]
    except (*_DAMAGE, ValueError) as error:
        raise InputError(f"{path}: the zip file is damaged ({error}). Fetch it again.") from error
    if "xl/workbook.xml" in names:
        raise InputError(f"{path}: it is an Excel workbook. Save the sheet as CSV UTF-8, and give that file.")
    names = [name for name in names if not name.startswith("__MACOSX") and not Path(name).name.startswith(".")]
    members = [Source(path, name) for name in sorted(names, key=natural)]
    return [source for source in members if source.suffix in endings]


def known_encoding(name: str) -> str:
    """The encoding as Python calls it, "" for UTF-8; ``InputError`` where there is none of this name."""
    try:
        found = codecs.lookup(name or "utf-8")
        "".encode(found.name)  # not one of bytes to bytes, such as hex
    except (LookupError, ValueError) as error:
        raise InputError(
            f"encoding {name!r} is not known. Use utf-8, cp1252, utf-16 or another of Python's."
        ) from error
    return "" if found.name in ("utf-8", "utf-8-sig") else found.name


def natural(name: str) -> list[tuple[int, str]]:
    """A sort key that puts ``2.json`` before ``10.json``."""
    return [(int(part), "") if part.isdecimal() else (0, part) for part in re.split(r"(\d{1,18})", name.lower())]


def head(source: Source, size: int = HEAD_BYTES) -> bytes:
    """The first bytes, unpacked; as many as there are before any damage."""
    try:
        return next(_chunks_in_utf8(source, size), b"")
    except Damaged:
        return b""


def is_empty(source: Source) -> bool:
    """Whether it has nothing but blanks; what can't be unpacked is not empty."""
    try:
        return not next(_chunks_in_utf8(source, HEAD_BYTES), b"").strip()
    except Damaged:
        return False


def chunks(source: Source) -> Iterator[bytes]:
    """A text file's bytes without the byte order mark, in pieces.

    Raises ``InputError`` where it is UTF-16 or no text at all, ``Damaged`` where the packing breaks off.
    """
    first = True
    for chunk in _chunks_in_utf8(source, CHUNK_BYTES):
        if first:
            chunk = _text(chunk, source)
            first = False
        yield chunk


def whole_text(source: Source) -> bytes:
    """A text file as ``chunks`` gives it, at once. Raises ``InputError`` also where the packing breaks off."""
    try:
        return b"".join(chunks(source))
    except Damaged as damage:
        raise damaged(source, damage) from damage


def damaged(source: Source, damage: Damaged) -> InputError:
    """The error for a file that is no use without its end."""
    return InputError(f"{source.name}: the file breaks off or is damaged ({damage}). Fetch it again.")


def lines(source: Source) -> Iterator[tuple[int, bytes, bool]]:
    """The lines of a text file, as ``lines_of`` gives them, without those that are to be skipped; those of an old Mac,
    which has no other line end, end with CR."""
    start, pieces = head(source, CHUNK_BYTES), chunks(source)
    old = b"\r" in start and b"\n" not in start
    return lines_of((piece.replace(b"\r", b"\n") for piece in pieces) if old else pieces, source.skip)


def lines_of(pieces: Iterable[bytes], skip: int = 0) -> Iterator[tuple[int, bytes, bool]]:
    """Number from 1, bytes without the line feed, and whether it is whole; of an overlong line only the beginning."""
    number, rest, skipping = 1, b"", False
    for chunk in pieces:
        *whole, rest = (rest + chunk).split(b"\n")
        for line in whole:
            if not skipping and number > skip:
                yield number, line[:MAX_RECORD_BYTES], len(line) <= MAX_RECORD_BYTES
            number, skipping = number + 1, False
        if skipping:
            rest = b""
        elif len(rest) > MAX_RECORD_BYTES and number > skip:
            yield number, rest[:MAX_RECORD_BYTES], False
            rest, skipping = b"", True
    if rest and number > skip:
        yield number, rest, True


def utf_16(start: bytes) -> str:
    """The encoding of a text that begins so, where it is UTF-16, with or without its mark; else empty."""
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    even, odd = start[::2].count(0), start[1::2].count(0)
    if max(even, odd) <= len(start) // 4 or min(even, odd) >= len(start) // 16 + 1:
        return ""
    return "utf-16-be" if even > odd else "utf-16-le"


def _text(chunk: bytes, source: Source) -> bytes:
    """The first piece of a text, without its byte order mark."""
    start = chunk[:HEAD_BYTES]
    if name := utf_16(start):
        raise InputError(
            f"{source.name}: the file is UTF-16, not UTF-8. Read it so (--encoding {name}), or save it as UTF-8."
        )
    if start.startswith(b"PAR1"):
        raise InputError(f"{source.name}: the file is Parquet, which this format is not written in: leave it out.")
    if b"\0" in start:
        raise InputError(f"{source.name}: the file is binary, not text. Give JSONL, CSV, TSV or Parquet.")
    return chunk.removeprefix(BYTE_ORDER_MARK)


def _chunks_in_utf8(source: Source, size: int) -> Iterator[bytes]:
    if not source.encoding:
        yield from raw_chunks(source, size)
        return
    decoder = codecs.getincrementaldecoder(source.encoding)()
    pieces = raw_chunks(source, size)
    try:
        for chunk in pieces:
            if text := decoder.decode(chunk):
                yield text.encode("utf-8", "replace")
        if text := decoder.decode(b"", final=True):
            yield text.encode("utf-8", "replace")
    except UnicodeError as error:
        raise InputError(f"{source.name}: the file is not {source.encoding} ({error}).") from error


def raw_chunks(source: Source, size: int) -> Iterator[bytes]:
    """The bytes of a stream, unpacked, in pieces. Raises ``Damaged`` where the packing breaks off."""
    whole = source.size() if source.span[1] else 0
    with _opened(source) as (file, taken):
        while True:
            if whole:  # what was given before has been used by now
                source.tell(taken() / whole)
            try:
                chunk = file.read(size)
            except (*_DAMAGE, ValueError) as error:
                raise Damaged(str(error) or type(error).__name__) from error
            if not chunk:
                return
            yield chunk


@contextmanager
def seekable(source: Source) -> Iterator[Path]:
    """The path of a file that can be read from any place: the source's own, or what is packed in it in a temporary one.

    Raises ``InputError`` where there is no room for that, or the packing breaks off.
    """
    with source.path.open("rb") as file:
        if not source.member and not is_packed(file):
            yield source.path
            return
    with NamedTemporaryFile(suffix=source.suffix, buffering=0) as whole:
        try:
            with reading_step("unpacked"):
                for chunk in raw_chunks(source, CHUNK_BYTES):
                    if whole.write(chunk) != len(chunk):
                        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        except Damaged as damage:
            raise damaged(source, damage) from damage
        except OSError as error:
            raise InputError(
                f"{source.name}: it has to be unpacked first, and can't be ({error.strerror or error}). Make room in "
                f"{gettempdir()}, or set TMPDIR to a folder that has some."
            ) from error
        yield Path(whole.name)


@contextmanager
def _opened(source: Source) -> Iterator[tuple[IO[bytes], Callable[[], int]]]:
    """The stream, and how many bytes of the file have been taken for it."""
    with _refused_as_input_error(source.path):
        file = source.path.open("rb")
    with file:
        if source.member:
            try:
                archive = zipfile.ZipFile(file)
                member: IO[bytes] = archive.open(source.member)
            except (*_DAMAGE, ValueError, KeyError) as error:
                raise Damaged(str(error)) from error
            start = archive.getinfo(source.member).header_offset
            with archive, member:
                yield member, lambda: file.tell() - start
        else:
            with unpacked(file, source.name) as stream:
                yield stream, file.tell


@contextmanager
def _refused_as_input_error(path: Path) -> Iterator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise InputError(f"{path}: there is no such file or folder. Check the path.") from error
    except OSError as error:
        raise InputError(f"{path}: can't be read ({error.strerror or error}).") from error
