"""Cross-fitting: model k is trained on all judged queries but those of fold k, and answers for fold k.

So nothing that a member says of a query it was trained on ever reaches the stacker or the labels.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from endcap.distill.teacher.member import FitData, MemberSpec
from endcap.distill.teacher.pairs import Example
from endcap.distill.work.records import TRAIN
from endcap.errors import InputError


@dataclass(frozen=True, slots=True)
class FoldModel:
    """A model to be trained: on which pairs, with which seed (31 bits), and where it and its checkpoints lie."""

    title: str
    examples: Sequence[Example]
    seed: int
    folder: Path
    checkpoints: Path


def missing_models(spec: MemberSpec, data: FitData) -> Iterator[FoldModel]:
    """The models of a member, one a seed and fold, that are not trained yet."""
    for seed, fold in models_for(spec, -1):
        folder = fold_folder(spec, seed, fold)
        if not folder.exists():
            yield FoldModel(
                f"Teacher {spec.name}, seed {seed}, fold {fold + 1} of {spec.folds}",
                examples_without(data.examples, fold),
                model_seed(data.recipe.seed, spec.name, seed, fold),
                folder,
                spec.teacher / "checkpoints" / spec.name / f"seed-{seed}-fold-{fold}",
            )


def models_for(spec: MemberSpec, fold: int) -> list[tuple[int, int]]:
    """Seed and fold of the models that answer for a query of ``fold``: for -1, which none has seen, all of them."""
    folds = [fold] if fold >= 0 else range(spec.folds)
    return [(seed, k) for seed in spec.recipe.seeds for k in folds]


def fold_folder(spec: MemberSpec, seed: int, fold: int) -> Path:
    """Where the model of a seed that was trained without a fold is."""
    return spec.folder / f"seed-{seed}" / f"fold-{fold}"


def examples_without(examples: Sequence[Example], fold: int) -> list[Example]:
    """What the model of a fold is trained on. Raises ``InputError`` where that teaches nothing."""
    remaining = [example for example in examples if example.part == TRAIN and example.fold != fold]
    grades = {example.grade for example in remaining}
    if not remaining:
        raise InputError(
            f"Without fold {fold} no judged query is left to train the teacher on: judge more queries, or lower "
            "split.folds."
        )
    if len(grades) == 1:
        raise InputError(
            f"Without fold {fold} all judged products have grade {grades.pop()}: a teacher can't learn from judgments "
            "that are all alike. Judge more queries, or lower split.folds."
        )
    return remaining


def model_seed(*parts: object) -> int:
    """A seed, 31 bits, that differs for each model of the teacher."""
    return int.from_bytes(hashlib.sha256(repr(parts).encode()).digest()[:4]) >> 1
