"""Judged pairs as the teacher's training reads them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from endcap.distill.labels.logit import soft_target
from endcap.distill.teacher.pairs import Example
from endcap.distill.work.files import read_rows
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TEST, Data, number
from endcap.errors import InputError
from endcap.index.judgments.judgments import GRADES, votes_of


def read_examples(work: Work, data: Data, smoothing: float) -> list[Example]:
    """All judged pairs of train and dev with their soft targets. Test queries are not read.

    Raises ``InputError`` for a grade or votes that are none.
    """
    folder, examples = work.stage("split"), list[Example]()
    for table in ("judged", "pairs"):
        rows = [row for row in read_rows(folder / f"{table}.parquet") if row["part"] != TEST]
        examples += [_example(row, data, smoothing, table == "judged") for row in rows]
    _check(examples)
    return examples


def _example(row: dict[str, Any], data: Data, smoothing: float, ranked: bool) -> Example:
    shop, query, grade, votes = row["shop"], row["query"], number(row["grade"]), row["votes"]
    place = f"{shop}: the product {row['product_id']!r} for {query!r}"
    if not 0 <= grade <= GRADES[-1]:
        raise InputError(f"{place} has grade {grade}; a grade is from 0 to {GRADES[-1]}.")
    votes = votes or (None if grade in GRADES else votes_of([grade]))
    try:
        target, observed = soft_target(grade, smoothing, votes), soft_target(grade, 0.0, votes)
    except ValueError as error:
        raise InputError(f"{place}: {error}.") from None
    product = data.products[shop][row["product_id"]]
    return Example(shop, query, product, grade, target, observed, row["fold"], row["part"], ranked)


def _check(examples: Sequence[Example]) -> None:
    queries = {(example.shop, example.query) for example in examples}
    if len(queries) < 2:
        raise InputError(f"{len(queries)} judged queries are no data to teach from: judge at least 2, better hundreds.")
    grades = {example.grade for example in examples}
    if len(grades) == 1:
        raise InputError(
            f"All judged products have grade {grades.pop():g}: nothing can be learnt from judgments that are all "
            "alike. Judge some that are bad (0) and some that are right (3)."
        )
