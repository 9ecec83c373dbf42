"""What a student should read of a product: nDCG@10 in the judged pool of two real shops, by text recipe.

    python benchmarks/text_recipes.py --datasets DATA [--model FOLDER] [--only title ...]

DATA holds ``chorus/`` and ``esci-us/`` as their owners publish them (``endcap datasets`` fetches them).
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from real_sets import judged_sets

from endcap.evaluate.measures import mean, parse, score
from endcap.plugin.model.folder import read_model
from endcap.plugin.model.student import Student
from endcap.plugin.model.text import TextRecipe

SHIPPED = ("title", "brand", "category", "description", "attributes")
BOTH = {"description": 200, "attributes": 150}
RECIPES: dict[str, TextRecipe] = {
    "title": TextRecipe(fields=("title",)),
    "title, brand, category, attributes, 64 tokens": TextRecipe(
        fields=("title", "brand", "category", "attributes"), max_product_tokens=64
    ),
    "+ description cut at 100 characters, 64": TextRecipe(
        fields=SHIPPED, max_chars={"description": 100}, max_product_tokens=64
    ),
    "+ description cut at 1,000 characters, 128": TextRecipe(fields=SHIPPED, max_product_tokens=128),
    "+ description of at most 200 or none, 64": TextRecipe(
        fields=SHIPPED, max_chars={"description": 200}, whole=("description",), max_product_tokens=64
    ),
    "+ attributes of at most 150 or none, 64 (shipped)": TextRecipe(
        fields=SHIPPED, max_chars=BOTH, whole=("description", "attributes"), max_product_tokens=64
    ),
}


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="a model folder (default: the shipped one)")
    parser.add_argument("--only", nargs="*", choices=list(RECIPES), help="these recipes alone")
    args = parser.parse_args()
    info, sets = read_model(args.model), judged_sets(args.datasets)
    print(f"{info.name}, {info.precision}")
    for name, recipe in RECIPES.items():
        if args.only and name not in args.only:
            continue
        prefixes = {"query_prefix": info.text.query_prefix, "product_prefix": info.text.product_prefix}
        student, started, means = Student(replace(info, text=replace(recipe, **prefixes))), time.perf_counter(), []
        for judged in sets:
            states = dict(zip(judged.products, student.encode(list(judged.products.values())), strict=True))
            rankings = {}
            for query, grades in judged.grades.items():
                ids = list(grades)
                scores = student.score(query, [states[product] for product in ids])
                rankings[query] = [ids[i] for i in np.argsort(-scores, kind="stable")]
            [values] = score(rankings, judged.grades, parse(["nDCG@10"])).values()
            means.append(f"{judged.name} {mean(values):.4f}")
        print(f"{name:<50} {'  '.join(means)}  ({time.perf_counter() - started:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
