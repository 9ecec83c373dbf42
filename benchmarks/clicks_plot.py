"""A plot of ``clicks.py``: Kendall's tau by searches, a whole SVG file in light or dark colours."""

from __future__ import annotations

import math
from collections.abc import Mapping

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 380, 56, 130, 28, 52
COLOURS = ("#0072b2", "#4aa8e0", "#b87d00", "#e0b050")
_STYLE = """
:root{--paper:#fcfcfa;--ink:#1d2126;--rule:#dde0e4}
@media(prefers-color-scheme:dark){:root{--paper:#14171a;--ink:#e8eaed;--rule:#333a41}}
text{font:13px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--ink)}
.paper{fill:var(--paper)}.grid{stroke:var(--rule)}polyline{fill:none;stroke-width:2.25}
"""


def lines(courses: Mapping[str, Mapping[float, float]]) -> str:
    """A line for each course, from 0 to 1 on the left, amounts on a log axis below."""
    amounts = sorted({x for course in courses.values() for x in course})
    first, last = math.log(amounts[0]), math.log(amounts[-1])

    def across(amount: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (math.log(amount) - first) / (last - first)

    def down(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (1 - max(value, 0.0))

    shapes = [f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>']
    for tick in (0, 0.2, 0.4, 0.6, 0.8, 1):
        shapes.append(f'<path class="grid" d="M{LEFT} {down(tick):.1f}H{WIDTH - RIGHT}"/>')
        shapes.append(f'<text x="{LEFT - 8}" y="{down(tick) + 4:.1f}" text-anchor="end">{tick:g}</text>')
    for amount in amounts:
        shapes.append(f'<text x="{across(amount):.1f}" y="{HEIGHT - 30}" text-anchor="middle">{amount:,.0f}</text>')
    ends: list[float] = []
    for colour, (name, course) in sorted(
        zip(COLOURS, courses.items(), strict=False), key=lambda item: -list(item[1][1].values())[-1]
    ):
        points = " ".join(f"{across(x):.1f},{down(y):.1f}" for x, y in sorted(course.items()))
        shapes.append(f'<polyline style="stroke:{colour}" points="{points}"/>')
        ends.append(max(down(course[amounts[-1]]), ends[-1] + 16 if ends else 0))
        shapes.append(
            f'<text x="{WIDTH - RIGHT + 8}" y="{ends[-1] + 4:.1f}" style="fill:{colour};font-weight:600">{name}</text>'
        )
    shapes.append(f'<text x="{LEFT}" y="16">Kendall&#39;s tau of grades from clicks with people&#39;s</text>')
    shapes.append(f'<text x="{LEFT}" y="{HEIGHT - 8}">searches a query (log scale)</text>')
    label = "Kendall's tau of grades from clicks with people's grades, by searches a query"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
    return f"{head}<style>{_STYLE}</style>{''.join(shapes)}</svg>\n"
