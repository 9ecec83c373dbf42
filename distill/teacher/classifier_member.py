"""A fine-tuned cross-encoder as a member: one model for each seed and fold."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from endcap.distill.labels.logit import score
from endcap.distill.recipe.settings import MemberRecipe
from endcap.distill.teacher.classifier import Classifier
from endcap.distill.teacher.pairs import FloatArray, Pairs
from endcap.plugin.model.text import TextRecipe, product_text, query_text


def member_text(text: TextRecipe, member: MemberRecipe) -> TextRecipe:
    """What a member reads: the recipe's fields, with the member's own prefixes and token limit."""
    return replace(
        text,
        query_prefix=member.query_prefix,
        product_prefix=member.product_prefix,
        max_product_tokens=member.max_tokens,
        max_query_tokens=min(text.max_query_tokens, member.max_tokens),
    )


def model_folder(folder: Path, seed: int, fold: int) -> Path:
    """Where the model of a seed that was trained without a fold is."""
    return folder / f"seed-{seed}" / f"fold-{fold}"


@dataclass(slots=True)
class ClassifierMember:
    """Its signal is the logit (``distill/labels/logit.py``) of the class probabilities' mean over seeds, and over folds
    for queries that no model was trained on."""

    name: str
    folder: Path
    recipe: MemberRecipe
    text: TextRecipe
    folds: int
    _models: dict[tuple[int, int], Classifier] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """One signal."""
        return (self.name,)

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, 1)."""
        queries = [query_text(query, self.text) for query in pairs.queries]
        text = {id(p): product_text(p, self.text) for p in {id(p): p for p in pairs.products}.values()}
        products = [text[id(p)] for p in pairs.products]
        asked = [fold] if fold >= 0 else range(self.folds)
        told = [self._model(seed, k).probabilities(queries, products) for seed in self.recipe.seeds for k in asked]
        return score(np.mean(told, axis=0))[:, None]

    def _model(self, seed: int, fold: int) -> Classifier:
        if (seed, fold) not in self._models:
            beside = next(iter(self._models.values()), None)
            self._models[seed, fold] = Classifier(model_folder(self.folder, seed, fold), self.recipe, beside)
        return self._models[seed, fold]
