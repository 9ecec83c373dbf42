"""Plots as inline SVG, in units of the plot, so that they stretch with the page; words stand beside them in HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from endcap.evaluate.report_page import text
from endcap.evaluate.results import SweepPoint, SystemResult


def _svg(width: float, height: float, shapes: str, label: str, kind: str) -> str:
    return (
        f'<svg class="{kind}" viewBox="0 0 {width:g} {height:g}" preserveAspectRatio="none" role="img" '
        f'aria-label="{text(label)}">{shapes}</svg>'
    )


def bars(systems: Sequence[SystemResult], measure: str, ceiling: float | None) -> str:
    """A bar for each system's mean, with its 95 % interval, on a scale from 0 to 1."""
    rows = []
    for system in systems:
        value = system.means[measure]
        low, high = system.intervals[measure]
        shapes = (
            '<rect class="track" width="1000" height="24"/>'
            f'<rect class="bar {system.name}" width="{_across(value)}" height="24"/>'
            f'<path class="whisker" d="M{_across(low)} 12H{_across(high)}M{_across(low)} 6V18M{_across(high)} 6V18"/>'
        )
        if ceiling is not None and ceiling < 0.9995:
            shapes += f'<path class="ceiling" d="M{_across(ceiling)} 0V24"/>'
        plot = _svg(1000, 24, shapes, f"{system.label}: {value:.3f}, interval {low:.3f} to {high:.3f}", "bars")
        rows.append(f'<div class="barrow"><span>{text(system.label)}</span>{plot}<b>{value:.3f}</b></div>')
    return f'<div class="barrows">{"".join(rows)}</div>'


def _across(value: float) -> str:
    return f"{1000 * min(max(value, 0.0), 1.0):.1f}"


def differences(changes: Mapping[str, float]) -> str:
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
    plot = _svg(1000, 200, "".join(shapes), f"change of each of {len(ordered)} queries, sorted", "tall")
    scale = f"<span>{most:+.2f}</span><span>{least:+.2f}</span>".replace("-", "−").replace("+0.00", "0")
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
        kind = f"line l{number % 6}"
        lines.append(f'<polyline class="{kind}" points="{" ".join(map(place, mine))}"/>')
        best = max(mine, key=lambda point: point.value)
        name = "whole pool" if window is None else f"window {window}"
        key = _svg(40, 10, f'<path class="{kind}" d="M0 5H40"/>', "", "key")
        names.append(f"<span>{key} {name}: best {best.value:.3f} at {best.weight:.1f}</span>")
    lines.append(f'<path class="ceiling" d="M{1000 * chosen:.1f} 0V200"/>')
    plot = _svg(1000, 200, "".join(lines), "the measure at weights from 0 to 1", "tall")
    scale = f"<span>{high:.3f}</span><span>{low:.3f}</span>"
    below = "<span>0: engine alone</span><span>student's weight</span><span>1: student alone</span>"
    return (
        f'<div class="plot"><div class="scale">{scale}</div>{plot}<i></i><div class="below">{below}</div></div>'
        f'<p class="legend">{"".join(names)}</p>'
    )
