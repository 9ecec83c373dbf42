"""The page and the table of an evaluation: complete, safe, in order, and doubtful where it has to be."""

from __future__ import annotations

import base64
import hashlib
import io
import re
from dataclasses import replace
from pathlib import Path

from report_parts import ALONE, EVIL, QUERIES, checked, doubtful, evaluation
from rich.console import Console
from storefront_page import WIDTHS, chromium, opened, serious_faults, too_wide

from endcap.evaluate.measure_words import plain_name, unjudged_words
from endcap.evaluate.report import frame, html_page, plots, table
from endcap.evaluate.results import Evaluation, SweepPoint
from endcap.evaluate.verdict import headline, p_words


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
