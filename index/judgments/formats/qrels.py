"""Grades of products for queries that are named by id: TREC's qrels, and BEIR's."""

from collections.abc import Sequence
from pathlib import Path

from endcap.errors import InputError
from endcap.index.judgments.format_record import JudgmentFormat, table_rows
from endcap.index.judgments.judgments import AS_THEY_ARE, Collector, Judgments, as_grade
from endcap.index.judgments.query_texts import find_query_texts, plain_lines, query_text
from endcap.index.readers.files import Source

BEIR_COLUMNS = ("query-id", "corpus-id", "score")


def trec(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """TREC qrels: lines of query id, an unused column, product id, grade, between blanks."""
    texts = find_query_texts([path.parent], path, queries)
    collector = Collector()
    for place, line in plain_lines(Source(path)):
        columns = line.split()
        if len(columns) != 4:
            raise InputError(f"{place}: {len(columns)} columns; a line should have 4: query id, 0, product id, grade.")
        query_id, _, product_id, rating = columns
        collector.add(place, query_text(place, query_id, texts), product_id, as_grade(place, rating))
    return collector.judgments(path, "trec", AS_THEY_ARE)


def _is_trec(start: bytes) -> bool:
    columns = start.lstrip().partition(b"\n")[0].split()
    return len(columns) == 4 and columns[3].lstrip(b"-").isdigit()


def beir(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
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
    collector = Collector()
    for place, row in table_rows(path, "tsv", *BEIR_COLUMNS):
        text = query_text(place, row["query-id"], texts)
        collector.add(place, text, row["corpus-id"], as_grade(place, row["score"]))
    return collector.judgments(path, "beir", AS_THEY_ARE)


_is_beir = set(BEIR_COLUMNS).issubset
FORMATS = (
    JudgmentFormat("trec", trec, 10, by_lines=_is_trec),
    JudgmentFormat("beir", beir, 20, by_columns=_is_beir, options=True, whole_folder=True, subfolder="qrels"),
)
