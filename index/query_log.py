"""A query log: what people typed, and how often."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.query_log_json import json_rows, jsonl_rows, list_rows
from endcap.index.query_log_lines import TOO_LONG, LogLines, in_its_encoding, is_text, some_text
from endcap.index.query_log_rows import (
    HEAD_LINES,
    SAMPLE,
    Columns,
    Row,
    head_of_table,
    is_log_line,
    is_no_row,
    is_slow_log,
    table_rows,
    text_rows,
)
from endcap.index.readers.files import Source, chunks, head, is_empty, sources
from endcap.progress import Watch, unwatched

MAX_CHARACTERS = 500
"""A longer line is hardly something that a person searched for."""
SHOWN = 5
MOST_ODD = 1_000
"""Of so many odd lines it is kept which they were."""
MOST_WHOLE = 1 << 24
"""A JSON value of up to so many bytes (16 MiB) is read at once; a longer one is a list, read one record at a time."""
ENDINGS = (".csv", ".tsv", ".txt", ".log", ".json", ".jsonl", ".ndjson")


@dataclass(frozen=True, slots=True)
class OddLine:
    """A line that gave no query, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class QueryLog:
    """Queries with how often each was searched, the most frequent first; equal ones are counted together.

    Two queries are equal if they differ only in case and blanks; the first spelling is kept. Each row of the file is
    a query's first, one of ``merged`` into it, or one of the ``rejected``, of which ``odd`` has the first 1,000.
    """

    name: str
    format: str
    counts: Mapping[str, int]
    odd: tuple[OddLine, ...]
    rows: int = 0
    merged: int = 0
    rejected: int = 0

    @property
    def searches(self) -> int:
        """How many searches the log holds."""
        return sum(self.counts.values())

    def account(self) -> str:
        """What became of the rows, in a sentence; of those without a query the first are named."""
        said = (
            f"{self.name} (read as {self.format}): {self.rows:,} rows = {len(self.counts):,} queries + "
            f"{self.merged:,} merged + {self.rejected:,} rejected"
        )
        shown = "; ".join(f"line {odd.line}: {odd.reason}" for odd in self.odd[:SHOWN])
        more = f"; and {self.rejected - SHOWN:,} more" if self.rejected > SHOWN else ""
        return f"{said} ({shown}{more})" if shown else said


def read_query_log(
    path: Path, query_column: str = "", count_column: str = "", encoding: str = "", watch: Watch = unwatched
) -> QueryLog:
    """The queries of a file: plain text, a table, JSON, or what a search engine or an analytics service exports.

    Which it is, the file's ending and its first lines say; it may be packed. ``query_column`` and ``count_column`` name
    columns or fields that are called otherwise than usual, ``encoding`` is found out where none is given; ``watch``
    shows how far it is. One row is held at a time, and each different query. Raises InputError where the file can't be
    read, is no query log, or has no query at all.
    """
    columns = Columns(query_column, count_column)
    streams = sources(path, ENDINGS)
    if not streams:
        raise InputError(f"{path} holds no file that could be a query log ({', '.join(ENDINGS)}).")
    if len(streams) == 1:
        return _read(streams[0], path.name, columns, encoding, watch)
    read, refused = [], []
    for stream in streams:  # Search Console packs a report of each kind into one file
        try:
            read.append(_read(stream, Path(stream.name).name, columns, encoding, watch))
        except InputError as error:
            refused.append(str(error))
    if len(read) != 1:
        found = ", ".join(log.name for log in read) or "none of them"
        raise InputError(f"{path} holds {len(streams)} files, and query logs are {found}. Unpack it, and give one.")
    return read[0]


def _read(source: Source, name: str, columns: Columns, encoding: str, watch: Watch) -> QueryLog:
    source, found = in_its_encoding(source, encoding)
    if not is_text(source):
        raise InputError(f"{source.name} is no text, so it holds no query. One query a line will do.")
    with watch(f"Reading {name}", None) as advance:
        form, rows = _format(source._replace(span=(0.0, 1.0)), columns)
        counts: dict[str, int] = {}
        spelling: dict[str, str] = {}
        odd: list[OddLine] = []
        merged = read = rejected = 0
        for line, query, count in rows:
            read += 1
            advance(read)
            reason = str(count) if query is None else _reason(query, count)
            if reason or query is None:
                rejected += 1
                if len(odd) < MOST_ODD:
                    odd.append(OddLine(line, reason))
                continue
            clean = " ".join(query.split())
            first = spelling.setdefault(clean.casefold(), clean)
            merged += first in counts
            counts[first] = counts.get(first, 0) + int(count)
    if not counts and is_empty(source):
        raise InputError(f"{source.name} is empty. Export it again, or check the path.")
    if not counts:
        reason = f"; line {odd[0].line}: {odd[0].reason}" if odd else ""
        raise InputError(
            f"{source.name} holds no query (read as {form}{reason}). One query a line will do; columns of other names "
            "are given with --query-column and --count-column."
        )
    ordered = dict(sorted(counts.items(), key=lambda pair: -pair[1]))
    form = f"{form} in {found}" if encoding or found == "cp1252" else form
    return QueryLog(name, form, ordered, tuple(odd), read, merged, rejected)


def _format(source: Source, columns: Columns) -> tuple[str, Iterator[Row]]:
    """The layout's name, and the rows by it. Raises ``InputError`` for a server's log, and for other than queries."""
    feed, suffix = LogLines(source), source.suffix
    start = feed.ahead(SAMPLE)
    first = next((line.strip() for line in start if line.strip()), "")
    first = head(source).decode(errors="replace").strip() if first == TOO_LONG else first
    if suffix in (".csv", ".tsv"):
        return suffix[1:], table_rows(feed, columns, "\t" if suffix == ".tsv" else "")
    if suffix == ".json" or (first.startswith(("[", "{")) and suffix not in (".txt", ".log", ".jsonl", ".ndjson")):
        return _json(source, feed, first, columns)
    if suffix in (".jsonl", ".ndjson") or first.startswith('{"'):
        return "jsonl", jsonl_rows(feed, columns)
    found = head_of_table(start[: HEAD_LINES + 1], columns)
    # In a text without an ending the first line has to say that it is a table.
    if found is not None and found[1] in start[found[0]] and all(map(is_no_row, start[: found[0]])):
        return ("tsv" if found[1] == "\t" else "csv"), table_rows(feed, columns)
    _refuse_other_logs(source.name, start)
    return "text", text_rows(feed, columns)


def _json(source: Source, feed: LogLines, first: str, columns: Columns) -> tuple[str, Iterator[Row]]:
    """The rows of one JSON value, or of one a line."""
    text = some_text(source._replace(span=(0.0, 0.0)), MOST_WHOLE)
    if text is None:
        if first.startswith("["):
            return "json", list_rows(chunks(source), columns)
        return "jsonl", jsonl_rows(feed, columns)
    try:
        return "json", json_rows(json.loads(text), columns)
    except (ValueError, RecursionError):
        return "jsonl", jsonl_rows(feed, columns)


def _refuse_other_logs(name: str, start: Sequence[str]) -> None:
    """``InputError`` where most lines are a server's, or of another file than a log."""
    lines = [line for line in start if line.strip()]
    wrong = [line for line in lines if is_log_line(line) and not is_slow_log(line)]
    if len(wrong) * 2 > len(lines):
        raise InputError(
            f"{name} is no query log: {len(wrong):,} of its first {len(lines):,} lines are a server's or a page's, "
            f"such as {wrong[0].strip()[:100]!r}. Take from it what people typed, one query a line, or a table with a "
            "column 'query'."
        )


def _reason(query: str, count: Any) -> str:
    if not query.strip():
        return "empty"
    if len(query) > MAX_CHARACTERS:
        return f"{len(query)} characters; a query has at most {MAX_CHARACTERS}"
    if "\ufffd" in query:
        return "not valid UTF-8"
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        return f"the count is {count!r:.60}, not a whole number of at least 1"
    if not any(character.isalnum() for character in query):
        return f"no letter or digit in {query.strip()[:20]!r}"
    return ""
