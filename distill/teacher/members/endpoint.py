"""The endpoint as a member of the teacher: nothing is trained, but its agreement with people is measured first."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from endcap.distill.labels.logit import FloatArray, score
from endcap.distill.llm.agreement import JudgedPair, measure_agreement, sample_pairs
from endcap.distill.llm.backoff import Limits
from endcap.distill.llm.endpoint import endpoint_of
from endcap.distill.llm.teacher import EndpointTeacher
from endcap.distill.recipe.settings import LlmRecipe, Recipe
from endcap.distill.teacher.member import FitData, Member
from endcap.distill.teacher.pairs import Pairs
from endcap.distill.work.files import read_json, write_json
from endcap.distill.work.folder import CACHE

CONNECTION = f"{CACHE}/llm.json"
"""Where, under the teacher's folder, the recipe's ``llm`` is kept: what may change while answers stay the same
(address, cap, concurrency) is no output of the stage."""


def keep_connection(recipe: Recipe, teacher: Path) -> None:
    """Keep how the endpoint is reached (no secrets) under the teacher's folder, for a teacher loaded from there.

    Raises ``InputError`` where the recipe's ``llm`` can't be used.
    """
    endpoint_of(recipe.llm)
    write_json(teacher / CONNECTION, {"recipe": recipe.name, "llm": asdict(recipe.llm)})


@dataclass(slots=True)
class EndpointMember(Member):
    """Its signal is the logit (``distill/labels/logit.py``) of the class probabilities; NaN where it gave no grade."""

    asks_llm = True
    limits: Limits | None = None
    _grader: EndpointTeacher | None = None

    def fit(self, data: FitData) -> None:
        """Measure the agreement on judged pairs of train and dev; write ``agreement.json`` and ``.txt``.

        Raises ``InputError`` where it is less than ``llm.min_kappa``, before more is asked and paid for.
        """
        recipe = data.recipe
        keep_connection(recipe, self.spec.teacher)
        judged = [JudgedPair(example.shop, example.query, example.product, example.grade) for example in data.examples]
        sampled = sample_pairs(judged, recipe.llm.check_pairs, recipe.seed)
        teacher = EndpointTeacher(recipe, watch=data.watch, limits=self.limits)
        gradings = teacher.gradings([pair.query for pair in sampled], [pair.product for pair in sampled])
        agreement = measure_agreement(recipe.llm, sampled, gradings, recipe.seed)
        agreement.write(self.spec.folder)
        agreement.require(recipe.llm)

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, 1); the same for all folds, since the model was trained on none."""
        if self._grader is None:
            connection = read_json(self.spec.teacher / CONNECTION)
            self._grader = EndpointTeacher(Recipe(connection["recipe"], "", "", llm=LlmRecipe(**connection["llm"])))
        probabilities = self._grader.probabilities(pairs.queries, pairs.products).astype(np.float64)
        graded = ~np.isnan(probabilities).any(axis=1)
        result = np.full((len(pairs), 1), np.nan)
        result[graded, 0] = score(probabilities[graded])
        return result


MEMBER = EndpointMember
