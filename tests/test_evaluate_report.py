"""The table, the JSON and the page of an evaluation, and the command that writes them."""

from __future__ import annotations

import base64
import hashlib
import html.parser
import io
import json
import re
from dataclasses import fields, replace
from pathlib import Path

import pytest
from evaluation_parts import write_catalogue, write_judgments
from rich.console import Console

from endcap.cli import compare as compare_cli
from endcap.cli import evaluate as cli
from endcap.cli import main
from endcap.evaluate import report_html, report_json, report_page, report_svg, report_table
from endcap.evaluate.catalogue import open_catalogue
from endcap.evaluate.compare import Change
from endcap.evaluate.results import About, Case, Evaluation, ModelSaid, SettingResult, Shown, SweepPoint, SystemResult
from endcap.evaluate.run import Request, run
from endcap.evaluate.significance import Difference, combine, compare
from endcap.evaluate.together import together
from endcap.evaluate.verdict import headline, p_words
from endcap.index.judgments import read_judgments
from endcap.plugin.states import StateStore
from endcap.plugin.student import Student

EVIL = '<script>alert("x")</script>&\'"'
QUERIES = [f"query {i}" for i in range(20)]
VOID = {"meta", "link", "br", "img", "hr", "input"}


def system(name: str, value: float) -> SystemResult:
    values = dict.fromkeys(QUERIES, value)
    return SystemResult(
        name, f"the {name}", {"nDCG@10": value}, {"nDCG@10": (value - 0.1, value + 0.1)}, 0.25, {"nDCG@10": values}
    )


def evaluation(before: float = 0.5, after: float = 0.6, evil: str = "fine") -> Evaluation:
    """Hand-made results of one setting with one case."""
    product = Shown("p1", f"Title {evil}", 3, 2, 1)
    unknown = Shown("p2", evil, None, None, 2)
    case = Case(f"query {evil}", 0.9, 0.1, (product,), (product, unknown), (product,))
    old, new = system("engine", before), system("blend", after)
    student = ModelSaid(f"model {evil}", "ab" * 32, evil, ("title",))
    about = About(
        "2026-01-02T03:04:05+00:00", "0.1.0", f"endcap evaluate {evil}", f"set {evil}", evil, 20, evil, "3 → 3", 20, 40,
        f"engine {evil}", student, None, 0.5, ("nDCG@10",), "exponential", "2^grade - 1", 2, 7, (f"note {evil}",),
    )  # fmt: skip
    setting = SettingResult(
        "end-to-end", 100, tuple(QUERIES), {f"reason {evil}": ("x",)}, 0, 10, (old, new), {"nDCG@10": 0.9},
        (compare(new.values["nDCG@10"], old.values["nDCG@10"], names=("blend", "engine"), measure="nDCG@10"),),
        (case,), (replace(case, before=0.1, after=0.9),), (SweepPoint(0.0, 100, before), SweepPoint(1.0, 100, after)),
    )  # fmt: skip
    return Evaluation(about, (setting,))


class Checker(html.parser.HTMLParser):
    """Collects tags and text, and fails where tags are not closed in order."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes += attrs
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs) -> None:
        self.tags.add(tag)
        self.attributes += attrs

    def handle_endtag(self, tag) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data) -> None:
        self.said.append(data)


def checked(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    checker.close()
    assert checker.open == []
    return checker


def test_a_product_called_script_is_shown_not_run() -> None:
    """Whatever a catalogue, a query or a path says stands on the page as text."""
    checker = checked(report_html.to_html(evaluation(evil=EVIL)))
    assert "script" not in checker.tags
    text = "".join(checker.said)
    assert text.count(EVIL) >= 8
    for part in (f"Title {EVIL}", f"query {EVIL}", f"set {EVIL}", f"note {EVIL}", f"endcap evaluate {EVIL}"):
        assert part in text


def test_the_page_is_complete_in_itself() -> None:
    """Nothing is loaded or run: no script, link, image or style attribute; the policy allows the one style sheet."""
    page = report_html.to_html(evaluation())
    checker = checked(page)
    assert not checker.tags & {"script", "link", "img", "iframe", "object", "form"}
    assert not {name for name, _ in checker.attributes} & {"src", "href", "style", "onclick", "onload"}
    assert "url(" not in page
    assert "@import" not in page
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page


def test_the_page_says_how_it_was_made() -> None:
    """Date, command, checksum, data set, gain, threshold, seed, unjudged rate and what was left out are on it."""
    text = "".join(checked(report_html.to_html(evaluation())).said)
    for part in (
        "2026-01-02", "endcap evaluate fine", "ab" * 32, "set fine", "2^grade - 1", "grade 2", "seed 7", "25.0 %",
        "1 query: reason fine", "0.900, the best that a window of 100 hits allows",
    ):  # fmt: skip
        assert part in text


def test_the_answer_comes_first() -> None:
    """The first sentence says better, worse or neither, and never claims what the test does not."""
    assert headline(evaluation(0.5, 0.6)).startswith("Re-ranking makes the first page better: nDCG@10 goes from 0.500")
    assert headline(evaluation(0.6, 0.5)).startswith("Re-ranking makes the first page worse")
    assert headline(evaluation(0.5, 0.5)).startswith("Re-ranking makes no difference that this many searches can show")
    page = report_html.to_html(evaluation())
    assert page.index("makes the first page better") < page.index("<svg")


def test_small_p_values_are_not_zero() -> None:
    """A p-value is shown as people write it."""
    assert (p_words(0.00001), p_words(0.0312), p_words(float("nan"))) == ("p < 0.0001", "p = 0.0312", "p unknown")


def test_json_has_every_number_and_no_nan() -> None:
    """The JSON is what was found; what is no number is null; any text survives."""
    found = evaluation(evil="\ud800 é \x00")
    data = json.loads(report_json.to_json(found), parse_constant=pytest.fail)
    assert data["schema"] == 1
    setting = data["settings"][0]
    assert setting["systems"][0]["values"]["nDCG@10"]["query 3"] == 0.5
    assert setting["differences"][0]["mean"] == pytest.approx(0.1)
    assert setting["losses"][0]["page_after"][1]["grade"] is None
    empty = combine({}, names=("a", "b"), measure="RR")
    assert json.loads(report_json.to_json(empty))["p_value"] is None


def test_reports_are_written_whole_or_not_at_all(tmp_path: Path) -> None:
    """A folder that is not there is named; lone surrogates do not stop a page from being written."""
    report_json.write(tmp_path / "page.html", report_html.to_html(evaluation(evil="\ud800")))
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
    with pytest.raises(report_json.InputError, match="can't be written"):
        report_json.write(tmp_path / "missing" / "page.html", "x")


def test_the_table_says_the_same() -> None:
    """The terminal shows the sentence, the means, the ceiling, the comparison and the worst queries."""
    console = Console(record=True, width=120, file=None, quiet=False)
    with console.capture() as capture:
        report_table.show(evaluation(evil="[bold]"), console)
    text = capture.get()
    for part in ("makes the first page better", "0.5000", "ceiling", "blend - engine", "20/0/0", "-0.800", "[bold]"):
        assert part in text


def test_plots_survive_extremes() -> None:
    """A single query, no change at all, equal points: every plot has finite numbers."""
    for changes in ({}, {"q": 0.0}, {"q": -1.0}, {"q": 1.0, "r": -0.5}):
        assert "nan" not in report_svg.differences(changes)
    flat = [SweepPoint(weight / 10, None, 0.5) for weight in range(11)]
    assert "nan" not in report_svg.sweep(flat, 0.5)
    assert "nan" not in report_svg.bars([system("engine", 1.0)], "nDCG@10", None)


def test_moves_are_said() -> None:
    """A product's move is up, down, new, or nothing."""
    assert "▲3" in report_page.move(2, 5)
    assert "▼1" in report_page.move(2, 1)
    assert "new" in report_page.move(2, None)
    assert report_page.move(2, 2) == ""


def test_the_table_stays_in_its_columns_and_counts() -> None:
    """A long move goes on under itself; what is left out, and a measure over fewer queries, are said with numbers."""
    made = evaluation()
    [setting] = made.settings
    few = dict.fromkeys(QUERIES[:7], 1.0)
    systems = tuple(
        replace(one, means=one.means | {"P@10": 1.0}, values=one.values | {"P@10": few}) for one in setting.systems
    )
    move = replace(setting.losses[0].moved[0], title="word " * 11)
    losses = (replace(setting.losses[0], moved=(move, move)),)
    ceiling = setting.ceiling | {"P@10": 1.0}
    setting = replace(setting, systems=systems, losses=losses, ceiling=ceiling)
    console = Console(width=50, record=True, file=io.StringIO())
    about = replace(made.about, measures=("nDCG@10", "P@10"))
    report_table.show(Evaluation(about, (setting,)), console)
    lines = console.export_text().splitlines()
    start = next(i for i, line in enumerate(lines) if line.strip().startswith("word word"))
    assert all(line.startswith(" " * 10) for line in lines[start : start + 4])
    text = " ".join(" ".join(lines).split())
    assert "20 queries. Left out: 1 query: reason fine." in text
    assert "P@10: over 7 of them, the others have no product that counts as relevant." in text


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
    report_json.write(one, report_json.to_json(evaluation(0.5, 0.6)))
    report_json.write(two, report_json.to_json(evaluation(0.5, 0.8)))
    found = together([one, two], setting="end-to-end", better="blend", base="engine")
    assert (found.queries, found.wins) == (40, 40)
    assert found.mean == pytest.approx(0.2)
    with pytest.raises(report_json.InputError, match="no setting 'pool'"):
        together([one], setting="pool", better="blend", base="engine")
    with pytest.raises(report_json.InputError, match="its systems are engine, blend"):
        together([one], setting="end-to-end", better="cosine", base="engine")
    with pytest.raises(report_json.InputError, match="not an evaluation's JSON"):
        together([tmp_path / "none.json"], setting="pool", better="blend", base="engine")


def test_the_document_is_true() -> None:
    """Every option in docs/evaluation.md exists, and every field of both JSON reports is named there."""
    path = Path(__file__).parents[1] / "docs" / "evaluation.md"
    document = path.read_text(encoding="utf-8")
    options = {option for command in (cli.command, compare_cli.command) for p in command.params for option in p.opts}
    assert set(re.findall(r"--[a-z][a-z-]+", document)) <= options
    named = set(re.findall(r"`([a-z_]+)`", document))
    for record in (About, ModelSaid, SettingResult, SystemResult, Case, Shown, SweepPoint, Difference, Change):
        assert {field.name for field in fields(record)} <= named, record
