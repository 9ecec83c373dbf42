"""The storefront's judgments as files for other tools: Quepid, OpenSearch's search relevance, TREC, JSON lines."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import orjson

from endcap.errors import InputError
from endcap.index.csv_cells import as_cell
from endcap.index.judgments.events import Event, collected, grades_by_judge


@dataclass(frozen=True, slots=True)
class Export:
    """A file to hand out: its name, its media type and its bytes."""

    name: str
    media_type: str
    content: bytes


def _quepid(events: list[Event], name: str) -> Export:
    rows = [
        (as_cell(query), as_cell(product), grade, as_cell(judge))
        for (query, product), judges in grades_by_judge(events).items()
        for judge, grade in judges.items()
    ]
    text = io.StringIO()
    # The library quotes no carriage return where it does not end lines.
    has_returns = any("\r" in str(cell) for row in rows for cell in row)
    csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL if has_returns else csv.QUOTE_MINIMAL).writerows(
        [("query", "docid", "rating", "rater"), *rows]
    )
    return Export(f"{name}-judgments.csv", "text/csv; charset=utf-8", text.getvalue().encode())


def _search_relevance(events: list[Event], name: str) -> Export:
    lists = [
        {"query": query, "ratings": [{"docId": product, "rating": str(grade)} for product, grade in products.items()]}
        for query, products in _medians(events).items()
    ]
    body = {
        "name": f"{name} judgments",
        "description": "Judged in endcap's storefront, grades 0 to 3",
        "type": "IMPORT_JUDGMENT",
        "judgmentRatings": lists,
    }
    content = orjson.dumps(body, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)
    return Export(f"{name}-judgments.json", "application/json", content)


def _qrels(events: list[Event], name: str) -> Export:
    """A zip of two files: qrels name queries by number, and have no place for their texts."""
    lines, texts = [], []
    for number, (query, products) in enumerate(_medians(events).items(), 1):
        texts.append(orjson.dumps({"_id": str(number), "text": query}, option=orjson.OPT_APPEND_NEWLINE))
        for product, grade in products.items():
            if product.split() != [product]:
                raise InputError(
                    f"the product id {product!r:.80} has a blank in it, and qrels divide columns by blanks. Export as "
                    "quepid or search-relevance."
                )
            lines.append(f"{number} 0 {product} {grade}\n".encode())
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("judgments.qrels", b"".join(lines))
        archive.writestr("queries.jsonl", b"".join(texts))
    return Export(f"{name}-qrels.zip", "application/zip", file.getvalue())


def _json_lines(events: list[Event], name: str) -> Export:
    content = b"".join(event.line() for event in events)
    return Export(f"{name}-judgments.jsonl", "application/x-ndjson", content)


EXPORTS: Mapping[str, Callable[[list[Event], str], Export]] = {
    "quepid": _quepid,
    "search-relevance": _search_relevance,
    "qrels": _qrels,
    "jsonl": _json_lines,
}


def export_judgments(events: list[Event], name: str, format: str) -> Export:
    """The events of a shop called ``name`` as a file of one of ``EXPORTS``.

    ``quepid`` and ``jsonl`` keep who judged what. The others have one grade a pair: the median of its judges (of two
    middle ones the lower), as the readers make it of votes. Raises ``InputError`` for an unknown format, where there is
    no judgment yet, and where an id can't stand in qrels.
    """
    if format not in EXPORTS:
        raise InputError(f"the format {format!r:.80} is not known. Use one of {', '.join(EXPORTS)}.")
    if not grades_by_judge(events):
        raise InputError("there is no judgment yet. Judge a product, then export.")
    return EXPORTS[format](events, name)


def _medians(events: list[Event]) -> Mapping[str, Mapping[str, float]]:
    return collected(grades_by_judge(events), "the judgments").grades
