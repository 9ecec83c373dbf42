"""Records of CSV and TSV files, as a stream: the first line names the columns, quotes are doubled inside quotes."""

import csv
import logging
import re
from collections import deque
from collections.abc import Iterator
from functools import lru_cache, partial

from endcap.errors import InputError
from endcap.index.readers.files import Damaged, Source, lines
from endcap.index.readers.format_records import FileFormat
from endcap.index.readers.record import MAX_RECORD_BYTES, Fault, Items, Place, Record, not_utf8, too_large

_log = logging.getLogger(__name__)
DELIMITERS = ",\t;|"
_EXCEL = re.compile(rb'"?sep=(.)"?[,;|\t]*', re.IGNORECASE)
"""A line before the columns' names that tells Excel the delimiter."""


class _Unusable(Exception):
    """A line that is not UTF-8 or is overlong; it is a record of its own."""

    def __init__(self, fault: Fault) -> None:
        self.fault = fault


class _Feed(Iterator[str]):
    """Lines for csv's reader that remembers what the record at hand took, so that a runaway quote can be undone."""

    def __init__(self, source: Source) -> None:
        self.name = source.name
        self._lines = lines(source)
        self._again: deque[tuple[int, bytes, bool]] = deque()
        self.taken: list[tuple[int, bytes, bool]] = []
        self._size = 0

    def __next__(self) -> str:
        item = self._again.popleft() if self._again else next(self._lines)
        number, raw, whole = item
        place = Place(self.name, number)
        self.taken.append(item)
        self._size += len(raw)
        if not whole:
            raise _Unusable(too_large(place, raw))
        if self._size > MAX_RECORD_BYTES:
            raise csv.Error("an unclosed quote")
        try:
            return raw.decode().removesuffix("\r") + "\n"
        except UnicodeDecodeError as error:
            raise _Unusable(not_utf8(place, raw, error)) from error

    def next_record(self) -> None:
        """Forget the lines of the record that was read."""
        self.taken, self._size = [], 0

    def only_first(self) -> None:
        """Give back all lines of the record at hand but the first."""
        self._again.extendleft(reversed(self.taken[1:]))
        self.taken = self.taken[:1]

    def text(self) -> bytes:
        return b"\n".join(raw for _, raw, _ in self.taken)


def read_table(source: Source, delimiter: str | None = None, strict: bool = True) -> Items:
    """The rows of a table as records of their columns' names.

    Without a delimiter, the one that stands most often in the first line. Where not ``strict``, a quote that is out of
    place is part of the text. Raises ``InputError`` where the first line can't be the columns' names.
    """
    try:
        yield from _rows(source, delimiter, strict)
    except Damaged as damage:
        place = Place(source.name)
        yield Fault(place, "truncated file", f"the file breaks off or is damaged ({damage}). Fetch it again.")


def _rows(source: Source, delimiter: str | None, strict: bool) -> Items:
    feed = _Feed(source)
    columns: list[str] = []
    reader, first, width = None, True, 0
    while True:
        feed.next_record()
        try:
            if reader is None:
                if not columns and not delimiter:
                    delimiter = _delimiter(source)
                reader = csv.reader(feed, delimiter=delimiter or ",", strict=strict)
            row = next(reader)
        except StopIteration:
            return
        except _Unusable as unusable:
            fault: Fault | None = unusable.fault
            if len(feed.taken) > 1:  # The line broke a record that began before: that one goes first, alone.
                fault = _fault(feed, "an unclosed quote")
        except csv.Error as error:
            fault = _fault(feed, str(error))
        else:
            fault = None
            if not columns:
                if not any(cell.strip() for cell in row):
                    continue
                if row[0].startswith("TemplateType="):  # Amazon's: below it are names for people, then the columns'
                    next(reader, None)
                    continue
                if said := _EXCEL.fullmatch(feed.text().strip(b"\r\n ")):
                    delimiter, reader = said[1].decode(), None
                    continue
                columns, width = _columns(row, source), len(row)
                continue
            if row and any(row):
                place = Place(source.name, feed.taken[0][0])
                if first and len(row) == width + 1 and not row[-1]:
                    width += 1  # a delimiter ends each row, but for that of the columns' names
                first = False
                # where the columns' names alone end with a delimiter, rows are shorter
                if len(row) in (width, len(columns)) and not any(row[len(columns) :]):
                    row = row[: len(columns)]
                    yield Record(place, dict(zip(columns, row, strict=True)), feed.text())
                else:
                    detail = (
                        f"{len(row)} values for {len(columns)} columns. Check quotes and delimiter ({delimiter!r})."
                    )
                    yield Fault(place, "ragged row", detail, feed.text())
        if fault:
            reader = None
            if not columns:
                raise InputError(f"{fault} The first line should name the columns.")
            feed.only_first()
            yield fault


def _fault(feed: _Feed, cause: str) -> Fault:
    place = Place(feed.name, feed.taken[0][0])
    return Fault(place, "broken CSV", f"not valid CSV: {cause}. Check the quotes of the row.", feed.taken[0][1])


def _delimiter(source: Source) -> str:
    """The delimiter of the first line that says something; Excel is told it by a line of its own."""
    texts = (raw.decode(errors="replace").strip("\r\n ") for _, raw, _ in lines(source))
    first = next((text for text in texts if text and not _EXCEL.fullmatch(text.encode())), "")
    return likely_delimiter(re.sub(r'"[^"]*"', "", first))


def likely_delimiter(line: str) -> str:
    """What a table's first line has most often of the characters that may part its columns."""
    return max(DELIMITERS, key=line.count)


def _columns(row: list[str], source: Source) -> list[str]:
    columns = [name.strip() for name in row]
    while columns and not columns[-1]:
        columns.pop()  # a delimiter at the end of the line
    if columns and not columns[0]:
        columns[0] = "#"  # pandas' unnamed index
    if not all(columns):
        place = columns.index("") + 1 if columns else 0
        raise InputError(
            f"{source.name}, line 1: the first line should name the columns; "
            + (f"column {place} has no name. Name or remove it." if place else "it is empty.")
        )
    return _each_once(source.name, tuple(columns))


@lru_cache(maxsize=256)
def _each_once(file: str, columns: tuple[str, ...]) -> list[str]:
    """The names, of which one that stood there before is given a number: the first keeps its name."""
    names, counts, again = dict[str, None](), dict[str, int](), set[str]()
    for name in columns:
        count = counts.get(name, 0) + 1
        new = name if count == 1 else f"{name}.{count}"
        while new in names:  # a column is called so
            count += 1
            new = f"{name}.{count}"
        names[new], counts[name] = None, count
        again |= {name} if new != name else set()
    if again:
        shown = ", ".join(repr(name) for name in sorted(again)[:5])
        _log.warning("%s: more than one column is called %s; the first keeps that name, the next is called %s here.",
                     file, shown, f"{min(again)}.2")  # fmt: skip
    return list(names)


_loosely = partial(read_table, strict=False)
FORMATS = (
    FileFormat("csv", (".csv",), read_table, 20, columns=True, read_loosely=_loosely),
    FileFormat("tsv", (".tsv",), partial(read_table, delimiter="\t"), 30, columns=True, read_loosely=_loosely),
)
