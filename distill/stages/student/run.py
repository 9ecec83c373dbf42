"""Trains the student: one for each seed, their weights averaged or the best one kept."""

from __future__ import annotations

import math
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from endcap.distill.recipe.settings import Recipe
from endcap.distill.student.dev_ndcg import tower_ndcg
from endcap.distill.student.list_sources import generated_lists, judged_lists, label_rows, texts_of
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import Course, Texts, train_tower
from endcap.distill.student.training_lists import TrainingList, texts_needed
from endcap.distill.work.files import read_json, write_json
from endcap.distill.work.folder import Work
from endcap.distill.work.records import DEV, TRAIN, JudgedQuery, read_data
from endcap.errors import InputError
from endcap.progress import Watch


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``weights/`` (a Hugging Face folder) and ``training.json``.

    Raises ``InputError`` where there is nothing to learn from.
    """
    # What is learnt from: judged lists, generated ones, and the texts of their products.
    data, settings = read_data(work), recipe.student
    guard = data.guard()
    train, dev = data.part(TRAIN), data.part(DEV)
    judged = [*train, *data.pairs, *dev]
    keys = {(query.shop, product) for query in judged for product in query.grades}
    texts = dict(texts_of(data, keys, recipe.text))
    gold = judged_lists(recipe, work, data, train, texts, watch)
    generated = generated_lists(label_rows(work), settings.list_size, recipe.seed, guard)
    if not gold and not generated:
        raise InputError("There is nothing to train on: no query has two judged products, and no pair was labelled.")
    texts |= texts_of(data, texts_needed(generated) - texts.keys(), recipe.text)
    folder = work.stage("student")
    if (folder / "training.json").exists() and (folder / "weights").is_dir():
        return  # killed after the last file was written
    # A student for each seed, and one of all.
    courses, towers = dict[int, Course](), list[Path]()
    for seed in settings.seeds:
        of_seed = folder / "checkpoints" / f"seed-{seed}"
        if not (of_seed / "course.json").exists():
            _train_seed(recipe, seed, gold, generated, texts, dev, of_seed, watch)
        courses[seed] = read_json(of_seed / "course.json")
        towers.append(of_seed / "weights")
    final = averaged(recipe, towers) if settings.average_seeds else _best(recipe, towers, courses)
    final.save(folder / "weights")
    write_json(
        folder / "training.json",
        {
            "gold": _counts(gold),
            "generated": _counts(generated),
            "dev_queries": len(dev),
            "dev_zero_shot": _dev_ndcg(_base(recipe, "bi-encoder"), dev, texts, recipe),
            "dev": _dev_ndcg(final, dev, texts, recipe),
            "courses": courses,
        },
    )
    shutil.rmtree(folder / "checkpoints")


def _train_seed(
    recipe: Recipe,
    seed: int,
    gold: Sequence[TrainingList],
    generated: Sequence[TrainingList],
    texts: Texts,
    dev: Sequence[JudgedQuery],
    folder: Path,
    watch: Watch,
) -> None:
    """Train the student of one seed; its weights and its course go to ``folder``, its checkpoint beside that."""
    tower = _base(recipe, recipe.shape)
    course = train_tower(
        tower,
        gold,
        generated,
        texts,
        recipe.text,
        recipe.student,
        seed=seed,
        measure=(lambda tower: tower_ndcg(tower, dev, texts, recipe.text)) if dev else None,
        checkpoint=folder.with_name(f"seed-{seed}.pt"),
        watch=watch,
    )
    tower.save(folder / "weights")
    write_json(folder / "course.json", asdict(course))


def _counts(lists: Sequence[TrainingList]) -> dict[str, int]:
    return {"lists": len(lists), "pairs": sum(len(one.products) for one in lists)}


def averaged(recipe: Recipe, folders: list[Path]) -> Tower:
    """The mean of the weights of towers that were trained from one base.

    It is as good as an ensemble of near ones, at the cost of one (Wortsman et al., 2022:
    https://arxiv.org/abs/2203.05482). ``student.stay_near`` moves the mean back towards the base
    (Wortsman et al., 2021: https://arxiv.org/abs/2109.01903).
    """
    final = _load(recipe, folders[0])
    states = [_load(recipe, folder).state_dict() for folder in folders[1:]]
    with torch.no_grad():
        for name, value in final.state_dict().items():
            if value.is_floating_point():
                value.copy_(torch.stack([value, *(state[name] for state in states)]).mean(0))
    if recipe.student.stay_near:
        final.move_towards(_base(recipe, recipe.shape), recipe.student.stay_near)
    return final


def _best(recipe: Recipe, folders: list[Path], courses: Mapping[int, Any]) -> Tower:
    """The tower that was best on dev queries; without any, the first."""

    def best_value(course: Any) -> float:
        values = [value for step, value in course["dev"] if step == course["best_step"]]
        return values[-1] if values and math.isfinite(values[-1]) else -1.0

    values = [best_value(course) for course in courses.values()]
    return _load(recipe, folders[values.index(max(values))])


def _base(recipe: Recipe, shape: str) -> Tower:
    s = recipe.student
    return Tower.load(recipe.base, shape=shape, pooling=recipe.pooling, scale=s.scale, layers=s.layers)


def _load(recipe: Recipe, folder: Path) -> Tower:
    return Tower.load(folder, shape=recipe.shape, pooling=recipe.pooling, scale=recipe.student.scale)


def _dev_ndcg(tower: Tower, dev: Sequence[JudgedQuery], texts: Texts, recipe: Recipe) -> float | None:
    value = tower_ndcg(tower, dev, texts, recipe.text)
    return round(value, 5) if math.isfinite(value) else None
