"""The trade's table and plot say what was measured, of students whose recipes hold together."""

import importlib.util
import json
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from types import ModuleType

import pytest

from endcap.distill.recipe.file import read_recipe

BENCHMARKS = Path(__file__).resolve().parent.parent / "benchmarks"
ZERO, TAUGHT = "bge-small, zero-shot", "MiniLM"


@pytest.fixture
def trade(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The benchmark, which is no package."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    spec = importlib.util.spec_from_file_location("trade", BENCHMARKS / "trade.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "trade", module)
    spec.loader.exec_module(module)
    return module


def measured(folder: Path, name: str, folds: list[dict[str, dict[str, float]]]) -> None:
    """What ``train`` leaves of a point."""
    at = folder / "points" / name
    at.mkdir(parents=True)
    for fold, values in enumerate(folds):
        (at / f"{fold}.json").write_text(json.dumps(values), encoding="utf-8")


def test_every_point_has_a_name_and_a_recipe_of_its_own(trade: ModuleType, tmp_path: Path) -> None:
    """No two points teach the same student into the same folder, but those that keep less of its vectors."""
    recipe = read_recipe("default", tmp_path)
    names = [each.name for each in trade.POINTS]
    assert len(set(names)) == len(names)
    made = {(repr(trade.of(recipe, each)), each.state) for each in trade.POINTS}
    assert len(made) == len(names)


def test_the_table_has_means_of_all_folds_and_the_paired_difference(
    trade: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Means by shop, and the difference from the baseline over both shops' queries."""
    measured(tmp_path, ZERO, [{"chorus": {"a": 0.5}, "esci": {"c": 0.4}}, {"chorus": {"b": 0.7}, "esci": {"d": 0.6}}])
    measured(tmp_path, TAUGHT, [{"chorus": {"a": 0.6}, "esci": {"c": 0.6}}, {"chorus": {"b": 0.8}, "esci": {"d": 0.8}}])
    (tmp_path / "times.json").write_text(
        json.dumps({"points": {TAUGHT: {"ms": {"100": 2.5, "1000": 2.75}, "bytes": 388}}}), encoding="utf-8"
    )
    trade.table(tmp_path, tmp_path / "plot.svg")
    lines = capsys.readouterr().out.splitlines()
    assert f"| {ZERO} | 4 | 0.600 | 0.500 |  |  |  |  |" in lines
    [line] = [line for line in lines if line.startswith(f"| {TAUGHT} |")]
    cells = [cell.strip() for cell in line.strip("|").split("|")]
    assert cells[1:4] == ["4", "0.700", "0.700"]
    assert cells[4].startswith("+0.150 [")
    assert cells[5:] == ["2.50 ms", "2.75 ms", "388"]


def test_a_point_of_one_fold_is_compared_on_its_queries_alone(
    trade: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of the queries are compared with the baseline on these, and the table says how many they are."""
    measured(tmp_path, ZERO, [{"chorus": {"a": 0.5}, "esci": {"c": 0.4}}, {"chorus": {"b": 0.9}, "esci": {"d": 0.6}}])
    measured(tmp_path, TAUGHT, [{"chorus": {"a": 0.6}, "esci": {"c": 0.6}}])
    trade.table(tmp_path, None)
    assert f"| {TAUGHT} | 2 | 0.600 | 0.600 | +0.150 [" in capsys.readouterr().out


def test_the_better_student_stands_higher_and_the_slower_one_further_right(trade: ModuleType) -> None:
    """A dot's place is its measurement."""
    dots = [trade.Dot("slow & good", 40.0, 0.85, 768), trade.Dot("fast, zero-shot", 1.5, 0.80, 388)]
    root = ET.fromstring(trade.scatter(dots))
    circles = root.findall("{http://www.w3.org/2000/svg}circle")
    places = {circle[0].text: (float(circle.attrib["cx"]), float(circle.attrib["cy"])) for circle in circles}
    good = places["slow & good: 0.850, 40.00 ms, 768 bytes"]
    fast = places["fast, zero-shot: 0.800, 1.50 ms, 388 bytes"]
    assert good[0] > fast[0]
    assert good[1] < fast[1]
