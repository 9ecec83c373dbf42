"""nDCG@10 of towers and teachers on judged queries: what decides when a training has gone on long enough."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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


def ndcg_by_query(tower: Tower, judged: Sequence[JudgedQuery], texts: Texts, recipe: TextRecipe) -> dict[str, float]:
    """nDCG@10 in the judged pool (gain 2^g - 1) of each query that tells systems apart, by ``"shop: query"``."""
    kept = [each for each in judged if tells_apart(each)]
    scores = tower_scores(tower, kept, texts, recipe)
    rankings, grades = dict[str, list[str]](), dict[str, Mapping[str, int]]()
    for each, found in zip(kept, scores, strict=True):
        name = f"{each.shop}: {each.query}"
        products = list(each.grades)
        rankings[name] = [products[i] for i in np.argsort(-found, kind="stable")]
        grades[name] = each.grades
    return score(rankings, grades, parse([MEASURE]))[MEASURE] if grades else {}


def teacher_ndcg_by_query(
    teacher: Teacher, judged: Sequence[JudgedQuery], data: Data, watch: Watch = unwatched
) -> dict[str, float]:
    """The same of a teacher, which is told nothing but the words of queries that nobody trained it on."""
    pairs, found = [(each, product) for each in judged for product in each.grades], list[float]()
    with watch("The teacher ranks test queries", len(pairs)) as advance:
        for start in range(0, len(pairs), AT_ONCE):
            part = pairs[start : start + AT_ONCE]
            products = [data.products[each.shop][product] for each, product in part]
            told = teacher.probabilities([each.query for each, _ in part], products, [-1] * len(part))
            found += teacher_score(told).tolist()
            advance(len(found))
    scores = dict(zip(((each.shop, each.query, product) for each, product in pairs), found, strict=True))
    rankings, grades = dict[str, list[str]](), dict[str, Mapping[str, int]]()
    for each in judged:
        name = f"{each.shop}: {each.query}"
        rankings[name] = sorted(each.grades, key=lambda product, each=each: -scores[each.shop, each.query, product])  # type: ignore[misc]
        grades[name] = each.grades
    return score(rankings, grades, parse([MEASURE]))[MEASURE]


def ndcg(tower: Tower, judged: Sequence[JudgedQuery], texts: Texts, recipe: TextRecipe) -> float:
    """The mean of ``ndcg_by_query``; NaN where no query tells systems apart."""
    return mean(ndcg_by_query(tower, judged, texts, recipe))


@torch.inference_mode()
def tower_scores(tower: Tower, judged: Sequence[JudgedQuery], texts: Texts, recipe: TextRecipe) -> list[np.ndarray]:
    """The tower's scores of each query's judged products, float32 (n,) in the order of its grades."""
    was, _ = tower.training, tower.eval()
    if tower.shape == "bi-encoder":
        keys = sorted({(each.shop, product) for each in judged for product in each.grades})
        vectors = dict(zip(keys, tower.encode([texts[key][0] for key in keys], recipe.max_product_tokens), strict=True))
        asked = tower.encode([query_text(each.query, recipe) for each in judged], recipe.max_query_tokens)
        scores = [
            tower.scale * np.stack([vectors[each.shop, product] for product in each.grades]) @ query
            for each, query in zip(judged, asked, strict=True)
        ]
    else:
        scores = []
        for each in judged:
            rows = tower.pair_tokens(
                query_text(each.query, recipe),
                [texts[each.shop, product][0] for product in each.grades],
                recipe.max_query_tokens,
                recipe.max_product_tokens,
            )
            scores.append(tower.logits(rows).numpy())
    tower.train(was)
    return scores
