"""How far a product answers what a query says: words, model numbers, denials."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from endcap.language.amounts import match
from endcap.language.languages import Codes
from endcap.language.negations import forms_of_having
from endcap.plugin.blend.document_words import DocumentWords
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.blend.query_words import QueryWords

BEGINNING = 0.5
"""What it counts when the query says the beginning of a model's number ("43l" of 43LH5000), and of a size that
stands there without its word."""

EXCLUDED = -2.0
"""What it counts to have what was denied by a sign, and not in words."""


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


def share_of_models(query: QueryWords, product: DocumentWords) -> float:
    """The share of a query's model numbers that a product has."""
    total, models = 0.0, query.models
    for model in models:
        if model in query.before:
            behind = _behind(query.before[model], model)
            if behind.search(product.title) or behind.search(product.rest):
                total += 1
            elif _is_told_in_part(query, model, product):
                total += BEGINNING
        elif model in product.models:
            total += 1
        elif len(model) > 2 and not model.isdigit() and any(other.startswith(model) for other in product.models):
            total += BEGINNING
    return total / len(models)


def _is_told_in_part(query: QueryWords, number: str, product: DocumentWords) -> bool:
    """Whether a product's number begins with a short number and its word, or a size stands there without its word."""
    if number in query.sizes:
        return number in product.models  # "shoes UK 10"
    return any(other.startswith(query.before[number] + number) for other in product.models)


@lru_cache(maxsize=1_024)
def _behind(word: str, number: str) -> re.Pattern[str]:
    """A word and a number behind it, or behind others: "iphone 7 8"."""
    return re.compile(rf" {re.escape(word)} ?(?:\d+[a-z]? (?:(?:or|and|to|plus|pro) )?){{0,5}}{re.escape(number)} ")


def lack(query: QueryWords, product: DocumentWords, languages: Codes) -> float:
    """What a query denies: the share that a product is said to lack, or -1 where it has one of them, or a part of it
    where it has a part; ``EXCLUDED`` where it has what a minus denies."""
    if any(match(amount, product.amounts) == 1 for amount in query.barred):
        return -1.0
    lacked, has = 0, 0.0
    for phrase in query.negations:
        if not product.absent.isdisjoint(phrase):
            lacked += 1
        else:
            share = sum(_has(word, product, languages) for word in phrase) / len(phrase)
            has = max(has, -EXCLUDED if share == 1 and phrase in query.excluded else share)
    return -has if has else lacked / len(query.negations)


def _has(word: str, product: DocumentWords, languages: Codes) -> bool:
    if f" {word.removesuffix('e')}" not in product.rest:  # all forms begin so
        return False
    return any(f" {form} " in product.rest for form in forms_of_having(word, languages))
