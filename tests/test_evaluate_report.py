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

import evaluation_parts
import pytest
from evaluation_parts import write_catalogue, write_judgments
from rich.console import Console
from storefront_page import WIDTHS, chromium, opened, serious_faults, too_wide

from endcap.cli import compare as compare_cli
from endcap.cli import evaluate as cli
from endcap.cli import main
from endcap.evaluate.combination import combine_reports
from endcap.evaluate.measure_words import plain_name, unjudged_words
from endcap.evaluate.open_catalogue import open_catalogue
from endcap.evaluate.page_changes import Change, summarise
from endcap.evaluate.report import comparison, files, frame, html_page, plots, side_by_side, table
from endcap.evaluate.results import About, Case, Evaluation, ModelUsed, SettingResult, Shown, SweepPoint, SystemResult
from endcap.evaluate.run import Request, run
from endcap.evaluate.significance import Difference, combine, paired_difference
from endcap.evaluate.verdict import headline, p_words
from endcap.index.judgments.reader import read_judgments
from endcap.index.query_log import OddLine
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.storefront import search_routes, shop
from endcap.storefront.app import page_files
from endcap.storefront.judgment_store import JudgmentStore

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
    student = ModelUsed(f"model {evil}", "ab" * 32, evil, ("title",))
    about = About(
        "2026-01-02T03:04:05+00:00", "0.1.0", f"endcap evaluate {evil}", f"set {evil}", evil, 20, evil, "3 → 3", 20, 40,
        f"engine {evil}", student, None, 0.5, ("nDCG@10",), "exponential", "2^grade - 1", 2, 7, (f"note {evil}",),
    )  # fmt: skip
    setting = SettingResult(
        "end-to-end", 100, tuple(QUERIES), {f"reason {evil}": ("x",)}, 0, 10, (old, new), {"nDCG@10": 0.9},
        (paired_difference(
            new.values["nDCG@10"], old.values["nDCG@10"], names=("blend", "engine"), measure="nDCG@10"
        ),),
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
    checker = checked(html_page.evaluation_page(evaluation(evil=EVIL)))
    assert "script" not in checker.tags
    text = "".join(checker.said)
    assert text.count(EVIL) >= 8
    for part in (f"Title {EVIL}", f"query {EVIL}", f"set {EVIL}", f"note {EVIL}", f"endcap evaluate {EVIL}"):
        assert part in text


def test_every_part_of_a_page_takes_texts() -> None:
    """Tables, facts, numbers, notices and plots show any text as it is."""
    made = (
        frame.table(EVIL, [EVIL, EVIL], [[EVIL, EVIL]]) + frame.facts([(EVIL, EVIL)])
        + frame.big_numbers([(EVIL, "", EVIL)]) + frame.notice(EVIL)
        + plots.bars([plots.Bar(EVIL, 0.5, EVIL)]) + plots.shares({EVIL: 0.5})
        + plots.differences({EVIL: 0.5})
    )  # fmt: skip
    checker = checked(made)
    assert "script" not in checker.tags
    assert "".join(checker.said).count(EVIL) == 13
    assert [value for name, value in checker.attributes if name == "aria-label"][:1] == [EVIL]


def test_the_page_is_complete_in_itself() -> None:
    """Nothing is loaded or run: no script, link, image or style attribute; the policy allows the one style sheet."""
    page = html_page.evaluation_page(evaluation())
    checker = checked(page)
    assert not checker.tags & {"script", "link", "img", "iframe", "object", "form", "base"}
    assert not [name for name, _ in checker.attributes if name in ("src", "style") or name.startswith("on")]
    ids = {value for name, value in checker.attributes if name == "id"}
    assert {value for name, value in checker.attributes if name == "href"} == {f"#{name}" for name in ids} != set()
    assert "url(" not in page
    assert "@import" not in page
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'" in page


def test_the_page_says_how_it_was_made() -> None:
    """Date, command, checksum, data set, gain, threshold, seed, unjudged rate and what was left out are on it."""
    text = "".join(checked(html_page.evaluation_page(evaluation())).said)
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
    page = html_page.evaluation_page(evaluation())
    lead = "".join(checked(re.findall(r'<p class="lead">.*?</p>', page)[0]).said)
    assert lead == (
        "Re-ranking makes the first page better: of 20 searches, 20 gain, 0 lose and 0 stay as they are; nDCG@10, "
        "which is 1 where the best products come first, goes from 0.500 to 0.600."
    )


def test_the_page_has_an_order() -> None:
    """The numbers in a sentence, then plots, then wins and losses, then how it was measured."""
    page = html_page.evaluation_page(evaluation())
    parts = ['class="lead"', 'class="numbers"', 'class="bars"', 'class="tall"', "Where it got better",
             "Where it got worse", "How this was measured</h2>", "All measures", "Command"]  # fmt: skip
    assert sorted(parts, key=page.index) == parts
    both = replace(evaluation(), settings=(replace(evaluation().settings[0], name="pool", window=None),
                                           *evaluation().settings))  # fmt: skip
    page = html_page.evaluation_page(both)
    assert page.index('id="end-to-end"') < page.index('id="pool"') < page.index('id="measured"')


def test_small_p_values_are_not_zero() -> None:
    """A p-value is shown as people write it."""
    assert (p_words(0.00001), p_words(0.0312), p_words(float("nan"))) == ("p < 0.0001", "p = 0.0312", "p unknown")


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


def test_the_table_says_the_same() -> None:
    """The terminal shows the sentence, the means, the ceiling, the comparison and the worst queries."""
    console = Console(record=True, width=120, file=None, quiet=False)
    with console.capture() as capture:
        table.print_evaluation(evaluation(evil="[bold]"), console)
    text = capture.get()
    for part in ("makes the first page better", "0.5000", "ceiling", "blend - engine", "20/0/0", "-0.800", "[bold]"):
        assert part in text


def test_plots_survive_extremes() -> None:
    """A single query, no change at all, equal points: every plot has finite numbers."""
    for changes in ({}, {"q": 0.0}, {"q": -1.0}, {"q": 1.0, "r": -0.5}):
        assert "nan" not in plots.differences(changes)
        assert "nan" not in plots.shares({query: abs(change) for query, change in changes.items()})
    flat = [SweepPoint(weight / 10, None, 0.5) for weight in range(11)]
    assert "nan" not in plots.sweep(flat, 0.5)
    assert "nan" not in plots.bars([plots.Bar("", 1.0, "1.000", (0.0, 1.2))])


def moved(column: str, place: int, before: int | None, after: int | None) -> str:
    said = side_by_side.movement(column, place, Shown("p", "", None, before, after), 10)
    return re.sub(r"<[^>]+>", "", said.replace("<span>", " "))


def test_moves_are_said_in_the_storefronts_words() -> None:
    """A product's move is up, down, from elsewhere, off the page, or none, with the place it comes from or goes to."""
    assert moved("endcap", 2, 5, 2) == "▲ moved up 3 places from 5"
    assert moved("endcap", 2, 1, 2) == "▼ moved down 1 place from 1"
    assert moved("endcap", 2, 11, 2) == "▲ moved up 9 places from 11, on page 2"
    assert moved("endcap", 2, 2, 2) == "= same place"
    assert moved("endcap", 2, None, 2) == "+ not among the engine's best"
    assert moved("engine", 5, 5, 2) == "▲ goes up 3 places to 2"
    assert moved("engine", 3, 3, 20) == "▼ goes down 17 places to 20, on page 2"
    assert moved("engine", 3, 3, None) == "▼ goes off the first page"


def test_the_words_of_the_page_are_the_storefronts() -> None:
    """Grades, headings and the words of a move are those of the storefront's files."""
    assert search_routes.GRADE_WORDS is side_by_side.GRADE_WORDS
    static = Path(shop.__file__).parent / "static"
    columns = (static / "columns.js").read_text(encoding="utf-8")
    assert all(head in columns for head in side_by_side.HEADS.values())
    movement = (static / "product_card.js").read_text(encoding="utf-8")
    for sign in side_by_side.SIGNS.items():
        assert '{}: "{}"'.format(*sign) in movement
    for words in ("same place", "not among the engine's best", "`goes ${", "`moved ${", "on page"):
        assert words in movement


def declared(css: str) -> dict[tuple[str, str], str]:
    """Custom properties, by scheme and name."""
    light, _, dark = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL).partition("@media")
    return {
        (scheme, name): " ".join(value.split())
        for scheme, part in (("light", light), ("dark", dark))
        for name, value in re.findall(r"(--[a-z-]+):([^;]+);", part)
    }


def test_the_reports_look_is_the_storefronts() -> None:
    """Both say the same colours and fonts, in light and dark; the reports use no other colour."""
    ours = declared(frame.template("look.css"))
    theirs = declared(page_files()["colours.css"].read_text(encoding="utf-8"))
    assert ours == theirs
    assert {("light", "--paper"), ("dark", "--paper"), ("light", "--serif")} <= set(ours)
    style = frame.template("report.css")
    assert set(re.findall(r"var\((--[a-z-]+)\)", style)) <= {name for _, name in ours}
    assert not re.findall(r"#[0-9a-f]{3,6}\b|rgb|hsl", style)


def test_two_lists_stand_side_by_side() -> None:
    """The engine's order is on the left, endcap's on the right, with grades, and a line for each product."""
    one, two = Shown("a", "Lamp", 3, 1, 2), Shown("b", "Shade", None, 2, 1)
    new, gone = Shown("c", "Bulb", 0, 15, 3), Shown("d", "Cord", 1, 3, 30)
    page = side_by_side.two_lists((one, two, gone), (two, one, new), 10, side_by_side.Measured("nDCG@10", 0.5, 0.75))
    checked(page)
    left, right = page.split('<svg class="ties"')
    assert left.index("The engine's order") < left.index("Lamp") < left.index("Shade") < left.index("Cord")
    assert right.index("endcap's order") < right.index("Shade") < right.index("Lamp") < right.index("Bulb")
    for words in ("exactly right", "nobody judged it", "hardly relevant", "0.500"):
        assert words in left
    for words in ("irrelevant", "0.750", "+0.250", "from 15, on page 2"):
        assert words in right
    assert re.findall(r'<path class="([a-z ]+)"', right) == ["down", "up", "stub down", "stub up"]


def test_a_listed_product_is_known_by_brand_and_price() -> None:
    """Lists show what a shopper sees, as the storefront does; what is not known leaves no gap."""
    known = Shown("a", "Lamp", 3, 1, 2, "Norvik & Sons", 1249.5)
    bare = Shown("b", "Shade", None, 2, 1)
    page = side_by_side.two_lists((known, bare), (bare, known), 10, judged=False)
    checked(page)
    assert page.count("<span>Norvik &amp; Sons</span>") == page.count('<span class="price">1,249.50</span>') == 2
    assert '<p class="said"></p>' not in page


def test_the_page_serves_everybody(tmp_path: Path) -> None:
    """At a desk and on a phone, light and dark, nothing is too wide, and axe-core finds no serious fault."""
    path = tmp_path / "report.html"
    path.write_text(html_page.evaluation_page(doubtful(0.6, 0.7)), encoding="utf-8")
    with chromium() as browser:
        for width in WIDTHS:
            for scheme in ("light", "dark"):
                with opened(browser, path.as_uri(), width, color_scheme=scheme, bypass_csp=True) as page:
                    page.goto(path.as_uri())
                    assert too_wide(page) == 0
                    assert serious_faults(page) == []
        # with its own policy in force, the look is still there
        with opened(browser, path.as_uri()) as page:
            page.goto(path.as_uri())
            assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(250, 248, 244)"


def test_measures_have_plain_names() -> None:
    """A measure of the judged products alone is called so; other names stay as they are."""
    assert plain_name("nDCG(judged_only=True)@10") == "nDCG@10, judged products alone"
    assert plain_name("nDCG(dcg='log2', judged_only=True)@5") == "nDCG(dcg='log2')@5, judged products alone"
    assert plain_name("P(judged_only=True,rel=1)@5") == "P(rel=1)@5, judged products alone"
    assert plain_name("P(rel=1)@5") == "P(rel=1)@5"


ALONE = "nDCG(judged_only=True)@10"


def doubtful(before: float, after: float) -> Evaluation:
    """Results end to end in which endcap's order shows 5 points more products that nobody judged."""
    made = evaluation(0.6, 0.5)
    [setting] = made.settings
    systems = tuple(
        replace(
            one,
            unjudged=0.25 if one.name == "engine" else 0.3,
            means=one.means | {ALONE: value},
            intervals=one.intervals | {ALONE: (value, value)},
            values=one.values | {ALONE: dict.fromkeys(QUERIES, value)},
        )
        for one, value in zip(setting.systems, (before, after), strict=True)
    )
    old, new = (one.values[ALONE] for one in systems)
    alone = paired_difference(new, old, names=("blend", "engine"), measure=ALONE)
    setting = replace(
        setting, systems=systems, differences=(*setting.differences, alone), ceiling=setting.ceiling | {ALONE: 1.0}
    )
    return replace(made, about=replace(made.about, measures=("nDCG@10", ALONE)), settings=(setting,))


def test_the_page_doubts_what_nobody_judged() -> None:
    """Where unjudged rates are more than two points apart, a sentence says what the judged products alone say."""
    made = doubtful(0.6, 0.7)
    text = "".join(checked(html_page.evaluation_page(made)).said)
    said = unjudged_words(made.settings[0], made.about.measures)
    assert said in text
    assert "nobody judged 30.0 % in endcap's order, 25.0 % in the other: these count as irrelevant in nDCG@10" in said
    assert "(nDCG@10, judged products alone), endcap's is better: 0.600 → 0.700 (+0.100" in said
    assert "endcap's is worse" in unjudged_words(doubtful(0.7, 0.6).settings[0], made.about.measures)
    assert "neither" in unjudged_words(doubtful(0.7, 0.7).settings[0], made.about.measures)
    assert "--measure" in unjudged_words(made.settings[0], ("nDCG@10",))
    console = Console(width=1000, record=True, file=io.StringIO())
    table.print_evaluation(made, console)
    assert said in console.export_text()


def test_the_page_does_not_doubt_without_reason() -> None:
    """In the pool, for like rates, and for a measure of judged products alone there is nothing to say."""
    [setting] = doubtful(0.6, 0.7).settings
    like = replace(setting, systems=tuple(replace(one, unjudged=0.25) for one in setting.systems))
    near = replace(setting, systems=(setting.systems[0], replace(setting.systems[1], unjudged=0.269)))
    for quiet in (replace(setting, window=None, name="pool"), like, near):
        assert unjudged_words(quiet, ("nDCG@10", ALONE)) == ""
    assert unjudged_words(setting, (ALONE, "nDCG@10")) == ""


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
    table.print_evaluation(Evaluation(about, (setting,)), console)
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


def change(query: str, before: tuple[Shown, ...], after: tuple[Shown, ...]) -> Change:
    return Change(query, 3, "reranked", None, before, after, 0.5, 0.4, 1.0, 2.0, 7.0)


def test_the_page_of_a_comparison(tmp_path: Path) -> None:
    """It has the same look and order; it shows moves but no grades; texts are no markup; nothing is loaded or run."""
    one, two = Shown("a", EVIL, None, 1, 2), Shown("b", "", None, 14, 1)
    gone = Shown("c", "Gone", None, 2, None)
    changes = (change(EVIL, (one, gone), (two, one)), change("nothing", (), ()))
    about = comparison.AboutComparison(
        "2026-01-02T03:04:05+00:00", "0.1.0", f"endcap compare {EVIL}", EVIL, "text", 2, 6,
        (OddLine(7, EVIL),), EVIL, EVIL, 20, ModelUsed(EVIL, "ab" * 32, EVIL, ("title",)), 0.5, 100, 50.0, 2,
    )  # fmt: skip
    page = comparison.comparison_page(comparison.ComparisonReport(about, summarise(changes), changes), 10)
    checker = checked(page)
    assert "script" not in checker.tags
    text = "".join(checker.said)
    assert text.count(EVIL) >= 7
    for part in ("goes off the first page", "moved up 13 places", "from 14, on page 7", "line 7", "Nobody judged"):
        assert part in text
    assert "judged it" not in text
    assert "not wholly re-ranked" not in text
    late = tuple(replace(one, status="fallback", reason="deadline") for one in changes[:1])
    changes = late + changes[1:]
    page = comparison.comparison_page(comparison.ComparisonReport(about, summarise(changes), changes), 10)
    text = "".join(checked(page).said)
    assert "3 of 6 searches were not wholly re-ranked (fallback: deadline in 3; the deadline is 50 ms)" in text
    parts = [
        'class="lead"',
        'class="bars"',
        'class="tall"',
        "The one that changes most",
        "measured</h2>",
        "Command",
    ]
    assert sorted(parts, key=page.index) == parts


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
