"""The windows that a blend is fitted to: a shop's judged queries, searched as a shopper would, and their pools."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from endcap.distill.blend.fit import Window, dcg, gains_of
from endcap.distill.labels.logit import GAINS
from endcap.evaluate import end_to_end, judged_pool
from endcap.evaluate.measures import Grades
from endcap.evaluate.systems import Candidates, Shop, StudentWithStates, View
from endcap.index.field_map import FieldMap
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.features import features
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.blend.signals import Signal
from endcap.plugin.rules.documents import Documents
from endcap.progress import Watch, unwatched

Look = Callable[[Candidates], View]


def candidates_of(
    shop: Shop, grades: Grades, window: int, watch: Watch = unwatched
) -> tuple[dict[str, Candidates], dict[str, Candidates]]:
    """Windows of the whole catalogue and pools, by query, of those queries that can tell systems apart."""
    queries = [query for query, judged in grades.items() if end_to_end.query_exclusion(judged) is None]
    wide = end_to_end.window_candidates(shop, queries, window, watch)
    pools = judged_pool.pool_candidates(shop, {query: grades[query] for query in queries}, watch)
    return wide, {
        query: hits for query, hits in pools.items() if judged_pool.pool_exclusion(grades[query], hits) is None
    }


def windows_of(
    name: str,
    wide: Mapping[str, Candidates],
    pools: Mapping[str, Candidates],
    grades: Grades,
    look: Look,
    words: WordsMemory,
    signals: Sequence[Signal] = (),
) -> list[Window]:
    """Windows with features, signals and gains; a product that nobody judged is irrelevant, as in the evaluation."""
    windows = []
    for is_whole, by_query in ((True, wide), (False, pools)):
        for query, candidates in by_query.items():
            values, judged = _features(candidates, look(candidates), words), grades[query]
            gains = gains_of(judged.get(product.id, 0) for product in candidates.products)
            ideal = dcg(np.sort(gains_of(judged.values()))[::-1])
            is_judged = np.array([product.id in judged for product in candidates.products], dtype=bool)
            numbers = numbers_of(candidates, signals)
            windows.append(Window(name, query, values, gains, ideal, is_whole, judged=is_judged, numbers=numbers))
    return windows


def numbers_of(candidates: Candidates, signals: Sequence[Signal]) -> FloatArray:
    """The signals of candidates, float64 (n, s), NaN where there is none."""
    documents = Documents([{"_source": product.to_mapping()} for product in candidates.products], FieldMap())
    columns = [documents.numbers(signal.field) for signal in signals]
    return np.stack(columns, axis=1) if columns else np.zeros((len(documents), 0))


def _features(candidates: Candidates, view: View, words: WordsMemory) -> FloatArray:
    """The features of candidates, float64 (n, k)."""
    texts = [words.value(product.to_mapping()) for product in candidates.products]
    scores, vectors = view
    return features(candidates.query, texts, scores, candidates.engine_scores, vectors)


def labelled_windows(
    name: str,
    shop: Shop,
    labels: Mapping[str, Mapping[str, float]],
    student: StudentWithStates,
    words: WordsMemory,
    watch: Watch = unwatched,
) -> list[Window]:
    """Pools of products with a teacher's labels; gains are the expected ones, ``7 / (1 + exp(-score))``."""
    pools = judged_pool.pool_candidates(shop, {query: dict.fromkeys(labels[query], 0) for query in labels}, watch)
    pools = {query: hits for query, hits in pools.items() if len(hits.products) > 1}
    student.read(list(pools.values()), watch)
    windows = []
    for query, candidates in pools.items():
        values = _features(candidates, student.view(candidates), words)
        scores = np.array([labels[query][product.id] for product in candidates.products])
        gains = GAINS[-1] / (1 + np.exp(-scores))
        windows.append(Window(name, query, values, gains, dcg(np.sort(gains)[::-1]), False, labelled=True))
    return windows
