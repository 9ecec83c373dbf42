"""Cosines as members: those of a base as it is (``cosine``), or fine-tuned, one tower for each seed and fold
(``bi-encoder``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.student.tower import Tower
from endcap.distill.teacher.classifier_member import model_folder
from endcap.distill.teacher.pairs import FloatArray, Pairs
from endcap.plugin.model.text import TextRecipe, product_text, query_text

BACKGROUND = "background.json"
KEPT = 200_000
"""Vectors that are kept; past it, all are forgotten."""


@dataclass(slots=True)
class VectorMember:
    """Its signals are the cosine c of query and product, and how far it lies above the query's cosines with a fixed
    sample of products, ``(c - mean_b c_b) / std_b c_b``: some queries are near everything.

    Standardising over the products that happen to be asked together would make a label depend on its neighbours.
    """

    name: str
    folder: Path
    recipe: MemberRecipe
    text: TextRecipe
    folds: int
    background: Sequence[str]
    """The sample's texts."""
    _towers: dict[tuple[int, int], Tower] = field(default_factory=dict)
    _vectors: dict[tuple[int, int, str], FloatArray] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """The cosine, and how far it is above the background."""
        return (f"{self.name} cosine", f"{self.name} above")

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, 2), the mean over seeds, and over folds for queries that no model was trained on."""
        if self.recipe.kind == "cosine":
            return self._by(pairs, -1, -1)
        asked = [fold] if fold >= 0 else range(self.folds)
        return np.asarray(np.mean([self._by(pairs, seed, k) for seed in self.recipe.seeds for k in asked], axis=0))

    def _by(self, pairs: Pairs, seed: int, fold: int) -> FloatArray:
        queries = self._encode([query_text(query, self.text) for query in pairs.queries], seed, fold)
        products = self._encode([product_text(product, self.text) for product in pairs.products], seed, fold)
        background = self._encode(self.background, seed, fold)
        cosine = np.einsum("nd,nd->n", queries, products, dtype=np.float64)
        near = queries.astype(np.float64) @ background.T.astype(np.float64)
        above = (cosine - near.mean(axis=1)) / np.maximum(near.std(axis=1), 1e-6)
        return np.column_stack([cosine, above])

    def _encode(self, texts: Sequence[str], seed: int, fold: int) -> FloatArray:
        """Unit vectors float32 (n, d); each text is read once."""
        missing = [t for t in dict.fromkeys(texts) if (seed, fold, t) not in self._vectors]
        if missing:
            made = self._tower(seed, fold).encode(missing, self.recipe.max_tokens)
            if len(self._vectors) > KEPT:
                kept = {(seed, fold, t): self._vectors[seed, fold, t] for t in set(texts) - set(missing)}
                self._vectors.clear()
                self._vectors.update(kept)
            self._vectors.update({(seed, fold, t): v for t, v in zip(missing, made, strict=True)})
        return np.stack([self._vectors[seed, fold, t] for t in texts])

    def _tower(self, seed: int, fold: int) -> Tower:
        if (seed, fold) not in self._towers:
            base = self.recipe.base if fold < 0 else model_folder(self.folder, seed, fold)
            self._towers[seed, fold] = Tower.load(base, pooling=self.recipe.pooling).eval()
        return self._towers[seed, fold]
