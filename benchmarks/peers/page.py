"""Puts a run's figures into docs/performance.md: ``python benchmarks/peers/page.py build/bench/bench.json``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import report

PAGE = Path(__file__).resolve().parents[2] / "docs" / "performance.md"
BEGIN, END = "<!-- make bench -->", "<!-- end -->"


def written(page: str, figures: dict[str, object]) -> str:
    """The page with the figures between its two marks."""
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    return f"{before}{BEGIN}\n\n{report.markdown(figures)}\n{END}{after}"


if __name__ == "__main__":
    figures = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    PAGE.write_text(written(PAGE.read_text(encoding="utf-8"), figures), encoding="utf-8")
    PAGE.with_name("performance.svg").write_text(report.svg(figures), encoding="utf-8")
