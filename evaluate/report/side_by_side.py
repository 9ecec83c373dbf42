"""Two orders of one search side by side, in the storefront's words: the engine's on the left, endcap's on the right."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from endcap.evaluate.measure_words import GRADE_WORDS, signed
from endcap.evaluate.report.frame import text
from endcap.evaluate.results import Shown
from endcap.index.judgments.judgments import whole

HEADS = {"engine": "The engine's order", "endcap": "endcap's order"}
SIGNS = {"up": "▲", "down": "▼", "same": "=", "new": "+"}
LONGEST_TITLE = 160
TITLE, STUB = 0.55, 0.35
"""In rows: how far above a row's end its line ends, and how far down a short line goes to what is not on the page."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one search's two orders score: the measure's name in plain words, and both values."""

    name: str
    engine: float
    endcap: float


def two_lists(
    before: Sequence[Shown], after: Sequence[Shown], size: int, measured: Measured | None = None, judged: bool = True
) -> str:
    """Both first pages, ``size`` products long: grades (where anybody ``judged``), and how far each has moved."""
    ties = _ties(before, after) if len(before) == len(after) else ""
    columns = (_column("engine", before, size, measured, judged), _column("endcap", after, size, measured, judged))
    return f'<div class="columns">{columns[0]}{ties}{columns[1]}</div>'


def _column(column: str, products: Sequence[Shown], size: int, measured: Measured | None, judged: bool) -> str:
    cards = "".join(_card(column, place, product, size, judged) for place, product in enumerate(products, 1))
    listed = f"<ol>{cards}</ol>" if cards else '<p class="soft">No product matches.</p>'
    value = _measure(column, measured) if measured else ""
    return f'<div class="column of-{column}"><header><h4>{HEADS[column]}</h4>{value}</header>{listed}</div>'


def _measure(column: str, measured: Measured) -> str:
    value, gain = getattr(measured, column), measured.endcap - measured.engine
    changed = (
        f'<span class="{"up" if gain > 0 else "down"}">{signed(gain)}</span>'
        if column == "endcap" and signed(gain) != "0.000"
        else ""
    )
    return (
        f'<p class="measure"><span>{text(measured.name)}</span><svg viewBox="0 0 100 6" preserveAspectRatio="none" '
        f'aria-hidden="true"><rect class="track" width="100" height="6"/><rect class="bar" width="{100 * value:.1f}" '
        f'height="6"/></svg><b>{value:.3f}</b>{changed}</p>'
    )


def _card(column: str, place: int, product: Shown, size: int, judged: bool) -> str:
    title = (product.title.strip() or product.id)[:LONGEST_TITLE]
    facts = f"<span>{text(product.brand)}</span>" if product.brand.strip() else ""
    facts += f'<span class="price">{product.price:,.2f}</span>' if product.price is not None else ""
    facts += grade_mark(product.grade) if judged else ""
    facts = f'<p class="said">{facts}</p>' if facts else ""
    moved = movement(column, place, product, size)
    return (
        f'<li><span class="rank"><span class="unseen">Place </span>{place}</span>'
        f'<div><p class="title">{text(title)}</p>{facts}<p class="said">{moved}</p></div></li>'
    )


def grade_mark(grade: float | None) -> str:
    """A grade as dots and a word, one between two with its number; where nobody judged the product, that."""
    if grade is None:
        return "<span>nobody judged it</span>"
    near = whole(grade)
    dots = "".join(f'<i class="{"full" if step <= near else ""}"></i>' for step in (1, 2, 3))
    words = GRADE_WORDS[near] if near == grade else f"{GRADE_WORDS[near]} ({grade:.2f})"
    return f'<span class="grade g{near}"><span class="dots" aria-hidden="true">{dots}</span>{words}</span>'


def way(column: str, place: int, other: int | None) -> str:
    """Where a product at ``place`` of a column has gone or come from: ``up``, ``down``, ``same``, or ``new`` in it."""
    if other is None:
        return "down" if column == "engine" else "new"
    up = other - place if column == "endcap" else place - other
    return "up" if up > 0 else "down" if up < 0 else "same"


def movement(column: str, place: int, product: Shown, size: int) -> str:
    """How far a product has moved, in words, and from or to which place (with its page, where that is another)."""
    other = product.rank_after if column == "engine" else product.rank_before
    moved = way(column, place, other)
    if other is None:
        words, twin = ("goes off the first page" if column == "engine" else "not among the engine's best"), ""
    elif moved == "same":
        words, twin = "same place", ""
    else:
        far = abs(other - place)
        words = f"{'goes' if column == 'engine' else 'moved'} {moved} {far} place{'s' if far > 1 else ''}"
        page = f", on page {(other - 1) // size + 1}" if other > size else ""
        twin = f"<span>{'to' if column == 'engine' else 'from'} {other}{page}</span>"
    arrow = f'<span class="how {moved}"><span aria-hidden="true">{SIGNS[moved]}</span> {words}</span>'
    return f"{arrow}{twin}"


def _ties(before: Sequence[Shown], after: Sequence[Shown]) -> str:
    """Lines that tie each product to itself. All rows have one height, so that a unit is a row at any width."""
    paths = "".join(_paths(before, after))
    return (
        f'<svg class="ties" viewBox="0 0 100 {max(len(before), 1)}" preserveAspectRatio="none" aria-hidden="true">'
        f"{paths}</svg>"
    )


def _paths(before: Sequence[Shown], after: Sequence[Shown]) -> Iterator[str]:
    places = {product.id: place for place, product in enumerate(after, 1)}
    stayed = {product.id for product in before} & set(places)
    for place, product in enumerate(before, 1):
        y, moved = place - TITLE, way("engine", place, product.rank_after)
        if product.id in stayed:
            end = places[product.id] - TITLE
            yield f'<path class="{moved}" d="M3 {y:.2f}C50 {y:.2f} 50 {end:.2f} 97 {end:.2f}"/>'
        else:
            bend = STUB if moved == "down" else -STUB
            yield f'<path class="stub {moved}" d="M3 {y:.2f}q16 0 20 {bend}"/>'
    for place, product in enumerate(after, 1):
        if product.id not in stayed:
            moved = way("endcap", place, product.rank_before)
            bend = -STUB if moved == "down" else STUB
            yield f'<path class="stub {moved}" d="M97 {place - TITLE:.2f}q-16 0 -20 {bend}"/>'
