"""What a model is worth beside the engine and hybrid search, as a Markdown table: for the gate's files and the card."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

SYSTEMS: Mapping[str, str] = {
    "engine": "words alone (BM25)",
    "hybrid": "hybrid (BM25 and this student)",
    "old": "model before",
    "new": "this model",
}
TITLES: Mapping[str, str] = {
    "end to end": "As a shopper sees it: the whole catalogue is searched, and what nobody judged counts as irrelevant",
    "judged pool": "Judged products alone, put in order",
}


def figure_lines(figures: Mapping[str, Any]) -> Iterator[str]:
    """The tables of ``gate/figures.json``: a row a shop, one of all, and what this model has over each other."""
    for name, title in TITLES.items():
        table = figures.get(name)
        if not table:
            continue
        systems = [system for system in SYSTEMS if system in table["all"]["values"]]
        yield f"{title} ({figures['measure']}):"
        yield ""
        yield f"| | queries | {' | '.join(SYSTEMS[system] for system in systems)} |"
        yield f"|---|---|{'---|' * len(systems)}"
        rows = table["shops"] if len(table["shops"]) > 1 else {}
        for label, row in {**rows, "all": table["all"]}.items():
            values = " | ".join(f"{row['values'][system]:.3f}" for system in systems)
            yield f"| {label} | {row['queries']} | {values} |"
        gains = (table["gains"].get(system) for system in systems)
        cells = (f"{g['mean']:+.3f} [{g['low']:+.3f}, {g['high']:+.3f}]" if g else "" for g in gains)
        yield f"| this model has more by [95 %] | | {' | '.join(cells)} |"
        yield ""
