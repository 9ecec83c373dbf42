"""The frame of every HTML report: one file, no scripts, nothing from elsewhere; and the lists of products in it."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template

from endcap.evaluate.results import Shown

GRADE_WORDS: Mapping[int | None, str] = {
    3: "exactly what was meant",
    2: "good",
    1: "related",
    0: "wrong",
    None: "nobody judged it",
}


def text(value: object) -> str:
    """Any text as HTML shows it: never as markup."""
    return html.escape(str(value), quote=True)


def signed(value: float) -> str:
    """A difference with its sign; the minus is a true one."""
    return "0.000" if abs(value) < 0.0005 else f"{value:+.3f}".replace("-", "−")


@cache
def _template(name: str) -> str:
    return (files("endcap.evaluate") / "templates" / name).read_text(encoding="utf-8")


def page(title: str, body: str) -> str:
    """The whole document. ``body`` is markup, ``title`` a text. The style sheet alone is allowed to act on it."""
    style = _template("report.css")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return Template(_template("report.html")).substitute(title=text(title), style=style, digest=digest, body=body)


def mark(grade: int | None) -> str:
    """A product's grade as a coloured mark that also says the number."""
    shown = "?" if grade is None else str(grade)
    name = "none" if grade is None else str(grade)
    return f'<span class="grade g{name}" title="{GRADE_WORDS[grade]}">{shown}</span>'


def legend() -> str:
    """What the marks mean."""
    marks = "".join(f"<span>{mark(grade)} {words}</span>" for grade, words in GRADE_WORDS.items())
    return f'<p class="legend">{marks}</p>'


def move(rank: int, other: int | None) -> str:
    """Where a product at ``rank`` came from: up, down, new on the page, or nothing if it stayed."""
    if other is None:
        return '<span class="up" title="was not among the candidates">new</span>'
    if other > rank:
        return f'<span class="up" title="was at rank {other}">▲{other - rank}</span>'
    if other < rank:
        return f'<span class="down" title="was at rank {other}">▼{rank - other}</span>'
    return ""


def two_lists(before: Sequence[Shown], after: Sequence[Shown], judged: bool = True) -> str:
    """Both pages side by side, with grades, and how far each product of the new one moved."""
    old = "".join(_item(product, judged, "") for product in before)
    new = "".join(_item(product, judged, move(rank, product.rank_before)) for rank, product in enumerate(after, 1))
    return (
        '<div class="lists">'
        f"<div><h4>Engine's order</h4><ol>{old or _NOTHING}</ol></div>"
        f"<div><h4>Re-ranked</h4><ol>{new or _NOTHING}</ol></div></div>"
    )


_NOTHING = "<li>nothing found</li>"


def _item(product: Shown, judged: bool, moved: str) -> str:
    title = product.title.strip() or product.id
    grade = mark(product.grade) if judged else ""
    return f'<li><span class="row">{grade}<span class="name">{text(title[:160])}</span>{moved}</span></li>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of markup cells; the first column is a heading. It scrolls by itself on a narrow screen."""
    top = "".join(f"<th scope=col>{cell}</th>" for cell in head)
    lines = "".join(
        "<tr>" + "".join(f"<th scope=row>{c}</th>" if i == 0 else f"<td>{c}</td>" for i, c in enumerate(row)) + "</tr>"
        for row in rows
    )
    return f'<div class="wide" tabindex="0"><table><thead><tr>{top}</tr></thead><tbody>{lines}</tbody></table></div>'


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of terms (texts) and what there is to say of them (texts)."""
    return "<dl>" + "".join(f"<div><dt>{text(k)}</dt><dd>{text(v)}</dd></div>" for k, v in pairs if v) + "</dl>"
