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
from endcap.index.product import Product
from endcap.plugin.model.text import product_text

TRIED = 64
"""Products of which the pace is taken."""
EXPORT = 2_500
"""To smooth, round and write a model folder takes about as long as to read so many products."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Products read a second, and products a second of a training that has read them before."""

    reading: float
    training: float

    def seconds(self, recipe: Recipe, products: int, queries: int) -> float:
        """About how long the students of a recipe take, for so many judged products and queries.

        Each student sees the products ``student.epochs`` times; there is one for each seed, and one for each fold where
        the gate or the blend wants that. Products are read once before, by the base and by each student's lower
        layers, and once after by each student, with the hundred that the engine finds for each query. Each is exported.
        """
        folds = recipe.split.folds if recipe.blend.folds or recipe.blend.learnt else 0
        students = len(recipe.student.seeds) + folds
        found = queries * recipe.window
        trained = students * recipe.student.epochs * products / self.training
        return trained + ((1 + students) * products + (2 + bool(folds)) * found + (1 + folds) * EXPORT) / self.reading


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
