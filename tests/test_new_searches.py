"""The benchmark on searches that nobody has looked at (benchmarks/new_searches.py), its parts that need no hour."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from scripts import script

from endcap.demo.catalogue import items
from endcap.demo.judge import grade
from endcap.demo.query_maker import generate_queries
from endcap.distill.student.dev_ndcg import teacher_ndcg_by_query
from endcap.distill.work.records import Data, JudgedQuery


@pytest.fixture(scope="module")
def new() -> ModuleType:
    return script("benchmarks/new_searches.py")


@pytest.fixture(scope="module")
def data() -> Data:
    return Data({"demo": {item.product.id: item.product for item in items()}}, (), ())


def test_searches_are_new_and_their_grades_true(new: ModuleType, data: Data) -> None:
    """Those after the first fifty, but one that was trained on in another form; each product with its rules' grade."""
    every = {query.text: query for query in generate_queries(62)}
    later = list(every)[50:]
    used = [*list(every)[:50], " ".join(reversed(later[3].split()))]
    found = new.new_searches(50, 12, used, "demo", data)
    assert {each.query for each in found} <= set(later) - {later[3]}
    assert len(found) >= 8
    product = {item.product.id: item for item in items()}
    for each in found:
        assert {grade(every[each.query], product[id]) for id in each.grades} == set(each.grades.values())
        assert all(value == grade(every[each.query], product[id]) for id, value in each.grades.items())


@dataclass
class Knows:
    """A teacher that knows the grades, or their contrary."""

    grades: dict[tuple[str, str], int]
    right: bool = True

    def probabilities(self, queries: list[str], products: list[Any], folds: list[int]) -> np.ndarray:
        at = [self.grades[q, p.id] for q, p in zip(queries, products, strict=True)]
        return np.eye(4, dtype=np.float32)[[g if self.right else 3 - g for g in at]]


def test_a_teacher_that_knows_measures_one(new: ModuleType, data: Data) -> None:
    ids = list(data.products["demo"])[:4]
    searches = [
        JudgedQuery("demo", f"q{n}", dict(zip(ids, (0, 3, 1, n % 3), strict=True)), "train", -1) for n in range(5)
    ]
    grades = {(each.query, id): value for each in searches for id, value in each.grades.items()}
    right, wrong = (teacher_ndcg_by_query(Knows(grades, known), searches, data) for known in (True, False))
    assert set(right.values()) == {1.0}
    assert max(wrong.values()) < 1
    said = new.ndcg_table({"zero-shot": wrong, "teacher": right, "student": right})
    assert "student - teacher: +0.0000" in said
    assert f"teacher - zero-shot: +{1 - sum(wrong.values()) / 5:.4f}" in said
