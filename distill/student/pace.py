"""How long a recipe's students will take here: a few seconds of the real work, and arithmetic."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from endcap.distill.recipe.settings import Recipe
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import train_tower
from endcap.distill.student.training_lists import TrainingList
from endcap.distill.work.records import TEST, TRAIN, Data
from endcap.index.product import Product
from endcap.plugin.model.text import product_text

TRIED = 64
"""Products of which the pace is taken."""
LONG = 20_000
"""Judged products from which on a run says before it begins how long it takes."""
EXPORT = 2_500
"""To smooth, round and write a model folder takes about as long as to read so many products."""


@dataclass(frozen=True, slots=True)
class Amounts:
    """What is taught and measured: judged products (a product counts again with each query), different products, and
    queries; of test queries, where there are any, the different judged products beside."""

    pairs: int
    products: int
    queries: int
    measured_products: int = 0
    measured_queries: int = 0

    @classmethod
    def of(cls, data: Data) -> Amounts:
        """Those of what the split stage has written."""
        train, test = data.part(TRAIN), data.part(TEST)
        return cls(
            sum(len(query.grades) for query in train),
            len({(query.shop, product) for query in train for product in query.grades}),
            len(train),
            len({(query.shop, product) for query in test for product in query.grades}),
            len(test),
        )


@dataclass(frozen=True, slots=True)
class Pace:
    """Products read a second, and products a second of a training that has read them before."""

    reading: float
    training: float

    def seconds(self, recipe: Recipe, amounts: Amounts) -> float:
        """About how long the students of a recipe take.

        Each student sees the judged products ``student.epochs`` times; one for each seed, and one for each fold
        where the gate or the blend wants that. Products are read once before, by the base, and by the lower layers of
        each student that keeps them. The gate reads those that it measures, with what the engine finds for each query,
        by the models that it compares. Each student of a fold is exported, and the candidate.
        """
        folds = recipe.split.folds if recipe.blend.folds or recipe.blend.learnt else 0
        students = len(recipe.student.seeds) + folds
        trained = students * recipe.student.epochs * amounts.pairs / self.training
        before = amounts.products * (1 + (students if recipe.student.frozen_layers else 0))
        found = (amounts.measured_queries or amounts.queries) * recipe.window
        gated = (2 + bool(folds)) * (amounts.measured_products + found)
        return trained + (before + gated + (1 + folds) * EXPORT) / self.reading


def measured_pace(recipe: Recipe, products: Sequence[Product], seed: int = 0) -> Pace:
    """Read and train on a few products of the shop, and time it. Takes some seconds; ``products`` is not empty."""
    rng = np.random.default_rng(seed)
    tried = [products[i % len(products)] for i in range(min(TRIED, max(16, len(products))))]
    texts = {("shop", str(n)): (product_text(p, recipe.text), "") for n, p in enumerate(tried)}
    s = recipe.student
    tower = Tower.load(recipe.base, pooling=recipe.pooling, scale=s.scale).eval()
    tower.encode([text for text, _ in texts.values()][:4], recipe.text.max_product_tokens)  # the first is slow
    start = time.monotonic()
    tower.encode([text for text, _ in texts.values()], recipe.text.max_product_tokens)
    reading = len(tried) / (time.monotonic() - start)
    size = s.list_size
    lists = [
        TrainingList("shop", "a query", tuple(map(str, range(n, n + size))), rng.normal(size=size).astype(np.float32))
        for n in range(0, len(tried) - size + 1, size)
    ]
    train_tower(tower, lists, [], texts, recipe.text, s, seed=seed)  # reads what stays as it is, and is slow at first
    start = time.monotonic()
    train_tower(tower, lists, [], texts, recipe.text, s, seed=seed)
    return Pace(reading, s.epochs * len(lists) * size / (time.monotonic() - start))


def in_words(seconds: float) -> str:
    """A time to wait, not more exact than it can be known."""
    minutes = seconds / 60
    if minutes < 1.5:
        return "about a minute"
    return f"about {minutes:.0f} minutes" if minutes < 90 else f"about {minutes / 60:.1f} hours"


def estimate(recipe: Recipe, data: Data) -> str:
    """In a sentence, how long the student takes here with what the split stage has written. Raises ``InputError``
    where the base is not there."""
    amounts = Amounts.of(data)
    train = data.part(TRAIN)
    keys = [(query.shop, product) for query in train for product in query.grades]
    step = max(1, len(keys) // TRIED)
    pace = measured_pace(recipe, [data.products[shop][product] for shop, product in keys[::step]])
    beside = ", without the teacher and its labels" if recipe.labels.count else ""
    return (
        f"Taught: {amounts.queries:,} queries with {amounts.pairs:,} judged products"
        f"{f', measured on {amounts.measured_queries:,} others' if amounts.measured_queries else ''}. Here the student "
        f"reads {pace.reading:.0f} products a second and learns from {pace.training:.0f} (just measured): it takes "
        f"{in_words(pace.seconds(recipe, amounts))}{beside}."
    )
