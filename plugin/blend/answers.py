"""How far a product answers what a query says: words, model numbers, denials."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from itertools import pairwise

import numpy as np

from endcap.language.languages import Codes
from endcap.language.negations import forms_of_having
from endcap.plugin.blend.document_words import DocumentWords
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.blend.query_words import QueryWords

BEGINNING = 0.5
"""What it counts when the query says the beginning of a model's number: "43l" of 43LH5000."""


def occurrences(needles: Sequence[str], texts: Sequence[str]) -> FloatArray:
    """Which needle is in which text, float64 (needles, texts), 1 or 0."""
    return np.array([[needle in text for text in texts] for needle in needles], dtype=bool).astype(np.float64)


def rarity(counts: FloatArray, n: int) -> FloatArray:
    """Weights of words, float64 (words,), that sum to 1 over the words that some product has; 0 for the others.

    ``log(1 + n / count)``: the idf of a window (Spärck Jones, 1972), never 0, so that a word which all products have
    still tells apart those that say it in the title.
    """
    weights = np.where(counts > 0, np.log1p(n / np.maximum(counts, 1.0)), 0.0)
    total = float(weights.sum())
    return weights / total if total > 0 else weights


def words_before(query: QueryWords) -> Mapping[str, str]:
    """What stands before each short number of a query: an "iphone 8" is nothing else with an 8."""
    return {word: before for before, word in pairwise(query.text.split()) if word.isdigit() and len(word) < 4}


def share_of_models(models: Collection[str], before: Mapping[str, str], product: DocumentWords) -> float:
    """The share of a query's model numbers that a product has; ``before`` is what ``words_before`` gives."""
    total = 0.0
    for model in models:
        if model in before:
            needle = f" {before[model]} {model} "
            total += needle in product.title or needle in product.rest or f" {before[model]}{model} " in product.title
        elif model in product.models:
            total += 1
        elif len(model) > 2 and not model.isdigit() and any(other.startswith(model) for other in product.models):
            total += BEGINNING
    return total / len(models)


def lack(negations: Sequence[tuple[str, ...]], product: DocumentWords, languages: Codes) -> float:
    """What a query denies: the share that a product is said to lack, less the share that it has; -1..1."""
    total = 0.0
    for phrase in negations:
        if not product.absent.isdisjoint(phrase):
            total += 1
        else:
            total -= sum(_has(word, product, languages) for word in phrase) / len(phrase)
    return total / len(negations)


def _has(word: str, product: DocumentWords, languages: Codes) -> bool:
    if f" {word.removesuffix('e')}" not in product.rest:  # all forms begin so
        return False
    return any(f" {form} " in product.rest for form in forms_of_having(word, languages))
