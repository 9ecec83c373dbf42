"""Splits judged queries into train, dev and test, and into folds; keeps test queries out of the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.recipe.settings import Recipe
from endcap.distill.stages.split.draw import drawn_number
from endcap.distill.stages.split.shop_data import ShopData, judged_pairs_data, shop_data
from endcap.distill.work.files import PAIR_COLUMNS, json_line, write_rows
from endcap.distill.work.folder import Work
from endcap.distill.work.records import DEV, TEST, TRAIN
from endcap.errors import InputError
from endcap.index.judgments.judgments import Votes
from endcap.index.product import Product
from endcap.progress import Watch

PRODUCTS = pa.schema([("shop", pa.string()), ("id", pa.string()), ("product", pa.string())])
VOTES = pa.list_(pa.float32())
JUDGED = pa.schema(
    [*PAIR_COLUMNS, ("grade", pa.float64()), ("part", pa.string()), ("fold", pa.int8()), ("votes", VOTES)]
)
REFUSED = pa.schema([("query", pa.string()), ("because", pa.string())])
LISTED = pa.schema([("query", pa.string())])
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Query:
    """A judged query that was let in."""

    shop: str
    query: str
    grades: Mapping[str, float]
    part: str
    votes: Mapping[str, Votes]

    def rows(self, recipe: Recipe) -> Iterator[Row]:
        """Its judgments as ``judged.parquet`` holds them."""
        same = {"shop": self.shop, "query": self.query, "part": self.part, "fold": query_fold(self.query, recipe)}
        for product, grade in self.grades.items():
            yield same | {"product_id": product, "grade": grade, "votes": self.votes.get(product)}


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``products``, ``judged``, ``pairs``, ``refused`` and ``listed`` as parquet.

    Raises ``InputError`` where nothing is judged, or where the judgments can't teach anything.
    """
    if not recipe.shops:
        raise InputError(f"The recipe {recipe.name!r} has no [[shops]]: name a catalogue and its judgments.")
    # What the shops have, and who is measured on.
    shops = {shop.name: shop_data(recipe, shop, watch) for shop in recipe.shops}
    listed = _listed(recipe)
    measured = {
        part: [*(query for shop in shops.values() for query in shop.queries(part)), *listed] for part in (TEST, DEV)
    }
    # A test query's near-duplicate is let into neither of the other parts, a dev query's not into training.
    guards = {TEST: LeakGuard([]), DEV: LeakGuard(measured[TEST]), TRAIN: LeakGuard([*measured[TEST], *measured[DEV]])}
    # Judged queries, each in its part.
    refused = list[Row]()
    judged = [query for name, shop in shops.items() for query in _admitted(name, shop, guards, refused)]
    products = {name: shop.products for name, shop in shops.items()}
    # Judged pairs that are no ranking: train alone, and of their catalogue only what is judged.
    pairs = list[_Query]()
    for source in recipe.judged_pairs:
        data = judged_pairs_data(recipe, source, watch)
        admitted = list(_admitted(source.name, data, guards, refused))
        pairs += admitted
        products[source.name] = {
            id: data.products[id] for id in sorted({id for query in admitted for id in query.grades})
        }
    _check(judged)
    folder = work.stage("split")
    write_rows(folder / "judged.parquet", JUDGED, (row for query in judged for row in query.rows(recipe)))
    write_rows(folder / "pairs.parquet", JUDGED, (row for query in pairs for row in query.rows(recipe)))
    write_rows(folder / "refused.parquet", REFUSED, refused)
    write_rows(folder / "listed.parquet", LISTED, ({"query": query} for query in listed))
    rows = (product_row(shop, product) for shop, of_shop in products.items() for product in of_shop.values())
    write_rows(folder / "products.parquet", PRODUCTS, rows)


def _admitted(name: str, shop: ShopData, guards: Mapping[str, LeakGuard], refused: list[Row]) -> Iterator[_Query]:
    """Queries that their part's guard lets in; the others go to ``refused``."""
    for query, grades in shop.grades.items():
        part = shop.parts[query]
        because = guards[part].refuses(query)
        if because:
            refused.append({"query": query, "because": because})
        else:
            yield _Query(name, query, grades, part, shop.votes.get(query, {}))


def product_row(shop: str, product: Product) -> dict[str, str]:
    """A product as ``products.parquet`` holds it."""
    return {"shop": shop, "id": product.id, "product": json_line(product.to_mapping())}


def query_fold(query: str, recipe: Recipe) -> int:
    """The fold, 0 to ``split.folds`` - 1, by the query's normal form and the seed alone."""
    return int(drawn_number("fold", query, recipe.seed) * recipe.split.folds)


def _listed(recipe: Recipe) -> list[str]:
    name = recipe.split.test_queries
    if not name:
        return []
    return [line for line in Path(recipe.path(name)).read_text(encoding="utf-8").splitlines() if line.strip()]


def _check(judged: Sequence[_Query]) -> None:
    grades_of = [set(query.grades.values()) for query in judged if query.part == TRAIN]
    if len(grades_of) < 2:
        raise InputError(
            f"{len(grades_of)} judged queries are left to train on; it takes at least 2, and hundreds to be of use. "
            "Judge more queries, or lower split.test and split.dev."
        )
    grades = {grade for query in judged for grade in query.grades.values()}
    if len(grades) == 1:
        raise InputError(
            f"All judged products have grade {grades.pop():g}: nothing can be learnt from judgments that are all "
            "alike. Judge some that are bad (0) and some that are right (3)."
        )
    if all(len(grades) == 1 for grades in grades_of):
        raise InputError(
            f"None of the {len(grades_of)} training queries has products of two grades, so no product is better than "
            "another. Judge for each query some that are bad (0) as well: what the engine finds and nobody wants."
        )
