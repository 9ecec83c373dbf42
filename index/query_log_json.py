"""The rows of a query log in JSON: an object or a text a line, a list, or the answer of an API."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from endcap.index.query_log_cells import COUNT_NAMES, NO_QUERIES, QUERY_NAMES, column, count_of, query_of
from endcap.index.query_log_lines import TOO_LONG, LogLines
from endcap.index.query_log_rows import OVERLONG, Columns, Row
from endcap.index.readers.json_split import split_elements


def jsonl_rows(feed: LogLines, columns: Columns) -> Iterator[Row]:
    """An object or a text a line."""
    for number, line in feed:
        if line == TOO_LONG:
            yield number, None, OVERLONG
            continue
        if not line.strip():
            yield number, None, "empty"
            continue
        try:
            record = json.loads(line)
        except (ValueError, RecursionError):
            yield number, None, "not JSON"
            continue
        # The lines between documents of a bulk or export file name the index, not a query.
        if not (isinstance(record, dict) and set(record) <= {"index", "create"} and record):
            yield _entry(number, record, columns)


def list_rows(pieces: Iterator[bytes], columns: Columns) -> Iterator[Row]:
    """The records of a JSON list of any length, one at a time."""
    for element in split_elements(pieces):
        try:
            record = json.loads(element.text)
        except (ValueError, RecursionError):
            yield element.line, None, OVERLONG if element.problem == "too large" else "not JSON"
            continue
        yield _entry(element.line, record, columns)


def json_rows(data: Any, columns: Columns) -> Iterator[Row]:
    """The records of one JSON value: a list, or an answer of a search engine's or an analytics service's API."""
    for number, record in enumerate(_records(data), 1):
        yield _entry(number, record, columns)


def _records(data: Any) -> list[Any]:
    if isinstance(data, dict):
        if isinstance(data.get("hits"), dict) and data["hits"].get("hits"):
            return list(data["hits"]["hits"])
        aggregations = data.get("aggregations")
        if isinstance(aggregations, dict):
            return [b for each in aggregations.values() if isinstance(each, dict) for b in each.get("buckets", ())]
        if len(data) > 1 and all(isinstance(count, int) and not isinstance(count, bool) for count in data.values()):
            return [{"query": query, "count": count} for query, count in data.items()]  # counts by their queries
        for name in ("searches", "rows", "queries", "data", "results"):  # Algolia's, Google's, others'
            if isinstance(data.get(name), list):
                return list(data[name])
    return list(data) if isinstance(data, list) else [data]


def _entry(number: int, record: Any, columns: Columns) -> Row:
    if isinstance(record, str):
        return number, record, 1
    if isinstance(record, dict) and isinstance(record.get("_source"), dict):
        record = record["_source"]
    if not isinstance(record, dict):
        return number, None, f"neither a text nor an object but {type(record).__name__}"
    record = _of_google(record)
    names = [name for name in record if isinstance(record[name], str) or (columns.query and name == columns.query)]
    at = column(names, ("key", *QUERY_NAMES) if "doc_count" in record else QUERY_NAMES, columns.query)
    if at is None and not columns.query:  # a slow log's has the whole body; ECS calls it elasticsearch.slowlog.source
        bodies = [name for name in names if name.rpartition(".")[2] == "source" and record[name].startswith("{")]
        at = names.index(bodies[0]) if bodies else None
    if at is None:
        wanted = repr(columns.query) if columns.query else ", ".join(QUERY_NAMES[:4])
        return number, None, f"no field is called {wanted}; there are {', '.join(record)[:100] or 'none'}"
    keys = list(record)
    count_at = column(keys, COUNT_NAMES, columns.count)
    if columns.count and count_at is None:
        return number, None, f"no field is called {columns.count!r}"
    value = record[names[at]]
    if not isinstance(value, str):
        return number, None, f"{names[at]} is no text but {type(value).__name__}"
    if value.strip().casefold() in NO_QUERIES:
        return number, None, f"{value.strip()!r} is a report's word and no query"
    query, reason = query_of(value)
    if query is None:
        return number, None, reason
    return number, query, count_of(record[keys[count_at]]) if count_at is not None else 1


def _of_google(record: Mapping[str, Any]) -> dict[str, Any]:
    """A row of Search Console's or GA4's API by names; others as they are."""
    keys, dimensions, metrics = (record.get(name) for name in ("keys", "dimensionValues", "metricValues"))
    if isinstance(keys, list) and len(keys) == 1:
        return {"query": keys[0], **{name: value for name, value in record.items() if name != "keys"}}
    if isinstance(dimensions, list) and len(dimensions) == 1 and isinstance(dimensions[0], dict):
        first = metrics[0] if isinstance(metrics, list) and metrics and isinstance(metrics[0], dict) else {}
        return {"query": dimensions[0].get("value"), **({"count": first["value"]} if "value" in first else {})}
    return dict(record)
