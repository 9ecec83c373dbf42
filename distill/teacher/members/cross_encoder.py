"""A fine-tuned cross-encoder as a member: one model for each seed and fold."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from endcap.distill.labels.logit import FloatArray, score
from endcap.distill.teacher.cross_fit import fold_folder, missing_models, models_for
from endcap.distill.teacher.member import FitData, Member
from endcap.distill.teacher.pairs import Pairs, ProductMemo
from endcap.plugin.model.text import product_text, query_text

if TYPE_CHECKING:
    from endcap.distill.teacher.classifier import Classifier


@dataclass(slots=True)
class CrossEncoderMember(Member):
    """Its signal is the logit (``distill/labels/logit.py``) of the class probabilities' mean over seeds, and over folds
    for queries that no model was trained on."""

    needs_base = True
    _models: dict[tuple[int, int], Classifier] = field(default_factory=dict)

    def fit(self, data: FitData) -> None:
        """Train its models."""
        from endcap.distill.teacher.classifier_training import fit_classifier, step_count

        recipe, text = self.spec.recipe, self.spec.text
        for model in missing_models(self.spec, data):
            with data.watch(model.title, step_count(len(model.examples), recipe)) as advance:
                fit_classifier(
                    recipe,
                    [query_text(example.query, text) for example in model.examples],
                    [product_text(example.product, text) for example in model.examples],
                    np.stack([example.target for example in model.examples]),
                    model.folder,
                    seed=model.seed,
                    checkpoints=model.checkpoints,
                    advance=advance,
                    save_every_s=data.save_every_s,
                    states=self._states,
                    watch=data.watch,
                )

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, 1)."""
        text = self.spec.text
        queries = [query_text(query, text) for query in pairs.queries]
        text_of = ProductMemo(lambda product: product_text(product, text))
        products = [text_of[product] for product in pairs.products]
        models = [self._model(seed, k) for seed, k in models_for(self.spec, fold)]
        return score(np.mean([model.probabilities(queries, products) for model in models], axis=0))[:, None]

    @property
    def _states(self) -> Path:
        """Where what the frozen layers make of judged pairs is kept, for all models."""
        return self.spec.folder / "frozen-states"

    def _model(self, seed: int, fold: int) -> Classifier:
        from endcap.distill.teacher.classifier import Classifier

        if (seed, fold) not in self._models:
            loaded = next(iter(self._models.values()), None)
            folder = fold_folder(self.spec, seed, fold)
            self._models[seed, fold] = Classifier(folder, self.spec.recipe, loaded, self._states)
        return self._models[seed, fold]


MEMBER = CrossEncoderMember
