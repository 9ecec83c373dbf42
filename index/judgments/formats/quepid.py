"""Judgments in a table or in JSON lines with query, product and rating; Quepid's books with a column for each rater."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from endcap.errors import InputError
from endcap.index.csv_cells import from_cell
from endcap.index.judgments.columns import (
    NO_RATERS,
    QUERY_IDS,
    RATERS,
    given,
    id_of,
    is_number,
    letters,
    named,
    numbered_raters,
    own_names,
    product_of,
)
from endcap.index.judgments.format_record import (
    COMMENTS,
    JudgmentFormat,
    PlacedRow,
    Rating,
    Ratings,
    each,
    no_column,
    table_rows,
)
from endcap.index.judgments.judgments import RowError
from endcap.index.judgments.query_texts import find_query_texts, query_text
from endcap.index.readers.json_split import split_elements
from endcap.index.readers.record import Place

COLUMNS = ("query", "docid", "rating")


def quepid(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """A table ``query,docid,rating``, by these or other names. A row without a rating, as Quepid writes it, is unrated.

    With a column that names who rated (``rater``, ``annotator``, ...), a pair may have several rows: people's votes.
    """

    def rating(item: PlacedRow) -> Rating | None:
        place, row = item
        names = _names(place, row, COLUMNS)
        query, docid, rated = (_cell(row[names[name]]) for name in COLUMNS)
        if query.startswith("#") and not rated.strip() and not docid.strip():
            found.left_out[COMMENTS] += 1
            return None
        rater = named(row, RATERS)
        return Rating(place, query, docid, given(rated), _cell(row[rater]).strip() if rater else "")

    found = Ratings(())
    found.rows = each(table_rows(path, "csv", left_out=found.left_out), rating)
    return found


def records(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """JSON lines, or one JSON array, of records with a query, a product and a rating."""

    def rating(item: PlacedRow) -> Rating:
        place, record = item
        names = _names(place, record, COLUMNS)
        rater = named(record, RATERS)
        query, docid = id_of(record[names["query"]]), product_of(record[names["docid"]])
        judge = id_of(record[rater]) if rater else ""
        return Rating(place, query, docid, given(record[names["rating"]]), judge)

    found = Ratings(())
    found.rows = each(table_rows(path, "jsonl", left_out=found.left_out), rating)
    return found


def by_id(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """A table with the queries' ids, whose texts are in a file beside it."""
    texts = find_query_texts([path.parent], path, queries)

    def rating(item: PlacedRow) -> Rating:
        place, row = item
        names, query_id = _names(place, row, COLUMNS[1:]), named(row, QUERY_IDS)
        text = query_text(place, _cell(row[query_id]), texts)
        return Rating(place, text, _cell(row[names["docid"]]), given(_cell(row[names["rating"]])))

    found = Ratings((), query_ids=texts)
    found.rows = each(table_rows(path, "csv", left_out=found.left_out), rating)
    return found


def raters(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """A table ``query,docid`` with a column for each person who rated, as Quepid exports a book. All are votes.

    A column is a person's where it holds numbers alone; the others are named in the notes.
    """
    numeric: dict[str, tuple[int, int]] = {}
    names: Mapping[str, str] = {}
    for item in table_rows(path, "csv"):
        if isinstance(item, RowError):
            continue
        row = item[1]
        for column, value in row.items():
            if given(_cell(value)) is not None:
                numbers, filled = numeric.get(column, (0, 0))
                numeric[column] = numbers + is_number(_cell(value)), filled + 1
        names = {name: column for name, column in own_names(row).items() if name != "rating"}
    numbered = numbered_raters(numeric)
    people = [
        column
        for column, (numbers, filled) in numeric.items()
        if numbers == filled
        and column not in names.values()
        and letters(column) not in NO_RATERS
        and (not numbered or column in numbered)
    ]
    if not people:
        raise InputError(f"{path}: no column holds ratings, which are numbers; it has {', '.join(numeric)}.")

    def rows() -> Iterator[Rating | RowError]:
        for item in table_rows(path, "csv", left_out=found.left_out):
            if isinstance(item, RowError):
                yield item
                continue
            place, row = item
            query, docid = _cell(row[names["query"]]), _cell(row[names["docid"]])
            rated = [column for column in people if given(_cell(row[column])) is not None]
            if not rated:
                yield Rating(place, query, docid, None)
            for column in rated:
                yield Rating(place, query, docid, _cell(row[column]), column)

    found = Ratings(rows())
    found.notes.append(f"a column for each of {len(people)} raters: {', '.join(people[:8])}")
    others = [column for column in numeric if column not in people and column not in names.values()]
    for column in others:
        numbers, filled = numeric[column]
        if filled < 2 * numbers < 2 * filled and letters(column) not in NO_RATERS:
            found.warnings.append(
                f"column {column!r} is not read as a rater's: {filled - numbers:,} of its {filled:,} values are no "
                "numbers. Mend them, if it holds ratings."
            )
    alike = [column for column in others if numeric[column][0] == numeric[column][1] and letters(column) in NO_RATERS]
    if alike:
        found.warnings.append(
            f"columns {', '.join(map(repr, alike[:8]))} hold numbers alone, but by their names no rater's, "
            "and are not read: rename them, if they are people's"
        )
    if others:
        found.notes.append(f"columns that are no ratings: {', '.join(others[:8])}")
    return found


def _cell(value: Any) -> str:
    return from_cell(value) if isinstance(value, str) else id_of(value)


def _names(place: Place, row: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, str]:
    names = own_names(row)
    if missing := next((name for name in wanted if name not in names), ""):
        raise no_column(place, row, missing)
    return names


def _has(columns: Sequence[str], *names: str) -> bool:
    return set(names) <= own_names(columns).keys()


def _has_real_query(columns: Sequence[str]) -> bool:
    return _has(columns, *COLUMNS) and not numbered_raters(columns)


def _has_raters(columns: Sequence[str]) -> bool:
    names = own_names(columns)
    are_several = "rating" not in names or bool(numbered_raters(columns))
    return _has(columns, "query", "docid") and are_several and len(columns) > len(names)


def _is_records(start: bytes) -> bool:
    if start.lstrip()[:1] not in (b"{", b"["):
        return False
    first = next(split_elements(iter([start])), None)
    try:
        record: Any = orjson.loads(first.text) if first is not None and not first.problem else None
    except orjson.JSONDecodeError:
        return False
    if not isinstance(record, Mapping) or not _has(list(record), *COLUMNS):
        return False
    return isinstance(record[own_names(record)["query"]], (str, int, float))  # a product's keywords are a list


_BY_ID = "columns of the query's id, the product and the rating, and a file of the queries' texts"
FORMATS = (
    JudgmentFormat("quepid", quepid, "a first line that names query, docid and rating", 30, by_columns=_has_real_query),
    JudgmentFormat("records", records, "JSON records with query, docid and rating", 75, by_head=_is_records),
    JudgmentFormat(
        "by-id", by_id, _BY_ID, 77, by_columns=lambda c: _has(c, "docid", "rating") and bool(named(c, QUERY_IDS))
    ),
    JudgmentFormat("raters", raters, "columns query and docid, and one for each rater", 80, by_columns=_has_raters),
)
