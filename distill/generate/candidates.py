"""Products to compare with a query: what the engine finds at several depths, and what looks like the wanted product."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Any

import numpy as np

from endcap.distill.generate.product_facts import CatalogueWords, FactsMemory
from endcap.distill.generate.query_intent import best_answer
from endcap.distill.generate.title_pieces import brand_name
from endcap.distill.generate.vocabulary import Vocabulary
from endcap.distill.recipe.settings import PairsRecipe
from endcap.index.product import Product
from endcap.language.plurals import singular_phrase
from endcap.language.text import tokens

MADE_FROM, ANSWERS = "made-from", "answers"
CATEGORY, BRAND, ATTRIBUTE, RANDOM = "category", "brand", "attribute", "random"
LOOKED_AT = 200
"""Products of a type in which one with another attribute is looked for."""


class ProductGroups:
    """Products of a shop by what they are and who made them."""

    def __init__(self, products: Mapping[str, Product], vocabulary: Vocabulary) -> None:
        self.products = products
        self.ids = list(products)
        self._types: dict[str, str] = {}
        self._by_type, self._by_brand = defaultdict[str, list[str]](list), defaultdict[str, list[str]](list)
        for product in products.values():
            for name in vocabulary.types_of(product)[:1]:
                self._types[product.id] = singular_phrase(name)
                self._by_type[singular_phrase(name)].append(product.id)
            if brand := brand_name(product.brand):
                self._by_brand[brand].append(product.id)
        self._facts = FactsMemory(CatalogueWords.of(products.values()), products.__getitem__)

    def answer(self, query: str, hits: Sequence[str]) -> str:
        """The id of the hit that is what a query looks for, and has all that it says; or the empty text."""
        best = best_answer(query, map(self._facts.__getitem__, hits), self._facts.catalogue)
        return best.source.id if best else ""

    def same_type(self, product: Product) -> Sequence[str]:
        """Ids of products of the same type, or of the same category."""
        return self._by_type.get(self._types.get(product.id, ""), ())

    def same_brand(self, product: Product) -> Sequence[str]:
        """Ids of products of the same brand."""
        return self._by_brand.get(brand_name(product.brand), ())

    def one_changed(self, product: Product, made_from: Mapping[str, Any], rng: np.random.Generator) -> Iterator[str]:
        """Ids of products of the same type with all that a query asks for but one part, the nearest titles first."""
        values = [str(value) for value in made_from.get("attributes", {}).values()]
        values += [str(made_from[name]) for name in ("brand", "model", "quantity") if name in made_from]
        parts = [set(tokens(value)) for value in values]
        title, near = _title_words(product.title), []
        for other in shuffled(self.same_type(product), rng, LOOKED_AT):
            if other == product.id:
                continue
            words = _title_words(self.products[other].title)
            missing = sum(not part <= words for part in parts)
            if missing == 1 or (not parts and words != title):
                near.append((-len(words & title) / len(words | title), other))
        yield from (other for _, other in sorted(near))


@lru_cache(maxsize=100_000)
def _title_words(title: str) -> frozenset[str]:
    return frozenset(tokens(title))


def candidates(
    groups: ProductGroups,
    made_from: Mapping[str, Any] | None,
    hits: Sequence[str],
    recipe: PairsRecipe,
    rng: np.random.Generator,
    answer: str = "",
) -> dict[str, str]:
    """At most ``per_query`` products by id, each with how it was found; ``hits`` are the engine's ids, best first.

    The product that the query was made from, or that ``answer``s it in full, is always in. A query that has neither is
    compared with what is like its first hit. Where one way finds too few, the engine's other hits and then chance fill
    up.
    """
    made_from = made_from or {}
    chosen: dict[str, str] = {}
    source = groups.products.get(str(made_from.get("product", answer)))
    if source is not None:
        chosen[source.id] = MADE_FROM if made_from else ANSWERS
    like = source or (groups.products.get(hits[0]) if hits else None)
    hard = round(recipe.hard * (recipe.per_query - 1))
    bands = _bands(hits, recipe.depths, rng)
    _round_robin(chosen, bands, len(chosen) + recipe.per_query - 1 - hard)
    chance = (RANDOM, iter(shuffled(groups.ids, rng, 4 * recipe.per_query)))
    ways = [chance]
    if like is not None:
        ways = [
            (ATTRIBUTE, groups.one_changed(like, made_from, rng)),
            (CATEGORY, iter(shuffled(groups.same_type(like), rng, 4 * recipe.per_query))),
            (BRAND, iter(shuffled(groups.same_brand(like), rng, 4 * recipe.per_query))),
            chance,
        ]
    for more in (ways, bands, [(RANDOM, iter(groups.ids))]):
        _round_robin(chosen, more, recipe.per_query)
    return chosen


Way = tuple[str, Iterator[str]]


def _bands(hits: Sequence[str], depths: Sequence[int], rng: np.random.Generator) -> list[Way]:
    """The hits between one depth and the next, in random order."""
    edges = [0, *sorted(set(depths))]
    return [(f"engine@{end}", iter(shuffled(hits[start:end], rng))) for start, end in pairwise(edges)]


def _round_robin(chosen: dict[str, str], ways: Sequence[Way], most: int) -> None:
    """Take one product after the other from each way in turn, until there are ``most`` or none is left."""
    ways = list(ways)
    while ways and len(chosen) < most:
        for way in list(ways):
            name, ids = way
            new = next((id for id in ids if id not in chosen), None)
            if new is None:
                ways.remove(way)
            elif len(chosen) < most:
                chosen[new] = name


def shuffled(items: Sequence[str], rng: np.random.Generator, most: int | None = None) -> list[str]:
    """At most ``most`` of the items, in random order; quick where there are many."""
    if most is None or len(items) <= most:
        return [items[i] for i in rng.permutation(len(items))]
    return [items[i] for i in rng.choice(len(items), most, replace=False)]
