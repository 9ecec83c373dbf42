"""The stage that learns the blend, from a shop's judgments to the candidate's folder."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from distill_parts import write_base, write_shop

from endcap.distill.blend.choice import Decision
from endcap.distill.blend.fit import Choice, Window
from endcap.distill.recipe.settings import BlendRecipe, Recipe, SplitRecipe, StudentRecipe
from endcap.distill.recipe.shop_settings import ShopRecipe
from endcap.distill.stages.blend import run as stage
from endcap.distill.stages.split import run as split
from endcap.distill.work.folder import Work
from endcap.distill.work.records import read_data
from endcap.plugin.blend.learnt import LearntBlend, Term
from endcap.plugin.model.folder import default_folder, read_model
from endcap.progress import unwatched


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A folder with a catalogue and its judgments."""
    return write_shop(tmp_path / "data")


def prepared(tmp_path: Path, shop: Path, **changes: Any) -> tuple[Recipe, Work]:
    """A work folder in which the export is the shipped model, so that nothing needs to be trained."""
    recipe = Recipe(
        "candidate",
        "none",
        "none",
        shops=(ShopRecipe("things", "products.jsonl", "ratings.csv"),),
        split=SplitRecipe(test=0.15, dev=0.15, folds=2),
        window=10,
        blend=BlendRecipe(learnt=True, cross_fit=False),
        data=shop,
    )
    work = Work(tmp_path / "work")
    recipe = replace(recipe, **changes)
    split.run(recipe, work, unwatched)
    shutil.copytree(default_folder(), work.stage("export") / "model")
    return recipe, work


def test_the_candidate_is_a_whole_model_with_its_numbers(tmp_path: Path, shop: Path) -> None:
    """``model/`` is the export with the blend that was chosen, and ``blend.json`` says what cross-validation found."""
    recipe, work = prepared(tmp_path, shop)
    stage.run(recipe, work, unwatched)
    told = json.loads((work.stage("blend") / "blend.json").read_text())
    info = read_model(work.stage("blend") / "model")
    assert info.checksum == read_model().checksum
    assert info.window == 10
    assert told["kept"] == ("plain" if info.learnt is None else "learnt")
    assert info.blend_weight == told["weight"]
    assert set(told["nDCG@10"]) == {"things, end to end", "things, pool"}
    assert {(d["better"], d["base"]) for d in told["differences"]} >= {("learnt", "engine"), ("learnt", "student")}
    assert "Checksum" in (work.stage("blend") / "model" / "README.md").read_text()


def test_test_queries_are_not_seen(tmp_path: Path, shop: Path) -> None:
    """Windows are made of train and dev queries alone."""
    recipe, work = prepared(tmp_path, shop)
    seen = {window.query for window in stage._windows(recipe, work, unwatched)}
    held = {each.query for each in read_data(work).part("test")}
    assert held, "the seed leaves no test query: take another"
    assert seen
    assert not seen & held


@pytest.mark.parametrize("learnt", [None, LearntBlend((Term("student", (0.5,)), Term("negation", (1.0,))))])
def test_what_is_decided_is_what_is_written(
    learnt: LearntBlend | None, tmp_path: Path, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A learnt blend is kept where it is better; where it is not, the plain one with its best weight."""
    recipe, work = prepared(tmp_path, shop)
    values = {("things", True): {"a": 0.5, "b": 0.7}}

    def decide(windows: list[Window], watch: object) -> Decision:
        ways = dict.fromkeys(("engine", "student", "plain", "learnt"), values)
        return Decision(0.3, learnt, Choice(), ways, ways, dict.fromkeys(ways, 0.5))

    monkeypatch.setattr(stage, "decide", decide)
    stage.run(recipe, work, unwatched)
    info = read_model(work.stage("blend") / "model")
    assert info.learnt == learnt
    assert info.blend_weight == 0.3
    assert json.loads((work.stage("blend") / "blend.json").read_text())["kept"] == ("learnt" if learnt else "plain")


def test_without_being_asked_nothing_is_learnt(tmp_path: Path, shop: Path) -> None:
    """The recipe's weight and window are taken as they are."""
    recipe, work = prepared(tmp_path, shop, blend=BlendRecipe(learnt=False), blend_weight=0.25)
    stage.run(recipe, work, unwatched)
    info = read_model(work.stage("blend") / "model")
    assert (info.blend_weight, info.window, info.learnt) == (0.25, 10, None)


def test_few_queries_are_not_learnt_from(tmp_path: Path) -> None:
    """With fewer queries than folds can use, the plain blend is kept, and that is said."""
    recipe, work = prepared(tmp_path, write_shop(tmp_path / "few", queries=8))
    stage.run(recipe, work, unwatched)
    assert read_model(work.stage("blend") / "model").learnt is None
    because = json.loads((work.stage("blend") / "blend.json").read_text())["because"]
    assert because.endswith("judged queries tell products apart; a learnt blend takes at least 15")


def test_each_query_is_scored_by_a_student_that_did_not_see_it(tmp_path: Path, shop: Path) -> None:
    """With ``cross_fit``, a student is trained for each fold, kept, and found again when the stage is run again."""
    from endcap.distill.export.export import build_model

    base = write_base(tmp_path / "base")
    recipe, work = prepared(
        tmp_path,
        shop,
        base=str(base),
        pooling="mean",
        precision="fp32",
        blend=BlendRecipe(learnt=True, cross_fit=True),
        student=StudentRecipe(epochs=1.0, evaluations=1),
    )
    shutil.rmtree(work.stage("export"))
    build_model(recipe, work.stage("export") / "model", base=base)
    windows = stage._windows(recipe, work, unwatched)
    kept = sorted((work.stage("blend") / "cache").glob("fold-*/model"))
    assert len(kept) == 2
    made_at = [path.stat().st_mtime_ns for path in kept]
    again = stage._windows(recipe, work, unwatched)
    assert [path.stat().st_mtime_ns for path in kept] == made_at
    assert [w.features.tolist() for w in again] == [w.features.tolist() for w in windows]


def test_each_fold_keeps_what_the_recipe_makes_without_it(
    tmp_path: Path, shop: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``folds/N`` holds the student and a blend that were both made without fold N's queries."""
    recipe, work = prepared(tmp_path, shop, blend=BlendRecipe(learnt=True, cross_fit=True))
    exported = work.stage("export") / "model"
    monkeypatch.setattr("endcap.distill.student.fold_students.fold_student", lambda *_: exported)
    fitted: list[set[str]] = []

    def weight(windows: list[Window]) -> float:
        fitted.append({window.query for window in windows})
        return len(fitted) / 10

    monkeypatch.setattr(stage, "best_weight", weight)
    stage.run(recipe, work, unwatched)
    folds = work.stage("blend") / "folds"
    assert sorted(path.name for path in folds.iterdir()) == ["0", "1"]
    for fold in (0, 1):
        own = {each.query for each in read_data(work).part("train") if each.fold == fold}
        assert own
        assert not own & fitted[fold]
        assert read_model(folds / str(fold)).blend_weight == (fold + 1) / 10
