"""A scatter of students, quality against milliseconds, as a whole SVG file in light or dark colours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from endcap.distill.curve.plot import apart

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 860, 480, 60, 210, 28, 56
_STYLE = """
:root{--paper:#fcfcfa;--ink:#1d2126;--quiet:#5a626c;--rule:#dde0e4;--blue:#0072b2;--grey:#8a929c}
@media(prefers-color-scheme:dark){
:root{--paper:#14171a;--ink:#e8eaed;--quiet:#a3abb5;--rule:#333a41;--blue:#4aa8e0;--grey:#98a1ab}}
text{font:12px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--quiet)}
.paper{fill:var(--paper)}.grid{stroke:var(--rule)}.taught{fill:var(--blue);opacity:.75}.zero{fill:var(--grey);opacity:.75}
.name{fill:var(--ink)}.lead{stroke:var(--rule);fill:none}
"""


@dataclass(frozen=True, slots=True)
class Dot:
    """A student: milliseconds for 100 products, nDCG@10, and bytes that it keeps of a product."""

    name: str
    ms: float
    quality: float
    state_bytes: int


def scatter(dots: Sequence[Dot]) -> str:
    """Milliseconds on a log axis, a dot's area by the bytes it keeps of a product; names stand at the right."""
    right = WIDTH - RIGHT
    low = math.floor(min(d.quality for d in dots) * 100) / 100
    high = max(math.ceil(max(d.quality for d in dots) * 100) / 100, low + 0.01)
    first, last = math.log(min(d.ms for d in dots) * 0.8), math.log(max(d.ms for d in dots) * 1.25)

    def x(ms: float) -> float:
        return LEFT + (right - LEFT) * (math.log(ms) - first) / (last - first)

    def y(quality: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - quality) / (high - low)

    shapes = [f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>']
    for n in range(round((high - low) * 100) + 1):
        value = low + n / 100
        shapes.append(f'<path class="grid" d="M{LEFT} {y(value):.1f}H{right}"/>')
        shapes.append(f'<text x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{f"{value:.2f}"[1:]}</text>')
    for ms in (0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000):
        if first <= math.log(ms) <= last:
            shapes.append(f'<path class="grid" d="M{x(ms):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
            shapes.append(f'<text x="{x(ms):.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{ms:g}</text>')
    heights = {name: height for height, name in apart([(y(dot.quality), dot.name) for dot in dots])}
    for dot in dots:
        at, down, height = x(dot.ms), y(dot.quality), heights[dot.name]
        kind = "zero" if "zero-shot" in dot.name else "taught"
        told = escape(f"{dot.name}: {dot.quality:.3f}, {dot.ms:.2f} ms, {dot.state_bytes} bytes")
        shapes.append(f'<path class="lead" d="M{at:.1f} {down:.1f}L{right + 8} {height:.1f}"/>')
        radius = 3 + math.sqrt(dot.state_bytes) / 6
        shapes.append(
            f'<circle class="{kind}" cx="{at:.1f}" cy="{down:.1f}" r="{radius:.1f}"><title>{told}</title></circle>'
        )
        shapes.append(f'<text class="name" x="{right + 12}" y="{height + 4:.1f}">{escape(dot.name)}</text>')
    shapes.append(f'<text x="{LEFT}" y="16">nDCG@10, judged pool; area: bytes kept of a product</text>')
    middle = (LEFT + right) / 2
    shapes.append(
        f'<text x="{middle:.0f}" y="{HEIGHT - 12}" text-anchor="middle">'
        "ms for a new query and 100 products, one thread (log scale)</text>"
    )
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
    label = 'aria-label="nDCG@10 of students by milliseconds for 100 products">'
    return f"{head}{label}<style>{_STYLE}</style>{''.join(shapes)}</svg>\n"
