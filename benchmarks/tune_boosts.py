"""Tune the multi-field BM25 that endcap compares itself with, and check it on OpenSearch.

    python benchmarks/tune_boosts.py --datasets DATA [--url http://localhost:9200] [--out table.json]

DATA has ``chorus/`` and ``esci-us/``. Settings of a ``multi_match`` (type, tie breaker, minimum_should_match, a boost
for each field) are drawn at random, the best are varied, and each is measured end to end: the top 10 of the whole
catalogue, unjudged products counted as 0, nDCG@10 with gain 2^g - 1, the ideal from all judged products, queries
without a relevant product left out. The setting to keep is the one with the best mean over both shops and both engines.
What tuning is worth is said by cross-validation over the queries: drawing, varying and choosing on four fifths of each
shop's queries, reporting on the fifth that was left out, five times.
"""

from __future__ import annotations

import argparse
import heapq
import json
import math
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from real_sets import FILES as SHOPS

from endcap.index import boosts
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.engine import Engine
from endcap.index.home import IndexSettings
from endcap.index.judgments import read_judgments
from endcap.index.open import open_engine
from endcap.index.readers import read_products

CUTOFF = 10
FOLDS = 5
FIELDS = ("title", "brand", "category", "attribute_text", "description")
BOOSTS = (0.0, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0)
TIES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.7, 1.0)
MINIMA = ("1", "2<50%", "2<60%", "2<75%", "2<-1", "100%")


@dataclass(frozen=True, slots=True)
class Setting:
    """One way to search several fields; the title's boost is 1 and the others are relative to it."""

    type: str = "best_fields"
    tie_breaker: float = 0.0
    minimum: str = "1"
    boosts: tuple[float, ...] = (1.0, 0.0, 0.0, 0.0, 0.0)

    def query(self, text: str) -> dict[str, Any]:
        """The clause to send."""
        fields = [f"{name}^{boost:g}" for name, boost in zip(FIELDS, self.boosts, strict=True) if boost]
        clause = {"query": text, "fields": fields, "type": self.type, "minimum_should_match": self.minimum}
        return {"multi_match": clause if self.type == "most_fields" else {**clause, "tie_breaker": self.tie_breaker}}


SHIPPED = Setting(
    boosts.TYPE,
    boosts.TIE_BREAKER,
    boosts.MINIMUM_SHOULD_MATCH,
    tuple(boosts.BOOSTS["attributes" if name == "attribute_text" else name] for name in FIELDS),
)
BASELINES = {
    "shipped (index/boosts.py)": SHIPPED,
    "title only": Setting(),
    "title, all words": Setting(minimum="100%"),
    "title^3, attributes, description, best_fields": Setting("best_fields", 0.0, "1", (1.0, 0.0, 0.0, 1 / 3, 1 / 3)),
    "the same, most_fields": Setting("most_fields", 1.0, "1", (1.0, 0.0, 0.0, 1 / 3, 1 / 3)),
    "all fields alike, best_fields": Setting("best_fields", 0.0, "1", (1.0,) * 5),
    "all fields alike, most_fields": Setting("most_fields", 1.0, "1", (1.0,) * 5),
    "all fields alike, cross_fields": Setting("cross_fields", 0.0, "1", (1.0,) * 5),
}


def ndcg(ranking: list[str], grades: Mapping[str, int]) -> float:
    """nDCG@10 with gain 2^g - 1 and discount log2(rank + 1) (Burges et al. 2005); the ideal: all judged products."""

    def dcg(gains: list[int]) -> float:
        return math.fsum((2.0**grade - 1) / math.log2(rank + 2) for rank, grade in enumerate(gains[:CUTOFF]))

    ideal = dcg(sorted(grades.values(), reverse=True))
    return dcg([grades.get(id, 0) for id in ranking]) / ideal


def measure(engine: Engine, grades: Mapping[str, Mapping[str, int]], setting: Setting) -> np.ndarray:
    """The nDCG of each query, float64 (queries,)."""
    values = []
    for query, judged in grades.items():
        body = {"query": setting.query(query), "size": CUTOFF, "_source": False, "track_total_hits": False}
        hits = engine.search(index=engine.index, body=body)["hits"]["hits"]
        values.append(ndcg([hit["_id"] for hit in hits], judged))
    return np.array(values)


def drawn(rng: random.Random) -> Setting:
    """A setting at random; the simplest type is drawn as often as the other two together."""
    kind = rng.choice(["best_fields", "best_fields", "most_fields", "cross_fields"])
    weights = (1.0, *(rng.choice(BOOSTS) for _ in FIELDS[1:]))
    return Setting(kind, 1.0 if kind == "most_fields" else rng.choice(TIES), rng.choice(MINIMA), weights)


def varied(setting: Setting, rng: random.Random) -> Setting:
    """The setting with one part moved a step."""
    part = rng.choice(["tie", "minimum", *range(1, len(FIELDS)), *range(1, len(FIELDS))])
    if part == "tie":
        return (
            setting
            if setting.type == "most_fields"
            else replace(setting, tie_breaker=step(TIES, setting.tie_breaker, rng))
        )
    if part == "minimum":
        return replace(setting, minimum=rng.choice(MINIMA))
    weights = list(setting.boosts)
    weights[int(part)] = step(BOOSTS, weights[int(part)], rng)
    return replace(setting, boosts=tuple(weights))


def step(scale: tuple[float, ...], value: float, rng: random.Random) -> float:
    nearest = min(range(len(scale)), key=lambda n: abs(scale[n] - value))
    place = nearest + rng.choice([-1, 1])
    return scale[min(max(place, 0), len(scale) - 1)]


Score = Callable[[Setting], float]


def tuned(first: list[Setting], n_varied: int, score: Score, seed: int) -> list[Setting]:
    """The settings tried, best first: those given, and variations of the best eight so far."""
    rng = random.Random(seed)
    scores = {setting: score(setting) for setting in first}
    for _ in range(n_varied):
        best = heapq.nlargest(8, scores, key=scores.__getitem__)
        setting = varied(rng.choice(best), rng)
        scores[setting] = score(setting)
    return sorted(scores, key=scores.__getitem__, reverse=True)


def row(name: str, values: Mapping[str, float]) -> str:
    return f"| {name} | " + " | ".join(f"{value:.3f}" for value in values.values()) + " |"


def described(setting: Setting) -> str:
    fields = ", ".join(f"{name}^{boost:g}" for name, boost in zip(FIELDS, setting.boosts, strict=True) if boost)
    tie = "" if setting.type == "most_fields" else f" tie {setting.tie_breaker:g}"
    return f"{setting.type}{tie} min {setting.minimum}: {fields}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--url", default="", help="an OpenSearch to check the best settings on")
    parser.add_argument("--drawn", type=int, default=400, help="settings drawn at random")
    parser.add_argument("--varied", type=int, default=300, help="variations of the best")
    parser.add_argument("--checked", type=int, default=30, help="settings measured on OpenSearch, too")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path, help="write everything measured here, as JSON")
    options = parser.parse_args()
    rng = random.Random(options.seed)
    home = tempfile.TemporaryDirectory(prefix="endcap-tune-")
    os.environ["ENDCAP_HOME"] = home.name

    engines: dict[str, dict[str, Engine]] = {"embedded": {}, "opensearch": {}}
    grades = {}
    for shop, (catalogue, judgments) in SHOPS.items():
        judged = read_judgments(options.datasets / judgments).grades
        grades[shop] = {query: of for query, of in judged.items() if any(of.values())}
        engines["embedded"][shop] = EmbeddedEngine(f"endcap-tune-{shop}")
        if options.url:
            settings = IndexSettings(f"endcap-tune-{shop}", "opensearch", options.url)
            engines["opensearch"][shop] = open_engine(settings)
        for kind in engines.values():
            if shop in kind:
                report = kind[shop].load(read_products(options.datasets / catalogue))
                print(f"{shop}: {report.loaded:,} products, {len(grades[shop])} queries", file=sys.stderr)

    measured: dict[Setting, dict[str, np.ndarray]] = {}

    def mean_over(chosen: Mapping[str, np.ndarray]) -> Score:
        def score(setting: Setting) -> float:
            if setting not in measured:
                measured[setting] = {shop: measure(engines["embedded"][shop], grades[shop], setting) for shop in SHOPS}
            return float(np.mean([measured[setting][shop][chosen[shop]].mean() for shop in SHOPS]))

        return score

    began = time.monotonic()
    every = {shop: np.full(len(grades[shop]), True) for shop in SHOPS}
    for setting in BASELINES.values():
        mean_over(every)(setting)
    # The shipped setting was chosen on these queries: it must not take part in the cross-validation.
    first = [*(s for s in BASELINES.values() if s != SHIPPED), *(drawn(rng) for _ in range(options.drawn))]
    ranked = tuned(first, options.varied, mean_over(every), options.seed)
    print(f"{len(measured)} settings in {time.monotonic() - began:.0f} s", file=sys.stderr)

    shuffle = np.random.default_rng(options.seed)
    folds = {shop: shuffle.permutation(len(grades[shop])) % FOLDS for shop in SHOPS}
    held_out = {shop: np.zeros(len(grades[shop])) for shop in SHOPS}
    for n in range(FOLDS):
        best = tuned(first, options.varied, mean_over({shop: folds[shop] != n for shop in SHOPS}), options.seed)[0]
        print(f"fold {n}: {described(best)}, {time.monotonic() - began:.0f} s", file=sys.stderr)
        for shop in SHOPS:
            held_out[shop][folds[shop] == n] = measured[best][shop][folds[shop] == n]

    table = {s: {f"{shop}, embedded": float(measured[s][shop].mean()) for shop in SHOPS} for s in measured}
    candidates = ranked[: options.checked] + [s for s in BASELINES.values() if s not in ranked[: options.checked]]
    if options.url:
        for setting in candidates:
            for shop, engine in engines["opensearch"].items():
                table[setting][f"{shop}, OpenSearch"] = float(measure(engine, grades[shop], setting).mean())
        for engine in engines["opensearch"].values():
            engine.client.indices.delete(index=f"{engine.index}-*")  # type: ignore[attr-defined]
    chosen = max(ranked[: options.checked], key=lambda s: float(np.mean(list(table[s].values()))))

    print("| setting | " + " | ".join(table[chosen]) + " |")
    print("|---" * (1 + len(table[chosen])) + "|")
    for name, setting in BASELINES.items():
        print(row(name, table[setting]))
    print(row("tuned, cross-validated", {shop: values.mean() for shop, values in held_out.items()}))
    for setting in sorted(ranked[: options.checked], key=lambda s: -float(np.mean(list(table[s].values())))):
        print(row(("**chosen** " if setting == chosen else "") + described(setting), table[setting]))
    if options.out:
        rows = [{"setting": described(s), **table[s]} for s in ranked]
        options.out.write_text(json.dumps(rows, indent=1))
    home.cleanup()


if __name__ == "__main__":
    main()
