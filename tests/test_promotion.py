"""The promotion behind the gate: what gets into use, with its history, and the command line's answer."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from model_parts import candidate, variant

from endcap.cli import main
from endcap.distill.pipeline import run_stages
from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.stage_status import Inspector
from endcap.distill.stages.gate import run as gate
from endcap.distill.stages.promote import run as promote
from endcap.distill.stages.stage import stages
from endcap.distill.work.files import write_json
from endcap.distill.work.folder import Work
from endcap.errors import InputError
from endcap.plugin.model.folder import default_folder, read_model
from endcap.plugin.model.registry import current_folder, rollback
from endcap.plugin.model.registry import promote as put_into_use
from endcap.plugin.model.registry_files import read_history
from endcap.progress import unwatched

pytest_plugins = ["gate_fixtures"]


def test_a_promotion_carries_its_history(recipe: Recipe, work: Work, bad: Path) -> None:
    """The promoted copy has the lineage, the gate's verdict and a card that tells both; scores are as before."""
    put_into_use(bad, "shop-student", "for want of a better one")
    candidate(work, default_folder())
    write_json(work.stage("student") / "training.json", {"gold": {"lists": 3, "pairs": 9}, "dev": 0.9, "courses": {}})
    gate.run(recipe, work, unwatched)
    promote.run(recipe, work, unwatched)
    promote.run(recipe, work, unwatched)  # as after a kill
    info = read_model(current_folder("shop-student"))
    assert info.folder.name.startswith("0002-")
    assert info.checksum == read_model().checksum
    lineage = info.raw["lineage"]
    assert lineage["gate"]["passed"]
    assert lineage["data"]["shops"]["corner"]["products"] == 20
    assert lineage["licenses"] == {"base tiny": "MIT", "data corner": "ours"}
    assert lineage["student"]["gold"]["pairs"] == 9
    assert lineage["latency"]["query_and_products_ms"] > 0
    card = (info.folder / "README.md").read_text()
    for said in ("## Gate", "Passed on", "against upside-down", "| corner | 20 |", "data corner: ours", "## Time"):
        assert said in card
    assert [line["what"] for line in read_history("shop-student")] == ["promote", "promote"]
    assert "passed the gate on" in read_history("shop-student")[1]["why"]


def test_a_verdict_of_another_model_promotes_nothing(recipe: Recipe, work: Work, bad: Path) -> None:
    """Where the candidate was exported anew after the gate."""
    put_into_use(default_folder(), "shop-student", "as it comes")
    candidate(work, default_folder())
    gate.run(recipe, work, unwatched)
    candidate(work, bad)
    with pytest.raises(InputError, match="of another model"):
        promote.run(recipe, work, unwatched)


BEFORE = ("split", "queries", "pairs", "teacher", "labels", "student", "export", "blend")


def finish(recipe: Recipe, work: Work, name: str) -> None:
    """Take what is in a stage's folder for what it has written."""
    state = Inspector(recipe, work).state(stages()[name])
    folder = work.stage(name)
    kept = folder.with_name(f"{name}-kept")
    if folder.exists():
        folder.rename(kept)
    work.begin(name, state.fingerprint, state.inputs)
    if kept.exists():
        shutil.copytree(kept, folder, dirs_exist_ok=True)
        shutil.rmtree(kept)
    work.finish(name, state.fingerprint)


def test_run_again_there_is_nothing_to_do(recipe: Recipe, work: Work, bad: Path, tmp_path: Path) -> None:
    """A promotion makes no stage stale, nor does a rollback; what somebody else promotes is measured against."""
    candidate(work, default_folder())
    put_into_use(bad, "shop-student", "for want of a better one")
    for name in BEFORE:
        finish(recipe, work, name)
    assert run_stages(recipe, work, ["gate", "promote"]) == ["gate", "promote"]
    assert read_model(current_folder("shop-student")).checksum == read_model().checksum
    assert run_stages(recipe, work, ["gate", "promote"]) == []
    assert read_model(rollback("shop-student")).name == "upside-down"
    assert run_stages(recipe, work, ["gate", "promote"]) == []
    assert read_model(current_folder("shop-student")).name == "upside-down"
    third = variant(tmp_path / "third", "third")
    put_into_use(third, "shop-student", "somebody else's")
    assert run_stages(recipe, work, ["gate", "promote"]) == ["gate", "promote"]
    assert json.loads((work.stage("gate") / "gate.json").read_text())["against"]["name"] == "third"


TOML = """
name = "shop-student"
base = "tiny"
license = "MIT"
seed = 3
shops = [{ name = "corner", catalogue = "shop.jsonl", judgments = "ratings.csv" }]
split = { test = 0.7, dev = 0.2 }
"""


def test_the_command_line_says_no(
    work: Work, bad: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`endcap distill gate` prints the whole verdict and exits with 1 where that is no, also when asked again."""
    monkeypatch.setattr(main, "configure_logging", lambda: None)
    (tmp_path / "shop.toml").write_text(TOML)
    candidate(work, bad)
    for name in BEFORE:
        finish(read_recipe(tmp_path / "shop.toml"), work, name)
    for _ in range(2):
        assert main.run(["distill", "gate", str(tmp_path / "shop.toml"), "--work", str(work.folder)]) == 1
        said = capsys.readouterr()
        assert said.out.startswith("Refused: upside-down")
        assert "Worst queries:" in said.out
        assert "Error: The gate refuses upside-down" in said.err
    assert main.run(["distill", "promote", str(tmp_path / "shop.toml"), "--work", str(work.folder)]) == 2
    assert "needs gate" in capsys.readouterr().err
