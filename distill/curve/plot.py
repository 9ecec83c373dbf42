"""The curve as a plot: a whole SVG file, in light or dark colours as the reader has them."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence

from endcap.distill.curve.report import Curve, mean_interval, short
from endcap.evaluate.measures import mean

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 400, 64, 150, 24, 56
_STYLE = """
:root{--paper:#fcfcfa;--ink:#1d2126;--quiet:#5a626c;--rule:#dde0e4;--blue:#0072b2;--orange:#b87d00;--grey:#8a929c}
@media(prefers-color-scheme:dark){
:root{--paper:#14171a;--ink:#e8eaed;--quiet:#a3abb5;--rule:#333a41;--blue:#4aa8e0;--orange:#f0b429;--grey:#98a1ab}}
text{font:13px system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;fill:var(--quiet)}
.paper{fill:var(--paper)}.grid{stroke:var(--rule)}.student{stroke:var(--blue);stroke-width:2.25;fill:none}
.band{fill:var(--blue);opacity:.14}.seed{fill:var(--blue);opacity:.55}.mean{fill:var(--blue)}
.teacher{stroke:var(--orange);stroke-width:2;stroke-dasharray:8 3}
.zero{stroke:var(--grey);stroke-width:2;stroke-dasharray:2 3}
.name{fill:var(--ink);font-weight:600}
"""


def plot(curve: Curve) -> str:
    """A whole SVG file: the measure against the amount (log axis, 0 set apart at the left).

    Big dots are means over seeds, small ones single seeds, the band the 95 % interval over queries.
    """
    means = {amount: mean(curve.at(amount)) for amount in curve.amounts}
    bands = {amount: mean_interval(curve.at(amount)) for amount in curve.amounts}
    lines = [line for line in (curve.teacher, curve.zero_shot) if line]
    values = [*means.values(), *(edge for band in bands.values() for edge in band)]
    values += [mean(line.values) for line in lines] + [mean(point.values) for point in curve.points]
    low, high = _rounded(min(values), max(values))
    x = _across(curve.amounts)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low)

    right = WIDTH - RIGHT
    shapes = [f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}"/>', *_axes(x, y, _ticks(low, high))]
    # The band of the students' interval.
    edge = [f"{x[a]:.1f},{y(bands[a][1]):.1f}" for a in curve.amounts]
    edge += [f"{x[a]:.1f},{y(bands[a][0]):.1f}" for a in reversed(curve.amounts)]
    shapes.append(f'<polygon class="band" points="{" ".join(edge)}"/>')
    # What students are compared with.
    last = means[curve.amounts[-1]]
    names = [(y(last), f"student {short(last)}")]
    for line, kind in zip(lines, ("teacher", "zero") if curve.teacher else ("zero",), strict=True):
        shapes.append(f'<path class="{kind}" d="M{LEFT} {y(mean(line.values)):.1f}H{right}"/>')
        names.append((y(mean(line.values)), f"{line.name} {short(mean(line.values))}"))
    # Students: their course, a small dot for each seed, a big one for each mean.
    course = " ".join(f"{x[a]:.1f},{y(means[a]):.1f}" for a in curve.amounts)
    shapes.append(f'<polyline class="student" points="{course}"/>')
    for point in curve.points:
        place = f'cx="{x[point.amount]:.1f}" cy="{y(mean(point.values)):.1f}"'
        shapes.append(f'<circle class="seed" {place} r="2.5"/>')
    for amount in curve.amounts:
        place = f'cx="{x[amount]:.1f}" cy="{y(means[amount]):.1f}"'
        shapes.append(f'<circle class="mean" {place} r="4.5"><title>{amount:,}: {means[amount]:.3f}</title></circle>')
    for height, name in apart(names):
        shapes.append(f'<text class="name" x="{right + 10}" y="{height + 4:.1f}">{name}</text>')
    shapes.append(f'<text x="{LEFT}" y="15">{curve.measure}, {len(curve.zero_shot.values)} test queries</text>')
    label = f"{curve.measure} of students by the amount of generated pairs they were taught with"
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{label}">'
    return f"{head}<style>{_STYLE}</style>{''.join(shapes)}</svg>\n"


def _axes(x: Mapping[int, float], y: Callable[[float], float], ticks: Sequence[float]) -> Iterator[str]:
    """The grid with its values, the amounts, and what they are of."""
    right = WIDTH - RIGHT
    for tick in ticks:
        yield f'<path class="grid" d="M{LEFT} {y(tick):.1f}H{right}"/>'
        yield f'<text x="{LEFT - 8}" y="{y(tick) + 4:.1f}" text-anchor="end">{short(tick)}</text>'
    for amount, place in x.items():
        name = f"{amount / 1000:g}k" if amount >= 1000 else str(amount)
        yield f'<text x="{place:.1f}" y="{HEIGHT - BOTTOM + 20}" text-anchor="middle">{name}</text>'
    middle = (LEFT + right) / 2
    yield f'<text x="{middle:.0f}" y="{HEIGHT - 12}" text-anchor="middle">generated pairs (log scale)</text>'


def _across(amounts: Sequence[int]) -> dict[int, float]:
    """Where amounts stand: 0 by itself at the left, the others on a log scale."""
    right, positive = WIDTH - RIGHT - 14, [amount for amount in amounts if amount]
    left = LEFT + (84 if 0 in amounts else 14)
    first, last = (math.log(positive[0]), math.log(positive[-1])) if positive else (0.0, 0.0)
    span = last - first
    places = {a: left + (right - left) * ((math.log(a) - first) / span if span else 0.5) for a in positive}
    return {0: LEFT + 14.0, **places} if 0 in amounts else places


def apart(names: Sequence[tuple[float, str]], least: float = 16) -> list[tuple[float, str]]:
    """Names moved down where they would stand on each other."""
    placed: list[tuple[float, str]] = []
    for height, name in sorted(names):
        placed.append((max(height, placed[-1][0] + least) if placed else height, name))
    return placed


def _rounded(low: float, high: float) -> tuple[float, float]:
    step = _step(low, high)
    return math.floor(low / step) * step, max(math.ceil(high / step) * step, math.floor(low / step) * step + step)


def _ticks(low: float, high: float) -> list[float]:
    step = _step(low, high)
    return [low + n * step for n in range(round((high - low) / step) + 1)]


def _step(low: float, high: float) -> float:
    return next((step for step in (0.005, 0.01, 0.02, 0.05, 0.1) if (high - low) / step <= 8), 0.2)
