"""Students trained without one fold of the queries each: every query has scores of one that never saw it."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path

from endcap.distill.export.bases import base_content
from endcap.distill.export.export import build_model
from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.recipe.settings import Recipe
from endcap.distill.student.list_sources import generated_lists, judged_lists, label_rows, texts_of
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import train_tower
from endcap.distill.student.training_lists import texts_needed
from endcap.distill.work.folder import CACHE, Work, digest
from endcap.distill.work.records import TRAIN, Data
from endcap.plugin.model.folder import read_model
from endcap.progress import Watch


def fold_student(recipe: Recipe, work: Work, data: Data, fold: int, watch: Watch) -> Path:
    """The model folder of a student of one seed that was not trained on the fold's queries.

    Kept in the stage's cache by the content of all that it is made from: a stage that is run again finds it.
    """
    inputs: list[object] = [work.result("split"), work.result("labels"), asdict(recipe.student), asdict(recipe.text)]
    inputs += [recipe.base, *base_content(recipe.base).values(), recipe.shape, recipe.pooling, recipe.precision]
    inputs += [asdict(recipe.teacher), recipe.seed, fold]
    folder = work.stage("blend") / CACHE / f"fold-{fold}-{digest(inputs)[:16]}"
    if (folder / "model" / "model.json").exists():
        return read_model(folder / "model").folder
    # All that is trained on, without what is said of the fold's queries.
    settings, guard = recipe.student, data.guard()
    train = [query for query in data.part(TRAIN) if query.fold != fold]
    fold_guard = LeakGuard(query.query for query in data.part(TRAIN) if query.fold == fold)
    remaining = replace(data, pairs=tuple(pair for pair in data.pairs if not fold_guard.refuses(pair.query)))
    texts = dict(
        texts_of(data, {(query.shop, p) for query in (*train, *remaining.pairs) for p in query.grades}, recipe.text)
    )
    gold = judged_lists(recipe, work, remaining, train, texts, watch)
    rows = [row for row in label_rows(work) if not fold_guard.refuses(row["query"])]
    generated = generated_lists(rows, settings.list_size, recipe.seed, guard)
    texts |= texts_of(data, texts_needed(generated) - texts.keys(), recipe.text)
    # The student, and its model folder.
    load = partial(
        Tower.load,
        recipe.base,
        shape=recipe.shape,
        pooling=recipe.pooling,
        scale=settings.scale,
        layers=settings.layers,
    )
    tower = load()
    folder.mkdir(parents=True, exist_ok=True)
    checkpoint = folder / "training.pt"
    train_tower(
        tower, gold, generated, texts, recipe.text, settings, seed=settings.seeds[0], checkpoint=checkpoint, watch=watch
    )
    if settings.stay_near:
        tower.move_towards(load(), settings.stay_near)
    tower.save(folder / "weights")
    return build_model(recipe, folder / "model", base=folder / "weights").folder
