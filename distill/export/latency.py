"""What a search costs with a model, on this machine: for its card."""

from __future__ import annotations

import statistics
import time
from pathlib import Path
from typing import Any

from endcap.plugin.model.cpu import cpu_name
from endcap.plugin.model.folder import ModelInfo
from endcap.plugin.model.student import Student

TEXTS = Path(__file__).with_name("calibration.txt")
PRODUCTS = 100
ROUNDS = 15


def measure_latency(info: ModelInfo) -> dict[str, Any]:
    """Milliseconds of one thread to read a product, and, as medians of new queries, to score 1 and 100 products.

    Those products were read in advance: a score of one is, nearly, a query's encoding.
    """
    student, texts = Student(info, threads=1), TEXTS.read_text(encoding="utf-8").splitlines()[:PRODUCTS]
    start = time.perf_counter()
    states = student.encode(texts)
    read_ms = 1e3 * (time.perf_counter() - start) / len(texts)
    times: dict[int, list[float]] = {1: [], len(states): []}
    for n in range(2 * ROUNDS):
        count = (1, len(states))[n % 2]
        query = f"{texts[n % len(texts)][:30]} {n}"
        start = time.perf_counter()
        student.score(query, states[:count])
        times[count].append(1e3 * (time.perf_counter() - start))
    return {
        "cpu": cpu_name(),
        "threads": 1,
        "products": len(states),
        "query_and_1_product_ms": round(statistics.median(times[1]), 3),
        "query_and_products_ms": round(statistics.median(times[len(states)]), 3),
        "read_a_product_ms": round(read_ms, 3),
    }
