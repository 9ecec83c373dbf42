"""What is at hand when a window is put in order, as numbers of which more is never worse.

Each is comparable within one window only: scores are standardised or taken relative to the window's, words are weighted
by how rare they are among its products.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from endcap.language.quantities import same_value
from endcap.plugin.blend.document_words import DocumentWords
from endcap.plugin.blend.plain import FloatArray, Scores, standardise
from endcap.plugin.blend.query_words import QueryWords

FEATURES = (
    "student",
    "cosine",
    "engine",
    "engine_share",
    "engine_rank",
    "title",
    "main",
    "anywhere",
    "category",
    "phrase",
    "head",
    "title_share",
    "brand",
    "model",
    "quantity",
    "negation",
    "near",
)
"""The columns of ``features``; ``MEANINGS`` says what each is."""

MEANINGS: Mapping[str, str] = {
    "student": "student's score, standardised in the window (0 where it has not scored)",
    "cosine": "student's score above the window's mean, on its own scale (0 where it has not scored)",
    "engine": "engine's score, standardised in the window",
    "engine_share": "engine's score beside the window's best",
    "engine_rank": "1 / log2(1 + rank) in the engine's order",
    "title": "share of the query's words in the title, rare ones counting more",
    "main": "share of the query's words in the title's main part",
    "anywhere": "share of the query's words anywhere in the product",
    "category": "share of the query's words in the category's leaf",
    "phrase": "share of the query's neighbouring words that are neighbours in the title",
    "head": "whether the query's last word is in the title's main part or in the category's leaf",
    "title_share": "share of the title's words that the query says",
    "brand": "whether the query says the product's brand",
    "model": "share of the query's model numbers that title and attributes have",
    "quantity": "numbers with units, converted: share that the product has, less those of which it has another",
    "negation": "words that the query excludes: share that the product is said to lack, less those that it has",
    "near": "cosine with the mean of the other products at the top, standardised in the window (0 where there is none)",
}

TOP = 15
"""Products whose mean vector says what the window is about: the first by the standardised scores of student and engine.

It is pseudo-relevance feedback (Rocchio, 1971) in the student's own space, as a feature: what lies apart from all that
the window's best have in common is seldom what was meant.
"""


def features(
    query: str,
    products: Sequence[DocumentWords],
    student: Scores,
    engine: Scores,
    vectors: npt.NDArray[np.float32] | None = None,
) -> FloatArray:
    """The features of a window, float64 (n, len(FEATURES)), all finite.

    ``products`` are in the engine's order; ``student`` (n,) has NaN where there is no score, ``engine`` (n,) has none.
    ``vectors`` (n, d) are the products' unit vectors, rows of zeros where there is none; without them "near" is 0.
    """
    n = len(products)
    if len(student) != n or len(engine) != n:
        raise ValueError(f"{len(student)} scores of the student and {len(engine)} of the engine for {n} products")
    columns = np.zeros((len(FEATURES), n))
    if n == 0:
        return columns.T
    columns[:2] = _of_student(student)
    columns[2:5] = _of_engine(engine)
    asked = QueryWords.of(query)
    columns[5:12] = _of_words(asked, products)
    if asked.text.strip():
        columns[12] = [bool(p.brand) and f" {p.brand} " in asked.text for p in products]
    if asked.models:
        columns[13] = [len(asked.models & p.models) / len(asked.models) for p in products]
    if asked.quantities:
        columns[14] = [_quantity(asked.quantities, p.quantities) for p in products]
    if asked.negations:
        columns[15] = [_negation(asked.negations, p) for p in products]
    if vectors is not None:
        columns[16] = _near(vectors, standardise(student) + standardise(engine))
    return columns.T


def _of_student(student: Scores) -> FloatArray:
    scores = np.asarray(student, dtype=np.float64)
    known = ~np.isnan(scores)
    above = np.where(known, scores - (scores[known].mean() if known.any() else 0.0), 0.0)
    return np.stack([standardise(scores), above])


def _of_engine(engine: Scores) -> FloatArray:
    scores = np.asarray(engine, dtype=np.float64)
    low, high = min(float(scores.min()), 0.0), float(scores.max())
    share = (scores - low) / (high - low) if high > low else np.ones(len(scores))
    # Equal scores share the best rank among them: their order says nothing.
    rank = len(scores) - np.searchsorted(np.sort(scores), scores, side="right")
    return np.stack([standardise(scores), share, 1 / np.log2(2.0 + rank)])


def _near(vectors: npt.NDArray[np.float32], plain: FloatArray) -> FloatArray:
    """float64 (n,). A product among the first is compared with the others of them, not with itself."""
    there = np.asarray(vectors.any(axis=1))
    top = [i for i in np.argsort(-plain, kind="stable") if there[i]][:TOP]
    if len(top) < 2:
        return np.zeros(len(plain))
    total = vectors[top].sum(axis=0)
    along = (vectors @ total).astype(np.float64)
    square = float(total @ total)
    found = along / max(square, 1e-12) ** 0.5
    # v (S - v) / |S - v| for those that are in the sum S themselves; |v| = 1.
    found[top] = (along[top] - 1) / np.sqrt(np.maximum(square - 2 * along[top] + 1, 1e-12))
    return standardise(np.where(there, found, np.nan))


def _of_words(asked: QueryWords, products: Sequence[DocumentWords]) -> FloatArray:
    """title, main, anywhere, category, phrase, head, title_share: float64 (7, n)."""
    found = np.zeros((7, len(products)))
    if not asked.words:
        return found
    needles = [f" {word} " for word in asked.words]
    titles = [p.title for p in products]
    rests = [p.rest for p in products]
    in_title = np.array([[needle in text for text in titles] for needle in needles], dtype=np.float64)  # (words, n)
    in_main = np.array([[needle in p.main for p in products] for needle in needles], dtype=np.float64)
    in_category = np.array([[needle in p.category for p in products] for needle in needles], dtype=np.float64)
    elsewhere = np.array([[needle in text for text in rests] for needle in needles], dtype=np.float64)
    anywhere = np.maximum(in_title, elsewhere)
    weights = _rarity(anywhere.sum(axis=1), len(products))
    found[0], found[1] = weights @ in_title, weights @ in_main
    found[2], found[3] = weights @ anywhere, weights @ in_category
    if asked.pairs:
        found[4] = [sum(pair in title for pair in asked.pairs) / len(asked.pairs) for title in titles]
    found[5] = np.maximum(in_main[-1], in_category[-1])
    found[6] = np.minimum(in_title.sum(axis=0) / np.maximum([p.length for p in products], 1), 1.0)
    return found


def _rarity(counts: FloatArray, n: int) -> FloatArray:
    """Weights of words, float64 (words,), that sum to 1 over the words that some product has; 0 for the others.

    ``log(1 + n / count)``: the idf of a window (Spärck Jones, 1972), never 0, so that a word which all products have
    still tells apart those that say it in the title.
    """
    weights = np.where(counts > 0, np.log1p(n / np.maximum(counts, 1.0)), 0.0)
    total = float(weights.sum())
    return weights / total if total > 0 else weights


def _quantity(asked: Sequence[tuple[str, float]], there: Mapping[str, Sequence[float]]) -> float:
    total = 0
    for dimension, value in asked:
        values = there.get(dimension)
        if values:
            total += 1 if any(same_value(value, other) for other in values) else -1
    return total / len(asked)


def _negation(denied: Sequence[tuple[str, ...]], product: DocumentWords) -> float:
    total = 0.0
    for phrase in denied:
        if not product.absent.isdisjoint(phrase):
            total += 1
        else:
            total -= sum(f" {word} " in product.rest for word in phrase) / len(phrase)
    return total / len(denied)
