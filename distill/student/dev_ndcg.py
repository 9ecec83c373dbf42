"""nDCG@10 of towers and teachers on judged queries: what decides when a training has gone on long enough."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

import numpy as np
import torch

from endcap.distill.labels.logit import score as teacher_score
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import Texts
from endcap.distill.teacher.ensemble import Teacher
from endcap.distill.work.records import Data, JudgedQuery
from endcap.evaluate.measures import mean, parse, score
from endcap.plugin.model.text import TextRecipe, query_text
from endcap.progress import Watch, unwatched

MEASURE = "nDCG@10"
AT_ONCE = 256
"""Pairs that a teacher is given at once."""


def tells_apart(judged: JudgedQuery) -> bool:
    """Whether a query has something relevant and not all grades alike."""
    return max(judged.grades.values()) > 0 and len(set(judged.grades.values())) > 1


def tower_ndcg(tower: Tower, judged: Sequence[JudgedQuery], texts: Texts, recipe: TextRecipe) -> float:
    """The mean of ``tower_ndcg_by_query``; NaN where no query tells systems apart."""
    return mean(tower_ndcg_by_query(tower, judged, texts, recipe))


def tower_ndcg_by_query(
    tower: Tower, judged: Sequence[JudgedQuery], texts: Texts, recipe: TextRecipe
) -> dict[str, float]:
    """nDCG@10 in the judged pool (gain 2^g - 1) of each query that tells systems apart, by ``"shop: query"``."""
    telling = [query for query in judged if tells_apart(query)]
    return _ndcg_by_query(telling, tower_scores(tower, telling, texts, recipe))


def teacher_ndcg_by_query(
    teacher: Teacher, judged: Sequence[JudgedQuery], data: Data, watch: Watch = unwatched
) -> dict[str, float]:
    """The same of a teacher, which is told nothing but the words of queries that nobody trained it on."""
    pairs, scores = [(query, product) for query in judged for product in query.grades], list[float]()
    with watch("The teacher ranks test queries", len(pairs)) as advance:
        for start in range(0, len(pairs), AT_ONCE):
            part = pairs[start : start + AT_ONCE]
            products = [data.products[query.shop][product] for query, product in part]
            probabilities = teacher.probabilities([query.query for query, _ in part], products, [-1] * len(part))
            scores += teacher_score(probabilities).tolist()
            advance(len(scores))
    remaining = iter(scores)
    return _ndcg_by_query(judged, [list(islice(remaining, len(query.grades))) for query in judged])


def _ndcg_by_query(judged: Sequence[JudgedQuery], scores: Iterable[Sequence[float] | np.ndarray]) -> dict[str, float]:
    """By the scores of each query's judged products, in the order of its grades; ties keep that order."""
    rankings, grades = dict[str, list[str]](), dict[str, Mapping[str, float]]()
    for query, product_scores in zip(judged, scores, strict=True):
        name, products = f"{query.shop}: {query.query}", list(query.grades)
        rankings[name] = [products[i] for i in np.argsort(-np.asarray(product_scores), kind="stable")]
        grades[name] = query.grades
    return score(rankings, grades, parse([MEASURE]))[MEASURE] if grades else {}


@torch.inference_mode()
def tower_scores(tower: Tower, judged: Sequence[JudgedQuery], texts: Texts, recipe: TextRecipe) -> list[np.ndarray]:
    """The tower's scores of each query's judged products, float32 (n,) in the order of its grades."""
    with tower.evaluating():
        if tower.shape == "bi-encoder":
            return _cosine_scores(tower, judged, texts, recipe)
        products = ([texts[query.shop, product][0] for product in query.grades] for query in judged)
        rows = [
            tower.pair_tokens(query.query, of_query, recipe) for query, of_query in zip(judged, products, strict=True)
        ]
        return [tower.logits(of_query).numpy() for of_query in rows]


def _cosine_scores(tower: Tower, judged: Sequence[JudgedQuery], texts: Texts, recipe: TextRecipe) -> list[np.ndarray]:
    keys = sorted({(query.shop, product) for query in judged for product in query.grades})
    products = dict(zip(keys, tower.encode([texts[key][0] for key in keys], recipe.max_product_tokens), strict=True))
    queries = tower.encode([query_text(query.query, recipe) for query in judged], recipe.max_query_tokens)
    return [
        tower.scale * np.stack([products[query.shop, product] for product in query.grades]) @ vector
        for query, vector in zip(judged, queries, strict=True)
    ]
