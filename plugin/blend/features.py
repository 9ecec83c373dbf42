"""What is at hand when a window is put in order, as numbers of which more is never worse.

Each is comparable within one window only: scores are standardised or taken relative to the window's, words are weighted
by how rare they are among its products.

A new feature is a function here with its name and meaning above it; learnt blends know it by its name.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from endcap.language.amounts import match
from endcap.language.languages import ENGLISH, Codes
from endcap.plugin.blend.answers import lack, occurrences, rarity, share_of_models
from endcap.plugin.blend.document_words import DocumentWords
from endcap.plugin.blend.number_alone import is_number_alone, scores_of_others
from endcap.plugin.blend.own_number import AskedNumber
from endcap.plugin.blend.plain import FloatArray, Scores, standardise
from endcap.plugin.blend.query_words import QueryWords

TOP = 15
"""Products whose mean vector says what the window is about: the first by the standardised scores of student and engine.

It is pseudo-relevance feedback (Rocchio, 1971) in the student's own space, as a feature: what lies apart from all that
the window's best have in common is seldom what was meant.
"""

ROUNDING = 1e-5
"""Cosines of float32 vectors that differ by less are equal."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What features are made of: a query and its n products in the engine's order."""

    query: QueryWords
    products: Sequence[DocumentWords]
    student: FloatArray
    """(n,), NaN where there is no score."""
    engine: FloatArray
    """(n,)."""
    vectors: npt.NDArray[np.float32] | None
    """(n, d), the products' unit vectors, zeros where there is none."""
    languages: Codes = ENGLISH
    own: FloatArray | None = None
    """(n,), how far each is the product of the number that is asked for; None where none is."""
    number_alone: bool = False
    """Whether nothing but that number is asked for."""
    others_only: bool = False
    """Whether the student only puts in order what does not carry the number, and lifts none of it."""

    @classmethod
    def of(
        cls,
        query: QueryWords,
        products: Sequence[DocumentWords],
        student: FloatArray,
        engine: FloatArray,
        vectors: npt.NDArray[np.float32] | None,
        languages: Codes = ENGLISH,
    ) -> Evidence:
        """Evidence of a window. Where a number is all that is asked for, the student has no say of what carries it: it
        knows what things are alike, and one of them is meant."""
        asked = AskedNumber.of(query, products)
        own = None if asked is None else np.array(asked.ownerships(products))
        if not query.negations and not query.amounts and _is_alone(asked, query, products, own):
            others = scores_of_others(student, query, asked, products, own)
            return cls(query, products, others, engine, None, languages, own, number_alone=True, others_only=True)
        if asked is not None and own is not None and asked.sure and not asked.name and own.any():
            others = scores_of_others(student, query, asked, products, own)
            return cls(query, products, others, engine, None, languages, own, others_only=True)
        return cls(query, products, student, engine, vectors, languages, own)


def _is_alone(
    asked: AskedNumber | None, query: QueryWords, products: Sequence[DocumentWords], own: FloatArray | None
) -> bool:
    if asked is None or own is None:
        return is_number_alone(query, products)
    return asked.is_alone(products, own.tolist())


Rows = FloatArray | list[float] | float
"""float64 (k, n) of k features, (n,) of one, or one value for all."""
Maker = Callable[[Evidence], Rows]
_GROUPS: list[tuple[slice, Maker]] = []
MEANINGS: dict[str, str] = {}
"""What each feature is, by its name."""
SHOP_WORDS: dict[str, str] = {}
"""What a merchandiser reads of each feature, by its name."""


def feature(**words: tuple[str, str]) -> Callable[[Maker], Maker]:
    """Register what makes one feature, or several at once, in the order of their names.

    Each name has its meaning, and what a merchandiser reads of it.
    """

    def register(maker: Maker) -> Maker:
        start = len(MEANINGS)
        MEANINGS.update({name: meaning for name, (meaning, _) in words.items()})
        SHOP_WORDS.update({name: shop_words for name, (_, shop_words) in words.items()})
        _GROUPS.append((slice(start, len(MEANINGS)), maker))
        return maker

    return register


@feature(
    student=("student's score, standardised in the window (0 where it has not scored)", "Means what was asked for"),
    cosine=(
        "student's score above the window's mean, on its own scale (0 where it has not scored)",
        "Means it more clearly than the others",
    ),
)
def _student_scores(evidence: Evidence) -> Rows:
    scores = evidence.student
    scored = ~np.isnan(scores)
    above = np.where(scored, scores - (scores[scored].mean() if scored.any() else 0.0), 0.0)
    rows = np.stack([standardise(scores), above])
    if evidence.others_only and scored.any():
        rows[:, scored] -= rows[:, scored].max(axis=1, keepdims=True)
    return rows


@feature(
    engine=("engine's score, standardised in the window", "The engine's score"),
    engine_share=("engine's score beside the window's best", "The engine's score beside its best"),
    engine_rank=("1 / log2(1 + rank) in the engine's order", "The engine's place"),
)
def _engine_scores(evidence: Evidence) -> Rows:
    scores = evidence.engine
    low, high = min(float(scores.min()), 0.0), float(scores.max())
    share = (scores - low) / (high - low) if high > low else np.ones(len(scores))
    # Equal scores share the best rank among them: their order says nothing.
    rank = len(scores) - np.searchsorted(np.sort(scores), scores, side="right")
    return np.stack([standardise(scores), share, 1 / np.log2(2.0 + rank)])


@feature(
    title=("share of the query's words in the title, rare ones counting more", "Words of the search in the title"),
    main=("share of the query's words in the title's main part", "Words in the title's main part"),
    anywhere=("share of the query's words anywhere in the product", "Words anywhere in the product"),
    category=("share of the query's words in the category's leaf", "Words in the category"),
    phrase=(
        "share of the query's neighbouring words that are neighbours in the title",
        "Words that stand together in both",
    ),
    head=(
        "whether the query's last word is in the title's main part or in the category's leaf",
        "The thing itself, not what goes with it",
    ),
    title_share=("share of the title's words that the query says", "The title says little else"),
)
def _word_shares(evidence: Evidence) -> Rows:
    query, products = evidence.query, evidence.products
    if not query.words:
        return 0.0
    needles = [f" {word} " for word in query.words]
    titles = [product.title for product in products]
    # Which words are where: float64 (words, n) each.
    in_title = occurrences(needles, titles)
    in_main = occurrences(needles, [product.main for product in products])
    in_category = occurrences(needles, [product.category for product in products])
    anywhere = np.maximum(in_title, occurrences(needles, [product.rest for product in products]))
    # What they weigh, and what follows.
    weights = rarity(anywhere.sum(axis=1), len(products))
    pairs = [sum(pair in title for pair in query.pairs) / len(query.pairs) if query.pairs else 0.0 for title in titles]
    head = np.maximum(in_main[-1], in_category[-1])
    lengths = np.maximum([product.length for product in products], 1)
    title_share = np.minimum(in_title.sum(axis=0) / lengths, 1.0)
    shares = (weights @ in_title, weights @ in_main, weights @ anywhere, weights @ in_category)
    return np.stack([*shares, pairs, head, title_share])


@feature(brand=("whether the query says the product's brand", "The brand that was named"))
def _brand(evidence: Evidence) -> Rows:
    text = evidence.query.text
    if not text.strip():
        return 0.0
    return [bool(product.brand) and f" {product.brand} " in text for product in evidence.products]


@feature(model=("share of the query's model numbers that title and attributes have", "The model number that was named"))
def _model(evidence: Evidence) -> Rows:
    query = evidence.query
    return [share_of_models(query, product) for product in evidence.products] if query.models else 0.0


@feature(
    own_number=(
        "a query that is a model, part or article number: whether it is the product's own, and not of what it fits",
        "The thing of that number, before what fits it",
    )
)
def _own_number(evidence: Evidence) -> Rows:
    return 0.0 if evidence.own is None else evidence.own


@feature(
    quantity=(
        "numbers with units, by size: 1 for each that the product has, less the farther off, -1 for one far off",
        "The size or number that was named",
    )
)
def _quantity(evidence: Evidence) -> Rows:
    asked = evidence.query.amounts
    if not asked:
        return 0.0
    return [sum(match(amount, product.amounts) for amount in asked) / len(asked) for product in evidence.products]


@feature(
    negation=(
        "words that the query excludes: share that the product is said to lack, less those that it has",
        "What was not wanted",
    )
)
def _negation(evidence: Evidence) -> Rows:
    query, languages = evidence.query, evidence.languages
    return [lack(query, product, languages) for product in evidence.products] if query.negations else 0.0


@feature(
    near=(
        "cosine with the mean of the other products at the top, standardised in the window (0 where there is none)",
        "Like the best of the others",
    )
)
def _nearness(evidence: Evidence) -> Rows:
    """A product among the first is compared with the others of them, not with itself."""
    vectors = evidence.vectors
    if vectors is None:
        return 0.0
    scores = standardise(evidence.student) + standardise(evidence.engine)
    has_vector = np.asarray(vectors.any(axis=1))
    top = [i for i in np.argsort(-scores, kind="stable") if has_vector[i]][:TOP]
    if len(top) < 2:
        return 0.0
    total = vectors[top].sum(axis=0)
    along = (vectors @ total).astype(np.float64)
    square = float(total @ total)
    cosines = along / max(square, 1e-12) ** 0.5
    # v (S - v) / |S - v| for those that are in the sum S themselves; |v| = 1.
    cosines[top] = (along[top] - 1) / np.sqrt(np.maximum(square - 2 * along[top] + 1, 1e-12))
    # What float32 rounds differently is no difference: two products are always as near to each other.
    if np.ptp(cosines[has_vector]) < ROUNDING:
        return 0.0
    return standardise(np.where(has_vector, cosines, np.nan))


_OF_A_NUMBER_ALONE = (_student_scores, _engine_scores, _own_number)
"""With these, none that carries the number goes further down than in the engine's order: only one that is more its
product passes it."""

FEATURES = tuple(MEANINGS)
"""The columns of ``features``."""
DENIED = "denied"
"""A part of a score that is no feature: see ``denied.py``."""
MEANINGS[DENIED] = "whether the product has what the query's syntax excludes (a part, where only its description does)"
SHOP_WORDS[DENIED] = "What was excluded"


def features(
    query: str,
    products: Sequence[DocumentWords],
    student: Scores,
    engine: Scores,
    vectors: npt.NDArray[np.float32] | None = None,
    languages: Codes = ENGLISH,
) -> FloatArray:
    """The features of a window, float64 (n, len(FEATURES)), all finite.

    ``products`` are in the engine's order; ``student`` (n,) has NaN where there is no score, ``engine`` (n,) has none.
    ``vectors`` (n, d) are the products' unit vectors, rows of zeros where there is none; without them "near" is 0.
    ``languages`` are those that the query is read in.
    """
    n = len(products)
    if len(student) != n or len(engine) != n:
        raise ValueError(f"{len(student)} scores of the student and {len(engine)} of the engine for {n} products")
    columns = np.zeros((len(FEATURES), n))
    if n:
        scores = (np.asarray(student, dtype=np.float64), np.asarray(engine, dtype=np.float64))
        evidence = Evidence.of(QueryWords.from_text(query, products, languages), products, *scores, vectors, languages)
        for rows, maker in _GROUPS:
            if not evidence.number_alone or maker in _OF_A_NUMBER_ALONE:
                columns[rows] = maker(evidence)
    return columns.T
