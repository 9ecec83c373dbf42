"""Ranks stand on one line, in the widest of the serifs that a browser may take for ours."""

from __future__ import annotations

from pathlib import Path

import pytest
from storefront_page import chromium

from endcap.evaluate.report import side_by_side
from endcap.evaluate.results import Shown

ROOT = Path(__file__).parents[1]
LINES = """() => [...document.querySelectorAll(".rank")].map((rank) => {
  const number = document.createRange();
  number.selectNodeContents(rank.lastChild);
  const end = number.getBoundingClientRect().right, beside = rank.nextElementSibling.getBoundingClientRect().left;
  return [rank.textContent, number.getClientRects().length, end <= beside];
})"""


def report_lists() -> tuple[str, list[str]]:
    shown = [Shown(f"p{n}", "A lamp", None, n, n) for n in range(1, 101)]
    return side_by_side.two_lists(shown, shown, 100), ["evaluate/report/templates/look.css",
                                                       "evaluate/report/templates/report.css"]  # fmt: skip


def storefront_lists() -> tuple[str, list[str]]:
    cards = "".join(
        f'<li class="card"><span class="rank{" long" if n > 99 else ""}"><span class="unseen">Place </span>{n}</span>'
        '<span class="picture none">L</span><div>A lamp</div></li>'
        for n in (*range(1, 100), 480)
    )
    columns = f'<div class="columns"><div class="column of-engine"><ol>{cards}</ol></div></div>'
    return columns, [f"storefront/static/{name}.css" for name in ("frame", "results")]


@pytest.mark.parametrize("lists", [report_lists, storefront_lists])
def test_a_rank_is_one_line(lists) -> None:
    """At 1280 px and DejaVu Serif, whose figures are wide: none is broken, and none reaches what stands beside it."""
    content, sheets = lists()
    styles = "\n".join((ROOT / sheet).read_text(encoding="utf-8") for sheet in sheets)
    with chromium() as browser:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_content(f'<style>{styles}\n:root {{ --serif: "DejaVu Serif" }}</style>{content}')
        found = page.evaluate(LINES)
    assert len(found) >= 100
    assert [each for each in found if each[1:] != [1, True]] == []
