"""The demo's searches, with what each of them means; the grades follow from the facts of the products."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from endcap.demo.catalogue import items
from endcap.demo.data_file import check_forms, read_entries
from endcap.demo.judge import Query, judged_all, read_query
from endcap.index.judgments import GRADES, Judgments

REQUIRED = {"text": str, "kind": str, "want": str}
OPTIONAL = {"must": str, "wish": str, "near": str, "also": str}


@cache
def demo_queries() -> tuple[Query, ...]:
    """All searches of ``queries.toml``. Raises InputError with the query, the field and the value that is wrong."""
    return tuple(read_entries("queries.toml", "query", _query))


def _query(table: Mapping[str, Any]) -> Query:
    check_forms(table, REQUIRED, OPTIONAL)
    return read_query(**table)


def judgments() -> Judgments:
    """The grades of all queries, by the rules of ``judge``."""
    grades = judged_all(demo_queries(), items())
    return Judgments("demo", grades, "rules", {str(grade): grade for grade in GRADES})
