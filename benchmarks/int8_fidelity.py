"""How near int8 scores stay to fp32, by how the model is quantised; on the judged products of two real shops.

    python benchmarks/int8_fidelity.py --datasets DATA [--queries 12] [--recipe default]

Needs the training side. Builds the recipe's model in fp32 and in int8 with several smoothings. Per query: the root mean
square of the scores' differences over the standard deviation of the fp32 scores, and Kendall's tau of the two orders;
means over queries.
"""

from __future__ import annotations

import argparse
import tempfile
from dataclasses import replace
from pathlib import Path

import numpy as np
from real_sets import JudgedSet, judged_sets
from scipy.stats import kendalltau

from endcap.distill.export.export import build_model
from endcap.distill.recipe.file import read_recipe
from endcap.plugin.model.student import Student

ALPHAS = (None, 0.35, 0.5, 0.7, 0.85, 1.0)


def main() -> None:
    """Build, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--queries", type=int, default=12, help="of each set (default 12)")
    parser.add_argument("--recipe", default="default")
    args = parser.parse_args()
    recipe, sets = read_recipe(args.recipe), judged_sets(args.datasets, args.queries)
    with tempfile.TemporaryDirectory() as folder:
        info = build_model(replace(recipe, precision="fp32"), Path(folder) / "fp32")
        exact = [scores(Student(info), judged) for judged in sets]
        for alpha in ALPHAS:
            info = build_model(replace(recipe, precision="int8"), Path(folder) / "int8", alpha=alpha)
            told = [
                f"{judged.name}: error {error:.3f}, tau {tau:.3f}"
                for judged, reference in zip(sets, exact, strict=True)
                for error, tau in [distance(reference, scores(Student(info), judged))]
            ]
            print(f"smoothing {alpha or 'none'!s:<5} {'   '.join(told)}", flush=True)


def scores(student: Student, judged: JudgedSet) -> list[np.ndarray]:
    """The scores of each query's judged products, float32 (n,)."""
    states = dict(zip(judged.products, student.encode(list(judged.products.values())), strict=True))
    return [student.score(query, [states[product] for product in grades]) for query, grades in judged.grades.items()]


def distance(exact: list[np.ndarray], found: list[np.ndarray]) -> tuple[float, float]:
    """Relative error and Kendall's tau, means over queries of at least three products."""
    pairs = [(a, b) for a, b in zip(exact, found, strict=True) if len(a) > 2]
    errors = [np.std((a - a.mean()) - (b - b.mean())) / np.std(a) for a, b in pairs]
    return float(np.mean(errors)), float(np.mean([kendalltau(a, b).statistic for a, b in pairs]))


if __name__ == "__main__":
    main()
