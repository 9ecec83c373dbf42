"""The rows of a query log, by its layout: a line number, the query, and how often; or why there is no query."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from endcap.index.query_log_cells import (
    COUNT_NAMES,
    FIRST_NO_QUERIES,
    NO_QUERIES,
    QUERY_NAMES,
    column,
    count_of,
    query_of,
)
from endcap.index.query_log_lines import TOO_LONG, LogLines
from endcap.index.readers.formats.table import DELIMITERS

HEAD_LINES = 40
"""Within so many lines a table's columns are named; what comes before them is a report's title."""
MOST_JOINED = 50
SAMPLE = 1_000

OVERLONG = "it is over 1 MiB"

Row = tuple[int, str | None, Any]
"""Line number, the query or None, and its count or, without a query, the reason."""

_LOG_LINE = re.compile(
    r"""^\s*\d{1,3}(?:\.\d{1,3}){3}\s          # an address, as web servers write it
    | \bHTTP/\d(?:\.\d)?\b
    | ^\s*\[?\d{4}[-/]\d\d[-/]\d\d[T ]\d\d:\d\d  # a time
    | ^\s*<?\d*>?\s*[A-Z][a-z]{2}\s+\d{1,2}\s\d\d:\d\d:\d\d\s  # syslog's
    | ^\s*(?:GET|POST|PUT|HEAD)\s+(?:/|https?:)
    | ^\s*(?:https?://\S+|<[!?/a-zA-Z].*>\s*$)""",
    re.VERBOSE,
)
_SLOW_LOG = re.compile(r"(?:slowlog|\btook\[).*?\bsource\[(\{.*?\})\](?:,\s*\w[\w-]*\[[^\]]*\])*,?\s*$")
_COUNTED_BY_UNIQ = re.compile(r"(?=.{7} )\s*(\d+) (\S.*)")


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns are called; empty: found out."""

    query: str = ""
    count: str = ""


def is_log_line(line: str) -> bool:
    """Whether a server wrote it, and nobody typed it."""
    return _LOG_LINE.search(line) is not None


def is_slow_log(line: str) -> bool:
    """Whether it is a line of a search engine's slow log, whose logger OpenSearch shortens to ``[i.s.s.query ]``."""
    return "slowlog" in line or all(part in line for part in ("took[", "search_type[", "source[{"))


def head_of_table(lines: list[str], columns: Columns, delimiter: str = "") -> tuple[int, str] | None:
    """At which line (from 0) a table's columns are named, and what parts them; None where no query column is.

    Before it stand comments, blanks and lines of fewer columns alone: a report's title, and never a row.
    """
    for at, line in enumerate(lines[:HEAD_LINES]):
        if is_no_row(line) and not _is_marked_head(lines, at, columns):
            continue
        line = line.removeprefix("#")
        for mark in (delimiter,) if delimiter else sorted(DELIMITERS, key=line.count, reverse=True):
            cells = _cells(line, mark)
            known = column(cells, QUERY_NAMES, columns.query) is not None
            # Adobe leaves the first column's name to the next line, which has its total.
            below = _cells(lines[at + 1], mark) if at + 1 < len(lines) else []
            unnamed = len(cells) > 1 and not cells[0].strip() and column(cells, COUNT_NAMES, columns.count) is not None
            unnamed = unnamed and column(below[:1], QUERY_NAMES, columns.query) is not None
            if known or unnamed:
                above = [each for each in lines[:at] if not is_no_row(each)]
                if all(each.count(mark) < line.count(mark) for each in above):
                    return at, mark
    return None


def _is_marked_head(lines: list[str], at: int, columns: Columns) -> bool:
    """Whether a comment names the columns of the row below it: ``# query,count`` above ``phone,12``."""
    line, below = lines[at], next(iter(lines[at + 1 : at + 2]), "")
    if not line.startswith("#") or is_no_row(below):
        return False
    marks = (mark for mark in DELIMITERS if line.count(mark) == below.count(mark) > 0)
    return any(column(_cells(line.removeprefix("#"), mark), QUERY_NAMES, columns.query) is not None for mark in marks)


def is_no_row(line: str) -> bool:
    """Blank, a comment, or what tells Excel the delimiter."""
    return not line.strip() or line.lstrip().startswith("#") or line.strip().casefold().startswith("sep=")


def table_rows(feed: LogLines, columns: Columns, delimiter: str = "") -> Iterator[Row]:
    """Rows of a table whose columns are named in one of the first lines; no quote swallows the rows after it."""
    lines = feed.ahead(HEAD_LINES + 1)
    found = head_of_table(lines, columns, delimiter)
    if found is None:
        first = next((line for line in lines if line.strip()), "")
        shown = ", ".join(_cells(first, delimiter or max(DELIMITERS, key=first.count))[:10])
        wanted = repr(columns.query) if columns.query else ", ".join(QUERY_NAMES[:4])
        yield 1, None, f"no column is called {wanted}; the columns are {shown:.200}"
        return
    at, mark = found
    for place, above in enumerate(lines[:at], 1):
        if above.strip():
            yield place, None, f"it stands before the columns' names: {above.strip()[:40]!r}"
    head = _cells(lines[at].removeprefix("#"), mark)
    feed.take(at + 1)
    query_at = column(head, QUERY_NAMES, columns.query) or 0
    count_at = column(head, COUNT_NAMES, columns.count)
    if columns.count and count_at is None:
        yield at + 1, None, f"no column is called {columns.count!r}; the columns are {', '.join(head)[:200]}"
        return
    named_below = not head[query_at].strip()
    while feed.ahead(1):
        line = feed.number
        row, taken = _record(feed, mark, len(head), query_at, count_at)
        feed.take(taken)
        if row == [TOO_LONG]:
            yield line, None, OVERLONG
        elif len(row) == 1 < len(head) and row[0].lstrip().startswith("#"):
            yield line, None, f"a report's comment: {row[0].strip()[:40]!r}"
        elif len(row) <= query_at:
            yield line, None, "empty" if not any(row) else "no query in this row"
        elif row[query_at].strip().casefold() in (FIRST_NO_QUERIES if line == at + 2 else NO_QUERIES) or (
            line == at + 2 and (named_below or _is_total(row[query_at], head[query_at]))
        ):
            yield line, None, f"{row[query_at].strip()!r} is a report's word and no query"
        else:
            count = row[count_at] if count_at is not None and count_at < len(row) else "1"
            query, reason = query_of(row[query_at])
            yield line, query, count_of(count) if query is not None else reason


def _is_total(cell: str, name: str) -> bool:
    """Whether the first row's query is its column's name of several words, as Adobe writes the sum of all."""
    return " " in name.strip() and cell.strip().casefold() == name.strip().casefold()


def _record(feed: LogLines, mark: str, width: int, query_at: int, count_at: int | None) -> tuple[list[str], int]:
    """The cells of the record that begins with the next line, and how many lines it has: more than one only where a
    quoted cell can't be but broken over lines."""
    line = feed.ahead(1)[0]
    if '"' not in line:
        return line.split(mark), 1
    if (row := _strict(line, mark)) is not None:
        return row, 1
    joined, lines = line, feed.ahead(MOST_JOINED)
    for more in range(1, len(lines)):
        below = lines[more]
        joined += "\n" + below
        if '"' not in below:
            continue
        row = _strict(joined, mark)
        whole_rows = all(len(lines[n].split(mark)) == width for n in range(1, more + 1))
        if row is not None and len(row) == width and not whole_rows:
            asked = [row[query_at], *([row[count_at]] if count_at is not None else [])]
            if not any("\n" in cell for cell in asked):
                return row, more + 1
        break
    return [_unquoted(cell) for cell in line.split(mark)], 1


def _strict(text: str, mark: str) -> list[str] | None:
    """The one record of a text, or None where a quote in it is not closed, or closed within a word."""
    try:
        rows = list(csv.reader(text.split("\n") if "\n" not in text else _kept(text), delimiter=mark, strict=True))
    except csv.Error:
        return None
    return rows[0] if len(rows) == 1 else None


def _kept(text: str) -> list[str]:
    return text.splitlines(keepends=True)


def _unquoted(cell: str) -> str:
    bare = cell.strip()
    if len(bare) > 1 and bare[0] == bare[-1] == '"':
        return bare[1:-1].replace('""', '"')
    return bare.removeprefix('"') if bare.count('"') == 1 else bare


def _cells(line: str, mark: str) -> list[str]:
    row = _strict(line, mark)
    return [_unquoted(cell) for cell in line.split(mark)] if row is None else row


def text_rows(feed: LogLines, columns: Columns) -> Iterator[Row]:
    """A query a line; of ``uniq -c`` and of pairs between tabs with the count; of a slow log the text of the body."""
    filled = [line for line in feed.ahead(SAMPLE) if line.strip()]
    by_uniq = bool(filled) and all(_COUNTED_BY_UNIQ.fullmatch(line) for line in filled)
    pairs = bool(filled) and all(line.count("\t") == 1 and _is_count(line.split("\t")[1]) for line in filled)
    for number, line in feed:
        if line == TOO_LONG:
            yield number, None, OVERLONG
        elif is_slow_log(line) and (slow := _SLOW_LOG.search(line)):
            query, reason = query_of(slow.group(1))
            is_body = query != slow.group(1)
            yield number, (query if is_body else None), reason or (1 if is_body else "its body is cut off")
        elif is_log_line(line):
            yield number, None, f"a server's line, which nobody typed: {line.strip()[:60]!r}"
        elif number == 1 and line.startswith("#") and column([line[1:]], QUERY_NAMES) is not None:
            yield number, None, f"a comment that names the column: {line.strip()[:40]!r}"
        elif by_uniq and (counted := _COUNTED_BY_UNIQ.fullmatch(line)):
            yield number, counted.group(2), int(counted.group(1))
        elif pairs and line.count("\t") == 1:
            query, _, count = line.partition("\t")
            yield number, query, count_of(count)
        else:
            yield number, line, 1


def _is_count(text: str) -> bool:
    return isinstance(count_of(text), int)
