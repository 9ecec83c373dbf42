"""Labels of the Shopping Queries Data Set."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from endcap.index.judgments.format_record import JudgmentFormat, check_columns
from endcap.index.judgments.judgments import Collector, Judgments, by_label
from endcap.index.judgments.query_texts import readable_records
from endcap.index.product import words
from endcap.index.readers.files import Source
from endcap.index.readers.known_formats import read_records

LABELS = {"E": 3, "S": 2, "C": 1, "I": 0}
SPLITS, VERSIONS = ("train", "test"), ("small", "large")
COLUMNS = ("query", "product_id", "esci_label")


def esci(path: Path, options: Sequence[str], queries: Path | None) -> Judgments:
    """The examples of the Shopping Queries Data Set; options are a locale, a split and a version (small, large)."""
    wanted: dict[str, Any] = {}
    for option in options:
        if option in SPLITS:
            wanted["split"] = option
        elif option in VERSIONS:
            wanted[f"{option}_version"] = 1
        else:
            wanted["product_locale"] = option
    collector = Collector()
    for record in readable_records(read_records(Source(path), "esci")):
        row, place = record.value, record.place
        check_columns(place, row, *COLUMNS, *wanted)
        if all(str(row[name]) == str(value) for name, value in wanted.items()):
            grade = by_label(place, row["esci_label"], LABELS)
            collector.add(place, words(row["query"]), words(row["product_id"]), grade)
    return collector.judgments(path, ":".join(["esci", *options]), LABELS)


FORMATS = (JudgmentFormat("esci", esci, 50, by_columns=set(COLUMNS).issubset, options=True),)
