"""The figures of a run as Markdown and as a plot; needs nothing but what ``run.py`` has written."""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from typing import Any

PEERS_INT8 = ("st_int8", "fastembed", "flashrank")
VNNI = {"avx_vnni", "avx512_vnni", "amx_int8"}


def ratios(figures: Mapping[str, Any]) -> list[tuple[str, float, float, bool]]:
    """What the runtime is held to: (what, ratio, target, whether more is better)."""
    ms, fast = figures["reranking"]["ms"], figures["reranking"]["times_as_fast"]
    best = max(fast[name] for name in PEERS_INT8)
    vnni = bool(VNNI & set(figures["machine"]["features"]))
    rows = [
        ("student, 100 products: times as fast as torch's cross-encoder", fast["student"], 300, True),
        ("student, 1,000 products: times the time of 100", ms["student_1000"] / ms["student"], 1.5, False),
        (
            "a query's encoding: times as fast as torch's",
            figures["reranking"]["query"]["times_as_fast"]["student_query"],
            3,
            True,
        ),
        (
            "endcap's cross-encoder: times as fast as torch's",
            fast["cross_int8"] if vnni else max(fast["cross_int8"], fast["cross_fp32"]),
            4.5 if vnni else 2.2,
            True,
        ),
    ]
    if vnni:
        rows.append(
            ("endcap's cross-encoder: times as fast as the best int8 peer", fast["cross_int8"] / best, 1.9, True)
        )
    reading = figures["reading"]["times_as_fast"]["student_reading"]
    rows.append(("reading products: times as fast as torch's encoding", reading, 2, True))
    return rows


def markdown(figures: Mapping[str, Any]) -> str:
    """Tables: who takes how long, what that is in ratios, how far from the machine's limit."""
    rerank, machine, reading = figures["reranking"], figures["machine"], figures["reading"]
    lines = [
        f"{machine['cpu']} ({', '.join(machine['features'])}), load {machine['load']} at the start; {machine['date']}, "
        f"{rerank['rounds']} interleaved rounds. Student: {rerank['model']}, {rerank['state_bytes']} bytes a product. "
        f"{rerank['products']} products of {rerank['tokens']} tokens in the mean; queries of {rerank['query_tokens']} "
        "tokens with their prompt, each a new one, split into tokens within the time.",
        "",
        f"| re-ranking {rerank['products']} products, one thread | ms, median | least | times as fast |",
        "|---|---|---|---|",
        *(
            f"| {rerank['labels'][name]} | {_number(rerank['ms'][name])} | {_number(rerank['least_ms'][name])} "
            f"| {_number(fast)} |"
            for name, fast in rerank["times_as_fast"].items()
        ),
        "",
        "| a query's encoding, one thread | ms, median | least | times as fast |",
        "|---|---|---|---|",
        *(
            f"| {rerank['query']['labels'][name]} | {_number(rerank['query']['ms'][name])} "
            f"| {_number(rerank['query']['least_ms'][name])} | {_number(fast)} |"
            for name, fast in rerank["query"]["times_as_fast"].items()
        ),
        "",
        f"| reading in advance, {reading['threads']} threads | products/s | hours for 1,000,000 | times as fast |",
        "|---|---|---|---|",
        *(
            f"| {reading['labels'][name]} | {_number(rate)} | {_number(1e6 / rate / 3600)} | {_number(fast)} |"
            for name, fast in reading["times_as_fast"].items()
            for rate in [1e3 * reading["products"] / reading["ms"][name]]
        ),
        "",
        "| what we hold ourselves to | found | target | |",
        "|---|---|---|---|",
        *(
            f"| {claim} | {_number(value)} | {'at least' if more else 'at most'} {target:g} | "
            f"{'met' if (value >= target) == more or value == target else '**missed**'} |"
            for claim, value, target, more in ratios(figures)
        ),
        "",
        *_limits(rerank),
        "",
        f"Versions: {', '.join(f'{name} {number}' for name, number in machine['versions'].items())}.",
    ]
    return "\n".join(lines) + "\n"


def _limits(rerank: Mapping[str, Any]) -> list[str]:
    limits = rerank["limits"]
    rows = [
        ("endcap, cross-encoder int8", limits["cross_gop"], rerank["ms"]["cross_int8"], limits["int8_gops"]),
        ("endcap, cross-encoder fp32", limits["cross_gop"], rerank["ms"]["cross_fp32"], limits["fp32_gflops"]),
        ("endcap, a query", limits["query_gop"], rerank["query"]["ms"]["student_query"], limits["int8_gops"]),
    ]
    return [
        f"| one core's limit: {limits['fp32_gflops']:.0f} GFLOP/s fp32, {limits['int8_gops']:.0f} GOP/s int8 "
        "| 1e9 operations needed | 1e9 a second | share of the limit |",
        "|---|---|---|---|",
        *(
            f"| {name} | {_number(work)} | {_number(1e3 * work / ms)} | {100e3 * work / ms / limit:.0f} % |"
            for name, work, ms, limit in rows
        ),
    ]


def svg(figures: Mapping[str, Any]) -> str:
    """A bar for each system on a logarithmic scale of milliseconds; ours in blue."""
    rerank = figures["reranking"]
    ms = {name: value for name, value in rerank["ms"].items() if name != "student_1000"}
    low = 10 ** math.floor(math.log10(min(ms.values())))
    high = 10 ** math.ceil(math.log10(max(ms.values())))
    height = 34 * len(ms) + 60

    def across(value: float) -> float:
        return 250 + 400 * math.log10(value / low) / math.log10(high / low)

    shapes = []
    tick = low
    while tick <= high:
        x = across(tick)
        shapes.append(f'<path class="rule" d="M{x:.1f} 30V{height - 26}"/>')
        shapes.append(f'<text class="quiet" x="{x:.1f}" y="{height - 8}" text-anchor="middle">{tick:g} ms</text>')
        tick *= 10
    for place, (name, value) in enumerate(ms.items()):
        y, kind = 34 + 34 * place, "ours" if rerank["labels"][name].startswith("endcap") else "theirs"
        shapes.append(f'<text x="240" y="{y + 16}" text-anchor="end">{html.escape(rerank["labels"][name])}</text>')
        shapes.append(f'<rect class="{kind}" x="250" y="{y}" width="{across(value) - 250:.1f}" height="22"/>')
        shapes.append(f'<text x="{across(value) + 6:.1f}" y="{y + 16}">{_number(value)}</text>')
    title = f"Re-ranking {rerank['products']} products, one thread"
    style = (
        "text{font:13px system-ui,sans-serif;fill:#1d2126}.quiet{fill:#5a626c;font-size:12px}.rule{stroke:#dde0e4}"
        ".ours{fill:#0072b2}.theirs{fill:#8a929c}.paper{fill:#fcfcfa}"
        "@media (prefers-color-scheme:dark){text{fill:#e8eaed}.quiet{fill:#a3abb5}.rule{stroke:#333a41}"
        ".ours{fill:#4aa8e0}.theirs{fill:#98a1ab}.paper{fill:#14171a}}"
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 720 {height}" role="img" aria-label="{title}">'
        f'<style>{style}</style><rect class="paper" width="720" height="{height}"/>'
        f'<text x="14" y="20" font-weight="600">{title}</text>{"".join(shapes)}</svg>\n'
    )


def _number(value: float) -> str:
    """Three digits: 1,148 but 12.3 and 0.456."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
