"""Judgments in a table or in JSON lines with query, product and rating; Quepid's books with a column for each rater."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from endcap.errors import InputError
from endcap.index.csv_cells import from_cell
from endcap.index.judgments.columns import NO_RATERS, QUERY_IDS, RATERS, UNRATED, letters, named, own_names
from endcap.index.judgments.format_record import COMMENTS, JudgmentFormat, Rating, Ratings, check_columns, table_rows
from endcap.index.judgments.query_texts import find_query_texts, query_text
from endcap.index.product import words
from endcap.index.readers.json_split import split_elements

COLUMNS = ("query", "docid", "rating")


def quepid(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """A table ``query,docid,rating``, by these or other names. A row without a rating, as Quepid writes it, is unrated.

    With a column that names who rated (``rater``, ``annotator``, ...), a pair may have several rows: people's votes.
    """

    def rows() -> Iterator[Rating]:
        for place, row in table_rows(path, "csv", left_out=found.left_out):
            names = own_names(row)
            check_columns(place, names, *COLUMNS)
            query, docid, rating = (_cell(row[names[name]]) for name in COLUMNS)
            if query.startswith("#") and not rating.strip() and not docid.strip():
                found.left_out[COMMENTS] += 1
                continue
            rater = named(row, RATERS)
            yield Rating(place, query, docid, _given(rating), _cell(row[rater]).strip() if rater else "")

    found = Ratings(rows())
    return found


def records(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """JSON lines, or one JSON array, of records with a query, a product and a rating."""

    def rows() -> Iterator[Rating]:
        for place, record in table_rows(path, "jsonl", left_out=found.left_out):
            names = own_names(record)
            check_columns(place, {**record, **names}, *COLUMNS)
            rater = named(record, RATERS)
            query, docid = _text(record[names["query"]]), _text(record[names["docid"]])
            rating, judge = record[names["rating"]], _text(record[rater]) if rater else ""
            yield Rating(place, query, docid, _given(rating), judge)

    found = Ratings(rows())
    return found


def by_id(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """A table with the queries' ids, whose texts are in a file beside it."""
    texts = find_query_texts([path.parent], path, queries)

    def rows() -> Iterator[Rating]:
        for place, row in table_rows(path, "csv", left_out=found.left_out):
            names, query_id = own_names(row), named(row, QUERY_IDS)
            check_columns(place, {**row, **names}, "docid", "rating")
            text = query_text(place, _cell(row[query_id]), texts)
            yield Rating(place, text, _cell(row[names["docid"]]), _given(_cell(row[names["rating"]])))

    found = Ratings(rows(), query_ids=texts)
    return found


def raters(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """A table ``query,docid`` with a column for each person who rated, as Quepid exports a book. All are votes.

    A column is a person's where it holds numbers alone; the others are named in the notes.
    """
    numeric: dict[str, bool] = {}
    for _, row in table_rows(path, "csv"):
        for column, value in row.items():
            if _given(_cell(value)) is not None:
                numeric[column] = numeric.get(column, True) and _is_number(_cell(value))
        names = own_names(row)
    people = [
        column
        for column, is_numeric in numeric.items()
        if is_numeric and column not in names.values() and letters(column) not in NO_RATERS
    ]
    if not people:
        raise InputError(f"{path}: no column holds ratings, which are numbers; it has {', '.join(numeric)}.")

    def rows() -> Iterator[Rating]:
        for place, row in table_rows(path, "csv", left_out=found.left_out):
            query, docid = _cell(row[names["query"]]), _cell(row[names["docid"]])
            given = [column for column in people if _given(_cell(row[column])) is not None]
            if not given:
                yield Rating(place, query, docid, None)
            for column in given:
                yield Rating(place, query, docid, _cell(row[column]), column)

    found = Ratings(rows())
    found.notes.append(f"a column for each of {len(people)} raters: {', '.join(people[:8])}")
    if others := [column for column in numeric if column not in people and column not in names.values()]:
        found.notes.append(f"columns that are no ratings: {', '.join(others[:8])}")
    return found


def _given(rating: Any) -> Any:
    """The rating, or None where none was given."""
    missing = rating is None or rating != rating or (isinstance(rating, str) and rating.strip().lower() in UNRATED)
    return None if missing else rating


def _cell(value: Any) -> str:
    return from_cell(value) if isinstance(value, str) else _text(value)


def _text(value: Any) -> str:
    """A value of JSON or Parquet as the id or query that it is: 101, never 101.0 where it is a whole number."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else words(value)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _has(columns: Sequence[str], *names: str) -> bool:
    return set(names) <= own_names(columns).keys()


def _has_real_query(columns: Sequence[str]) -> bool:
    return _has(columns, *COLUMNS)


def _has_raters(columns: Sequence[str]) -> bool:
    names = own_names(columns)
    return _has(columns, "query", "docid") and "rating" not in names and len(columns) > len(names)


def _is_records(start: bytes) -> bool:
    if start.lstrip()[:1] not in (b"{", b"["):
        return False
    first = next(split_elements(iter([start])), None)
    try:
        record: Any = orjson.loads(first.text) if first is not None and not first.problem else None
    except orjson.JSONDecodeError:
        return False
    return isinstance(record, Mapping) and _has(list(record), *COLUMNS)


_BY_ID = "columns of the query's id, the product and the rating, and a file of the queries' texts"
FORMATS = (
    JudgmentFormat("quepid", quepid, "a first line that names query, docid and rating", 30, by_columns=_has_real_query),
    JudgmentFormat("records", records, "JSON records with query, docid and rating", 75, by_head=_is_records),
    JudgmentFormat(
        "by-id", by_id, _BY_ID, 77, by_columns=lambda c: _has(c, "docid", "rating") and bool(named(c, QUERY_IDS))
    ),
    JudgmentFormat("raters", raters, "columns query and docid, and one for each rater", 80, by_columns=_has_raters),
)
