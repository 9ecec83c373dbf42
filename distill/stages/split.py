"""Splits judged queries into train, dev and test, and into folds; keeps test queries out of the rest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from endcap.distill.leaks.guard import LeakGuard, normal_form
from endcap.distill.recipe.settings import JudgedPairsRecipe, Recipe, ShopRecipe
from endcap.distill.work.files import write_table
from endcap.distill.work.folder import Work
from endcap.distill.work.records import DEV, TEST, TRAIN
from endcap.errors import InputError
from endcap.index.fields import FieldMap
from endcap.index.judgments.judgments import Votes
from endcap.index.judgments.reader import read_judgments
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.progress import Watch

PRODUCTS = pa.schema([("shop", pa.string()), ("id", pa.string()), ("product", pa.string())])
JUDGED = pa.schema(
    [
        ("shop", pa.string()),
        ("query", pa.string()),
        ("product_id", pa.string()),
        ("grade", pa.int8()),
        ("part", pa.string()),
        ("fold", pa.int8()),
        ("votes", pa.list_(pa.float32())),
    ]
)
REFUSED = pa.schema([("query", pa.string()), ("because", pa.string())])
LISTED = pa.schema([("query", pa.string())])


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``products``, ``judged``, ``pairs``, ``refused`` and ``listed`` as parquet.

    Raises ``InputError`` where nothing is judged, or where the judgments can't teach anything.
    """
    if not recipe.shops:
        raise InputError(f"The recipe {recipe.name!r} has no [[shops]]: name a catalogue and its judgments.")
    products, graded, votes = {}, {}, {}
    for shop in recipe.shops:
        products[shop.name] = _products(recipe, shop, watch)
        graded[shop.name], votes[shop.name] = _grades(recipe, shop, products[shop.name])
    measured = {part: [*_queries_of(part, recipe, graded), *_listed(recipe)] for part in (TEST, DEV)}
    # A test query's near-duplicate is let into neither of the other parts, a dev query's not into training.
    guards = {TEST: LeakGuard([]), DEV: LeakGuard(measured[TEST]), TRAIN: LeakGuard([*measured[TEST], *measured[DEV]])}
    judged, pairs, refused = list[dict[str, Any]](), list[dict[str, Any]](), list[dict[str, Any]]()
    for name, queries in graded.items():
        for query, grades in queries.items():
            part = part_of(query, recipe)
            because = guards[part].refuses(query)
            if because:
                refused.append({"query": query, "because": because})
            else:
                judged += _rows(name, query, grades, part, recipe, votes[name].get(query))
    for source in recipe.judged_pairs:
        found = _products(recipe, source, watch)
        grades_of, votes_of = _grades(recipe, source, found)
        used = set[str]()
        for query, grades in grades_of.items():
            because = guards[TRAIN].refuses(query)
            if because:
                refused.append({"query": query, "because": because})
            else:
                pairs += _rows(source.name, query, grades, TRAIN, recipe, votes_of.get(query))
                used |= set(grades)
        products[source.name] = {each: found[each] for each in sorted(used)}
    _check(recipe, judged)
    folder = work.stage("split")
    write_table(folder / "judged.parquet", JUDGED, judged)
    write_table(folder / "pairs.parquet", JUDGED, pairs)
    write_table(folder / "refused.parquet", REFUSED, refused)
    write_table(folder / "listed.parquet", LISTED, [{"query": query} for query in _listed(recipe)])
    rows = [product_row(shop, each) for shop, found in products.items() for each in found.values()]
    write_table(folder / "products.parquet", PRODUCTS, rows)


def product_row(shop: str, product: Product) -> dict[str, str]:
    """A product as ``products.parquet`` holds it."""
    said = json.dumps(product.to_mapping(), ensure_ascii=False)
    if not said.isascii() and any("\ud800" <= c <= "\udfff" for c in said):
        said = json.dumps(product.to_mapping())  # half a surrogate pair has no UTF-8, but can be escaped
    return {"shop": shop, "id": product.id, "product": said}


def part_of(query: str, recipe: Recipe) -> str:
    """Train, dev or test, by the query's normal form and the seed alone: new judgments do not move old ones."""
    drawn = _drawn("part", query, recipe.seed)
    if drawn < recipe.split.test:
        return TEST
    return DEV if drawn < recipe.split.test + recipe.split.dev * (1 - recipe.split.test) else TRAIN


def fold_of(query: str, recipe: Recipe) -> int:
    """The fold, 0 to ``split.folds`` - 1, by the query's normal form and the seed alone."""
    return int(_drawn("fold", query, recipe.seed) * recipe.split.folds)


def _drawn(what: str, query: str, seed: int) -> float:
    """A number in [0, 1) that looks random but is always the same for a query."""
    hashed = hashlib.sha256(f"{what}\0{seed}\0{normal_form(query)}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(hashed[:6]) / 2**48


def _rows(
    shop: str, query: str, grades: Mapping[str, int], part: str, recipe: Recipe, votes: Mapping[str, Votes] | None
) -> Iterator[dict[str, Any]]:
    same = {"shop": shop, "query": query, "part": part, "fold": fold_of(query, recipe)}
    for product, grade in grades.items():
        yield same | {"product_id": product, "grade": grade, "votes": (votes or {}).get(product)}


def _products(recipe: Recipe, shop: ShopRecipe | JudgedPairsRecipe, watch: Watch) -> dict[str, Product]:
    path = recipe.path(shop.catalogue)
    with watch(f"Reading {shop.name}", None) as advance:
        found = dict[str, Product]()
        for n, product in enumerate(read_products(path, shop.format or None, FieldMap.parse(shop.fields)), 1):
            found[product.id] = product
            advance(n)
    if not found:
        raise InputError(f"{path}: the catalogue of {shop.name!r} is empty. There is nothing to learn from.")
    return found


def _grades(
    recipe: Recipe, shop: ShopRecipe | JudgedPairsRecipe, products: Mapping[str, Product]
) -> tuple[dict[str, dict[str, int]], Mapping[str, Mapping[str, Votes]]]:
    """Grades of products that are in the catalogue, and votes where several people gave some. Raises ``InputError``
    where no judged product is in the catalogue."""
    if not shop.judgments:
        return {}, {}
    format = f"esci:{shop.locale}" if isinstance(shop, JudgedPairsRecipe) and shop.locale else None
    path = recipe.path(shop.judgments)
    told = read_judgments(path, format if path.suffix == ".parquet" else None)
    grades = {
        query: {product: grade for product, grade in judged.items() if product in products}
        for query, judged in told.grades.items()
    }
    if not any(grades.values()):
        some = [product for judged in told.grades.values() for product in judged][:3]
        raise InputError(
            f"{path}: none of the judged products is in the catalogue of {shop.name!r} (judged: {', '.join(some)}; "
            f"in the catalogue: {', '.join(list(products)[:3])}). Check that both use the same ids."
        )
    return {query: judged for query, judged in grades.items() if judged}, told.votes


def _queries_of(part: str, recipe: Recipe, graded: Mapping[str, Mapping[str, object]]) -> list[str]:
    return [query for queries in graded.values() for query in queries if part_of(query, recipe) == part]


def _listed(recipe: Recipe) -> list[str]:
    name = recipe.split.test_queries
    if not name:
        return []
    return [line for line in Path(recipe.path(name)).read_text(encoding="utf-8").splitlines() if line.strip()]


def _check(recipe: Recipe, judged: list[dict[str, Any]]) -> None:
    queries = {(row["shop"], row["query"]) for row in judged if row["part"] == TRAIN}
    if len(queries) < 2:
        raise InputError(
            f"{len(queries)} judged queries are left to train on; it takes at least 2, and hundreds to be of use. "
            "Judge more queries, or lower split.test and split.dev."
        )
    grades = {row["grade"] for row in judged}
    if len(grades) == 1:
        raise InputError(
            f"All judged products have grade {grades.pop()}: nothing can be learnt from judgments that are all alike. "
            "Judge some that are bad (0) and some that are right (3)."
        )
    grades_of: dict[tuple[str, str], set[int]] = {}
    for row in judged:
        if row["part"] == TRAIN:
            grades_of.setdefault((row["shop"], row["query"]), set()).add(row["grade"])
    if all(len(found) == 1 for found in grades_of.values()):
        raise InputError(
            f"None of the {len(grades_of)} training queries has products of two grades, so no product is better than "
            "another. Judge for each query some that are bad (0) as well: what the engine finds and nobody wants."
        )
