"""A small teacher for the tests of labels, and a work folder with pairs for it to label.

Its labels depend on the pair alone, so they are known whoever makes them.
"""

from __future__ import annotations

import hashlib
import json
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from endcap.distill.recipe.settings import LabelsRecipe, Recipe
from endcap.distill.stages.split.run import JUDGED, PRODUCTS
from endcap.distill.work.files import write_rows
from endcap.distill.work.folder import Work
from endcap.errors import InputError
from endcap.index.product import Product

QUERIES = pa.schema([(name, pa.string()) for name in ("shop", "query", "kind", "source", "made_from")])
PAIRS = pa.schema([(name, pa.string()) for name in ("shop", "query", "product_id", "how")])
WORDS = "kettle shoe cable lamp chair phone case steel red 2m usb trail wool mug".split()  # noqa: SIM905


@dataclass(frozen=True)
class StandIn:
    """``pause_s`` is how long it takes for a batch; ``change`` turns its labels into others."""

    pause_s: float = 0.0
    change: Callable[[np.ndarray], np.ndarray] | None = None

    def __call__(self) -> StandIn:
        return self

    def probabilities(
        self, queries: Sequence[str], products: Sequence[Product], folds: Sequence[int], made_from: Mapping[str, Any]
    ) -> np.ndarray:
        time.sleep(self.pause_s)
        rows = [
            np.frombuffer(
                hashlib.sha256(f"{q}|{p.id}|{p.title}|{f}|{made_from.get(q)}".encode()).digest()[:4], dtype=np.uint8
            )
            + 1.0
            for q, p, f in zip(queries, products, folds, strict=True)
        ]
        found = np.stack(rows).astype(np.float32)
        found /= found.sum(axis=1, keepdims=True)
        return self.change(found) if self.change else found


@dataclass(frozen=True)
class FromFile:
    """Loads a ``StandIn``, where the file is there."""

    path: Path

    def __call__(self) -> StandIn:
        if not self.path.exists():
            raise InputError(f"{self.path} is not there")
        return StandIn()


def recipe(count: int = 600, workers: int = 1, shard: int = 20, known_share: float = 0.0) -> Recipe:
    return Recipe("tiny", "none", "none", labels=LabelsRecipe(count, workers, shard, known_share))


def fill_work(folder: Path, n_queries: int = 60, each: int = 10) -> Work:
    """A work folder with 40 products, 12 judged queries (8 train, 2 dev, 2 test) and generated pairs."""
    work = Work(folder)
    products = [
        {"shop": "s", "id": f"p{i}", "product": json.dumps({"id": f"p{i}", "title": " ".join(_some(i, 1 + i % 9))})}
        for i in range(40)
    ]
    write_rows(work.stage("split") / "products.parquet", PRODUCTS, products)
    parts = ["train"] * 8 + ["dev"] * 2 + ["test"] * 2
    judged = [
        {
            "shop": "s",
            "query": f"{part} want {WORDS[n]}",
            "product_id": f"p{3 * i}",
            "grade": i % 4,
            "part": part,
            "fold": n % 3,
        }
        for n, part in enumerate(parts)
        for i in range(6)
    ]
    write_rows(work.stage("split") / "judged.parquet", JUDGED, judged)
    write_rows(work.stage("split") / "pairs.parquet", JUDGED, [])
    queries = [f"{WORDS[n % 14]} number {n}" for n in range(n_queries)]
    made = [json.dumps({"product": f"p{n % 40}"}) if n % 2 else None for n in range(n_queries)]
    rows = [
        {"shop": "s", "query": q, "kind": "k", "source": "log", "made_from": m}
        for q, m in zip(queries, made, strict=True)
    ]
    write_rows(work.stage("queries") / "queries.parquet", QUERIES, rows)
    pairs = [
        {"shop": "s", "query": query, "product_id": f"p{(7 * n + i) % 40}", "how": "random"}
        for n, query in enumerate(queries)
        for i in range(each)
    ]
    write_rows(work.stage("pairs") / "pairs.parquet", PAIRS, pairs)
    return work


def _some(seed: int, count: int) -> list[str]:
    return [WORDS[(seed * 5 + i * 3) % len(WORDS)] for i in range(count)]


@contextmanager
def printed(title: str, total: int | None) -> Iterator[Callable[[int], None]]:
    """A ``Watch`` that prints a line whenever work has advanced."""
    yield lambda done: print(done, flush=True)


if __name__ == "__main__":
    from endcap.distill.stages.labels.run import label

    place, workers, pause = sys.argv[1:]
    label(recipe(workers=int(workers)), Work(Path(place)), printed, StandIn(float(pause)))
