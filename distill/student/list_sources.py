"""The lists that a student is trained on: judged products and the teacher's labels, behind the leak guard."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.recipe.settings import Recipe
from endcap.distill.student.balance import balanced
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import Texts
from endcap.distill.student.training_lists import TrainingList, gold_list
from endcap.distill.work.files import read_json, read_table, write_json
from endcap.distill.work.folder import CACHE, Work, digest
from endcap.distill.work.records import TRAIN, Data, JudgedQuery
from endcap.errors import InputError
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
    lists = list[TrainingList]()
    for each in judged:
        refuse_leak(guard, each.query)
        if len(each.grades) >= JUDGED_FROM:
            lists.append(
                gold_list(
                    each.shop,
                    each.query,
                    each.grades,
                    cosines[each.shop, each.query],
                    smoothing=recipe.teacher.smoothing,
                    share=recipe.student.cosine_share,
                    scale=recipe.student.scale,
                    votes=each.votes,
                )
            )
    return lists


def judged_lists(
    recipe: Recipe, work: Work, data: Data, train: Sequence[JudgedQuery], texts: Texts, watch: Watch = unwatched
) -> list[TrainingList]:
    """All lists of people's judgments: those of the queries ``train``, and those of judged pairs that are no ranking,
    where the recipe asks for some. ``texts`` must have the products of both."""
    s, guard = recipe.student, data.guard()
    zero = {(each.shop, each.query): dict.fromkeys(each.grades, 0.0) for each in train}
    cosines = base_cosines(recipe, work, data, watch) if s.cosine_share else zero
    lists = gold_lists(train, recipe, cosines, guard)
    if not s.pairs or not data.pairs:
        return lists
    with watch("Reading products of judged pairs", None):
        return lists + pair_lists(data, recipe, _untrained(recipe), texts, guard)


def pair_lists(data: Data, recipe: Recipe, tower: Tower, texts: Texts, guard: LeakGuard) -> list[TrainingList]:
    """Lists from judged pairs that are no ranking: a relevant product (grade 2 or 3) beside others of its catalogue.

    The others are drawn from those that the untrained tower puts at ranks ``NEGATIVE_RANKS``, and count as
    irrelevant: near enough to teach something, and hardly ever as good. The seed decides which pairs and which others.
    """
    rng = np.random.default_rng([recipe.seed, 3])
    usable = [each for each in data.pairs if max(each.grades.values()) >= RELEVANT]
    chosen = [usable[i] for i in rng.permutation(len(usable))[: recipe.student.pairs]]
    lists, text, s = list[TrainingList](), recipe.text, recipe.student
    for shop in sorted({each.shop for each in chosen}):
        mine = [each for each in chosen if each.shop == shop]
        ids = sorted(product for of, product in texts if of == shop)
        vectors = tower.encode([texts[shop, each][0] for each in ids], text.max_product_tokens)
        place = {product: n for n, product in enumerate(ids)}
        asked = tower.encode([query_text(each.query, text) for each in mine], text.max_query_tokens)
        for each, query in zip(mine, asked, strict=True):
            refuse_leak(guard, each.query)
            cosines = vectors @ query
            ranked = [ids[i] for i in np.argsort(-cosines, kind="stable")[slice(*NEGATIVE_RANKS)]]
            others = [
                ranked[i] for i in rng.permutation(len(ranked))[: s.pair_negatives] if ranked[i] not in each.grades
            ]
            grades = {**each.grades, **dict.fromkeys(others, 0)}
            if len(grades) >= JUDGED_FROM:
                near = {product: float(cosines[place[product]]) for product in grades}
                smoothing, share = recipe.teacher.smoothing, s.cosine_share
                lists.append(gold_list(shop, each.query, grades, near, smoothing=smoothing, share=share, scale=s.scale))
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
        found = sorted(by_query[shop, query])
        scores = np.array([score for _, score in found], dtype=np.float32)
        chosen = balanced(scores, size, rng)
        if len(chosen) < JUDGED_FROM:
            continue
        if pairs is not None and used + len(chosen) > pairs:
            break
        used += len(chosen)
        lists.append(TrainingList(shop, query, tuple(found[i][0] for i in chosen), scores[chosen], gold=False))
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
    return [row for shard in shards for row in read_table(shard, ["shop", "query", "product_id", "fold", "score"])]


def texts_of(data: Data, keys: Iterable[tuple[str, str]], recipe: TextRecipe) -> Texts:
    """The text of each (shop, product id), and that of its title alone. Raises ``InputError`` for an unknown one."""
    texts = {}
    for shop, product in keys:
        found = data.products.get(shop, {}).get(product)
        if found is None:
            raise InputError(
                f"The product {product!r} is not in the catalogue of {shop!r}: run the stage `split` again."
            )
        bare = Product(id=found.id, title=found.title)
        texts[shop, product] = (product_text(found, recipe), product_text(bare, recipe))
    return texts


def base_cosines(
    recipe: Recipe, work: Work, data: Data, watch: Watch = unwatched
) -> dict[tuple[str, str], dict[str, float]]:
    """(shop, query) -> product id -> cosine by the untrained base, of all judged train queries.

    It is the base with all its layers, also where the student has fewer: the first layers alone know little.

    Kept in the split stage's cache by what it is made from: the students of all folds and seeds ask for it.
    """
    text, train = recipe.text, data.part(TRAIN)
    said = [work.result("split"), recipe.base, recipe.pooling, asdict(text)]
    path = work.stage("split") / CACHE / f"cosines-{digest(said)[:16]}.json"
    if not path.exists():
        keys = sorted({(each.shop, product) for each in train for product in each.grades})
        texts, tower, found = texts_of(data, keys, text), _untrained(recipe), list[np.ndarray]()
        with watch("Reading judged products", len(keys)) as advance:
            for start in range(0, len(keys), READ_AT_ONCE):
                some = [texts[key][0] for key in keys[start : start + READ_AT_ONCE]]
                found += list(tower.encode(some, text.max_product_tokens))
                advance(len(found))
        vectors = dict(zip(keys, found, strict=True))
        asked = tower.encode([query_text(each.query, text) for each in train], text.max_query_tokens)
        cosines: dict[str, dict[str, dict[str, float]]] = {}
        for each, query in zip(train, asked, strict=True):
            of_query = {product: float(vectors[each.shop, product] @ query) for product in each.grades}
            cosines.setdefault(each.shop, {})[each.query] = of_query
        write_json(path, cosines)
    return {(shop, query): of for shop, queries in read_json(path).items() for query, of in queries.items()}


def _untrained(recipe: Recipe) -> Tower:
    return Tower.load(recipe.base, pooling=recipe.pooling, scale=recipe.student.scale)
