"""Splits judged queries into train, dev and test, and into folds; keeps test queries out of the rest."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.leaks.normal_form import normal_form
from endcap.distill.recipe.settings import JudgedPairsRecipe, Recipe, ShopRecipe
from endcap.distill.work.files import PAIR_COLUMNS, json_line, write_rows
from endcap.distill.work.folder import Work
from endcap.distill.work.records import DEV, TEST, TRAIN
from endcap.errors import InputError
from endcap.index.judgments.id_match import match_ids
from endcap.index.judgments.judgments import Votes, votes_of, whole
from endcap.index.judgments.reader import read_judgments
from endcap.index.product import Product
from endcap.index.readers.reading import Reading
from endcap.progress import Watch

PRODUCTS = pa.schema([("shop", pa.string()), ("id", pa.string()), ("product", pa.string())])
VOTES = pa.list_(pa.float32())
JUDGED = pa.schema([*PAIR_COLUMNS, ("grade", pa.int8()), ("part", pa.string()), ("fold", pa.int8()), ("votes", VOTES)])
REFUSED = pa.schema([("query", pa.string()), ("because", pa.string())])
LISTED = pa.schema([("query", pa.string())])
Row = dict[str, Any]
LOG = logging.getLogger("endcap.distill")


def run(recipe: Recipe, work: Work, watch: Watch) -> None:
    """Write ``products``, ``judged``, ``pairs``, ``refused`` and ``listed`` as parquet.

    Raises ``InputError`` where nothing is judged, or where the judgments can't teach anything.
    """
    if not recipe.shops:
        raise InputError(f"The recipe {recipe.name!r} has no [[shops]]: name a catalogue and its judgments.")
    # What the shops have, and who is measured on.
    products, graded, votes = {}, {}, {}
    for shop in recipe.shops:
        products[shop.name] = _products(recipe, shop, watch)
        graded[shop.name], votes[shop.name] = _grades(recipe, shop, products[shop.name])
    shop_queries = [query for queries in graded.values() for query in queries]
    measured = {
        part: [*(query for query in shop_queries if part_of(query, recipe) == part), *_listed(recipe)]
        for part in (TEST, DEV)
    }
    # A test query's near-duplicate is let into neither of the other parts, a dev query's not into training.
    guards = {TEST: LeakGuard([]), DEV: LeakGuard(measured[TEST]), TRAIN: LeakGuard([*measured[TEST], *measured[DEV]])}
    # Judged queries, each in its part.
    judged, pairs, refused = list[Row](), list[Row](), list[Row]()
    for name, queries in graded.items():
        for query, grades in _admitted(queries, lambda query: guards[part_of(query, recipe)], refused):
            judged += _rows(name, query, grades, part_of(query, recipe), recipe, votes[name].get(query))
    # Judged pairs that are no ranking: train alone, and of their catalogue only what is judged.
    for source in recipe.judged_pairs:
        catalogue = _products(recipe, source, watch)
        grades_of, votes_of = _grades(recipe, source, catalogue)
        used = set[str]()
        for query, grades in _admitted(grades_of, lambda query: guards[TRAIN], refused):
            pairs += _rows(source.name, query, grades, TRAIN, recipe, votes_of.get(query))
            used |= set(grades)
        products[source.name] = {id: catalogue[id] for id in sorted(used)}
    _check(recipe, judged)
    folder = work.stage("split")
    write_rows(folder / "judged.parquet", JUDGED, judged)
    write_rows(folder / "pairs.parquet", JUDGED, pairs)
    write_rows(folder / "refused.parquet", REFUSED, refused)
    write_rows(folder / "listed.parquet", LISTED, [{"query": query} for query in _listed(recipe)])
    rows = [product_row(shop, product) for shop, of_shop in products.items() for product in of_shop.values()]
    write_rows(folder / "products.parquet", PRODUCTS, rows)


def _admitted(
    queries: Mapping[str, Mapping[str, int]], guard_of: Callable[[str], LeakGuard], refused: list[Row]
) -> Iterator[tuple[str, Mapping[str, int]]]:
    """Queries that their guards let in, with their grades; the others go to ``refused``."""
    for query, grades in queries.items():
        because = guard_of(query).refuses(query)
        if because:
            refused.append({"query": query, "because": because})
        else:
            yield query, grades


def product_row(shop: str, product: Product) -> dict[str, str]:
    """A product as ``products.parquet`` holds it."""
    return {"shop": shop, "id": product.id, "product": json_line(product.to_mapping())}


def part_of(query: str, recipe: Recipe) -> str:
    """Train, dev or test, by the query's normal form and the seed alone: new judgments do not move old ones."""
    drawn = _drawn("part", query, recipe.seed)
    if drawn < recipe.split.test:
        return TEST
    return DEV if drawn < recipe.split.test + recipe.split.dev * (1 - recipe.split.test) else TRAIN


def query_fold(query: str, recipe: Recipe) -> int:
    """The fold, 0 to ``split.folds`` - 1, by the query's normal form and the seed alone."""
    return int(_drawn("fold", query, recipe.seed) * recipe.split.folds)


def _drawn(purpose: str, query: str, seed: int) -> float:
    """A number in [0, 1) that looks random but is always the same for a query."""
    hashed = hashlib.sha256(f"{purpose}\0{seed}\0{normal_form(query)}".encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(hashed[:6]) / 2**48


def _rows(
    shop: str, query: str, grades: Mapping[str, int], part: str, recipe: Recipe, votes: Mapping[str, Votes] | None
) -> Iterator[Row]:
    same = {"shop": shop, "query": query, "part": part, "fold": query_fold(query, recipe)}
    for product, grade in grades.items():
        yield same | {"product_id": product, "grade": grade, "votes": (votes or {}).get(product)}


def _products(recipe: Recipe, shop: ShopRecipe | JudgedPairsRecipe, watch: Watch) -> dict[str, Product]:
    path = recipe.path(shop.catalogue)
    with watch(f"Reading {shop.name}", None) as advance:
        products = dict[str, Product]()
        for n, product in enumerate(Reading.of(shop).products(path), 1):
            products[product.id] = product
            advance(n)
    if not products:
        raise InputError(f"{path}: the catalogue of {shop.name!r} is empty. There is nothing to learn from.")
    return products


def _grades(
    recipe: Recipe, shop: ShopRecipe | JudgedPairsRecipe, products: Mapping[str, Product]
) -> tuple[dict[str, dict[str, int]], Mapping[str, Mapping[str, Votes]]]:
    """Whole grades of products that are in the catalogue, and votes where several people or a finer scale gave some.

    Raises ``InputError`` where most judged products are not in the catalogue.
    """
    if not shop.judgments:
        return {}, {}
    format = f"esci:{shop.locale}" if isinstance(shop, JudgedPairsRecipe) and shop.locale else None
    path = recipe.path(shop.judgments)
    judgments = read_judgments(path, format if path.suffix == ".parquet" else None, grades=shop.grades)
    if judgments.left_out or judgments.merged or judgments.warnings:
        LOG.warning("%s: %s.", path, judgments.account())
    if max(grade for judged in judgments.grades.values() for grade in judged.values()) == 1:
        LOG.warning(
            '%s: no product has a grade above 1. Where 1 means relevant, and not hardly so, add grades = "0-1" to '
            "%r: then it is as good as grade 3 of another shop.",
            path,
            shop.name,
        )
    unmatched = match_ids(judgments.grades, lambda ids: products.keys() & set(ids), products)
    if warning := unmatched.check(f"{path}, judged on {shop.name!r}", recipe.split.unknown_ids):
        LOG.warning("%s: %s.", path, warning)
    grades = {
        query: {product: whole(grade) for product, grade in judged.items() if product in products}
        for query, judged in judgments.grades.items()
    }
    votes = judgments.votes
    if isinstance(shop, ShopRecipe) and shop.votes:
        votes = _votes(recipe, shop, grades, judgments.votes)
    return {query: judged for query, judged in grades.items() if judged}, votes


def _votes(
    recipe: Recipe,
    shop: ShopRecipe,
    grades: Mapping[str, Mapping[str, int]],
    known: Mapping[str, Mapping[str, Votes]],
) -> dict[str, dict[str, Votes]]:
    """The votes of all ``votes`` tables and those of the judgments themselves, added up.

    Raises ``InputError`` for a table that has votes for none of the judged pairs.
    """
    summed = {query: dict(of_query) for query, of_query in known.items()}
    for name in shop.votes:
        path, matched, others = recipe.path(name), 0, 0
        table = read_judgments(path, grades=shop.grades)
        for query, graded in table.grades.items():
            for product, grade in graded.items():
                if product not in grades.get(query, ()):
                    others += 1
                    continue
                votes = table.votes.get(query, {}).get(product) or votes_of([grade])
                before = summed.setdefault(query, {}).get(product, (0, 0, 0, 0))
                summed[query][product] = _added(before, votes)
                matched += 1
        if not matched:
            raise InputError(
                f"{path}: none of its {others:,} pairs of query and product is among the judgments of {shop.name!r}. "
                "A table of votes says what each rater gave to products that `judgments` has."
            )
        if others:
            LOG.warning(
                "%s: %s votes are left out, of pairs that %r has no judgment of.", path, f"{others:,}", shop.name
            )
    # One person's rating beside a grade does not take the grade's place.
    for query, of_query in summed.items():
        for product, votes in of_query.items():
            if sum(votes) <= 1:
                of_query[product] = _added(votes, votes_of([grades[query][product]]))
    return summed


def _added(one: Votes, other: Votes) -> Votes:
    return one[0] + other[0], one[1] + other[1], one[2] + other[2], one[3] + other[3]


def _listed(recipe: Recipe) -> list[str]:
    name = recipe.split.test_queries
    if not name:
        return []
    return [line for line in Path(recipe.path(name)).read_text(encoding="utf-8").splitlines() if line.strip()]


def _check(recipe: Recipe, judged: list[Row]) -> None:
    grades_of: dict[tuple[str, str], set[int]] = {}
    for row in judged:
        if row["part"] == TRAIN:
            grades_of.setdefault((row["shop"], row["query"]), set()).add(row["grade"])
    if len(grades_of) < 2:
        raise InputError(
            f"{len(grades_of)} judged queries are left to train on; it takes at least 2, and hundreds to be of use. "
            "Judge more queries, or lower split.test and split.dev."
        )
    grades = {row["grade"] for row in judged}
    if len(grades) == 1:
        raise InputError(
            f"All judged products have grade {grades.pop()}: nothing can be learnt from judgments that are all alike. "
            "Judge some that are bad (0) and some that are right (3)."
        )
    if all(len(grades) == 1 for grades in grades_of.values()):
        raise InputError(
            f"None of the {len(grades_of)} training queries has products of two grades, so no product is better than "
            "another. Judge for each query some that are bad (0) as well: what the engine finds and nobody wants."
        )
