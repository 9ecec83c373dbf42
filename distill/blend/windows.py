"""The windows that a blend is fitted to: a shop's judged queries, searched as a shopper would, and their pools."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from endcap.distill.blend.fit import Window, dcg, gains_of
from endcap.distill.labels.logit import GAINS
from endcap.evaluate import end_to_end, judged_pool
from endcap.evaluate.measures import Grades
from endcap.evaluate.systems import Candidates, Shop, StudentWithStates, View
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.features import features
from endcap.progress import Watch, unwatched

Look = Callable[[Candidates], View]


def candidates_of(
    shop: Shop, grades: Grades, window: int, watch: Watch = unwatched
) -> tuple[dict[str, Candidates], dict[str, Candidates]]:
    """Windows of the whole catalogue and pools, by query, of those queries that can tell systems apart."""
    asked = [query for query, judged in grades.items() if end_to_end.query_exclusion(judged) is None]
    wide = end_to_end.window_candidates(shop, asked, window, watch)
    pools = judged_pool.pool_candidates(shop, {query: grades[query] for query in asked}, watch)
    kept = {query: found for query, found in pools.items() if judged_pool.pool_exclusion(grades[query], found) is None}
    return wide, kept


def windows_of(
    name: str,
    wide: Mapping[str, Candidates],
    pools: Mapping[str, Candidates],
    grades: Grades,
    look: Look,
    words: WordsMemory | None = None,
) -> list[Window]:
    """Windows with features and gains. A product that nobody judged counts as irrelevant, as in the evaluation."""
    words = WordsMemory() if words is None else words
    found = []
    for whole, every in ((True, wide), (False, pools)):
        for query, candidates in every.items():
            said = [words.words(product.to_mapping()) for product in candidates.products]
            scores, vectors = look(candidates)
            values = features(query, said, scores, candidates.engine_scores, vectors)
            judged = grades[query]
            gains = gains_of(judged.get(product.id, 0) for product in candidates.products)
            ideal = dcg(np.sort(gains_of(judged.values()))[::-1])
            known = np.array([product.id in judged for product in candidates.products], dtype=bool)
            found.append(Window(name, query, values, gains, ideal, whole, judged=known))
    return found


def labelled_windows(
    name: str,
    shop: Shop,
    labels: Mapping[str, Mapping[str, float]],
    student: StudentWithStates,
    words: WordsMemory,
    watch: Watch = unwatched,
) -> list[Window]:
    """Pools of products with a teacher's labels; gains are the expected ones, ``7 / (1 + exp(-score))``."""
    pools = judged_pool.pool_candidates(shop, {query: dict.fromkeys(told, 0) for query, told in labels.items()}, watch)
    pools = {query: found for query, found in pools.items() if len(found.products) > 1}
    student.read(list(pools.values()), watch)
    windows = []
    for query, candidates in pools.items():
        said = [words.words(product.to_mapping()) for product in candidates.products]
        scores, vectors = student.view(candidates)
        values = features(query, said, scores, candidates.engine_scores, vectors)
        told = np.array([labels[query][product.id] for product in candidates.products])
        gains = GAINS[-1] / (1 + np.exp(-told))
        windows.append(Window(name, query, values, gains, dcg(np.sort(gains)[::-1]), False, labelled=True))
    return windows
