"""What a buyer would pick instead: hybrid search as OpenSearch has it; and endcap's window with candidates by meaning.

Hybrid search fuses the first hits by words and the first by vectors. OpenSearch's ``normalization-processor`` brings
each list to 0..1 by its own lowest and highest score, and takes the mean of both. A product that a list lacks has 0
there:

    h_i = (m(words_i) + m(vectors_i)) / 2,    m(s) = max((s - min) / (max - min), .001)

Source: https://docs.opensearch.org/latest/search-plugins/search-pipelines/normalization-processor/ with ``min_max`` and
``arithmetic_mean``; the .001 and the 1 of a list whose scores are all equal are those of its source, ``MinMaxScore``.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from endcap.evaluate.systems import Candidates
from endcap.index.product import Product
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.search.dense import with_added

MIN_SCORE = 0.001


def min_max(scores: FloatArray) -> FloatArray:
    """Scores (n,) from 0 to 1 by their own range, float64 (n,); none is below ``MIN_SCORE``, equal ones are 1."""
    if not scores.size:
        return np.zeros(0)
    low, high = float(scores.min()), float(scores.max())
    if low == high:
        return np.ones(scores.shape)
    return np.maximum((scores - low) / (high - low), MIN_SCORE)


def hybrid_order(words: Candidates, nearest: Sequence[Product], cosines: FloatArray) -> list[str]:
    """Product ids by the mean of both normalised scores, the best first; of equals those found by words come first."""
    halves: dict[str, float] = {}
    lists = (([product.id for product in words.products], words.engine_scores), ([p.id for p in nearest], cosines))
    for ids, scores in lists:
        for id, score in zip(ids, min_max(np.asarray(scores, dtype=np.float64)), strict=True):
            halves[id] = halves.get(id, 0.0) + 0.5 * float(score)
    return sorted(halves, key=lambda id: -halves[id])


def joined_candidates(words: Candidates, nearest: Sequence[Product]) -> Candidates:
    """The engine's window with those of the nearest products that it lacks, as the middleware joins them."""
    known = {product.id for product in words.products}
    added = [product for product in nearest if product.id not in known]
    scores = with_added(np.asarray(words.engine_scores, dtype=np.float64), len(added))
    return Candidates(words.query, (*words.products, *added), scores)
