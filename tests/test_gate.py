"""The gate: what is measured, what is refused, and how it is told."""

from __future__ import annotations

import contextlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from model_parts import candidate, variant

from endcap.distill.recipe.settings import GateRecipe, Recipe, SplitRecipe
from endcap.distill.stages.gate import run as gate
from endcap.distill.stages.promote import run as promote
from endcap.distill.stages.split import run as split
from endcap.distill.work.folder import Work
from endcap.distill.work.records import read_data
from endcap.errors import GateRefused, InputError
from endcap.plugin.model.folder import default_folder, read_model
from endcap.plugin.model.registry import current_folder
from endcap.plugin.model.registry import promote as put_into_use
from endcap.progress import unwatched

pytest_plugins = ["gate_fixtures"]

INT8, POOL, WHOLE = (
    "as exported, against fp32, judged pool",
    "against the model in use, judged pool",
    "against the model in use, end to end",
)


def verdict(recipe: Recipe, work: Work) -> Mapping[str, Any]:
    gate.run(recipe, work, unwatched)
    told: Mapping[str, Any] = json.loads((work.stage("gate") / "gate.json").read_text())
    return told


def test_a_worse_candidate_is_refused(recipe: Recipe, work: Work, bad: Path) -> None:
    """By how much it lost and on which queries is told, in JSON and in words; asked again, it is not measured again."""
    candidate(work, bad, default_folder())
    with pytest.raises(GateRefused, match=r"The gate refuses upside-down.*nDCG@10 -0\.\d{4} over \d+ queries"):
        gate.run(recipe, work, unwatched)
    told = json.loads((work.stage("gate") / "gate.json").read_text())
    assert not told["passed"]
    assert [check["name"] for check in told["checks"]] == [INT8, POOL, WHOLE]
    assert told["part"] == "test"
    assert told["against"]["name"] == read_model().name
    assert [check["passed"] for check in told["checks"]] == [False, False, False]
    worst = told["checks"][0]["worst"]
    assert worst[0]["new"] < worst[0]["old"]
    assert worst == sorted(worst, key=lambda case: case["new"] - case["old"])
    assert worst[0]["moved"][0]["title"]
    text = (work.stage("gate") / "gate.txt").read_text()
    assert text.startswith("Refused: upside-down")
    assert worst[0]["query"] in text
    assert worst[0]["moved"][0]["title"][:70] in text
    assert "So few queries" in text
    written = (work.stage("gate") / "gate.json").stat().st_mtime_ns
    with pytest.raises(GateRefused):
        gate.run(recipe, work, unwatched)
    assert (work.stage("gate") / "gate.json").stat().st_mtime_ns == written
    with pytest.raises(GateRefused):
        promote.run(recipe, work, unwatched)
    with pytest.raises(InputError, match="no model named"):
        current_folder("shop-student")


def test_a_better_candidate_passes(recipe: Recipe, work: Work, bad: Path) -> None:
    """Against the model in use under the recipe's name; its own fp32 is not compared with itself."""
    put_into_use(bad, "shop-student", "for want of a better one")
    candidate(work, default_folder())
    told = verdict(recipe, work)
    assert told["passed"]
    assert [check["name"] for check in told["checks"]] == [POOL, WHOLE]
    assert told["against"]["name"] == "upside-down"
    assert all(check["mean"] > 0 for check in told["checks"])
    assert len(told["smoke"]) == 2


def test_each_model_is_measured_with_its_own_blend(recipe: Recipe, work: Work, tmp_path: Path) -> None:
    """Models that differ in the blend alone are alike in the pool, and not end to end."""
    other = variant(tmp_path / "other", "engine-alone", blend={"weight": 0.0, "window": 5})
    candidate(work, default_folder())
    told = verdict(replace(recipe, gate=GateRecipe(against=str(other))), work)
    [pool, whole] = told["checks"]
    assert (pool["mean"], pool["ties"]) == (0.0, pool["queries"])
    assert whole["wins"] > 0


def test_the_candidate_that_is_in_use(recipe: Recipe, work: Work) -> None:
    """There is nothing to compare it with, and nothing to refuse."""
    put_into_use(default_folder(), "shop-student", "as it comes")
    candidate(work, default_folder())
    told = verdict(recipe, work)
    assert (told["passed"], told["checks"]) == (True, [])
    assert "in use already" in told["warnings"][0]


def test_without_test_queries_dev_decides(recipe: Recipe, tmp_path: Path) -> None:
    """And the verdict says so; without either there is none."""
    work = Work(tmp_path / "dev-work")
    split.run(replace(recipe, split=SplitRecipe(test=0.0, dev=0.7)), work, unwatched)
    candidate(work, default_folder())
    put_into_use(default_folder(), "shop-student", "as it comes")
    told = verdict(recipe, work)
    assert told["part"] == "dev"
    assert any("which the training saw" in warning for warning in told["warnings"])
    shutil.rmtree(work.stage("split"))
    split.run(replace(recipe, split=SplitRecipe(test=0.0, dev=0.0)), work, unwatched)
    shutil.rmtree(work.stage("gate"))
    with pytest.raises(InputError, match="no judged queries"):
        gate.run(recipe, work, unwatched)


def test_only_the_named_shops_decide(recipe: Recipe, tmp_path: Path) -> None:
    """A public shop may teach beside one's own; a name that is none of the recipe's is refused."""
    [own] = recipe.shops
    both = replace(recipe, shops=(own, replace(own, name="public")))
    work = Work(tmp_path / "two-shops")
    split.run(both, work, unwatched)
    candidate(work, default_folder())
    put_into_use(default_folder(), "shop-student", "as it comes")
    assert set(verdict(both, work)["queries"]) == {"corner", "public"}
    shutil.rmtree(work.stage("gate"))
    told = verdict(replace(both, gate=replace(both.gate, shops=("corner",))), work)
    assert set(told["queries"]) == {"corner"}
    shutil.rmtree(work.stage("gate"))
    with pytest.raises(InputError, match=r"gate\.shops names 'crner', but the recipe's shops are 'corner', 'public'"):
        gate.run(replace(both, gate=replace(both.gate, shops=("crner",))), work, unwatched)


def test_without_test_queries_folds_decide(recipe: Recipe, tmp_path: Path, bad: Path) -> None:
    """Each train query is measured with the model of its own fold, and the verdict says so. Good and bad models are
    told apart by fold, so that a mix-up of the folds would show."""
    work = Work(tmp_path / "by-folds")
    split.run(replace(recipe, split=SplitRecipe(test=0.0, dev=0.1, folds=2)), work, unwatched)
    train = read_data(work).part("train")
    assert {each.fold for each in train} == {0, 1}
    put_into_use(default_folder(), "shop-student", "as it comes")
    candidate(work, bad)
    folds = work.stage("blend") / "folds"
    shutil.copytree(default_folder(), folds / "0")
    shutil.copytree(bad, folds / "1")
    with pytest.raises(GateRefused):
        gate.run(recipe, work, unwatched)
    told = json.loads((work.stage("gate") / "gate.json").read_text())
    assert told["part"] == "train (by folds)"
    assert told["queries"] == {"corner": len(train)}
    assert "without its fold" in told["warnings"][0]
    lost = {case["query"] for check in told["checks"] for case in check["worst"]}
    assert lost
    assert lost <= {each.query for each in train if each.fold == 1}


def test_a_model_fitted_to_the_queries_is_measured_by_its_own_folds(recipe: Recipe, tmp_path: Path, bad: Path) -> None:
    """What a gate by folds found travels with the promoted model, and stands for it in the next gate: a candidate that
    is as good by folds passes beside a model that has seen the very queries."""
    work = Work(tmp_path / "first")
    split.run(replace(recipe, split=SplitRecipe(test=0.0, dev=0.1, folds=2)), work, unwatched)
    put_into_use(default_folder(), "shop-student", "as it comes")
    folds = work.stage("blend") / "folds"
    generous = replace(recipe, gate=GateRecipe(margin=1.0))

    def gated(model: Path) -> dict[str, Any]:
        shutil.rmtree(work.stage("gate"), ignore_errors=True)
        candidate(work, model)
        for fold in ("0", "1"):
            shutil.rmtree(folds / fold, ignore_errors=True)
            shutil.copytree(bad, folds / fold)
        with contextlib.suppress(GateRefused):
            gate.run(generous, work, unwatched)
        return json.loads((work.stage("gate") / "gate.json").read_text())

    # A model that ranks well what it was taught, and badly what is new, is promoted, whatever its verdict.
    first = gated(variant(tmp_path / "learnt-by-heart", "learnt-by-heart"))
    pool, whole = first["checks"]
    assert set(first["unseen"]) == {pool["name"], whole["name"]}
    assert len(first["unseen"][pool["name"]]) == pool["queries"]
    mean = sum(first["unseen"][pool["name"]].values()) / pool["queries"]
    assert mean == pytest.approx(pool["shops"]["corner"]["new"], abs=1e-4)
    said = variant(tmp_path / "by-heart", "by-heart", lineage={"gate": first})
    put_into_use(said, "shop-student", "it has its values by folds")
    # The next candidate's folds are just as bad: no worse than the values that the model in use kept.
    second = gated(variant(tmp_path / "next", "next"))
    assert [check["mean"] for check in second["checks"]] == [pytest.approx(0, abs=1e-5)] * 2
    assert any("those of its own gate, by folds" in warning for warning in second["warnings"])
    assert second["unseen"] == first["unseen"]


def test_cannot_tell_is_not_worse() -> None:
    """What is below the margin, perhaps by chance, is kept back with other words than what is worse."""
    check = {"name": POOL, "passed": False, "verdict": "can't tell", "mean": -0.012, "queries": 12, "margin": 0.005}
    told = {"candidate": {"name": "new"}, "checks": [check]}
    with pytest.raises(
        GateRefused,
        match=r"refuses new, though so few queries can't tell .* -0\.0120 over 12 queries.*Judge more",
    ):
        gate.refuse(told, Path("gate.txt"))
    with pytest.raises(GateRefused, match="The gate refuses new: "):
        gate.refuse({**told, "checks": [check, {**check, "verdict": "refused"}]}, Path("gate.txt"))
