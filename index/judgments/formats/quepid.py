"""Judgments as Quepid exports them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from endcap.index.csv_cells import from_cell
from endcap.index.judgments.format_record import JudgmentFormat, check_columns, table_rows
from endcap.index.judgments.judgments import AS_THEY_ARE, Collector, Judgments, as_grade

COLUMNS = ("query", "docid", "rating")
RATERS = ("rater", "annotator", "assessor", "judge", "rated_by")


def _own_names(columns: Iterable[str]) -> dict[str, str]:
    """``{query, docid, rating: the column's own name}`` of those there are; Quepid's exports spell them in many ways.

    ``query,docid,rating``, ``Query Text,Doc ID,Rating``, ...
    """
    by_letters = {re.sub(r"[^a-z]", "", column.lower()): column for column in reversed(list(columns))}
    if "querytext" in by_letters:
        by_letters["query"] = by_letters["querytext"]
    return {name: by_letters[name] for name in COLUMNS if name in by_letters}


def quepid(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """Quepid's CSV: ``query,docid,rating``. A row without a rating, as Quepid writes it, is unrated and left out.

    With a column that names who rated (``rater``, ``annotator``, ...), a pair may have several rows: people's votes.
    """
    collector = Collector()
    for place, row in table_rows(path, "csv"):
        names = _own_names(row)
        check_columns(place, {**row, **names}, *COLUMNS)
        query, docid, rating = (from_cell(row[names[name]]) for name in COLUMNS)
        if not rating.strip():
            collector.n_unrated += 1
            continue
        collector.add(place, query, docid, as_grade(place, rating), _rater(row))
    return collector.judgments(path, "quepid", AS_THEY_ARE)


def _rater(row: Mapping[str, str]) -> str:
    """Who gave a row's rating; empty where no column says it."""
    named = {re.sub(r"[^a-z]+", "_", column.lower()).strip("_"): column for column in row}
    return next((from_cell(row[named[name]].strip()) for name in RATERS if name in named), "")


FORMATS = (JudgmentFormat("quepid", quepid, 30, by_columns=lambda columns: len(_own_names(columns)) == len(COLUMNS)),)
