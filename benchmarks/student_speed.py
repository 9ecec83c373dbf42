"""How fast a student scores, reads and loads, on one thread; ``peers/`` sets it beside other systems.

    python benchmarks/student_speed.py --rounds 5 --json speed.json

Rounds are interleaved; medians are printed.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from endcap.demo.catalogue import products
from endcap.plugin import Student
from endcap.plugin.model.cpu import cpu_features, cpu_name

PRODUCTS = 100
QUERIES = (f"wireless headphones with noise cancelling {n}" for n in itertools.count(100))
"""Never the same query twice: the student remembers the vectors of recent ones."""


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="interleaved rounds (default 5)")
    parser.add_argument("--json", type=Path, help="write the figures to this file")
    parser.add_argument("--model", type=Path, help="a model folder (default: the shipped one)")
    args = parser.parse_args()
    figures = measure(args.rounds, args.model)
    for name, value in figures.items():
        print(f"{name:<32} {value}")
    if args.json:
        args.json.write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")


def measure(rounds: int, model: Path | None = None) -> dict[str, Any]:
    """Medians in milliseconds, and ratios."""
    student = Student.load(model, threads=1)
    chosen = list(products())[::37][:PRODUCTS]
    texts = [student.text(product) for product in chosen]
    states = student.encode(chosen)
    work: dict[str, Callable[[], object]] = {
        "student": lambda: student.score(next(QUERIES), states),
        "student_1000": lambda: student.score(next(QUERIES), states * 10),
        "encode_100": lambda: student.encode(chosen),
    }
    rows: dict[str, list[float]] = {name: [] for name in work}
    for run in work.values():
        run()
    for _ in range(rounds):
        for name, run in work.items():
            repeats = 20 if name.startswith("student") else 1
            started = time.perf_counter()
            for _ in range(repeats):
                run()
            rows[name].append((time.perf_counter() - started) / repeats * 1000)
    medians = {f"{name}_ms": round(statistics.median(values), 3) for name, values in rows.items()}
    return {
        **medians,
        "student_1000_over_100": round(medians["student_1000_ms"] / medians["student_ms"], 2),
        "load_to_first_score_s": round(cold_start(), 3),
        "model": f"{student.info.name}, {student.info.precision}",
        "products": PRODUCTS,
        "median_words_a_product": statistics.median(len(text.split()) for text in texts),
        "cpu": f"{cpu_name()} ({', '.join(cpu_features())})",
        "python": platform.python_version(),
    }


def cold_start() -> float:
    """Seconds from ``Student.load()`` to the first score, in a fresh process, without the interpreter's own start."""
    code = (
        "import time; t = time.perf_counter(); from endcap.plugin import Student;"
        "Student.load().score('a', ['b'] * 10); print(time.perf_counter() - t)"
    )
    command = [sys.executable, "-P", "-c", code]
    return statistics.median(float(subprocess.check_output(command, text=True)) for _ in range(3))


if __name__ == "__main__":
    main()
