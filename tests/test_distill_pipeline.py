"""Stages are skipped by content, and a status says what is stale and why."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest
import stand_in_stages
from pipeline_parts import ALL, outputs, run
from stand_in_stages import write_shop

from endcap.cli.main import run as endcap
from endcap.distill.work.files import write_json
from endcap.distill.work.folder import Work
from endcap.errors import GateRefused, InputError


@pytest.fixture(autouse=True)
def ran(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the stages that were put in place of the real ones have run."""
    names: list[str] = []
    stand_in_stages.install(lambda name, module: monkeypatch.setitem(sys.modules, name, module), ran=names)
    return names


BUSY = "[queries]\ncount = 9\n[[teacher.members]]\nkind = 'engine'\n"
"""So that each stage has something to do."""


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    return write_shop(tmp_path / "shop", more=BUSY)


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_nothing_is_done_twice_and_time_does_not_count(recipe: Path, tmp_path: Path) -> None:
    """A second run has nothing to do, and none has one after all inputs and outputs were touched, or moved."""
    work = tmp_path / "work"
    assert run(recipe, work) == ALL
    assert run(recipe, work) == []
    for path in (*recipe.parent.iterdir(), *work.rglob("*")):
        os.utime(path, (1, 1))
    assert run(recipe, work) == []
    recipe.parent.rename(tmp_path / "moved")
    assert run(tmp_path / "moved" / recipe.name, work) == []


def test_one_byte_of_the_judgments_runs_what_rests_on_them(recipe: Path, tmp_path: Path) -> None:
    run(recipe, tmp_path / "work")
    change(recipe.parent / "ratings.csv", "kettle,p0,0", "kettle,p0,1")
    assert run(recipe, tmp_path / "work") == ALL


def test_a_change_that_changes_no_result_stops_there(recipe: Path, tmp_path: Path) -> None:
    """The split is made anew from a reformatted file, gives the same files, and nothing else runs."""
    run(recipe, tmp_path / "work")
    change(recipe.parent / "products.jsonl", '"id": "p0", ', '"id":"p0",  ')
    assert run(recipe, tmp_path / "work") == ["split"]


@pytest.mark.parametrize(
    ("more", "expected"),
    [
        ("[gate]\nmargin = 0.01", ["gate", "promote"]),
        ("[pairs]\nper_query = 8", ["pairs", "labels", "student", "export", "blend", "gate", "promote"]),
        ("[labels]\nshard = 7", ["labels", "student", "export", "blend", "gate", "promote"]),
        (
            "[labels]\nknown_share = 0.5",  # other products are looked for, too
            ["pairs", "labels", "student", "export", "blend", "gate", "promote"],
        ),
        ("[curve]\nseeds = [4]", []),
        ("[gate]\nmargin = 0.005", []),
    ],
)
def test_a_changed_recipe_runs_what_reads_it(recipe: Path, tmp_path: Path, more: str, expected: list[str]) -> None:
    """The last one is the default, written out."""
    run(recipe, tmp_path / "work")
    recipe.write_text(recipe.read_text() + more)
    assert run(recipe, tmp_path / "work") == expected


def test_outputs_that_were_changed_or_lost_are_made_anew(recipe: Path, tmp_path: Path, ran: list[str]) -> None:
    """Only what is broken is made again (the stage resumes on the rest), and what rests on it stays as it is."""
    work = tmp_path / "work"
    run(recipe, work)
    before, kept = outputs(work), (work / "labels/parts/1.json").stat().st_mtime_ns
    (work / "labels/parts/0.json").write_text("broken")
    (work / "labels/parts/2.json").unlink()
    (work / "labels/stray.json").write_text("not ours")
    ran.clear()
    run(recipe, work)
    assert ran == ["labels"]
    assert outputs(work) == before
    assert (work / "labels/parts/1.json").stat().st_mtime_ns == kept


def test_a_stage_is_not_built_on_stale_ones(recipe: Path, tmp_path: Path) -> None:
    """The error names the stage to run, and what has changed."""
    work = tmp_path / "work"
    with pytest.raises(InputError, match=r"teacher needs split, which is not run in .*`endcap distill split` first"):
        run(recipe, work, ["teacher"])
    run(recipe, work)
    recipe.write_text(recipe.read_text() + "[pairs]\nper_query = 8")
    with pytest.raises(InputError, match=r"student needs pairs, which is stale .*pairs.per_query was 16 and is 8"):
        run(recipe, work, ["student"])
    (work / "split/judged.parquet").write_bytes(b"broken")
    with pytest.raises(InputError, match=r"split/judged.parquet is not as it was written.*`endcap distill split`"):
        run(recipe, work, ["queries"])
    run(recipe, work, ["split", "pairs"])
    assert run(recipe, work, ["labels"]) == ["labels"]


def test_another_recipe_does_not_go_on_from_half_the_work_of_this_one(recipe: Path, tmp_path: Path) -> None:
    """Parts of an unfinished stage are thrown away when the recipe changes, and its cache is kept."""
    work = Work(tmp_path / "work")
    folder = work.begin("labels", "a")
    for name in ("parts/0.json", "cache/0.json", "parts/.0.json.1234.part"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text("half")
    work.begin("labels", "a")
    assert sorted(path.name for path in folder.rglob("*.*")) == ["0.json", "0.json", "started.json"]
    work.begin("labels", "b")
    assert [str(path.relative_to(folder)) for path in folder.rglob("0.json")] == ["cache/0.json"]


def test_status_says_what_is_stale_and_why(recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not run, up to date, stale by the recipe, by a file and by what it rests on, interrupted."""
    work = Work(tmp_path / "work")

    def status() -> dict[str, list[str]]:
        capsys.readouterr()
        assert endcap(["distill", "status", str(recipe), "--work", str(work.folder)]) == 0
        found: dict[str, list[str]] = {}
        last = ""
        for line in capsys.readouterr().out.splitlines()[2:]:
            name = line.split()[0]
            if name == "because":
                found[last].append(line.strip())
            else:
                last, found[name] = name, [line[10:22].strip()]
        return found

    assert set(map(tuple, status().values())) == {("not run",)}
    assert not work.folder.exists()
    run(recipe, work.folder)
    assert set(map(tuple, status().values())) == {("up to date",)}
    recipe.write_text(recipe.read_text() + "[gate]\nmargin = 0.5")
    found = status()
    assert found["gate"] == ["stale", "because gate.margin was 0.005 and is 0.5"]
    assert found["promote"] == ["stale", "because gate.margin was 0.005 and is 0.5"]
    assert found["blend"] == ["up to date"]
    change(recipe.parent / "ratings.csv", "kettle,p0,0", "kettle,p0,1")
    (work.stage("teacher") / "done.json").unlink()
    found = status()
    assert found["split"] == ["stale", "because ratings.csv has changed"]
    assert found["queries"] == ["stale", "because split is to be run first"]
    assert found["teacher"][0] == "interrupted"
    assert "it will be resumed" in found["teacher"][1]
    (recipe.parent / "ratings.csv").unlink()
    assert "ratings.csv is not there" in status()["split"][1]


def test_a_run_says_what_it_skips(recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["distill", "run", str(recipe), "--work", str(tmp_path / "work"), "--until", "pairs"]
    assert endcap(arguments) == 0
    assert capsys.readouterr().err.splitlines()[0] == "split: split judged queries into train, dev and test"
    assert endcap(arguments) == 0
    assert capsys.readouterr().err.splitlines() == [f"{name}: up to date" for name in ("split", "queries", "pairs")]


def test_what_has_nothing_to_do_is_not_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recipe without made queries and teacher names neither; its stages are run, and one that is asked for speaks."""
    arguments = [str(write_shop(tmp_path / "shop")), "--work", str(tmp_path / "work")]
    assert endcap(["distill", "run", *arguments, "--until", "student"]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().err.splitlines()] == ["split", "student"]
    assert (tmp_path / "work" / "labels" / "done.json").exists()
    assert endcap(["distill", "status", *arguments]) == 0
    told = [line.split()[0] for line in capsys.readouterr().out.splitlines()[2:]]
    assert told == ["split", "student", "export", "blend", "gate", "promote"]
    assert endcap(["distill", "teacher", *arguments]) == 0
    assert "teacher: up to date" in capsys.readouterr().err


def test_what_the_gate_refused_is_called_so(
    recipe: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the status, and where the next stage would be run: it was not interrupted, and says why."""
    work = Work(tmp_path / "work")
    check = {"name": "end to end", "passed": False, "verdict": "refused", "mean": -0.03, "queries": 40, "margin": 0.005}

    def refuse(recipe: object, work: Work, watch: object) -> None:
        write_json(work.stage("gate") / "gate.json", {"candidate": {"name": "new"}, "checks": [check]})
        raise GateRefused("no")

    monkeypatch.setattr(sys.modules["endcap.distill.stages.gate.run"], "run", refuse)
    with pytest.raises(GateRefused):
        run(recipe, work.folder)
    assert endcap(["distill", "status", str(recipe), "--work", str(work.folder)]) == 0
    [row, reason, *_] = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("gate", "    "))]
    assert row.split()[:2] == ["gate", "refused"]
    assert "The gate refuses new: end to end: nDCG@10 -0.0300 over 40 queries" in reason
    with pytest.raises(InputError, match=r"promote needs gate, which is refused .*The gate refuses new"):
        run(recipe, work.folder, ["promote"])


@pytest.mark.parametrize("name", [*ALL, "run", "status", "plan"])
def test_every_command_has_help_with_examples(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert endcap(["distill", name, "--help"]) == 0
    assert f"endcap distill {name} my-shop.toml" in capsys.readouterr().out


def test_a_damaged_model_is_made_again_as_a_whole(tmp_path: Path) -> None:
    """A model's folder appears whole or not at all, and is made where it is missing: half of one would never be mended.
    What is beside it stays; a kill before the damage was looked for leaves it known."""
    work = Work(tmp_path)
    folder = work.begin("teacher", "mark")
    for name in ("members/0/seed-0/model.bin", "members/0/seed-0/config.json", "members/0/seed-1/config.json"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name)
    (folder / "table.parquet").write_text("rows")
    work.finish("teacher", "mark")
    (folder / "members/0/seed-0/model.bin").write_text("broken")
    (folder / "members/0/.weights.x1").mkdir()
    work.begin("teacher", "mark")
    assert not (folder / "members/0/seed-0").exists()
    assert not (folder / "members/0/.weights.x1").exists()
    assert (folder / "members/0/seed-1/config.json").exists()
    assert (folder / "table.parquet").exists()
    assert not work.record("teacher")[1]
