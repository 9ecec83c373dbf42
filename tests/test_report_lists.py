"""Both orders side by side in a report, in the storefront's words and look, and the page of a comparison."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from report_parts import EVIL, checked

from endcap.evaluate.page_changes import Change, summarise
from endcap.evaluate.report import comparison, frame, side_by_side
from endcap.evaluate.results import ModelUsed, Shown
from endcap.index.query_log import OddLine
from endcap.storefront import search_routes, shop
from endcap.storefront.app import page_files


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
    assert "3 of 6 searches were not wholly re-ranked (fallback: deadline in 3; deadline 50 ms)" in text
    parts = [
        'class="lead"',
        'class="bars"',
        'class="tall"',
        "The one that changes most",
        "measured</h2>",
        "Command",
    ]
    assert sorted(parts, key=page.index) == parts
