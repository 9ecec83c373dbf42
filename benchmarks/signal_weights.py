"""What a signal costs and brings on the generated shop: nDCG@10 and how well the first three sell, by weight.

python benchmarks/signal_weights.py
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping
from typing import Any

import numpy as np

from endcap.demo.queries import judgments
from endcap.demo.signals import products_with_signals, signals
from endcap.evaluate.measures import mean, parse, score
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.plugin import Reranker, Student
from endcap.plugin.blend.signals import WEIGHTS
from endcap.plugin.rules.file import rules_of
from endcap.plugin.states.store import StateStore

SIGNAL = {"field": "popularity", "scale": "log"}


def main() -> None:
    """Print a table."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["ENDCAP_HOME"] = home
        engine = EmbeddedEngine("shop")
        engine.load(products_with_signals())
        student, states = Student.load(), StateStore.open()
        own = "learnt blend" if student.info.learnt else f"the model's own weight, {student.info.blend_weight:g}"
        print(f"| popularity | {own}: nDCG@10 | sold of the first three | plain, weight 0.6: nDCG@10 | sold |")
        print("|---|---|---|---|---|")
        for weight in (None, *WEIGHTS):
            cells = [cell for plain in (None, 0.6) for cell in _values(engine, student, states, weight, plain)]
            print(f"| {weight or 'without'} | {' | '.join(cells)} |")
        states.close()


def _values(
    engine: EmbeddedEngine, student: Student, states: Any, weight: str | None, plain: float | None
) -> list[str]:
    grades = judgments().grades
    rules = None if weight is None else rules_of({"signals": {"popularity": {**SIGNAL, "weight": weight}}})
    reranker = Reranker(engine, student, deadline_ms=600_000, blend_weight=plain, states=states, rules=rules)
    pages = {query: _page(reranker, engine, query) for query in grades}
    reranker.wait()
    reranker.close()
    (by_query,) = score(pages, grades, parse(["nDCG@10"])).values()
    return [f"{mean(by_query):.4f}", f"{_sold(pages):.0f}"]


def _page(reranker: Reranker, engine: EmbeddedEngine, query: str) -> list[str]:
    reply = reranker.search(index="shop", body={"query": engine.text_query(query), "size": 10})
    return [hit["_id"] for hit in reply["hits"]["hits"]]


def _sold(pages: Mapping[str, list[str]]) -> float:
    """The geometric mean of what is sold of the first three."""
    numbers = [signals()[id]["popularity"] for page in pages.values() for id in page[:3]]
    return float(np.expm1(np.log1p(numbers).mean()))


if __name__ == "__main__":
    main()
