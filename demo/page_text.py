"""What ``endcap demo`` prints: the first products before and after, and what the numbers say, as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

SHOWN = 5
MIN_WIDTH, MAX_WIDTH = 72, 120


@dataclass(frozen=True, slots=True)
class Signs:
    """The signs for up, down, a cut title, and a right, nearly right or other product."""

    up: str
    down: str
    cut: str
    grades: tuple[str, str, str, str]


UNICODE = Signs("▲", "▼", "…", (" ", " ", "○", "●"))
ASCII = Signs("^", "v", "~", (" ", " ", "o", "*"))


@dataclass(frozen=True, slots=True)
class Row:
    """A product of a page: its grade, its title, and the place that it has in the other order (None: not in it)."""

    title: str
    grade: int
    other_place: int | None


def signs_for(encoding: str | None) -> Signs:
    """The signs that a stream of this encoding can carry."""
    try:
        "▲▼…○●".encode(encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return ASCII
    return UNICODE


def page_lines(
    heads: Sequence[str], before: Sequence[Row], after: Sequence[Row], width: int, signs: Signs
) -> list[str]:
    """A query's first products in the engine's order and re-ranked, side by side, in lines of at most ``width``.

    ``heads`` are the headline of both, and that of each.
    """
    half = (min(max(width, MIN_WIDTH), MAX_WIDTH) - 2) // 2
    if not before:
        return [heads[0], "  the engine finds nothing"]
    lines = [heads[0], f"  {heads[1]:{half}}{heads[2]}"]
    for place in range(1, max(len(before), len(after)) + 1):
        left = _cell(before, place, half - 1, signs, leaving=True)
        right = _cell(after, place, half - 1, signs, leaving=False)
        lines.append(f"  {left:{half}}{right}".rstrip())
    return lines


def _cell(page: Sequence[Row], place: int, width: int, signs: Signs, leaving: bool) -> str:
    if place > len(page):
        return ""
    row = page[place - 1]
    start = f"{place} {signs.grades[row.grade]} "
    end = _movement(place, row.other_place, signs, leaving)
    room = width - len(start) - (len(end) + 1 if end else 0)
    title = row.title if len(row.title) <= room else row.title[: room - len(signs.cut)].rstrip() + signs.cut
    return f"{start}{title:{room}} {end}" if end else start + title


def _movement(place: int, other: int | None, signs: Signs, leaving: bool) -> str:
    """How far the product moves: down from the left page, or up to the right one."""
    if other is None:
        return "" if leaving else "new"
    up = place - other if leaving else other - place
    if up == 0 or (leaving and up > 0):
        return ""
    return f"{signs.up if up > 0 else signs.down}{abs(up)}"
