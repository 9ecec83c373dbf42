"""Learns the blend of student, engine and what query and product say, and keeps it only where it proves better."""

from __future__ import annotations

import shutil
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from typing import Any

import numpy as np

from endcap.distill.blend.choice import Decision, best_choice, best_weight, decide
from endcap.distill.blend.fit import Window, fit
from endcap.distill.blend.shop_signals import FEWEST, with_signals
from endcap.distill.blend.signals import taught_signals
from endcap.distill.blend.windows import candidates_of, labelled_windows, windows_of
from endcap.distill.export.model_copy import model_copy
from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe.shop_settings import ShopRecipe
from endcap.distill.student.list_sources import label_rows
from endcap.distill.work.files import write_json
from endcap.distill.work.folder import CACHE, Work
from endcap.distill.work.records import DEV, TRAIN, Data, read_data
from endcap.distill.work.searched_shop import opened_shop
from endcap.evaluate.systems import StudentWithStates
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.progress import Watch

FOLDS = "folds"


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``model/``, the export with its blend, and ``blend.json``, what cross-validation says of all ways to order.

    With ``blend.cross_fit`` also ``folds/N``, what the recipe makes without fold N of the train queries. Raises
    ``InputError`` where a catalogue can't be opened.
    """
    folder = work.stage("blend")
    report: dict[str, Any] = {"kept": "plain", "because": "the recipe does not ask for a learnt blend"}
    blend: dict[str, Any] = {"weight": recipe.blend_weight, "window": recipe.window}
    windows = _windows(recipe, work, watch) if recipe.blend.learnt else []
    queries = len({(window.shop, window.query) for window in windows if not window.labelled})
    enough = queries >= FEWEST
    if enough:
        decision = decide(windows, watch=watch)
        report = decision.to_json() | {"cross_fit": recipe.blend.cross_fit}
        blend |= _blend(decision.weight, decision.learnt)
        if recipe.blend.signals:
            named = [each.signal() for each in recipe.blend.signals]
            signals, report["signals"] = taught_signals(windows, named, decision.weight, decision.learnt)
            blend |= {"signals": [signal.to_json() for signal in signals]} if signals else {}
    elif recipe.blend.learnt:
        report["because"] = f"{queries} judged queries tell products apart; a learnt blend takes at least {FEWEST}"
    model_copy(work.stage("export") / "model", folder / "model", blend=blend)
    shutil.rmtree(folder / FOLDS, ignore_errors=True)
    if enough and recipe.blend.cross_fit:
        _write_folds(recipe, work, windows, decision, watch)
    elif recipe.blend.folds:
        _write_folds(recipe, work, [], None, watch)
    write_json(folder / "blend.json", report)


def _write_folds(
    recipe: Recipe, work: Work, windows: Sequence[Window], decision: Decision | None, watch: Watch
) -> None:
    """Write ``folds/N``: student and blend that the recipe makes without the queries of fold N; without a decision the
    blend is the plain one.

    The gate measures these on that fold where no query is kept for testing.
    """
    from endcap.distill.student.fold_students import fold_student  # torch, which a recipe without folds has no need of

    data = read_data(work)
    fold_of = {(judged.shop, judged.query): judged.fold for judged in data.part(TRAIN)}
    for fold in sorted(set(fold_of.values())):
        seen = [window for window in windows if fold_of.get((window.shop, window.query)) != fold]
        fitted = fit(seen, best_choice(seen)) if decision is not None and decision.learnt is not None else None
        weight = recipe.blend_weight if decision is None else best_weight(seen)
        blend = {"window": recipe.window} | _blend(weight, fitted)
        model_copy(fold_student(recipe, work, data, fold, watch), work.stage("blend") / FOLDS / str(fold), blend=blend)


def _blend(weight: float, learnt: LearntBlend | None) -> dict[str, Any]:
    blend: dict[str, Any] = {"weight": weight}
    return blend if learnt is None else blend | {"learnt": learnt.to_json()}


def _windows(recipe: Recipe, work: Work, watch: Watch) -> list[Window]:
    """The windows of all train and dev queries; test queries are nobody's to see here."""
    data, windows = read_data(work), list[Window]()
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
                windows += _shop_windows(recipe, shop, data, labels[shop.name], final, folds, watch)
    return windows


def _fold_students(
    recipe: Recipe, work: Work, data: Data, final: StudentWithStates, watch: Watch
) -> Mapping[int, StudentWithStates]:
    if not recipe.blend.cross_fit:
        return {}
    from endcap.distill.student.fold_students import fold_student

    folds = sorted({judged.fold for judged in data.part(TRAIN)})
    folders = {fold: fold_student(recipe, work, data, fold, watch) for fold in folds}
    return {fold: StudentWithStates(Student.load(path), final.states) for fold, path in folders.items()}


def _shop_windows(
    recipe: Recipe,
    shop: ShopRecipe,
    data: Data,
    labels: Mapping[str, Mapping[str, float]],
    final: StudentWithStates,
    folds: Mapping[int, StudentWithStates],
    watch: Watch,
) -> list[Window]:
    judged = [query for query in (*data.part(TRAIN), *data.part(DEV)) if query.shop == shop.name]
    grades = {query.query: query.grades for query in judged}
    catalogue = opened_shop(recipe, shop, watch).shop
    signals = [each.signal() for each in recipe.blend.signals]
    catalogue = with_signals(catalogue, signals)
    wide, pools = candidates_of(catalogue, grades, recipe.window, watch)
    # The student of each query: of its fold; for a dev query the final one, which was not trained on it.
    students = {query.query: folds.get(query.fold, final) if query.part == TRAIN else final for query in judged}
    for student in {id(student): student for student in students.values()}.values():
        candidates = [c for c in (*wide.values(), *pools.values()) if students[c.query] is student]
        student.read(candidates, watch, f"Reading products of {shop.name}")
    words = WordsMemory()
    windows = windows_of(shop.name, wide, pools, grades, lambda c: students[c.query].view(c), words, signals)
    # Beside them a draw of queries with the teacher's labels.
    queries = sorted(labels)
    drawn = np.random.default_rng(recipe.seed).permutation(len(queries))[: recipe.blend.labelled]
    drawn_labels = {queries[i]: labels[queries[i]] for i in sorted(drawn)}
    return windows + labelled_windows(shop.name, catalogue, drawn_labels, final, words, watch)
