"""Labels of the Shopping Queries Data Set."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from endcap.index.judgments.format_record import JudgmentFormat, table_rows
from endcap.index.judgments.judgments import Collector, Judgments, by_label
from endcap.index.product import words

LABELS = {"E": 3, "S": 2, "C": 1, "I": 0}
SPLITS, VERSIONS = ("train", "test"), ("small", "large")
COLUMNS = ("query", "product_id", "esci_label")


def esci(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """The examples of the Shopping Queries Data Set; options are a locale, a split and a version (small, large)."""
    selected: dict[str, Any] = {}
    for option in options:
        if option in SPLITS:
            selected["split"] = option
        elif option in VERSIONS:
            selected[f"{option}_version"] = 1
        else:
            selected["product_locale"] = option
    collector = Collector()
    for place, row in table_rows(path, "esci", *COLUMNS, *selected):
        if all(str(row[name]) == str(value) for name, value in selected.items()):
            grade = by_label(place, row["esci_label"], LABELS)
            collector.add(place, words(row["query"]), words(row["product_id"]), grade)
    return collector.judgments(path, ":".join(["esci", *options]), LABELS)


FORMATS = (JudgmentFormat("esci", esci, 50, by_columns=set(COLUMNS).issubset, options=True),)
