"""Labels in words, which are given a grade: those of the Shopping Queries Data Set, and of Wayfair's WANDS."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from endcap.index.judgments.format_record import JudgmentFormat, table_rows
from endcap.index.judgments.judgments import Collector, Judgments, by_label
from endcap.index.judgments.query_texts import query_text, read_query_texts
from endcap.index.product import words

ESCI_LABELS = {"E": 3, "S": 2, "C": 1, "I": 0}
ESCI_COLUMNS = ("query", "product_id", "esci_label")
WANDS_LABELS = {"Exact": 3, "Partial": 1, "Irrelevant": 0}
"""Our choice, the owner gives no numbers: between Exact and Irrelevant, Partial is nearer to Irrelevant."""
WANDS_COLUMNS = ("query_id", "product_id", "label")


def esci_labels(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """The examples of the Shopping Queries Data Set; options are a locale, a split and a version (small, large)."""
    selected: dict[str, Any] = {}
    for option in options:
        if option in ("train", "test"):
            selected["split"] = option
        elif option in ("small", "large"):
            selected[f"{option}_version"] = 1
        else:
            selected["product_locale"] = option
    collector = Collector()
    for place, row in table_rows(path, "esci", *ESCI_COLUMNS, *selected):
        if all(str(row[name]) == str(value) for name, value in selected.items()):
            grade = by_label(place, row["esci_label"], ESCI_LABELS)
            collector.add(place, words(row["query"]), words(row["product_id"]), grade)
    return collector.judgments(path, ":".join(["esci", *options]), ESCI_LABELS)


def wands_labels(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """WANDS: a folder with ``label.csv`` and ``query.csv``, or the former with the latter beside."""
    path = path / "label.csv" if path.is_dir() else path
    texts = read_query_texts(queries or path.with_name("query.csv"))
    collector = Collector()
    for place, row in table_rows(path, "csv", *WANDS_COLUMNS):
        text = query_text(place, row["query_id"], texts)
        collector.add(place, text, row["product_id"], by_label(place, row["label"], WANDS_LABELS))
    return collector.judgments(path, "wands", WANDS_LABELS)


FORMATS = (
    JudgmentFormat("esci", esci_labels, 50, by_columns=set(ESCI_COLUMNS).issubset, options=True),
    JudgmentFormat("wands", wands_labels, 60, by_columns=set(WANDS_COLUMNS).issubset, whole_folder=True),
)
