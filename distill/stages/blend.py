"""Learns the blend of student, engine and what query and product say, and keeps it only where it proves better."""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np

from endcap.distill.blend_windows import candidates_of, labelled_windows, windows_of
from endcap.distill.choose_blend import Decision, decide
from endcap.distill.data import DEV, TRAIN, Data, read_data
from endcap.distill.files import write_json, write_whole
from endcap.distill.fit_blend import Window
from endcap.distill.model_card import model_card
from endcap.distill.recipe import Recipe, ShopRecipe
from endcap.distill.student_lists import label_rows
from endcap.distill.work import CACHE, Work
from endcap.evaluate.catalogue import open_catalogue
from endcap.evaluate.systems import Candidates, Shop, StudentWithStates, Watch
from endcap.index.fields import FieldMap
from endcap.plugin.blend import FloatArray
from endcap.plugin.document_words import WordsMemory
from endcap.plugin.model import read_model
from endcap.plugin.states import StateStore
from endcap.plugin.student import Student

FEWEST = 15
"""From so many queries on a blend is learnt; with fewer, folds of them say nothing."""


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``model/``, the export with its blend, and ``blend.json``, what cross-validation says of all ways to order.

    Raises ``InputError`` where a catalogue can't be opened.
    """
    folder = work.stage("blend")
    said: dict[str, Any] = {"kept": "plain", "because": "the recipe does not ask for a learnt blend"}
    blend: dict[str, Any] = {"weight": recipe.blend_weight, "window": recipe.blend.window}
    windows = _windows(recipe, work, watch) if recipe.blend.learnt else []
    queries = len({(window.shop, window.query) for window in windows if not window.labelled})
    if queries >= FEWEST:
        decision = decide(windows, watch=watch)
        said = decision.to_json() | {"cross_fit": recipe.blend.cross_fit}
        blend |= _blend(decision)
    elif recipe.blend.learnt:
        said["because"] = f"{queries} judged queries tell products apart; a learnt blend takes at least {FEWEST}"
    out = folder / "model"
    shutil.rmtree(out, ignore_errors=True)
    shutil.copytree(work.stage("export") / "model", out)
    raw = json.loads((out / "model.json").read_text(encoding="utf-8"))
    write_json(out / "model.json", raw | {"blend": blend})
    info = read_model(out)
    write_whole(out / "README.md", lambda file: file.write(model_card(info).encode()))
    write_json(folder / "blend.json", said)


def _blend(decision: Decision) -> dict[str, Any]:
    told: dict[str, Any] = {"weight": decision.weight}
    return told if decision.learnt is None else told | {"learnt": decision.learnt.to_json()}


def _windows(recipe: Recipe, work: Work, watch: Watch) -> list[Window]:
    """The windows of all train and dev queries; test queries are nobody's to see here."""
    data, found = read_data(work), list[Window]()
    labels: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
    for row in label_rows(work) if recipe.blend.labelled else ():
        if row["fold"] < 0:
            labels[row["shop"]][row["query"]][row["product_id"]] = row["score"]
    exported = work.stage("export") / "model"
    with closing(StateStore.open(work.stage("blend") / CACHE / "states")) as states:
        final = StudentWithStates(Student.load(exported), states)
        folds = _fold_students(recipe, work, data, final, watch)
        for shop in recipe.shops:
            if shop.judgments:
                found += _of_shop(recipe, shop, data, labels[shop.name], final, folds, watch)
    return found


def _fold_students(
    recipe: Recipe, work: Work, data: Data, final: StudentWithStates, watch: Watch
) -> Mapping[int, StudentWithStates]:
    if not recipe.blend.cross_fit:
        return {}
    from endcap.distill.fold_students import fold_student

    folds = sorted({each.fold for each in data.part(TRAIN)})
    folders = {fold: fold_student(recipe, work, data, fold, watch) for fold in folds}
    return {fold: StudentWithStates(Student.load(path), final.states) for fold, path in folders.items()}


def _of_shop(
    recipe: Recipe,
    shop: ShopRecipe,
    data: Data,
    labels: Mapping[str, Mapping[str, float]],
    final: StudentWithStates,
    folds: Mapping[int, StudentWithStates],
    watch: Watch,
) -> list[Window]:
    judged = [each for each in (*data.part(TRAIN), *data.part(DEV)) if each.shop == shop.name]
    # The final student was not trained on dev queries, so it is the one to score them.
    by_query = {each.query: folds.get(each.fold, final) if each.part == TRAIN else final for each in judged}
    grades = {each.query: each.grades for each in judged}
    searched = _open(recipe, shop, watch)
    wide, pools = candidates_of(searched, grades, recipe.blend.window, watch)
    for student in {id(each): each for each in by_query.values()}.values():
        mine = [c for c in (*wide.values(), *pools.values()) if by_query[c.query] is student]
        student.read(mine, watch, f"Reading products of {shop.name}")

    def scores(candidates: Candidates) -> FloatArray:
        return by_query[candidates.query].scores(candidates)

    words = WordsMemory()
    found = windows_of(shop.name, wide, pools, grades, scores, words)
    queries = sorted(labels)
    drawn = np.random.default_rng(recipe.seed).permutation(len(queries))[: recipe.blend.labelled]
    some = {queries[i]: labels[queries[i]] for i in sorted(drawn)}
    return found + labelled_windows(shop.name, searched, some, final, words, watch)


def _open(recipe: Recipe, shop: ShopRecipe, watch: Watch) -> Shop:
    path: Path = recipe.path(shop.catalogue)
    fields = FieldMap.parse(shop.fields) if shop.fields else None
    return open_catalogue(str(path), format=shop.format or None, fields=fields, watch=watch).shop
