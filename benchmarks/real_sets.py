"""The two real shops that benchmarks measure on: a folder with ``chorus/`` and ``esci-us/`` as published."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from endcap.index.judgments.reader import read_judgments
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products

FILES = {
    "chorus": ("chorus", "chorus/Broad_Query_Set_rated.csv"),
    "esci": ("esci-us/ubi_ecommerce_products.json.gz", "esci-us/esci_us_judgments.json"),
}


@dataclass(frozen=True, slots=True)
class JudgedSet:
    """Judged products by id, and grades by query and id."""

    name: str
    products: Mapping[str, Product]
    grades: Mapping[str, Mapping[str, int]]


def judged_sets(folder: Path, queries: int | None = None) -> list[JudgedSet]:
    """Both sets, with the products that their (first ``queries``) queries have grades for.

    Queries without a relevant product, or with all grades equal, are left out.
    """
    sets = []
    for name, (catalogue, judgments) in FILES.items():
        every = read_judgments(folder / judgments).grades
        told = {q: g for q, g in every.items() if max(g.values()) > 0 and len(set(g.values())) > 1}
        grades = dict(list(told.items())[:queries])
        wanted = {product for judged in grades.values() for product in judged}
        products = {p.id: p for p in read_products(folder / catalogue) if p.id in wanted}
        sets.append(JudgedSet(name, products, grades))
    return sets
