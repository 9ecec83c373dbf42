"""What the split stage has written, as records."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.work.files import read_rows, rows_of
from endcap.distill.work.folder import Work
from endcap.index.field_map import FieldMap
from endcap.index.product import Product

TRAIN, DEV, TEST = "train", "dev", "test"


@dataclass(frozen=True, slots=True)
class JudgedQuery:
    """A query with people's grades of products (0 to 3, also decimals), its part of the data, and its fold."""

    shop: str
    query: str
    grades: Mapping[str, float]
    part: str
    fold: int
    votes: Mapping[str, Sequence[float]] = field(default_factory=dict)
    """Of products that several people judged: how many gave each grade, 0 to 3."""


@dataclass(frozen=True, slots=True)
class Data:
    """Products of each shop by id, judged queries, and judged pairs that are no ranking (train only)."""

    products: Mapping[str, Mapping[str, Product]]
    judged: tuple[JudgedQuery, ...]
    pairs: tuple[JudgedQuery, ...]
    listed: tuple[str, ...] = ()
    """The queries of ``split.test_queries``."""

    def part(self, name: str) -> list[JudgedQuery]:
        """The judged queries of train, dev or test."""
        return [query for query in self.judged if query.part == name]

    def guard(self) -> LeakGuard:
        """The guard against all queries that are measured on.

        Those are test queries, and dev queries, which the gate falls back on and by which a training is stopped.
        """
        return LeakGuard([*(judged.query for judged in self.judged if judged.part != TRAIN), *self.listed])


def read_data(work: Work) -> Data:
    """Read what the split stage wrote."""
    folder = work.stage("split")
    products: dict[str, dict[str, Product]] = {}
    for row in rows_of(folder / "products.parquet"):
        product = FieldMap().product(json.loads(row["product"]))
        products.setdefault(row["shop"], {})[row["id"]] = product
    listed = folder / "listed.parquet"
    names = tuple(row["query"] for row in read_rows(listed)) if listed.exists() else ()
    return Data(products, _judged(folder / "judged.parquet"), _judged(folder / "pairs.parquet"), names)


def number(grade: float) -> float:
    """A grade as it was given: whole ones are ``int``, of which keys of queries are made."""
    return int(grade) if float(grade).is_integer() else grade


def _judged(path: Path) -> tuple[JudgedQuery, ...]:
    grades: dict[tuple[str, str], dict[str, float]] = {}
    facts: dict[tuple[str, str], tuple[str, int]] = {}  # part and fold
    votes: dict[tuple[str, str], dict[str, Sequence[float]]] = {}
    for row in rows_of(path):
        key = (row["shop"], row["query"])
        grades.setdefault(key, {})[row["product_id"]] = number(row["grade"])
        facts[key] = (row["part"], row["fold"])
        if row["votes"]:
            votes.setdefault(key, {})[row["product_id"]] = row["votes"]
    return tuple(JudgedQuery(*key, grades[key], *facts[key], votes.get(key, {})) for key in grades)
