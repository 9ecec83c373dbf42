"""How well the teacher ranks and how well its probabilities hold, on queries that it has not seen."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from endcap.distill.labels.logit import FloatArray
from endcap.distill.teacher.pairs import Example
from endcap.evaluate import measures

NDCG = "nDCG@10"


def ndcg(examples: Sequence[Example], scores: FloatArray) -> float | None:
    """The mean nDCG@10 (gain 2^g - 1) over the queries of judged pairs by scores (n,), ties in the pairs' order; None
    where no query has a product of a grade above 0."""
    grades: dict[str, dict[str, int]] = {}
    scored: dict[str, list[tuple[float, str]]] = {}
    for each, value in zip(examples, scores, strict=True):
        key = f"{each.shop}\0{each.query}"
        grades.setdefault(key, {})[each.product.id] = each.grade
        scored.setdefault(key, []).append((float(value), each.product.id))
    if not grades:
        return None
    rankings = {key: [p for _, p in sorted(found, key=lambda pair: -pair[0])] for key, found in scored.items()}
    value = measures.mean(measures.score(rankings, grades, measures.parse([NDCG]))[NDCG])
    return round(value, 4) if np.isfinite(value) else None


def by_fold(examples: Sequence[Example], scores: FloatArray, folds: int) -> list[float | None]:
    """nDCG@10 of each fold's queries."""
    of = np.array([each.fold for each in examples], dtype=int)
    return [ndcg([examples[i] for i in np.flatnonzero(of == k).tolist()], scores[of == k]) for k in range(folds)]
