"""A query log: what people typed, and how often."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.query_log_rows import (
    SAMPLE,
    Columns,
    Row,
    head_of_table,
    is_log_line,
    is_no_row,
    is_slow_log,
    json_rows,
    jsonl_rows,
    table_rows,
    text_rows,
)
from endcap.index.readers.files import HEAD_BYTES, Damaged, Source, damaged, raw_chunks, sources, utf_16, whole_text

MAX_CHARACTERS = 500
"""A longer line is hardly something that a person searched for."""
SHOWN = 5
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
    a query's first, one of ``merged`` into it, or in ``odd``.
    """

    name: str
    format: str
    counts: Mapping[str, int]
    odd: tuple[OddLine, ...]
    rows: int = 0
    merged: int = 0

    @property
    def searches(self) -> int:
        """How many searches the log holds."""
        return sum(self.counts.values())

    def account(self) -> str:
        """What became of the rows, in a sentence; of those without a query the first are named."""
        said = (
            f"{self.name} (read as {self.format}): {self.rows:,} rows = {len(self.counts):,} queries + "
            f"{self.merged:,} merged + {len(self.odd):,} rejected"
        )
        shown = "; ".join(f"line {odd.line}: {odd.reason}" for odd in self.odd[:SHOWN])
        more = f"; and {len(self.odd) - SHOWN:,} more" if len(self.odd) > SHOWN else ""
        return f"{said} ({shown}{more})" if shown else said


def read_query_log(path: Path, query_column: str = "", count_column: str = "") -> QueryLog:
    """The queries of a file: plain text, a table, JSON, or what a search engine or an analytics service exports.

    Which it is, the file's ending and its first lines say; it may be packed. ``query_column`` and ``count_column`` name
    columns or fields that are called otherwise than usual. Odd lines are kept in ``odd``. Raises InputError where the
    file can't be read, is no query log, or has no query at all.
    """
    columns = Columns(query_column, count_column)
    streams = sources(path, ENDINGS)
    if not streams:
        raise InputError(f"{path} holds no file that could be a query log ({', '.join(ENDINGS)}).")
    if len(streams) == 1:
        return _read(streams[0], path.name, columns)
    read, refused = [], []
    for stream in streams:  # Search Console packs a report of each kind into one file
        try:
            read.append(_read(stream, Path(stream.name).name, columns))
        except InputError as error:
            refused.append(str(error))
    if len(read) != 1:
        found = ", ".join(log.name for log in read) or "none of them"
        raise InputError(f"{path} holds {len(streams)} files, and query logs are {found}. Unpack it, and give one.")
    return read[0]


def _read(source: Source, name: str, columns: Columns) -> QueryLog:
    text, encoding = _text(source)
    if "\0" in text[:4096]:
        raise InputError(f"{source.name} is no text, so it holds no query. One query a line will do.")
    form, rows = _format(source.suffix, text, columns)
    counts: dict[str, int] = {}
    spelling: dict[str, str] = {}
    odd: list[OddLine] = []
    merged = read = 0
    for line, query, count in rows:
        read += 1
        reason = str(count) if query is None else _reason(query, count)
        if reason or query is None:
            odd.append(OddLine(line, reason))
            continue
        clean = " ".join(query.split())
        first = spelling.setdefault(clean.casefold(), clean)
        merged += first in counts
        counts[first] = counts.get(first, 0) + int(count)
    if form == "text":
        _refuse_other_logs(source.name, text)
    if not counts:
        reason = f"; line {odd[0].line}: {odd[0].reason}" if odd else ""
        raise InputError(
            f"{source.name} holds no query (read as {form}{reason}). One query a line will do; columns of other names "
            "are given with --query-column and --count-column."
        )
    ordered = dict(sorted(counts.items(), key=lambda pair: -pair[1]))
    form = f"{form} in {encoding}" if encoding == "cp1252" else form
    return QueryLog(name, form, ordered, tuple(odd), read, merged)


def _text(source: Source) -> tuple[str, str]:
    """The text, and its encoding where that is not UTF-8: UTF-16, as Excel's "Unicode text" has it, or cp1252.

    A file in which no sign beyond ASCII is UTF-8 was written as cp1252, by Windows; where some are, it is UTF-8 with
    lines that are damaged.
    """
    try:
        wide = utf_16(next(raw_chunks(source, HEAD_BYTES), b""))
    except Damaged as damage:
        raise damaged(source, damage) from damage
    data = whole_text(source._replace(encoding=wide))
    text = data.decode("utf-8", "replace").removeprefix("\ufeff")
    signs = {sign for sign in text if sign > "\x7f"}
    if wide or signs != {"\ufffd"} or b"\xff\xfe" in data:  # a mark of UTF-16 is no word of cp1252
        return text, wide
    try:
        return data.decode("cp1252"), "cp1252"
    except UnicodeDecodeError:
        return text, ""


def _lines(text: str) -> list[str]:
    if "\n" not in text:
        text = text.replace("\r", "\n")  # as old Macs wrote it
    lines = text.removesuffix("\n").split("\n") if text else []
    return [line.removesuffix("\r") for line in lines]


def _format(suffix: str, text: str, columns: Columns) -> tuple[str, Iterator[Row]]:
    """The layout's name, and the rows by it."""
    lines = _lines(text)
    first = next((line.strip() for line in lines if line.strip()), "")
    if suffix in (".csv", ".tsv"):
        return suffix[1:], table_rows(lines, columns, "\t" if suffix == ".tsv" else "")
    if suffix == ".json" or (first.startswith(("[", "{")) and suffix not in (".txt", ".log", ".jsonl", ".ndjson")):
        return ("json", json_rows(text, columns)) if _is_json(text) else ("jsonl", jsonl_rows(lines, columns))
    if suffix in (".jsonl", ".ndjson") or first.startswith('{"'):
        return "jsonl", jsonl_rows(lines, columns)
    found = head_of_table(lines, columns)
    # In a text without an ending the first line has to say that it is a table.
    if found is not None and found[1] in lines[found[0]] and all(map(is_no_row, lines[: found[0]])):
        return ("tsv" if found[1] == "\t" else "csv"), table_rows(lines, columns)
    return "text", text_rows(lines, columns)


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _refuse_other_logs(name: str, text: str) -> None:
    """``InputError`` where most lines are a server's, or of another file than a log."""
    lines = [line for line in _lines(text)[:SAMPLE] if line.strip()]
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
