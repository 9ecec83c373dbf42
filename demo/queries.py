"""The demo's searches, with what each of them means; the grades follow from the facts of the products."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from endcap.demo.catalogue import items
from endcap.demo.data_file import check_forms, read_entries, read_field
from endcap.demo.judge import Query, grade_all
from endcap.demo.rules import read_conditions, read_rules
from endcap.index.judgments.judgments import GRADES, Judgments


@cache
def demo_queries() -> tuple[Query, ...]:
    """All searches of ``queries.toml``. Raises InputError with the query, the field and the value that is wrong."""
    return tuple(read_entries("queries.toml", "query", read_query))


def read_query(table: Mapping[str, Any]) -> Query:
    """A query from its table. Raises InputError with the field and the value that is wrong."""
    check_forms(table, {"text": str, "kind": str, "want": str}, dict.fromkeys(("must", "wish", "near", "also"), str))
    want, near, also = (read_field(table, name, read_rules) for name in ("want", "near", "also"))
    must, wish = (read_field(table, name, read_conditions) for name in ("must", "wish"))
    return Query(table["text"], table["kind"], want, must, wish, near, also)


def judgments() -> Judgments:
    """The grades of all queries, by the rules of ``judge``."""
    grades = grade_all(demo_queries(), items())
    return Judgments("demo", grades, "rules", {str(grade): grade for grade in GRADES})
