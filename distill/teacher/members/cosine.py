"""The cosine of query and product by a base as it is, as a member."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from endcap.distill.labels.logit import FloatArray
from endcap.distill.teacher.cross_fit import fold_folder
from endcap.distill.teacher.member import FitData, Member
from endcap.distill.teacher.pairs import Pairs
from endcap.distill.work.files import read_json, write_json
from endcap.plugin.model.text import product_text, query_text

if TYPE_CHECKING:
    from endcap.distill.student.tower import Tower

BACKGROUND = "background.json"
BACKGROUND_SIZE = 256
KEPT = 200_000
"""Vectors that are kept; past it, all are forgotten."""
UNTRAINED = -1
"""As seed and fold: the base itself."""


@dataclass(slots=True)
class CosineMember(Member):
    """Its signals are the cosine c of query and product, and how far it lies above the query's cosines with a fixed
    sample of products, ``(c - mean_b c_b) / std_b c_b``. Some queries are near everything.

    Standardising over the products that happen to be asked together would make a label depend on its neighbours.
    """

    needs_base = True
    signal_names = ("cosine", "above")
    _background: list[str] = field(default_factory=list)
    """The sample's texts."""
    _towers: dict[tuple[int, int], Tower] = field(default_factory=dict)
    _vectors: dict[tuple[int, int, str], FloatArray] = field(default_factory=dict)

    def fit(self, data: FitData) -> None:
        """Draw the sample, from the judged products."""
        path = self.spec.folder / BACKGROUND
        if not path.exists():
            texts = sorted({product_text(example.product, self.spec.text) for example in data.examples})
            write_json(path, random.Random(data.recipe.seed).sample(texts, min(BACKGROUND_SIZE, len(texts))))

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, 2); the same for all folds."""
        return self.signals_of_model(pairs, UNTRAINED, UNTRAINED)

    def signals_of_model(self, pairs: Pairs, seed: int, fold: int) -> FloatArray:
        """float64 (n, 2), by the tower of a seed and fold."""
        text, self._background = self.spec.text, self._background or read_json(self.spec.folder / BACKGROUND)
        queries = self._encode([query_text(query, text) for query in pairs.queries], seed, fold)
        products = self._encode([product_text(product, text) for product in pairs.products], seed, fold)
        background = self._encode(self._background, seed, fold)
        cosine = np.einsum("nd,nd->n", queries, products, dtype=np.float64)
        background_cosines = queries.astype(np.float64) @ background.T.astype(np.float64)
        above = (cosine - background_cosines.mean(axis=1)) / np.maximum(background_cosines.std(axis=1), 1e-6)
        return np.column_stack([cosine, above])

    def _encode(self, texts: Sequence[str], seed: int, fold: int) -> FloatArray:
        """Unit vectors float32 (n, d); each text is read once."""
        if len(self._vectors) > KEPT:
            self._vectors.clear()
        missing = [t for t in dict.fromkeys(texts) if (seed, fold, t) not in self._vectors]
        if missing:
            vectors = self._tower(seed, fold).encode(missing, self.spec.recipe.max_tokens)
            self._vectors.update({(seed, fold, t): v for t, v in zip(missing, vectors, strict=True)})
        return np.stack([self._vectors[seed, fold, t] for t in texts])

    def _tower(self, seed: int, fold: int) -> Tower:
        from endcap.distill.student.tower import Tower

        if (seed, fold) not in self._towers:
            recipe = self.spec.recipe
            base = recipe.base if fold == UNTRAINED else fold_folder(self.spec, seed, fold)
            self._towers[seed, fold] = Tower.load(base, pooling=recipe.pooling).eval()
        return self._towers[seed, fold]


MEMBER = CosineMember
