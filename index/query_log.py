"""A query log: what people typed, and how often."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.readers.files import Source, whole_text
from endcap.index.readers.formats.table import likely_delimiter

QUERY_NAMES = ("query", "user_query", "query_text", "search_term", "search_query", "keywords", "keyword", "q", "term")
COUNT_NAMES = ("count", "n", "frequency", "searches", "hits", "total")
MAX_CHARACTERS = 500
"""A longer line is hardly something that a person searched for."""


@dataclass(frozen=True, slots=True)
class OddLine:
    """A line that gave no query, and why."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class QueryLog:
    """Queries with how often each was searched, the most frequent first; equal ones are counted together.

    Two queries are equal if they differ only in case and blanks; the first spelling is kept.
    """

    name: str
    format: str
    counts: Mapping[str, int]
    odd: tuple[OddLine, ...]

    @property
    def searches(self) -> int:
        """How many searches the log holds."""
        return sum(self.counts.values())


Entry = tuple[int, str | None, Any]
"""Line number, the query or None, and its count or, without a query, the reason."""


def read_query_log(path: Path) -> QueryLog:
    """The queries of a file: plain text (one a line), CSV or TSV with a query column, JSONL, or a UBI export.

    Which it is, the file's ending and its first line say; it may be gzipped. Odd lines are kept in ``odd``. Raises
    InputError where the file can't be read, is no text, or has no query at all.
    """
    source = Source(path)
    text = whole_text(source).decode("utf-8", "replace")
    form = _format(source.suffix, text)
    counts: dict[str, int] = {}
    spelling: dict[str, str] = {}
    odd = []
    for line, query, count in _READERS[form](text):
        reason = str(count) if query is None else _reason(query, count)
        if reason or query is None:
            odd.append(OddLine(line, reason))
            continue
        clean = " ".join(query.split())
        first = spelling.setdefault(clean.casefold(), clean)
        counts[first] = counts.get(first, 0) + int(count)
    if not counts:
        reason = f"; line {odd[0].line}: {odd[0].reason}" if odd else ""
        raise InputError(f"{path} holds no query (read as {form}{reason}). One query a line will do.")
    ordered = dict(sorted(counts.items(), key=lambda pair: -pair[1]))
    return QueryLog(path.name, form, ordered, tuple(odd))


def _format(suffix: str, text: str) -> str:
    first = text.lstrip().partition("\n")[0].strip()
    if suffix in (".csv", ".tsv"):
        return suffix[1:]
    if suffix == ".json" or (first.startswith("[") and suffix not in (".txt", ".log")):
        return "json" if _is_json(text) else "jsonl"
    if suffix in (".jsonl", ".ndjson") or first.startswith('{"'):
        return "jsonl"
    for form, delimiter in (("csv", ","), ("csv", ";"), ("tsv", "\t")):
        if delimiter in first and any(
            cell.strip().strip('"').lower() in QUERY_NAMES for cell in first.split(delimiter)
        ):
            return form
    return "text"


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _reason(query: str, count: Any) -> str:
    if not query.strip():
        return "empty"
    if len(query) > MAX_CHARACTERS:
        return f"{len(query)} characters; a query has at most {MAX_CHARACTERS}"
    if "\ufffd" in query:
        return "not valid UTF-8"
    if not isinstance(count, int) or isinstance(count, bool) or count < 1:
        return f"the count is {count!r}, not a whole number of at least 1"
    if not any(character.isalnum() for character in query):
        return f"no letter or digit in {query.strip()[:20]!r}"
    return ""


def _table(text: str, delimiter: str) -> Iterator[Entry]:
    # Not by read_table: a short row or a wrong byte is a fault in a catalogue; in a log the query beside it counts.
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        head = [name.strip().lower() for name in next(rows, [])]
        query_at, count_at = _column(head, QUERY_NAMES), _column(head, COUNT_NAMES)
        if query_at is None:
            yield 1, None, f"no column is called {', '.join(QUERY_NAMES[:4])}; the columns are {', '.join(head[:10])}"
            return
        for row in rows:
            if len(row) <= query_at:
                yield rows.line_num, None, "empty" if not any(row) else "no query in this row"
            else:
                count = row[count_at] if count_at is not None and count_at < len(row) else "1"
                yield rows.line_num, row[query_at], _number(count)
    except csv.Error as error:
        yield rows.line_num, None, f"not readable as CSV: {error}"


def _column(head: Sequence[str], names: Iterable[str]) -> int | None:
    return next((head.index(name) for name in names if name in head), None)


def _number(value: Any) -> Any:
    try:
        number = float(value)
    except (TypeError, ValueError):
        return value
    return int(number) if number == number and abs(number) < 1e15 and number.is_integer() else value


def _jsonl(text: str) -> Iterator[Entry]:
    for number, line in enumerate(text.splitlines(), 1):
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
            yield _entry(number, record)


def _json(text: str) -> Iterator[Entry]:
    data = json.loads(text)
    if isinstance(data, dict) and isinstance(data.get("hits"), dict):
        data = data["hits"].get("hits", [])
    for number, record in enumerate(data if isinstance(data, list) else [data], 1):
        yield _entry(number, record)


def _entry(number: int, record: Any) -> Entry:
    if isinstance(record, str):
        return number, record, 1
    if isinstance(record, dict) and isinstance(record.get("_source"), dict):
        record = record["_source"]
    if not isinstance(record, dict):
        return number, None, f"neither a text nor an object but {type(record).__name__}"
    for name in QUERY_NAMES:
        # UBI's ``query`` is the engine's whole body; what was typed stands in ``user_query``.
        if isinstance(record.get(name), str) and not (name == "query" and isinstance(record.get("user_query"), str)):
            count = next((record[key] for key in COUNT_NAMES if key in record), 1)
            return number, record[name], _number(count)
    return number, None, f"no field is called {', '.join(QUERY_NAMES[:4])}"


_READERS: Mapping[str, Callable[[str], Iterator[Entry]]] = {
    "text": lambda text: ((number, line, 1) for number, line in enumerate(text.removesuffix("\n").split("\n"), 1)),
    "csv": lambda text: _table(text, likely_delimiter(text.lstrip().partition("\n")[0])),
    "tsv": lambda text: _table(text, "\t"),
    "jsonl": _jsonl,
    "json": _json,
}
