"""What a smaller state loses: nDCG@10 in the judged pool by number type and size, against the whole vector in float32.

    python benchmarks/state_precision.py --datasets DATA [--model FOLDER]

DATA holds two real shops as published, ``chorus/`` and ``esci-us/``. Products and queries are encoded once; the vectors
are then kept as each state would keep them. Prints the mean, the paired difference from float32 with its 95 % interval,
and the largest error of a cosine.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from endcap.evaluate.measures import mean, parse, score
from endcap.evaluate.significance import paired_difference
from endcap.index.judgments.reader import read_judgments
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.plugin.model.folder import read_model
from endcap.plugin.model.student import Student
from endcap.plugin.model.vector_states import cosines, pack, state_bytes, unit_vector

FILES = {
    "chorus": ("chorus", "chorus/Broad_Query_Set_rated.csv"),
    "esci": ("esci-us/ubi_ecommerce_products.json.gz", "esci-us/esci_us_judgments.json"),
}
KINDS = ("float32", "float16", "int8")
SIZES = (1.0, 2 / 3, 1 / 3)
"""Parts of the vector that are kept, the first numbers."""


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Judged products by id, and grades by query and id."""

    name: str
    products: Mapping[str, Product]
    grades: Mapping[str, Mapping[str, int]]


def main() -> None:
    """Encode, measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", type=Path, required=True)
    parser.add_argument("--model", type=Path, help="a model folder (default: the shipped one)")
    args = parser.parse_args()
    info = read_model(args.model)
    student = Student(replace(info, state_dtype="float32"))
    print(f"{info.name}, {info.precision}")
    for judged in judged_sets(args.datasets):
        products, queries = vectors(student, judged)
        exact = scores(products, queries, judged, "float32", 1.0)
        base = ndcg(exact, judged)
        for part in SIZES:
            for kind in KINDS:
                rounded = scores(products, queries, judged, kind, part)
                values = ndcg(rounded, judged)
                off = max(float(np.abs(rounded[query] - exact[query]).max()) for query in exact)
                size = round(part * len(next(iter(queries.values()))))
                state = f"{judged.name:<7} {kind:<8} {size:4} numbers {state_bytes(kind, size):5} bytes"
                change = paired_difference(values, base, names=("", ""), measure="nDCG@10")
                print(
                    f"{state}  nDCG@10 {mean(values):.4f}  {change.mean:+.4f} [{change.low:+.4f}, {change.high:+.4f}]  "
                    f"cosine off by {off:.4f} at most",
                    flush=True,
                )


def judged_sets(folder: Path) -> Iterator[JudgedSet]:
    """Both sets, with the products that their queries have grades for.

    Queries without a relevant product, or with all grades equal, are left out.
    """
    for name, (catalogue, judgments) in FILES.items():
        judged = read_judgments(folder / judgments).grades
        grades = {q: g for q, g in judged.items() if max(g.values()) > 0 and len(set(g.values())) > 1}
        ids = {product for of_query in grades.values() for product in of_query}
        yield JudgedSet(name, {p.id: p for p in read_products(folder / catalogue) if p.id in ids}, grades)


def vectors(student: Student, judged: JudgedSet) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Unit vectors of products by id and of queries, float32 (d,)."""
    states = student.encode(list(judged.products.values()))
    products = {name: np.frombuffer(state, "<f4") for name, state in zip(judged.products, states, strict=True)}
    model = student._model
    return products, {query: model._query_vector(student.info.text.query_prefix + query) for query in judged.grades}  # type: ignore[union-attr]


def scores(
    products: dict[str, np.ndarray], queries: dict[str, np.ndarray], judged: JudgedSet, kind: str, part: float
) -> dict[str, np.ndarray]:
    """Cosines of each query's judged products, float32 (n,), by states of that kind and size."""
    size = round(part * len(next(iter(queries.values()))))
    states = {name: pack(unit_vector(vector[:size]), kind) for name, vector in products.items()}
    return {
        query: cosines([states[product] for product in grades], unit_vector(queries[query][:size]), kind)
        for query, grades in judged.grades.items()
    }


def ndcg(cosines_by_query: dict[str, np.ndarray], judged: JudgedSet) -> dict[str, float]:
    """nDCG@10 by query."""
    rankings = {}
    for query, grades in judged.grades.items():
        ids = list(grades)
        rankings[query] = [ids[i] for i in np.argsort(-cosines_by_query[query], kind="stable")]
    [values] = score(rankings, judged.grades, parse(["nDCG@10"])).values()
    return values


if __name__ == "__main__":
    main()
