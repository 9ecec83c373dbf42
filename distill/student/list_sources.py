"""The lists that a student is trained on: judged products and the teacher's labels, behind the leak guard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from endcap.distill.export.bases import base_content
from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.recipe.settings import Recipe
from endcap.distill.student.balance import balanced
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import Texts
from endcap.distill.student.training_lists import TrainingList, gold_list
from endcap.distill.work.files import read_json, read_rows, write_json
from endcap.distill.work.folder import CACHE, Work, digest
from endcap.distill.work.records import TRAIN, Data, JudgedQuery
from endcap.errors import InputError
from endcap.index.judgments.judgments import whole
from endcap.index.product import Product
from endcap.plugin.model.text import TextRecipe, product_text, query_text
from endcap.progress import Watch, unwatched

JUDGED_FROM = 2
"""Products that a query must have to teach a margin."""
RELEVANT = 2
READ_AT_ONCE = 512
NEGATIVE_RANKS = (20, 400)
"""Of the catalogue, by the untrained base's cosine: nearer ones may well be relevant, farther ones teach little."""


def gold_lists(
    judged: Sequence[JudgedQuery],
    recipe: Recipe,
    cosines: Mapping[tuple[str, str], Mapping[str, float]],
    guard: LeakGuard,
) -> list[TrainingList]:
    """Lists of judged products. Raises ``InputError`` for a test query: such must not come this far."""
    for query in judged:
        refuse_leak(guard, query.query)
    return [
        gold_list(query, cosines[query.shop, query.query], recipe.teacher.smoothing, recipe.student)
        for query in judged
        if len(query.grades) >= JUDGED_FROM
    ]


def judged_lists(
    recipe: Recipe, work: Work, data: Data, train: Sequence[JudgedQuery], texts: Texts, watch: Watch = unwatched
) -> list[TrainingList]:
    """All lists of people's judgments: those of the queries ``train``, and those of judged pairs that are no ranking,
    where the recipe asks for some. ``texts`` must have the products of both."""
    settings, guard = recipe.student, data.guard()
    zero = {(query.shop, query.query): dict.fromkeys(query.grades, 0.0) for query in train}
    cosines = base_cosines(recipe, work, data, watch) if settings.cosine_share else zero
    lists = gold_lists(train, recipe, cosines, guard)
    if not settings.pairs or not data.pairs:
        return lists
    with watch("Reading products of judged pairs", None):
        return lists + pair_lists(data, recipe, _untrained(recipe), texts, guard)


def _best_grades(data: Data) -> dict[str, int]:
    best = dict[str, int]()
    for pair in data.pairs:
        best[pair.shop] = max(best.get(pair.shop, 0), whole(max(pair.grades.values())))
    return best


def pair_lists(data: Data, recipe: Recipe, tower: Tower, texts: Texts, guard: LeakGuard) -> list[TrainingList]:
    """Lists from judged pairs that are no ranking: a relevant product beside others of its catalogue.

    Relevant is grade 2 or 3; where a source knows only yes and no (0 and 1), grade 1.

    The others are drawn from those that the untrained tower puts at ranks ``NEGATIVE_RANKS``, and count as
    irrelevant: near enough to teach something, and hardly ever as good. The seed decides which pairs and which others.
    """
    rng = np.random.default_rng([recipe.seed, 3])
    relevant = {shop: min(RELEVANT, max(best, 1)) for shop, best in _best_grades(data).items()}
    usable = [pair for pair in data.pairs if whole(max(pair.grades.values())) >= relevant[pair.shop]]
    chosen = [usable[i] for i in rng.permutation(len(usable))[: recipe.student.pairs]]
    lists, text = list[TrainingList](), recipe.text
    for shop in sorted({pair.shop for pair in chosen}):
        # The cosines of the shop's pairs with all its products.
        pairs = [pair for pair in chosen if pair.shop == shop]
        ids = sorted(product for name, product in texts if name == shop)
        products = tower.encode([texts[shop, product][0] for product in ids], text.max_product_tokens)
        queries = tower.encode([query_text(pair.query, text) for pair in pairs], text.max_query_tokens)
        # For each pair, others among its middle ranks, taken as bad.
        for pair, query in zip(pairs, queries, strict=True):
            refuse_leak(guard, pair.query)
            cosines = products @ query
            ranked = [ids[i] for i in np.argsort(-cosines, kind="stable")[slice(*NEGATIVE_RANKS)]]
            drawn = [ranked[i] for i in rng.permutation(len(ranked))[: recipe.student.pair_negatives]]
            grades = {**pair.grades, **{product: 0 for product in drawn if product not in pair.grades}}
            if len(grades) >= JUDGED_FROM:
                cosine_of = dict(zip(ids, cosines.tolist(), strict=True))
                judged = replace(pair, grades=grades, votes={})
                lists.append(gold_list(judged, cosine_of, recipe.teacher.smoothing, recipe.student))
    return lists


def generated_lists(
    rows: Iterable[Mapping[str, Any]], size: int, seed: int, guard: LeakGuard, *, pairs: int | None = None
) -> list[TrainingList]:
    """Lists of labelled products of generated queries (``fold`` -1), each spread over the range of its scores.

    ``pairs`` bounds how many labelled products are used, whole queries in an order that the seed decides: a smaller
    amount is a part of a larger one. Raises ``InputError`` for a test query.
    """
    by_query: dict[tuple[str, str], list[tuple[str, float]]] = defaultdict(list)
    for row in rows:
        if row["fold"] < 0:
            by_query[row["shop"], row["query"]].append((row["product_id"], row["score"]))
    keys = sorted(by_query)
    rng = np.random.default_rng([seed, 2])
    lists, used = list[TrainingList](), 0
    for n in rng.permutation(len(keys)):
        shop, query = keys[n]
        refuse_leak(guard, query)
        labelled = sorted(by_query[shop, query])
        scores = np.array([score for _, score in labelled], dtype=np.float32)
        positions = balanced(scores, size, rng)
        if len(positions) < JUDGED_FROM:
            continue
        if pairs is not None and used + len(positions) > pairs:
            break
        used += len(positions)
        products = tuple(labelled[i][0] for i in positions)
        lists.append(TrainingList(shop, query, products, scores[positions], gold=False))
    return lists


def refuse_leak(guard: LeakGuard, query: str) -> None:
    """Raise ``InputError`` where a query is one that is measured on."""
    because = guard.refuses(query)
    if because:
        raise InputError(
            f"The training query {query!r} must not be trained on: {because}. Run the stages from `split` on again."
        )


def label_rows(work: Work) -> list[dict[str, Any]]:
    """All rows that the labels stage wrote; none where nothing was labelled."""
    shards = sorted(work.stage("labels").glob("shard-*.parquet"))
    return [row for shard in shards for row in read_rows(shard, ["shop", "query", "product_id", "fold", "score"])]


def texts_of(data: Data, keys: Iterable[tuple[str, str]], recipe: TextRecipe) -> Texts:
    """The text of each (shop, product id), and that of its title alone. Raises ``InputError`` for an unknown one."""
    texts = {}
    for shop, id in keys:
        product = data.products.get(shop, {}).get(id)
        if product is None:
            raise InputError(f"The product {id!r} is not in the catalogue of {shop!r}: run the stage `split` again.")
        title_only = Product(id=id, title=product.title)
        texts[shop, id] = (product_text(product, recipe), product_text(title_only, recipe))
    return texts


def base_cosines(
    recipe: Recipe, work: Work, data: Data, watch: Watch = unwatched
) -> dict[tuple[str, str], dict[str, float]]:
    """(shop, query) -> product id -> cosine by the untrained base, of all judged train queries.

    It is the base with all its layers, also where the student has fewer: the first layers alone know little.

    Kept in the split stage's cache by what it is made from: the students of all folds and seeds ask for it.
    """
    text, train = recipe.text, data.part(TRAIN)
    inputs = [work.result("split"), recipe.base, *base_content(recipe.base).values(), recipe.pooling, asdict(text)]
    path = work.stage("split") / CACHE / f"cosines-{digest(inputs)[:16]}.json"
    if not path.exists():
        keys = sorted({(query.shop, product) for query in train for product in query.grades})
        texts, tower, vectors = texts_of(data, keys, text), _untrained(recipe), list[np.ndarray]()
        with watch("Reading judged products", len(keys)) as advance:
            for start in range(0, len(keys), READ_AT_ONCE):
                part = [texts[key][0] for key in keys[start : start + READ_AT_ONCE]]
                vectors += list(tower.encode(part, text.max_product_tokens))
                advance(len(vectors))
        products = dict(zip(keys, vectors, strict=True))
        queries = tower.encode([query_text(query.query, text) for query in train], text.max_query_tokens)
        cosines: dict[str, dict[str, dict[str, float]]] = {}
        for query, vector in zip(train, queries, strict=True):
            of_query = {product: float(products[query.shop, product] @ vector) for product in query.grades}
            cosines.setdefault(query.shop, {})[query.query] = of_query
        write_json(path, cosines)
    return {(shop, query): of_query for shop, queries in read_json(path).items() for query, of_query in queries.items()}


def _untrained(recipe: Recipe) -> Tower:
    return Tower.load(recipe.base, pooling=recipe.pooling, scale=recipe.student.scale)
