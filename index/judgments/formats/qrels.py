"""Grades of products for queries that are named by id: TREC's qrels, and BEIR's."""

import csv
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.judgments.columns import is_number
from endcap.index.judgments.format_record import (
    COMMENTS,
    JudgmentFormat,
    PlacedRow,
    Rating,
    Ratings,
    each,
    table_rows,
)
from endcap.index.judgments.judgments import RowError
from endcap.index.judgments.query_texts import BESIDE, find_query_texts, plain_lines, query_text
from endcap.index.judgments.scales import Scale
from endcap.index.judgments.text_source import text_source
from endcap.index.readers.record import Place

BEIR_COLUMNS = ("query-id", "corpus-id", "score")
DELIMITERS = "\t,;|"
PEEKED = 500


def trec(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """TREC qrels: query id, an unused column, product id, grade, between blanks, tabs, commas, semicolons or bars.

    Three columns leave out the unused one. Where no file has the queries' texts, and the first column holds several
    words, it holds the texts themselves.
    """
    first = next((line for _, line in plain_lines(text_source(path)) if not line.startswith("#")), "")
    delimiter = _delimiter(first)
    width = len(_cells(first, delimiter))
    has_more = _has_more(_cells(first, delimiter))
    beside = queries is not None or any((path.parent / name).is_file() for name in BESIDE)
    peeked = (_cells(line, delimiter) for _, line in islice(plain_lines(text_source(path)), PEEKED))
    has_texts = bool(delimiter) and not beside and any(" " in cells[0].strip() for cells in peeked if cells)
    texts = {} if has_texts else find_query_texts([path.parent], path, queries)

    def rating(item: tuple[Place, str]) -> Rating | None:
        place, line = item
        cells = _cells(line, delimiter)
        while delimiter and len(cells) > width and not cells[-1]:
            cells.pop()  # a delimiter at the end of the line
        if line.lstrip().startswith("#") and (len(cells) != width or line.lstrip().startswith("# ")):
            found.left_out[COMMENTS] += 1
            return None
        cells = cells[:4] if has_more and len(cells) == width else cells
        if len(cells) != (4 if has_more else width) or (width not in (3, 4) and not has_more):
            wanted = width if width in (3, 4) else 4
            detail = f"{len(cells)} columns; a line should have {wanted}: query id, 0, product id, grade."
            raise RowError(place, "cut otherwise", detail)
        text = cells[0] if has_texts else query_text(place, cells[0], texts)
        return Rating(place, text, cells[-2], cells[-1] or None)

    found = Ratings((), query_ids=texts)
    found.scale = TrecScale(found)
    found.rows = each(plain_lines(text_source(path)), rating)
    if has_more:
        found.notes.append("columns after the fourth are not read")
    if has_texts:
        found.notes.append("the first column holds the queries' texts")
    return found


class TrecScale(Scale):
    """Grades as they are; a negative one counts as 0, as trec_eval has it (TREC's -2 is spam), and it is said."""

    def __init__(self, found: Ratings) -> None:
        self._found = found

    def grade(self, place: object, rating: Any) -> float:
        """The grade."""
        if rating.startswith("-") and is_number(rating) and float(rating) < 0:
            if not self._found.warnings:
                self._found.warnings.append(
                    f"negative grades count as 0, as TREC has them ({place}: {rating}); where the scale begins below "
                    "0, say it, as in --grades=-2..2"
                )
            return 0
        return super().grade(place, rating)


def _has_more(cells: Sequence[str]) -> bool:
    """Whether something stands behind the four columns of qrels, such as who judged."""
    return 4 < len(cells) < 8 and cells[1].upper() in ("0", "Q0") and is_number(cells[3])


def _delimiter(line: str) -> str:
    """What parts the columns; empty for blanks."""
    cells = line.split()
    if "\t" not in line and len(cells) == 4 and is_number(cells[-1]):
        return ""
    found = next((sign for sign in DELIMITERS if len(_cells(line, sign)) in (3, 4)), "")
    return found or next((sign for sign in DELIMITERS if _has_more(_cells(line, sign))), "")


def _cells(line: str, delimiter: str) -> list[str]:
    if not delimiter:
        return line.split()
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=delimiter), [])]
    except csv.Error:
        return line.split(delimiter)


def _is_trec(start: bytes) -> bool:
    text = start.decode(errors="replace")
    line = next((line for line in text.split("\n") if line.strip() and not line.startswith("#")), "").rstrip("\r")
    delimiter = _delimiter(line)
    cells = _cells(line, delimiter)
    if _has_more(cells):
        return True
    return len(cells) in ((3, 4) if delimiter else (4,)) and is_number(cells[-1]) and bool(cells[0])


def beir(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """BEIR: a folder with ``queries.jsonl`` and ``qrels/SPLIT.tsv``, or one such file; the option is the split."""
    if path.is_dir():
        folder = path / "qrels" if (path / "qrels").is_dir() else path
        splits = {file.stem: file for file in sorted(folder.glob("*.tsv"))}
        split = options[0] if options else next(iter(splits), "") if len(splits) == 1 else ""
        if split not in splits:
            names = ", ".join(f"beir:{name}" for name in splits) or "none"
            raise InputError(f"{folder}: say which split to read, as in format beir:test. There are: {names}.")
        path = splits[split]
    elif options:
        raise InputError(f"{path}: a split ({options[0]!r}) is chosen in a folder; this is one file.")
    texts = find_query_texts([path.parent.parent, path.parent], path, queries)

    def rating(item: PlacedRow) -> Rating:
        place, row = item
        return Rating(place, query_text(place, row["query-id"], texts), row["corpus-id"], row["score"])

    found = Ratings((), query_ids=texts)
    found.rows = each(table_rows(path, "tsv", *BEIR_COLUMNS, left_out=found.left_out), rating)
    return found


_is_beir = set(BEIR_COLUMNS).issubset
_BEIR = f"the columns {', '.join(BEIR_COLUMNS)}, or a folder qrels/"
FORMATS = (
    JudgmentFormat("trec", trec, "lines of query id, 0, product id, grade", 10, by_lines=_is_trec),
    JudgmentFormat("beir", beir, _BEIR, 20, by_columns=_is_beir, options=True, whole_folder=True, subfolder="qrels"),
)
