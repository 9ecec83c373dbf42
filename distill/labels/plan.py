"""Which pairs the teacher labels, in which order and in which shards: decided by their content alone."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]

from endcap.distill.generate.candidates import ANSWERS, MADE_FROM
from endcap.distill.generate.product_facts import CatalogueWords, FactsMemory
from endcap.distill.generate.query_intent import QueryIntent
from endcap.distill.leaks.guard import LeakGuard, normal_form
from endcap.distill.recipe.settings import Recipe
from endcap.distill.work.files import read_arrow
from endcap.distill.work.folder import Work, digest
from endcap.distill.work.records import TEST, TRAIN
from endcap.errors import InputError
from endcap.index.product import Product

ALL_FOLDS = -1
"""The fold of a query that no fold of the teacher has seen: the mean of all labels it."""

PAIRS = pa.schema(
    [
        ("shop", pa.string()),
        ("query", pa.string()),
        ("product_id", pa.string()),
        ("fold", pa.int8()),
        ("made_from", pa.string()),
        ("grade", pa.int8()),
        ("at", pa.int64()),
    ]
)
"""``grade`` is what is known by construction, or null; ``at`` is the product's row in ``Plan.products``."""

Pair = tuple[str, str, str]
"""Shop, query, product's id."""


@dataclass(frozen=True, slots=True)
class Plan:
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


def make_plan(recipe: Recipe, work: Work) -> Plan:
    """Read what earlier stages wrote and lay out the work.

    A pair of a query that people judged is labelled by the fold which has not seen it, wherever the pair comes from. Of
    generated pairs, ``labels.count`` at most: whole queries in the order of a hash, so that a larger count only adds.
    Pairs of dev and test queries are left out and counted. Raises ``InputError`` where a pair's product is unknown.
    """
    split = work.stage("split")
    products = read_arrow(split / "products.parquet")
    at = {key: row for row, key in enumerate(_columns(products, "shop", "id"))}
    folds, judged = dict[str, int](), set[Pair]()
    test, dev = list[str](), list[str]()
    for name in ("judged.parquet", "pairs.parquet"):
        columns = ("shop", "query", "product_id", "part", "fold")
        for shop, query, product, part, fold in _columns(read_arrow(split / name, columns), *columns):
            if part == TRAIN:
                folds[normal_form(query)] = fold
                judged.add((shop, query, product))
            elif part == TEST:
                test.append(query)
            else:
                dev.append(query)
    if (split / "listed.parquet").exists():
        test += read_arrow(split / "listed.parquet")["query"].to_pylist()
    generated = read_arrow(work.stage("pairs") / "pairs.parquet")
    pairs = set(_columns(generated, "shop", "query", "product_id"))
    by_query, left_out = _allowed(pairs - judged, LeakGuard(set(test)), LeakGuard(set(dev)))
    chosen = _chosen(by_query, recipe.labels.count, recipe.seed)
    left_out["beyond labels.count"] = sum(map(len, by_query.values())) - len(chosen)
    made_from = _made_from(work)
    ordered = [*_ordered(judged, recipe.seed), *chosen]
    missing = next((pair for pair in ordered if (pair[0], pair[2]) not in at), None)
    if missing:
        raise InputError(
            f"The product {missing[2]!r} of the pair with {missing[1]!r} is not in the catalogue of {missing[0]!r}: "
            "run `endcap distill pairs` again."
        )
    share = recipe.labels.known_share
    grades = _known_grades(chosen, generated, products, made_from) if share else {}
    rows = [
        (
            *pair,
            folds.get(normal_form(pair[1]), ALL_FOLDS),
            made_from.get(pair[:2]),
            grades.get(pair),
            at[pair[0], pair[2]],
        )
        for pair in ordered
    ]
    table = pa.table([pa.array(column, t) for column, t in zip(_turned(rows), PAIRS.types, strict=True)], schema=PAIRS)
    shards = (*_cut(0, len(judged), recipe.labels.shard), *_cut(len(judged), len(rows), recipe.labels.shard))
    return Plan(table, products["product"], shards, len(judged), left_out, share, recipe.teacher.smoothing)


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
    return Product.from_mapping(json.loads(text.as_py()))


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
        found = sorted(by_query[query])
        if len(chosen) + len(found) > count:
            return chosen or found[:count]
        chosen += found
    return chosen


def _ordered(pairs: Iterable[Pair], seed: int) -> list[Pair]:
    return sorted(pairs, key=lambda pair: (_place(pair[:2], seed), pair))


def _place(query: Sequence[str], seed: int) -> bytes:
    return hashlib.sha256("\0".join([str(seed), *query]).encode("utf-8", "surrogatepass")).digest()


def _cut(start: int, stop: int, size: int) -> Iterator[tuple[int, int]]:
    for first in range(start, stop, size):
        yield first, min(first + size, stop)


def _made_from(work: Work) -> dict[tuple[str, str], str]:
    """What each generated query was made from, as JSON; of a query that was made twice, the first in order."""
    told = read_arrow(work.stage("queries") / "queries.parquet")
    rows = [row for row in _columns(told, "shop", "query", "made_from") if row[2]]
    return {(shop, query): made for shop, query, made in sorted(rows, reverse=True)}


def _columns(table: pa.Table, *names: str) -> list[tuple[Any, ...]]:
    return list(zip(*(table[name].to_pylist() for name in names), strict=True))


def _turned(rows: Sequence[Sequence[object]]) -> list[list[object]]:
    return [[row[i] for row in rows] for i in range(len(PAIRS))]
