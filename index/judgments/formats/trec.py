"""Judgments as TREC writes them: qrels."""

from collections.abc import Sequence
from pathlib import Path

from endcap.errors import InputError
from endcap.index.judgments.format_record import JudgmentFormat
from endcap.index.judgments.judgments import AS_THEY_ARE, Collector, Judgments, as_grade
from endcap.index.judgments.query_texts import find_query_texts, plain_lines, query_text
from endcap.index.readers.files import Source


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


def _is_qrels(start: bytes) -> bool:
    columns = start.lstrip().partition(b"\n")[0].split()
    return len(columns) == 4 and columns[3].lstrip(b"-").isdigit()


FORMATS = (JudgmentFormat("trec", trec, 10, by_lines=_is_qrels),)
