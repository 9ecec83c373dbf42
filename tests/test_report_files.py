"""The command endcap evaluate, the JSON and the pages that it writes, and the document about them."""

from __future__ import annotations

import json
import re
from dataclasses import fields, replace
from pathlib import Path

import evaluation_parts
import pytest
from evaluation_parts import write_catalogue, write_judgments
from report_parts import checked, evaluation

from endcap.cli import compare as compare_cli
from endcap.cli import evaluate as cli
from endcap.cli import main
from endcap.evaluate.combination import combine_reports
from endcap.evaluate.open_catalogue import open_catalogue
from endcap.evaluate.page_changes import Change
from endcap.evaluate.report import files, html_page
from endcap.evaluate.results import About, Case, ModelUsed, SettingResult, Shown, SweepPoint, SystemResult
from endcap.evaluate.run import Request, run
from endcap.evaluate.significance import Difference, combine
from endcap.index.judgments.reader import read_judgments
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.storefront.judgment_store import JudgmentStore


def test_json_has_every_number_and_no_nan() -> None:
    """The JSON is what was found; what is no number is null; any text survives."""
    found = evaluation(evil="\ud800 é \x00")
    data = json.loads(files.json_text(found), parse_constant=pytest.fail)
    assert data["schema"] == 1
    setting = data["settings"][0]
    assert setting["systems"][0]["values"]["nDCG@10"]["query 3"] == 0.5
    assert setting["differences"][0]["mean"] == pytest.approx(0.1)
    assert setting["losses"][0]["page_after"][1]["grade"] is None
    empty = combine({}, names=("a", "b"), measure="RR")
    assert json.loads(files.json_text(empty))["p_value"] is None


def test_reports_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A folder that is not there is named; lone surrogates do not stop a page from being written."""
    files.write_report(tmp_path / "page.html", html_page.evaluation_page(evaluation(evil="\ud800")))
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    with pytest.raises(files.InputError, match="can't be written"):
        files.write_report(tmp_path / "missing" / "page.html", "x")


def test_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """`endcap evaluate` prints the answer and writes both reports; the seed makes them the same again."""
    args = [
        "evaluate", str(write_catalogue(tmp_path)), "--judgments", str(write_judgments(tmp_path)), "--window", "5",
        "--sweep", "--json", str(tmp_path / "a.json"), "--html", str(tmp_path / "a.html"),
    ]  # fmt: skip
    monkeypatch.setattr("sys.argv", ["endcap", *args])
    assert main.run(args) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "nDCG@10 goes from" in said
    assert "blend - engine" in said
    first = json.loads((tmp_path / "a.json").read_text())
    assert first["about"]["command"].startswith("endcap evaluate")
    assert [setting["name"] for setting in first["settings"]] == ["end-to-end", "pool"]
    checked((tmp_path / "a.html").read_text())
    assert main.run(args) == 0
    again = json.loads((tmp_path / "a.json").read_text())
    assert again["settings"] == first["settings"]


def test_judgments_from_the_storefront(tmp_path: Path) -> None:
    """What several people judged in the storefront is measured as it lies there; the page says how it was merged."""
    path = tmp_path / "judged" / "shop.jsonl"
    store = JudgmentStore(path)
    for query, judged in evaluation_parts.GRADES.items():
        for product, grade in judged.items():
            store.give(query, product, grade, "Ada")
    for product, grade in (("phone1", 0), ("case1", 1), ("film1", 3)):
        store.give("phone", product, grade, "Bob")
    store.undo("Bob")
    report = tmp_path / "a.html"
    assert main.run(["evaluate", str(write_catalogue(tmp_path)), "--judgments", str(path), "--html", str(report)]) == 0
    text = "".join(checked(report.read_text(encoding="utf-8")).said)
    assert "shop (jsonl), 2 of them judged by two people or more: their median, of two middle grades the lower" in text
    assert read_judgments(path).grades["phone"]["phone1"] == 0


def test_decimals_are_no_several_people(tmp_path: Path) -> None:
    """One grade between two is nobody's second opinion; the page says what it is."""
    path, report = tmp_path / "soft.csv", tmp_path / "a.html"
    rows = [(q, p, grade - 0.25 * (grade > 1)) for q, of in evaluation_parts.GRADES.items() for p, grade in of.items()]
    path.write_text("query,product_id,grade\n" + "".join(f"{q},{p},{grade}\n" for q, p, grade in rows))
    args = ["--judgments", str(path), "--grades", "0-3", "--html", str(report)]
    assert main.run(["evaluate", str(write_catalogue(tmp_path)), *args]) == 0
    text = "".join(checked(report.read_text(encoding="utf-8")).said)
    between = sum(grade % 1 > 0 for _, _, grade in rows)
    assert f"), {between} of them decimals between two grades; " in text
    assert "two people" not in text


def test_the_command_refuses_before_it_works(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A wrong measure is refused in one line, with status 2."""
    args = ["evaluate", str(write_catalogue(tmp_path)), "--judgments", str(write_judgments(tmp_path))]
    assert main.run([*args, "--measure", "nDGC@10"]) == 2
    assert "nDGC@10" in capsys.readouterr().err
    assert cli.MEASURES[0] == "nDCG@10"


def test_real_data(datasets: Path) -> None:
    """A few searches of a real shop, with its real judgments, have plausible numbers in the judged pool."""
    shop = datasets / "esci-us"
    judged = read_judgments(shop / "esci_us_judgments.json")
    few = replace(judged, grades=dict(list(judged.grades.items())[:8]))
    states = StateStore.open()
    opened = open_catalogue(str(shop / "ubi_ecommerce_products.json.gz"))
    result = run(opened, few, Student.load(), None, Request(("nDCG@10",), ("pool",)), states)
    states.close()
    means = {system.name: system.means["nDCG@10"] for system in result.settings[0].systems}
    assert all(0.4 < value < 1 for value in means.values())
    assert result.about.grades_from


def test_several_sets_together(tmp_path: Path) -> None:
    """Reports of two data sets give one statement over all their queries; a report that lacks something is named."""
    one, two = tmp_path / "one.json", tmp_path / "two.json"
    files.write_report(one, files.json_text(evaluation(0.5, 0.6)))
    files.write_report(two, files.json_text(evaluation(0.5, 0.8)))
    found = combine_reports([one, two], setting="end-to-end", better="blend", base="engine")
    assert (found.queries, found.wins) == (40, 40)
    assert found.mean == pytest.approx(0.2)
    with pytest.raises(files.InputError, match="no setting 'pool'"):
        combine_reports([one], setting="pool", better="blend", base="engine")
    with pytest.raises(files.InputError, match="its systems are engine, blend"):
        combine_reports([one], setting="end-to-end", better="cosine", base="engine")
    with pytest.raises(files.InputError, match="not an evaluation's JSON"):
        combine_reports([tmp_path / "none.json"], setting="pool", better="blend", base="engine")


def test_the_document_is_true() -> None:
    """Every option in docs/evaluation.md exists, and every field of both JSON reports is named there."""
    path = Path(__file__).parents[1] / "docs" / "evaluation.md"
    document = path.read_text(encoding="utf-8")
    options = {option for command in (cli.command, compare_cli.command) for p in command.params for option in p.opts}
    assert set(re.findall(r"--[a-z][a-z-]+", document)) <= options
    named = set(re.findall(r"`([a-z_]+)`", document))
    for record in (About, ModelUsed, SettingResult, SystemResult, Case, Shown, SweepPoint, Difference, Change):
        assert {field.name for field in fields(record)} <= named, record
