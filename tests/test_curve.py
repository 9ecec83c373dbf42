"""The curve: students on growing data, resumable, with a plot that is well formed and answers that say what is so."""

from __future__ import annotations

import subprocess
import sys
import time
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from distill_parts import write_base, write_recipe, write_shop

from endcap.distill.curve.plot import plot
from endcap.distill.curve.report import Curve, Line, Point, answers, markdown, mean_interval, to_mapping
from endcap.distill.recipe.settings import CurveRecipe, Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.work.files import read_json
from endcap.distill.work.folder import Work
from endcap.errors import InputError

UNTIL = ("split", "queries", "pairs", "teacher", "labels")
MORE = """
[split]
test = 0.3
dev = 0.2
folds = 2
[queries]
count = 40
sources = ["catalogue"]
[pairs]
per_query = 6
[[teacher.members]]
kind = "cosine"
base = {base}
max_tokens = 16
[labels]
workers = 1
count = 240
[student]
epochs = 1
list_size = 4
[curve]
amounts = [0, 30, 90]
seeds = [0]
"""


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A recipe of a tiny shop, and a work folder in which the teacher has labelled its pairs."""
    from endcap.distill.pipeline import run_stages

    folder = write_shop(tmp_path_factory.mktemp("shop"))
    base = write_base(tmp_path_factory.mktemp("base"))
    path = write_recipe(folder, base, MORE.format(base=f'"{base}"'), pooling="mean")
    work = Work(tmp_path_factory.mktemp("work"))
    run_stages(read_recipe(path, folder), work, UNTIL)
    return path, work.folder


@pytest.fixture(scope="module")
def recipe(paths: tuple[Path, Path]) -> Recipe:
    return read_recipe(paths[0], paths[0].parent)


def line(mean: float, name: str = "zero-shot", seed: int = 0) -> Line:
    """Two hundred queries that lie about a mean; those of other lines are hard and easy where these are."""
    hard = np.random.default_rng(1).normal(0, 0.1, 200)
    own = np.random.default_rng(seed + 2).normal(0, 0.02, 200)
    return Line(name, {f"q{n}": float(mean + h + o) for n, (h, o) in enumerate(zip(hard, own, strict=True))})


def curve(means: dict[int, float], teacher: float | None) -> Curve:
    """A made-up curve with two seeds."""
    points = [
        Point(amount, seed, amount, 60.0, line(mean, seed=10 * seed + amount % 7).values)
        for amount, mean in means.items()
        for seed in (0, 1)
    ]
    return Curve("made", "nDCG@10", tuple(points), line(teacher, "teacher", 5) if teacher else None, line(0.7, seed=9))


RISING = {0: 0.70, 1_000: 0.72, 16_000: 0.76, 64_000: 0.78}
FLAT = {0: 0.74, 1_000: 0.78, 16_000: 0.78, 64_000: 0.78}


def test_answers_of_a_rising_curve() -> None:
    """More is worth it, and the student passes its teacher."""
    said = " ".join(answers(curve(RISING, 0.74)))
    assert "From 16,000 to 64,000 pairs yes: +0.0" in said
    assert "The student passes its teacher" in said
    assert "64,000 generated pairs raise nDCG@10" in said


def test_answers_of_a_flat_curve_below_its_teacher() -> None:
    """The last step is nothing, and the student stays below."""
    said = " ".join(answers(curve(FLAT, 0.84)))
    assert "it can't be told from nothing" in said
    assert "stays below its teacher" in said


def test_answers_of_a_falling_curve_beside_an_equal_teacher() -> None:
    """Harm is called harm, and a tie a tie."""
    said = " ".join(answers(curve({0: 0.80, 1_000: 0.78, 4_000: 0.74}, 0.74)))
    assert "From 1,000 to 4,000 pairs no: it does harm" in said
    assert "can't be told from its teacher" in said
    assert "lower nDCG@10 beside judgments alone" in said


def test_a_curve_without_a_teacher_or_with_one_amount_is_told() -> None:
    """What can't be asked is left out."""
    found = curve({4_000: 0.76}, None)
    assert len(answers(found)) == 1
    assert "untrained base" in answers(found)[0]
    assert ET.fromstring(plot(found)).tag.endswith("svg")


@pytest.mark.parametrize("means", [RISING, FLAT, {0: 0.5}, {0: 0.5, 10: 0.5}])
def test_the_plot_is_well_formed_and_holds_every_point(means: dict[int, float]) -> None:
    """XML that parses, a dot for each seed and mean, nothing outside the picture, higher values higher up."""
    root = ET.fromstring(plot(curve(means, 0.74)))
    space = "{http://www.w3.org/2000/svg}"
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    dots = root.findall(f"{space}circle")
    assert len(dots) == 3 * len(means)
    for dot in dots:
        assert 0 < float(dot.attrib["cx"]) < width
        assert 0 < float(dot.attrib["cy"]) < height
    big = [dot for dot in dots if dot.attrib["class"] == "mean"]
    across = [float(dot.attrib["cx"]) for dot in big]
    assert across == sorted(set(across))
    heights = [float(dot.attrib["cy"]) for dot in big]
    if means is RISING:
        assert heights == sorted(heights, reverse=True)
    texts = [element.text or "" for element in root.iter(f"{space}text")]
    assert any(text.startswith("teacher .7") for text in texts)


def test_numbers_are_means_over_seeds_and_intervals_over_queries() -> None:
    """The table, the JSON and the plot have the same numbers."""
    found = curve(RISING, 0.74)
    told = to_mapping(found)
    assert told["points"][1]["mean"] == pytest.approx(np.mean(list(found.at(1_000).values())))
    assert told["points"][1]["seeds"].keys() == {"0", "1"}
    low, high = mean_interval(found.at(1_000))
    assert low < told["points"][1]["mean"] < high
    assert told["points"][3]["minus"]["teacher"]["mean"] == pytest.approx(0.04, abs=0.01)
    assert f"{told['points'][1]['mean']:.3f}".removeprefix("0") in markdown(found)
    assert "| 0 (judgments alone) |" in markdown(found)


def test_the_curve_of_a_tiny_shop(paths: tuple[Path, Path], recipe: Recipe) -> None:
    """Killed on its way it goes on; all points are there; another amount only adds to them."""
    from endcap.cli.distill import curve as command
    from endcap.distill.curve.measurement import run_curve

    path, folder = paths
    arguments = [str(path), "--work", str(folder), "--data", str(path.parent)]
    program = "from endcap.cli.distill import curve; curve()"
    points = folder / "curve" / "points"
    process = subprocess.Popen([sys.executable, "-P", "-c", program, *arguments], stderr=subprocess.DEVNULL)
    while process.poll() is None and not list(points.glob("*.json")):
        time.sleep(0.01)
    process.kill()
    process.wait()
    before = {each.name: each.stat().st_mtime_ns for each in points.glob("*.json")}
    done = CliRunner().invoke(command, arguments, catch_exceptions=False)
    assert "Is more still worth it?" in done.output
    assert "teacher" in done.output
    names = {f"{amount:07}-seed-0.json" for amount in (0, 30, 90)}
    assert 1 <= len(before) < len(names)
    assert {each.name for each in points.glob("*.json")} == names
    assert all((points / name).stat().st_mtime_ns == when for name, when in before.items())
    ET.parse(folder / "curve" / "curve.svg")
    told = read_json(folder / "curve" / "curve.json")
    assert [point["amount"] for point in told["points"]] == [0, 30, 90]
    assert told["points"][2]["pairs"] <= 90

    kept = {each.name: each.read_bytes() for each in points.glob("*.json")}
    longer = run_curve(replace(recipe, curve=CurveRecipe((0, 30, 60, 90), (0,))), Work(folder))
    assert longer.amounts == [0, 30, 60, 90]
    assert {name: (points / name).read_bytes() for name in kept} == kept


def test_amounts_that_there_are_no_labels_for(paths: tuple[Path, Path], recipe: Recipe) -> None:
    """The error says how many pairs there are."""
    from endcap.distill.curve.measurement import run_curve

    with pytest.raises(InputError, match=r"not 5,000: raise queries\.count"):
        run_curve(replace(recipe, curve=CurveRecipe((5_000,), (0,))), Work(paths[1]))


def test_a_curve_needs_labels(recipe: Recipe, tmp_path: Path) -> None:
    """What to run first is said."""
    from endcap.distill.curve.measurement import run_curve

    with pytest.raises(InputError, match="--until labels"):
        run_curve(recipe, Work(tmp_path))


def test_a_curve_of_stale_labels_is_not_drawn(paths: tuple[Path, Path], recipe: Recipe) -> None:
    """A recipe with another split is another question; so is a file that is not as it was written."""
    from endcap.distill.curve.measurement import run_curve

    with pytest.raises(InputError, match="needs the stage split, which is stale"):
        run_curve(replace(recipe, split=replace(recipe.split, dev=0.01)), Work(paths[1]))
