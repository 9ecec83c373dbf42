"""How well the teacher ranks and how well its probabilities hold, on queries that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from endcap.distill.labels.logit import FloatArray
from endcap.distill.teacher.pairs import Example
from endcap.evaluate import measures

NDCG = "nDCG@10"


def examples_ndcg(examples: Sequence[Example], scores: FloatArray) -> float | None:
    """The mean nDCG@10 (gain 2^g - 1) over the queries of judged pairs by scores (n,), ties in the pairs' order; None
    where no query has a product of a grade above 0."""
    grades: dict[str, dict[str, float]] = {}
    scored: dict[str, list[tuple[float, str]]] = {}
    for example, value in zip(examples, scores, strict=True):
        key = f"{example.shop}\0{example.query}"
        grades.setdefault(key, {})[example.product.id] = example.grade
        scored.setdefault(key, []).append((float(value), example.product.id))
    if not grades:
        return None
    rankings = {key: [p for _, p in sorted(hits, key=lambda pair: -pair[0])] for key, hits in scored.items()}
    value = measures.mean(measures.score(rankings, grades, measures.parse([NDCG]))[NDCG])
    return round(value, 4) if np.isfinite(value) else None


def ndcg_by_fold(examples: Sequence[Example], scores: FloatArray, folds: int) -> list[float | None]:
    """nDCG@10 of each fold's queries."""
    fold_of = np.array([example.fold for example in examples], dtype=int)
    rows_of = [np.flatnonzero(fold_of == fold).tolist() for fold in range(folds)]
    return [examples_ndcg([examples[i] for i in rows], scores[rows]) for rows in rows_of]
