"""Training lists: a query, products, and the scores that they should have; and which lists a step takes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from endcap.distill.labels.logit import FloatArray, score, soft_target
from endcap.distill.recipe.settings import StudentRecipe
from endcap.distill.work.records import JudgedQuery
from endcap.index.judgments.judgments import GRADES, votes_of

MOST_GOLD_PASSES = 20.0


@dataclass(frozen=True, slots=True)
class TrainingList:
    """A query's products (ids in the shop's catalogue) with target scores float32 (n,) on the logit scale.

    ``gold``: the targets are people's grades.
    """

    shop: str
    query: str
    products: tuple[str, ...]
    targets: npt.NDArray[np.float32]
    gold: bool = True


def gold_list(
    judged: JudgedQuery, cosines: Mapping[str, float], smoothing: float, settings: StudentRecipe
) -> TrainingList:
    """Targets of judged products: ``(1 - share) x score(soft grade) + share x scale x cosine``.

    ``share`` is ``settings.cosine_share``, and the cosine is that of the untrained base. It knows what a grade does not
    say: which of two equally good products is nearer. Where several people judged a product, the soft grade is the
    shares of their ``votes``, smoothed as a grade is.
    """
    graded = score(np.stack([_soft(grade, judged.votes.get(p), smoothing) for p, grade in judged.grades.items()]))
    base = np.array([cosines[p] for p in judged.grades])
    targets = (1 - settings.cosine_share) * graded + settings.cosine_share * settings.scale * base
    return TrainingList(judged.shop, judged.query, tuple(judged.grades), targets.astype(np.float32))


def _soft(grade: float, votes: Sequence[float] | None, smoothing: float) -> FloatArray:
    """Class probabilities float64 (4,). Votes are smoothed too: a logit of votes all for the best grade is endless."""
    votes = votes if votes is not None or grade in GRADES else votes_of([grade])
    if votes is None:
        return soft_target(grade, smoothing)
    shares = soft_target(grade, 0.0, votes)
    return np.asarray(sum(share * soft_target(g, smoothing) for g, share in enumerate(shares)))


def _parts(whole: TrainingList, size: int, rng: np.random.Generator) -> Iterator[TrainingList]:
    """A long list in parts of about ``size``, at least two products each, every part with targets from high to low.

    The products are dealt out like cards in the order of their targets, equal ones in random order.
    """
    n = len(whole.products)
    count = max(1, round(n / size))
    order = np.lexsort((rng.random(n), whole.targets))
    offset = rng.integers(count)
    for part in range(count):
        dealt = order[(np.arange(n) + offset) % count == part]
        if len(dealt) >= 2:
            names = tuple(whole.products[i] for i in dealt)
            yield TrainingList(whole.shop, whole.query, names, whole.targets[dealt], whole.gold)


def shuffled_parts(training_lists: Sequence[TrainingList], size: int, rng: np.random.Generator) -> list[TrainingList]:
    """All lists in parts of about ``size``, shuffled."""
    parts = [part for whole in training_lists for part in _parts(whole, size, rng)]
    return [parts[i] for i in rng.permutation(len(parts))]


def texts_needed(training_lists: Iterable[TrainingList]) -> set[tuple[str, str]]:
    """(shop, product id) of all products in the lists."""
    return {(item.shop, product) for item in training_lists for product in item.products}


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
