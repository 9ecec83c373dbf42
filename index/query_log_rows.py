"""The rows of a query log, by its layout: a line number, the query, and how often; or why there is no query."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Mapping
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
from endcap.index.readers.formats.table import DELIMITERS

HEAD_LINES = 40
"""Within so many lines a table's columns are named; what comes before them is a report's title."""
MOST_JOINED = 50
SAMPLE = 1_000

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
        if is_no_row(line):
            continue
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


def is_no_row(line: str) -> bool:
    """Blank, a comment, or what tells Excel the delimiter."""
    return not line.strip() or line.lstrip().startswith("#") or line.strip().casefold().startswith("sep=")


def table_rows(lines: list[str], columns: Columns, delimiter: str = "") -> Iterator[Row]:
    """Rows of a table whose columns are named in one of the first lines; no quote swallows the rows after it."""
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
    head = _cells(lines[at], mark)
    query_at = column(head, QUERY_NAMES, columns.query) or 0
    count_at = column(head, COUNT_NAMES, columns.count)
    if columns.count and count_at is None:
        yield at + 1, None, f"no column is called {columns.count!r}; the columns are {', '.join(head)[:200]}"
        return
    named_below = not head[query_at].strip()
    number = at + 1
    while number < len(lines):
        row, taken = _record(lines, number, mark, len(head), query_at, count_at)
        line, number = number + 1, number + taken
        if len(row) == 1 < len(head) and row[0].lstrip().startswith("#"):
            yield line, None, f"a report's comment: {row[0].strip()[:40]!r}"
        elif len(row) <= query_at:
            yield line, None, "empty" if not any(row) else "no query in this row"
        elif row[query_at].strip().casefold() in (FIRST_NO_QUERIES if line == at + 2 else NO_QUERIES) or (
            named_below and line == at + 2
        ):
            yield line, None, f"{row[query_at].strip()!r} is a report's word and no query"
        else:
            count = row[count_at] if count_at is not None and count_at < len(row) else "1"
            query, reason = query_of(row[query_at])
            yield line, query, count_of(count) if query is not None else reason


def _record(
    lines: list[str], at: int, mark: str, width: int, query_at: int, count_at: int | None
) -> tuple[list[str], int]:
    """The cells of the record that begins at a line, and how many lines it has: more than one only where a quoted cell
    can't be but broken over lines."""
    line = lines[at]
    if '"' not in line:
        return line.split(mark), 1
    if (row := _strict(line, mark)) is not None:
        return row, 1
    joined = line
    for more in range(1, min(MOST_JOINED, len(lines) - at)):
        below = lines[at + more]
        joined += "\n" + below
        if '"' not in below:
            continue
        row = _strict(joined, mark)
        whole_rows = all(len(lines[at + n].split(mark)) == width for n in range(1, more + 1))
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


def text_rows(lines: list[str], columns: Columns) -> Iterator[Row]:
    """A query a line; of ``uniq -c`` and of pairs between tabs with the count; of a slow log the text of the body."""
    filled = [line for line in lines[:SAMPLE] if line.strip()]
    by_uniq = bool(filled) and all(_COUNTED_BY_UNIQ.fullmatch(line) for line in filled)
    pairs = bool(filled) and all(line.count("\t") == 1 and _is_count(line.split("\t")[1]) for line in filled)
    for number, line in enumerate(lines, 1):
        if is_slow_log(line) and (slow := _SLOW_LOG.search(line)):
            query, reason = query_of(slow.group(1))
            is_body = query != slow.group(1)
            yield number, (query if is_body else None), reason or (1 if is_body else "its body is cut off")
        elif is_log_line(line):
            yield number, None, f"a server's line, which nobody typed: {line.strip()[:60]!r}"
        elif by_uniq and (counted := _COUNTED_BY_UNIQ.fullmatch(line)):
            yield number, counted.group(2), int(counted.group(1))
        elif pairs and line.count("\t") == 1:
            query, _, count = line.partition("\t")
            yield number, query, count_of(count)
        else:
            yield number, line, 1


def _is_count(text: str) -> bool:
    return isinstance(count_of(text), int)


def jsonl_rows(lines: list[str], columns: Columns) -> Iterator[Row]:
    """An object or a text a line."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            yield number, None, "empty"
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            yield number, None, "not JSON"
            continue
        # The lines between documents of a bulk or export file name the index, not a query.
        if not (isinstance(record, dict) and set(record) <= {"index", "create"} and record):
            yield _entry(number, record, columns)


def json_rows(text: str, columns: Columns) -> Iterator[Row]:
    """The records of one JSON value: a list, or an answer of a search engine's or an analytics service's API."""
    data = json.loads(text)
    for number, record in enumerate(_records(data), 1):
        yield _entry(number, record, columns)


def _records(data: Any) -> list[Any]:
    if isinstance(data, dict):
        if isinstance(data.get("hits"), dict) and data["hits"].get("hits"):
            return list(data["hits"]["hits"])
        aggregations = data.get("aggregations")
        if isinstance(aggregations, dict):
            return [b for each in aggregations.values() if isinstance(each, dict) for b in each.get("buckets", ())]
        for name in ("searches", "rows", "queries", "data", "results"):  # Algolia's, Google's, others'
            if isinstance(data.get(name), list):
                return list(data[name])
    return list(data) if isinstance(data, list) else [data]


def _entry(number: int, record: Any, columns: Columns) -> Row:
    if isinstance(record, str):
        return number, record, 1
    if isinstance(record, dict) and isinstance(record.get("_source"), dict):
        record = record["_source"]
    if not isinstance(record, dict):
        return number, None, f"neither a text nor an object but {type(record).__name__}"
    record = _of_google(record)
    names = [name for name in record if isinstance(record[name], str) or (columns.query and name == columns.query)]
    at = column(names, ("key", *QUERY_NAMES) if "doc_count" in record else QUERY_NAMES, columns.query)
    if at is None and not columns.query:  # a slow log's has the whole body; ECS calls it elasticsearch.slowlog.source
        bodies = [name for name in names if name.rpartition(".")[2] == "source" and record[name].startswith("{")]
        at = names.index(bodies[0]) if bodies else None
    if at is None:
        wanted = repr(columns.query) if columns.query else ", ".join(QUERY_NAMES[:4])
        return number, None, f"no field is called {wanted}; there are {', '.join(record)[:100] or 'none'}"
    keys = list(record)
    count_at = column(keys, COUNT_NAMES, columns.count)
    if columns.count and count_at is None:
        return number, None, f"no field is called {columns.count!r}"
    value = record[names[at]]
    if not isinstance(value, str):
        return number, None, f"{names[at]} is no text but {type(value).__name__}"
    if value.strip().casefold() in NO_QUERIES:
        return number, None, f"{value.strip()!r} is a report's word and no query"
    query, reason = query_of(value)
    if query is None:
        return number, None, reason
    return number, query, count_of(record[keys[count_at]]) if count_at is not None else 1


def _of_google(record: Mapping[str, Any]) -> dict[str, Any]:
    """A row of Search Console's or GA4's API by names; others as they are."""
    keys, dimensions, metrics = (record.get(name) for name in ("keys", "dimensionValues", "metricValues"))
    if isinstance(keys, list) and len(keys) == 1:
        return {"query": keys[0], **{name: value for name, value in record.items() if name != "keys"}}
    if isinstance(dimensions, list) and len(dimensions) == 1 and isinstance(dimensions[0], dict):
        first = metrics[0] if isinstance(metrics, list) and metrics and isinstance(metrics[0], dict) else {}
        return {"query": dimensions[0].get("value"), **({"count": first["value"]} if "value" in first else {})}
    return dict(record)
