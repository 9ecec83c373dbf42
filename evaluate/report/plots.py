"""Plots as inline SVG, in units of the plot, so that they stretch with the page; words stand beside them in HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from endcap.evaluate.report.frame import text
from endcap.evaluate.results import SweepPoint


@dataclass(frozen=True, slots=True)
class Bar:
    """One value from 0 to 1, its interval where there is one, how it is written, and the kind that gives its colour."""

    label: str
    value: float
    shown: str
    interval: tuple[float, float] | None = None
    kind: str = ""


def _svg(width: float, height: float, shapes: str, label: str, kind: str) -> str:
    role = f'role="img" aria-label="{text(label)}"' if label else 'aria-hidden="true"'
    return f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" preserveAspectRatio="none" {role}>{shapes}</svg>'


def bars(rows: Sequence[Bar], limit: float = 1.0) -> str:
    """A bar for each value, its interval below it, on a scale from 0 to 1; a dashed line at the ``limit`` of all."""
    return f'<div class="barrows">{"".join(_row(bar, limit) for bar in rows)}</div>'


def _row(bar: Bar, limit: float) -> str:
    shapes = (
        '<rect class="track" y="2" width="1000" height="9"/>'
        f'<rect class="bar {bar.kind}" y="2" width="{_across(bar.value)}" height="9"/>'
    )
    words = f"{bar.label}: {bar.shown}"
    if bar.interval is not None:
        low, high = bar.interval
        x1, x2 = _across(low), _across(high)
        shapes += f'<path class="whisker" d="M{x1} 16H{x2}M{x1} 13V19M{x2} 13V19"/>'
        words += f", interval {low:.3f} to {high:.3f}"
    if limit < 0.9995:
        shapes += f'<path class="limit" d="M{_across(limit)} 0V20"/>'
    plot = _svg(1000, 20, shapes, words, "bars")
    return f'<div class="barrow"><span>{text(bar.label)}</span>{plot}<b>{text(bar.shown)}</b></div>'


def _across(value: float) -> str:
    return f"{1000 * min(max(value, 0.0), 1.0):.1f}"


def differences(changes: Mapping[str, float], digits: int = 2) -> str:
    """A thin bar for each query's change, from the biggest gain to the biggest loss, both on one scale."""
    ordered = sorted(changes.items(), key=lambda pair: -pair[1])
    most, least = max([0.0, *changes.values()]), min([0.0, *changes.values()])
    span = (most - least) or 1.0
    zero = 200 * most / span
    step = 1000 / max(len(ordered), 1)
    shapes = []
    for place, (query, change) in enumerate(ordered):
        height = max(200 * abs(change) / span, 0.6)
        kind = "gain" if change > 0 else "loss"
        shapes.append(
            f'<rect class="{kind}" x="{place * step:.2f}" y="{zero - height if change > 0 else zero:.2f}" '
            f'width="{max(0.8 * step, 0.5):.2f}" height="{height:.2f}">'
            f"<title>{text(query)}: {change:+.3f}</title></rect>"
        )
    shapes.append(f'<path class="axis" d="M0 {zero:.2f}H1000"/>')
    plot = _svg(1000, 200, "".join(shapes), f"change of each of {len(ordered)} searches, sorted", "tall")
    ends = [f"{value:+.{digits}f}" if value else "0" for value in (most, least)]
    scale = "".join(f"<span>{end}</span>" for end in ends).replace("-", "−")
    return f'<div class="plot"><div class="scale">{scale}</div>{plot}</div>'


def shares(values: Mapping[str, float]) -> str:
    """A thin bar for each query's share, from 1 down to 0."""
    ordered = sorted(values.items(), key=lambda pair: -pair[1])
    step = 1000 / max(len(ordered), 1)
    shapes = "".join(
        f'<rect class="part" x="{place * step:.2f}" y="{200 * (1 - share):.2f}" width="{max(0.8 * step, 0.5):.2f}" '
        f'height="{200 * share:.2f}"><title>{text(query)}: {100 * share:.0f} %</title></rect>'
        for place, (query, share) in enumerate(ordered)
    )
    plot = _svg(1000, 200, f'{shapes}<path class="axis" d="M0 200H1000"/>', f"{len(ordered)} searches, sorted", "tall")
    scale = "<span>100 %</span><span>0</span>"
    return f'<div class="plot"><div class="scale">{scale}</div>{plot}</div>'


def sweep(points: Sequence[SweepPoint], chosen: float) -> str:
    """The measure against the student's weight, one line for each window; the weight in use is marked."""
    values = [point.value for point in points]
    low, high = min(values), max(values)
    low, high = low - 0.05 * (high - low) - 0.002, high + 0.05 * (high - low) + 0.002

    def place(point: SweepPoint) -> str:
        return f"{1000 * point.weight:.1f},{200 * (high - point.value) / (high - low):.1f}"

    lines, names = [], []
    for number, window in enumerate(dict.fromkeys(point.window for point in points)):
        mine = sorted((point for point in points if point.window == window), key=lambda point: point.weight)
        kind = f"line-of l{number % 6}"
        lines.append(f'<polyline class="{kind}" points="{" ".join(map(place, mine))}"/>')
        best = max(mine, key=lambda point: point.value)
        name = "all that was judged" if window is None else f"window {window}"
        key = _svg(40, 10, f'<path class="{kind}" d="M0 5H40"/>', "", "key")
        names.append(f"<span>{key} {name}: best {best.value:.3f} at {best.weight:.1f}</span>")
    lines.append(f'<path class="limit" d="M{1000 * chosen:.1f} 0V200"/>')
    plot = _svg(1000, 200, "".join(lines), "the measure at weights from 0 to 1", "tall")
    scale = f"<span>{high:.3f}</span><span>{low:.3f}</span>"
    below = "<span>0: words alone</span><span>the model's weight</span><span>1: meaning alone</span>"
    return (
        f'<div class="plot"><div class="scale">{scale}</div>{plot}<div class="below">{below}</div></div>'
        f'<p class="keys">{"".join(names)}</p>'
    )
