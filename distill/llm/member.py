"""The endpoint as a member of the teacher: nothing is trained, but its agreement with people is measured first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np

from endcap.distill.labels.logit import score
from endcap.distill.llm.agreement import JudgedPair, measure, sample
from endcap.distill.llm.backoff import Limits
from endcap.distill.llm.endpoint import endpoint_of
from endcap.distill.llm.teacher import EndpointTeacher
from endcap.distill.recipe.settings import LlmRecipe, Recipe
from endcap.distill.teacher.pairs import Example, FloatArray, Pairs
from endcap.distill.work.files import read_json, write_json
from endcap.distill.work.folder import CACHE
from endcap.progress import Watch, unwatched

CONNECTION = f"{CACHE}/llm.json"
"""Where, under the teacher's folder, the recipe's ``llm`` is kept: what may change while answers stay the same
(address, cap, concurrency) is no output of the stage."""


def keep_connection(recipe: Recipe, teacher: Path) -> None:
    """Keep how the endpoint is reached (no secrets) under the teacher's folder, for a teacher loaded from there.

    Nothing where the recipe's teacher has no endpoint. Raises ``InputError`` where its ``llm`` can't be used.
    """
    if not any(member.kind == "endpoint" for member in recipe.teacher.members):
        return
    endpoint_of(recipe.llm)
    write_json(teacher / CONNECTION, {"recipe": recipe.name, "llm": asdict(recipe.llm)})


def fit_endpoint(
    recipe: Recipe,
    examples: Sequence[Example],
    folder: Path,
    teacher: Path,
    watch: Watch = unwatched,
    limits: Limits | None = None,
) -> None:
    """Measure the agreement on judged pairs of train and dev; write ``agreement.json`` and ``.txt`` into the member's
    folder.

    Raises ``InputError`` where it is less than ``llm.min_kappa``, before more is asked and paid for.
    """
    keep_connection(recipe, teacher)
    judged = [JudgedPair(each.shop, each.query, each.product, each.grade) for each in examples]
    chosen = sample(judged, recipe.llm.check_pairs, recipe.seed)
    found = EndpointTeacher(recipe, watch=watch, limits=limits).gradings(
        [each.query for each in chosen], [each.product for each in chosen]
    )
    agreement = measure(recipe.llm, chosen, found, recipe.seed)
    agreement.write(folder)
    agreement.require(recipe.llm)


@dataclass(slots=True)
class EndpointMember:
    """Its signal is the logit (``distill/labels/logit.py``) of the class probabilities; NaN where it gave no grade."""

    name: str
    teacher: Path
    _asked: list[EndpointTeacher] = field(default_factory=list)

    @property
    def columns(self) -> tuple[str, ...]:
        """One signal."""
        return (self.name,)

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, 1); the same for all folds, since the model was trained on none."""
        if not self._asked:
            said = read_json(self.teacher / CONNECTION)
            self._asked.append(EndpointTeacher(Recipe(said["recipe"], "", "", llm=LlmRecipe(**said["llm"]))))
        told = self._asked[0].probabilities(pairs.queries, pairs.products).astype(np.float64)
        known = ~np.isnan(told).any(axis=1)
        result = np.full((len(pairs), 1), np.nan)
        result[known, 0] = score(told[known])
        return result
