"""Labels of Wayfair's WANDS."""

from collections.abc import Sequence
from pathlib import Path

from endcap.index.judgments.format_record import JudgmentFormat, table_rows
from endcap.index.judgments.judgments import Collector, Judgments, by_label
from endcap.index.judgments.query_texts import query_text, read_query_texts

LABELS = {"Exact": 3, "Partial": 1, "Irrelevant": 0}
"""Our choice, the owner gives no numbers: between Exact and Irrelevant, Partial is nearer to Irrelevant."""
COLUMNS = ("query_id", "product_id", "label")


def wands(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """WANDS: a folder with ``label.csv`` and ``query.csv``, or the former with the latter beside."""
    path = path / "label.csv" if path.is_dir() else path
    texts = read_query_texts(queries or path.with_name("query.csv"))
    collector = Collector()
    for place, row in table_rows(path, "csv", *COLUMNS):
        text = query_text(place, row["query_id"], texts)
        collector.add(place, text, row["product_id"], by_label(place, row["label"], LABELS))
    return collector.judgments(path, "wands", LABELS)


FORMATS = (JudgmentFormat("wands", wands, 60, by_columns=set(COLUMNS).issubset, whole_folder=True),)
