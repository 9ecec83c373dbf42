"""A fine-tuned bi-encoder as a member: for each seed and fold a tower taught by judgments, as the student is."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import numpy as np

from endcap.distill.labels.logit import FloatArray
from endcap.distill.recipe.settings import StudentRecipe
from endcap.distill.teacher.cross_fit import FoldModel, missing_models, models_for
from endcap.distill.teacher.member import FitData
from endcap.distill.teacher.members.cosine import CosineMember
from endcap.distill.teacher.pairs import Pairs
from endcap.distill.work.records import TRAIN, JudgedQuery
from endcap.errors import InputError
from endcap.plugin.model.text import product_text, query_text


@dataclass(slots=True)
class BiEncoderMember(CosineMember):
    """The cosine member's signals, of trained towers."""

    def fit(self, data: FitData) -> None:
        """Draw the sample, and train the towers."""
        CosineMember.fit(self, data)
        for model in missing_models(self.spec, data):
            self._train(model, data)

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, 2), the mean over seeds, and over folds for queries that no model was trained on."""
        models = models_for(self.spec, fold)
        return np.asarray(np.mean([self.signals_of_model(pairs, seed, k) for seed, k in models], axis=0))

    def _train(self, model: FoldModel, data: FitData) -> None:
        """Train a tower on the examples' lists, and put its folder in place."""
        from endcap.distill.student.tower import Tower
        from endcap.distill.student.training import train_tower
        from endcap.distill.student.training_lists import gold_list

        # What the untrained tower makes of all queries and products: its cosines are part of the targets.
        recipe, text = self.spec.recipe, self.spec.text
        settings = StudentRecipe(epochs=float(recipe.epochs), learning_rate=recipe.learning_rate)
        tower = Tower.load(recipe.base, pooling=recipe.pooling, scale=settings.scale)
        texts = {(e.shop, e.product.id): product_text(e.product, text) for e in model.examples}
        grades: dict[tuple[str, str], dict[str, float]] = {}
        for example in model.examples:
            grades.setdefault((example.shop, example.query), {})[example.product.id] = example.grade
        queries = tower.encode([query_text(query, text) for _, query in grades], text.max_query_tokens)
        products = dict(zip(texts, tower.encode(list(texts.values()), text.max_product_tokens), strict=True))

        # A list of each query with two products and more.
        lists = []
        for ((shop, query), judged), vector in zip(grades.items(), queries, strict=True):
            cosines = {product: float(vector @ products[shop, product]) for product in judged}
            if len(judged) > 1:
                judged_query = JudgedQuery(shop, query, judged, TRAIN, fold=-1)
                lists.append(gold_list(judged_query, cosines, data.recipe.teacher.smoothing, settings))
        if not lists:
            raise InputError(
                "No query has two judged products: a bi-encoder learns from comparisons. Judge more products."
            )

        # The training, from its checkpoint on.
        model.checkpoints.mkdir(parents=True, exist_ok=True)
        pairs, state = {key: (product, product) for key, product in texts.items()}, model.checkpoints / "state.pt"
        train_tower(tower, lists, (), pairs, text, settings, seed=model.seed, checkpoint=state, watch=data.watch)
        tower.save(model.folder)
        shutil.rmtree(model.checkpoints, ignore_errors=True)


MEMBER = BiEncoderMember
