"""The frame of every HTML report: one file, no scripts, nothing from elsewhere, in the look of the storefront."""

from __future__ import annotations

import base64
import hashlib
import html
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from string import Template

from endcap import __version__

STYLES = ("look.css", "report.css")
"""Colours and fonts, which the storefront says as well; then the report's own."""


def text(value: object) -> str:
    """Any text as HTML shows it: never as markup."""
    return html.escape(str(value), quote=True)


def day(date: str) -> str:
    """The day of an ISO 8601 time."""
    return date[:10]


@cache
def template(name: str) -> str:
    """A file of ``templates/``."""
    return (files("endcap.evaluate.report") / "templates" / name).read_text(encoding="utf-8")


def page(title: str, about: str, links: Mapping[str, str], body: str) -> str:
    """The whole document. ``title`` and ``about`` are texts, ``body`` is markup; ``links`` says which parts (by their
    ids, with a name each) can be jumped to. The style sheet alone is allowed to act on it."""
    style = "".join(template(name) for name in STYLES)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    jumps = "".join(f'<a href="#{id}">{text(name)}</a>' for id, name in links.items())
    return Template(template("report.html")).substitute(
        title=text(title), about=text(about), links=jumps, style=style, digest=digest, body=body, version=__version__
    )


def notice(sentence: str) -> str:
    """Something to know before the numbers are believed; ``sentence`` is a text."""
    return f'<p class="notice">{text(sentence)}</p>'


def big_numbers(cells: Iterable[tuple[str, str, str]]) -> str:
    """A few big numbers: each a text, a kind (``better``, ``worse`` or none) and what it is."""
    shown = "".join(f'<div><dt>{text(s)}</dt><dd class="{kind}">{text(b)}</dd></div>' for b, kind, s in cells)
    return f'<dl class="numbers">{shown}</dl>'


def table(name: str, head: Sequence[str], rows: Iterable[Sequence[str]], ours: str = "") -> str:
    """A table of texts, which scrolls by itself on a narrow screen. The first column names the row; ``ours`` is the
    name of the row that matters most."""
    top = "".join(f"<th scope=col>{text(cell)}</th>" if cell else "<td></td>" for cell in head)
    lines = "".join(
        f'<tr class="{"ours" if row[0] == ours else ""}"><th scope=row>{text(row[0])}</th>'
        + "".join(f"<td>{text(cell)}</td>" for cell in row[1:])
        + "</tr>"
        for row in rows
    )
    return (
        f'<div class="wide" role="group" aria-label="{text(name)}" tabindex="0"><table><thead><tr>{top}</tr></thead>'
        f"<tbody>{lines}</tbody></table></div>"
    )


def facts(pairs: Iterable[tuple[str, str]]) -> str:
    """A list of terms (texts) and what there is to say of them (texts)."""
    rows = "".join(f"<div><dt>{text(k)}</dt><dd>{text(v)}</dd></div>" for k, v in pairs if v)
    return f'<dl class="facts">{rows}</dl>'
