"""A shop's products and people's grades, as much of them as the recipe uses, and which queries are for what."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe.shop_settings import JudgedPairsRecipe, ShopRecipe
from endcap.distill.stages.split.draw import drawn_grades, drawn_number, drawn_products, drawn_queries
from endcap.distill.stages.split.votes import all_votes
from endcap.distill.work.records import DEV, TEST, TRAIN
from endcap.errors import InputError
from endcap.index.judgments.id_match import match_ids
from endcap.index.judgments.judgments import ANOTHER_PART, Votes
from endcap.index.judgments.reader import read_judgments
from endcap.index.product import Product
from endcap.index.readers.reading import Reading
from endcap.progress import Watch

LOG = logging.getLogger("endcap.distill")
Grades = Mapping[str, Mapping[str, float]]
VotesOf = Mapping[str, Mapping[str, Votes]]


@dataclass(frozen=True, slots=True)
class ShopData:
    """Products by id; grades of those that are there, by query; votes where several people or a finer scale gave
    some; each query's part."""

    products: Mapping[str, Product]
    grades: Grades
    votes: VotesOf
    parts: Mapping[str, str]

    def queries(self, part: str) -> list[str]:
        """The queries of train, dev or test."""
        return [query for query in self.grades if self.parts[query] == part]


def shop_data(recipe: Recipe, shop: ShopRecipe, watch: Watch) -> ShopData:
    """What the recipe uses of a shop.

    Raises ``InputError`` where a file can't be read, or most judged products are not in the catalogue.
    """
    marked, votes_of_marked = (
        _grades(recipe, shop, shop.judgments, shop.test_format, watch) if shop.test_format else ({}, {})
    )
    others, votes_of_others = _all_grades(recipe, shop, watch)
    share = 0.0 if marked else recipe.split.test if shop.test is None else shop.test
    graded = {**others, **marked}
    parts = {query: TEST if query in marked else part_of(query, recipe, share) for query in graded}
    taught = {query: grades for query, grades in graded.items() if parts[query] != TEST}
    tested = {query: grades for query, grades in graded.items() if parts[query] == TEST}
    used = {
        **_drawn(tested, shop.most_test_queries, recipe.seed),
        **{
            query: drawn_grades(query, grades, shop.most_judged, recipe.seed)
            for query, grades in _drawn(taught, shop.most_queries, recipe.seed).items()
        },
    }
    in_order = {query: used[query] for query in graded if query in used}
    products = _products(recipe, shop, _ids(in_order), shop.most_products, watch)
    votes: VotesOf = {**votes_of_others, **votes_of_marked}
    if shop.votes:
        votes = all_votes(recipe, shop, in_order, votes, watch)
    return ShopData(products, _known(recipe, shop, in_order, products), votes, parts)


def judged_pairs_data(recipe: Recipe, source: JudgedPairsRecipe, watch: Watch) -> ShopData:
    """Judged pairs that are no ranking: all for training, and the products that are judged."""
    is_table = recipe.path(source.judgments).suffix == ".parquet"
    format = f"esci:{source.locale}" if is_table and source.locale else ""
    grades, votes = _grades(recipe, source, source.judgments, format, watch)
    products = _products(recipe, source, _ids(grades), 0, watch)
    known = _known(recipe, source, grades, products)
    return ShopData(products, known, votes, dict.fromkeys(known, TRAIN))


def part_of(query: str, recipe: Recipe, share: float) -> str:
    """Train, dev or test (``share`` of all), by the query's normal form and the seed alone: new judgments do not move
    old ones."""
    drawn = drawn_number("part", query, recipe.seed)
    if drawn < share:
        return TEST
    return DEV if drawn < share + recipe.split.dev * (1 - share) else TRAIN


def _drawn(grades: Grades, most: int, seed: int) -> dict[str, Mapping[str, float]]:
    """At most ``most`` queries (0: all), of those that have products of two grades."""
    telling = {query: of_query for query, of_query in grades.items() if not most or len(set(of_query.values())) > 1}
    return drawn_queries(telling, most, seed)


def _ids(grades: Grades) -> set[str]:
    return {product for of_query in grades.values() for product in of_query}


def _products(
    recipe: Recipe, shop: ShopRecipe | JudgedPairsRecipe, judged: Collection[str], most: int, watch: Watch
) -> dict[str, Product]:
    path = recipe.path(shop.catalogue)
    with watch(f"Reading {shop.name}", None) as advance:
        products = drawn_products(Reading.of(shop).products(path), judged, most, recipe.seed, advance)
    if not products:
        raise InputError(f"{path}: the catalogue of {shop.name!r} is empty. There is nothing to learn from.")
    return products


def _all_grades(recipe: Recipe, shop: ShopRecipe, watch: Watch) -> tuple[Grades, VotesOf]:
    """Those of all files; what a later one says of a pair counts."""
    files = [(name, "") for name in shop.more_judgments]
    files = [(shop.judgments, shop.judgments_format), *files] if shop.judgments else files
    every, votes = dict[str, dict[str, float]](), dict[str, dict[str, Votes]]()
    for name, format in files:
        grades, votes_of = _grades(recipe, shop, name, format, watch)
        for query, of_query in grades.items():
            every.setdefault(query, {}).update(of_query)
            kept = {id: vote for id, vote in votes.get(query, {}).items() if id not in of_query}
            votes[query] = {**kept, **votes_of.get(query, {})}
    return every, {query: of_query for query, of_query in votes.items() if of_query}


def _grades(
    recipe: Recipe, shop: ShopRecipe | JudgedPairsRecipe, name: str, format: str, watch: Watch
) -> tuple[dict[str, dict[str, float]], VotesOf]:
    path = recipe.path(name)
    judgments = read_judgments(path, format or None, grades=shop.grades, watch=watch)
    if judgments.left_out.keys() - {ANOTHER_PART} or judgments.merged or judgments.warnings:
        LOG.warning("%s: %s.", path, judgments.account())
    if max(grade for judged in judgments.grades.values() for grade in judged.values()) == 1:
        LOG.warning(
            '%s: no product has a grade above 1. Where 1 means relevant, and not hardly so, add grades = "0-1" to '
            "%r: then it is as good as grade 3 of another shop.",
            path,
            shop.name,
        )
    return {query: dict(judged) for query, judged in judgments.grades.items()}, judgments.votes


def _known(
    recipe: Recipe, shop: ShopRecipe | JudgedPairsRecipe, grades: Grades, products: Mapping[str, Product]
) -> dict[str, dict[str, float]]:
    """The grades of products that are in the catalogue. Raises ``InputError`` where most are not."""
    unmatched = match_ids(grades, lambda ids: products.keys() & set(ids), products)
    judged_on = f"{recipe.path(shop.judgments)}, judged on {shop.name!r}"
    if warning := unmatched.check(judged_on, recipe.split.unknown_ids):
        LOG.warning("%s: %s.", judged_on.partition(",")[0], warning)
    known = {query: {id: grade for id, grade in judged.items() if id in products} for query, judged in grades.items()}
    return {query: judged for query, judged in known.items() if judged}
