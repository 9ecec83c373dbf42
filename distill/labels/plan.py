"""Which pairs the teacher labels, in which order and in which shards: decided by their content alone."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from endcap.distill.generate.candidates import ANSWERS, MADE_FROM
from endcap.distill.generate.product_facts import CatalogueWords, FactsMemory
from endcap.distill.generate.query_intent import QueryIntent
from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.leaks.normal_form import normal_form
from endcap.distill.recipe.settings import Recipe
from endcap.distill.work.files import PAIR_COLUMNS, read_arrow
from endcap.distill.work.folder import Work, digest
from endcap.distill.work.records import TEST, TRAIN
from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product

ALL_FOLDS = -1
"""The fold of a query that no fold of the teacher has seen: the mean of all labels it."""

PAIRS = pa.schema(
    [*PAIR_COLUMNS, ("fold", pa.int8()), ("made_from", pa.string()), ("grade", pa.int8()), ("at", pa.int64())]
)
"""``grade`` is what is known by construction, or null; ``at`` is the product's row in ``LabelPlan.products``."""

Pair = tuple[str, str, str]
"""Shop, query, product's id."""


@dataclass(frozen=True, slots=True)
class LabelPlan:
    """Pairs (``PAIRS``) in the order in which they are labelled, the products' JSON, and each shard's rows from and to.

    The first ``judged`` pairs are of judged queries; they share no shard with generated ones. ``known_share`` is the
    part of known grades, smoothed by ``smoothing``, in the scores.
    """

    pairs: pa.Table
    products: pa.ChunkedArray
    shards: tuple[tuple[int, int], ...]
    judged: int
    left_out: Mapping[str, int]
    known_share: float = 0.0
    smoothing: float = 0.0

    def key(self, shard: int) -> str:
        """A hash of what a teacher is given for a shard: its rows and its products' content.

        Known grades are not among it, so that nothing is asked twice where they change.
        """
        rows = self.rows(shard)
        texts = self.products.take(rows["at"]).to_pylist()
        return digest([rows.drop_columns(["at", "grade"]).to_pydict(), texts])

    def rows(self, shard: int) -> pa.Table:
        """The pairs of a shard."""
        start, stop = self.shards[shard]
        return self.pairs.slice(start, stop - start)


def make_plan(recipe: Recipe, work: Work) -> LabelPlan:
    """Read what earlier stages wrote and lay out the work.

    A pair of a query that people judged is labelled by the fold which has not seen it, wherever the pair comes from. Of
    generated pairs, ``labels.count`` at most: whole queries in the order of a hash, so that a larger count only adds.
    Pairs of dev and test queries are left out and counted. Raises ``InputError`` where a pair's product is unknown.
    """
    # Who was judged, and who must not be trained on.
    split = work.stage("split")
    judged, folds, guards = _judged(split)
    # Generated pairs, without those that people judged: as many whole queries as the recipe asks for.
    generated = read_arrow(work.stage("pairs") / "pairs.parquet")
    pairs = set(_columns(generated, "shop", "query", "product_id"))
    by_query, left_out = _allowed(pairs - judged, *guards)
    chosen = _chosen(by_query, recipe.labels.count, recipe.seed)
    left_out["beyond labels.count"] = sum(map(len, by_query.values())) - len(chosen)
    # Each pair's row: its fold, its product's place, and the grade where that is known by construction.
    products = read_arrow(split / "products.parquet")
    row_of = {key: row for row, key in enumerate(_columns(products, "shop", "id"))}
    ordered = [*sorted(judged, key=lambda pair: (_place(pair[:2], recipe.seed), pair)), *chosen]
    _check_products(ordered, row_of)
    made_from, share = _made_from(work), recipe.labels.known_share
    grades = _known_grades(chosen, generated, products, made_from) if share else {}
    columns: list[list[Any]] = [
        *([pair[i] for pair in ordered] for i in range(3)),
        [folds.get(normal_form(query), ALL_FOLDS) for _, query, _ in ordered],
        [made_from.get((shop, query)) for shop, query, _ in ordered],
        [grades.get(pair) for pair in ordered],
        [row_of[shop, product] for shop, _, product in ordered],
    ]
    arrays = [pa.array(column, type) for column, type in zip(columns, PAIRS.types, strict=True)]
    table = pa.table(arrays, schema=PAIRS)
    size, parts = recipe.labels.shard, ((0, len(judged)), (len(judged), len(ordered)))
    shards = tuple((first, min(first + size, stop)) for start, stop in parts for first in range(start, stop, size))
    return LabelPlan(table, products["product"], shards, len(judged), left_out, share, recipe.teacher.smoothing)


def _judged(split: Path) -> tuple[set[Pair], dict[str, int], tuple[LeakGuard, LeakGuard]]:
    """Judged pairs of train queries, these queries' folds by normal form, and guards of test and of dev queries."""
    folds, judged = dict[str, int](), set[Pair]()
    test, dev = set[str](), set[str]()
    for name in ("judged.parquet", "pairs.parquet"):
        columns = ("shop", "query", "product_id", "part", "fold")
        for shop, query, product, part, fold in _columns(read_arrow(split / name, columns), *columns):
            if part == TRAIN:
                folds[normal_form(query)] = fold
                judged.add((shop, query, product))
            else:
                (test if part == TEST else dev).add(query)
    if (split / "listed.parquet").exists():
        test.update(read_arrow(split / "listed.parquet")["query"].to_pylist())
    return judged, folds, (LeakGuard(test), LeakGuard(dev))


def _check_products(pairs: Sequence[Pair], row_of: Mapping[tuple[str, str], int]) -> None:
    missing = next(((shop, query, id) for shop, query, id in pairs if (shop, id) not in row_of), None)
    if missing:
        raise InputError(
            f"The product {missing[2]!r} of the pair with {missing[1]!r} is not in the catalogue of {missing[0]!r}: "
            "run `endcap distill pairs` again."
        )


def _known_grades(
    chosen: Sequence[Pair], generated: pa.Table, products: pa.Table, made_from: Mapping[tuple[str, str], str]
) -> dict[Pair, int]:
    """The grades that are known by construction: of queries with a product that has all that they say."""
    sources = {
        (shop, query): id
        for shop, query, id, how in _columns(generated, "shop", "query", "product_id", "how")
        if how in (MADE_FROM, ANSWERS)
    }
    wanted = {(shop, id) for shop, _, id in chosen}
    rows = zip(*(products[name] for name in ("shop", "id", "product")), strict=True)
    texts = {key: text for shop, id, text in rows if (key := (shop.as_py(), id.as_py())) in wanted}

    def memory(shop: str) -> FactsMemory:
        return FactsMemory(CatalogueWords.of(_products(products, shop)), lambda id: _product(texts[shop, id]))

    facts = {shop: memory(shop) for shop in {pair[0] for pair in chosen}}
    grades = dict[Pair, int]()
    for key, pairs in groupby(chosen, key=lambda pair: pair[:2]):
        (shop, query), of, source = key, facts[key[0]], sources.get(key)
        if source is None or (shop, source) not in texts:
            continue
        negated = str(json.loads(made_from.get(key, "{}")).get("negated", ""))
        intent = QueryIntent.of(query, of[source], of.catalogue, negated)
        if intent is not None:
            grades.update((pair, intent.grade(of[pair[2]])) for pair in pairs)
    return grades


def _product(text: pa.Scalar) -> Product:
    return FieldMap().product(json.loads(text.as_py()))


def _products(table: pa.Table, shop: str) -> Iterator[Product]:
    """A shop's products, one by one."""
    for of, text in zip(table["shop"], table["product"], strict=True):
        if of.as_py() == shop:
            yield _product(text)


def _allowed(
    pairs: Iterable[Pair], test: LeakGuard, dev: LeakGuard
) -> tuple[dict[tuple[str, str], list[Pair]], dict[str, int]]:
    """Pairs of queries that may be trained on, by query, and how many were left out, by reason."""
    by_query: dict[tuple[str, str], list[Pair]] = {}
    left_out = Counter[str]()
    because: dict[str, str] = {}
    for pair in pairs:
        query = pair[1]
        if query not in because:
            because[query] = "test query" if test.refuses(query) else "dev query" if dev.refuses(query) else ""
        if because[query]:
            left_out[because[query]] += 1
        else:
            by_query.setdefault(pair[:2], []).append(pair)
    return by_query, dict(sorted(left_out.items()))


def _chosen(by_query: Mapping[tuple[str, str], list[Pair]], count: int, seed: int) -> list[Pair]:
    """Whole queries while they fit; a first query that is too large is cut."""
    chosen = list[Pair]()
    for query in sorted(by_query, key=lambda query: _place(query, seed)):
        pairs = sorted(by_query[query])
        if len(chosen) + len(pairs) > count:
            return chosen or pairs[:count]
        chosen += pairs
    return chosen


def _place(query: Sequence[str], seed: int) -> bytes:
    return hashlib.sha256("\0".join([str(seed), *query]).encode("utf-8", "surrogatepass")).digest()


def _made_from(work: Work) -> dict[tuple[str, str], str]:
    """What each generated query was made from, as JSON; of a query that was made twice, the first in order."""
    queries = read_arrow(work.stage("queries") / "queries.parquet")
    rows = [row for row in _columns(queries, "shop", "query", "made_from") if row[2]]
    return {(shop, query): source for shop, query, source in sorted(rows, reverse=True)}


def _columns(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))
