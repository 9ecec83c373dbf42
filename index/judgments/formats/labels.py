"""Labels in words, which are given a grade: those of the Shopping Queries Data Set, and of Wayfair's WANDS."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from endcap.index.judgments.format_record import JudgmentFormat, PlacedRow, Rating, Ratings, each, table_rows
from endcap.index.judgments.judgments import ANOTHER_PART
from endcap.index.judgments.query_texts import query_text, read_query_texts
from endcap.index.judgments.scales import Labels
from endcap.index.product import words

ESCI_LABELS = {"E": 3, "S": 2, "C": 1, "I": 0}
ESCI_COLUMNS = ("query", "product_id", "esci_label")
WANDS_LABELS = {"Exact": 3, "Partial": 1, "Irrelevant": 0}
"""Our choice, the owner gives no numbers: between Exact and Irrelevant, Partial is nearer to Irrelevant."""
WANDS_COLUMNS = ("query_id", "product_id", "label")


def esci_labels(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """The examples of the Shopping Queries Data Set; options are a locale, a split and a version (small, large)."""
    selected: dict[str, Any] = {}
    for option in options:
        if option in ("train", "test"):
            selected["split"] = option
        elif option in ("small", "large"):
            selected[f"{option}_version"] = 1
        else:
            selected["product_locale"] = option

    def rating(item: PlacedRow) -> Rating | None:
        place, row = item
        if any(str(row[name]) != str(value) for name, value in selected.items()):
            found.left_out[ANOTHER_PART] += 1
            return None
        return Rating(place, words(row["query"]), words(row["product_id"]), row["esci_label"])

    found = Ratings((), Labels(ESCI_LABELS), ":".join(["esci", *options]))
    found.rows = each(table_rows(path, "esci", *ESCI_COLUMNS, *selected, left_out=found.left_out), rating)
    return found


def wands_labels(path: Path, options: Sequence[str], queries: Path | None) -> Ratings:
    """WANDS: a folder with ``label.csv`` and ``query.csv``, or the former with the latter beside."""
    path = path / "label.csv" if path.is_dir() else path
    texts = read_query_texts(queries or path.with_name("query.csv"))

    def rating(item: PlacedRow) -> Rating:
        place, row = item
        return Rating(place, query_text(place, row["query_id"], texts), row["product_id"], row["label"])

    found = Ratings((), Labels(WANDS_LABELS), query_ids=texts)
    found.rows = each(table_rows(path, "csv", *WANDS_COLUMNS, left_out=found.left_out), rating)
    return found


FORMATS = (
    JudgmentFormat(
        "esci",
        esci_labels,
        f"the columns {', '.join(ESCI_COLUMNS)}",
        50,
        by_columns=set(ESCI_COLUMNS).issubset,
        options=True,
    ),
    JudgmentFormat(
        "wands",
        wands_labels,
        f"the columns {', '.join(WANDS_COLUMNS)}",
        60,
        by_columns=set(WANDS_COLUMNS).issubset,
        whole_folder=True,
    ),
)
