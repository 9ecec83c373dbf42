"""Which lists a training's steps take."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from endcap.distill.recipe.settings import StudentRecipe
from endcap.distill.student.training_lists import TrainingList, shuffled_parts

MOST_GOLD_PASSES = 20.0


class StepLists:
    """Decided by the seed and the step's number alone, so that a resumed training goes on. ``steps``: how many."""

    def __init__(
        self, gold: Sequence[TrainingList], generated: Sequence[TrainingList], settings: StudentRecipe, seed: int
    ) -> None:
        self._gold, self._generated, self._settings, self._seed = gold, generated, settings, seed
        self._epochs: dict[int, list[TrainingList]] = {}
        self._per_epoch = math.ceil(len(self._epoch(0)) / settings.lists_per_step)
        steps = max(1, round(self._per_epoch * settings.epochs)) if settings.epochs else 0  # 0: zero-shot
        self.steps = steps if self._per_epoch else 0

    def step(self, number: int) -> list[TrainingList]:
        """The lists of a step."""
        size = self._settings.lists_per_step
        start = number % self._per_epoch * size
        return self._epoch(number // self._per_epoch)[start : start + size]

    def _epoch(self, number: int) -> list[TrainingList]:
        """All generated lists once, and gold ones as often as makes their share; without generated ones, gold once."""
        if number not in self._epochs:
            rng = np.random.default_rng([self._seed, number])
            size = self._settings.list_size
            generated, gold = shuffled_parts(self._generated, size, rng), shuffled_parts(self._gold, size, rng)
            if generated and gold:
                share = min(self._settings.gold_share, 0.99)
                target = min(share / (1 - share) * len(generated), MOST_GOLD_PASSES * len(gold))
                while len(gold) < target:
                    gold += shuffled_parts(self._gold, size, rng)
                gold = gold[: max(1, round(target))] if share else []
            mixed = [*generated, *gold]
            self._epochs = {number: [mixed[i] for i in rng.permutation(len(mixed))]}  # one is kept
        return self._epochs[number]
