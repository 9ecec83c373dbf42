"""Do the queries and products that `endcap distill plan` proposes teach more than ones drawn at random? A simulation.

    endcap distill run RECIPE --work WORK --until split        # a recipe with one judged shop
    python benchmarks/judging_plan.py read WORK --out VECTORS.npz
    python benchmarks/judging_plan.py simulate VECTORS.npz ...

A third of a shop's judged queries is measured; of the others so many are "judged anew", with so many products each, as
``planned`` (the plan's choice among judged products), ``random`` (both drawn), ``queries`` or ``products`` (one each).
What people said of these is taught to a zero-shot base. So that many draws can be had, what is taught is a map
between its vectors, by ridge regression, and not its layers:

    score(q, p) = 12 q.p + sum_i a_i (q.q_i)(p.p_i),    a = (K + ridge I)^-1 r,    K_ij = (q_i.q_j)(p_i.p_j)

over the taught pairs i, with r the targets of the student's training less 12 q_i.p_i, and all centred within a query.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, cast

import click
import numpy as np

from endcap.distill.judging_plan import proposals
from endcap.distill.labels.logit import score as logit_score
from endcap.distill.labels.logit import soft_target
from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.recipe_file import read_recipe
from endcap.distill.stages.pairs.run import loaded_engine
from endcap.distill.work.folder import Work
from endcap.distill.work.records import read_data
from endcap.evaluate.judged_pool import pool_candidates
from endcap.evaluate.significance import combine, query_differences
from endcap.evaluate.systems import Candidates, Shop, StudentWithStates
from endcap.index.product import Product
from endcap.plugin.model.text import product_text, query_text
from endcap.progress import progress, unwatched

PLANNED, RANDOM, QUERIES, PRODUCTS = "planned", "random", "queries", "products"
WAYS = (PLANNED, RANDOM, QUERIES, PRODUCTS)
FOLDS, SCALE, SMOOTHING, SHARE, AT_ONCE = 3, 12.0, 0.1, 0.5, 64
Array = np.ndarray


@dataclass(frozen=True, slots=True)
class Query:
    """A judged query: products in the engine's order with its scores, grades, and unit vectors float32."""

    text: str
    ids: tuple[str, ...]
    engine: Array
    grades: Array
    vector: Array
    products: Array

    @property
    def cosines(self) -> Array:
        """By the base, float64 (n,)."""
        return (self.products @ self.vector).astype(np.float64)

    @property
    def tells(self) -> bool:
        """Whether orders of its products can be told apart."""
        return bool(self.grades.max() > 0 and self.grades.min() < self.grades.max())

    def window(self) -> Candidates:
        """What a plan chooses from."""
        return Candidates(self.text, tuple(Product(id=id, title=id) for id in self.ids), self.engine)


@dataclass(frozen=True, slots=True)
class KnownScores:
    """A student whose scores are known: all that a plan asks of it."""

    queries: Mapping[str, Query]

    def scores(self, window: Candidates) -> Array:
        """Scores float64 (n,) of a window's products."""
        return self.queries[window.query].cosines


@click.group()
def main() -> None:
    """Read a shop's judged products once, then simulate."""


@main.command()
@click.argument("work_folder", type=click.Path(exists=True, path_type=Path))
@click.option("--base", default="sentence-transformers/all-MiniLM-L6-v2", show_default=True)
@click.option("--pooling", default="mean", show_default=True)
@click.option("--tokens", default=32, show_default=True, help="Of a product.")
@click.option("--most", default=0, show_default=True, help="At most so many queries (0: all).")
@click.option("--out", required=True, type=click.Path(path_type=Path))
def read(work_folder: Path, base: str, pooling: str, tokens: int, most: int, out: Path) -> None:
    """Encode the judged queries and products of a shop by the base."""
    from endcap.distill.student.tower import Tower
    from endcap.distill.teacher.device import autocast

    recipe, data = read_recipe("default"), read_data(Work(work_folder))
    judged = [query for query in data.judged if len(query.grades) > 1][: most or None]
    shop = judged[0].shop
    engine = loaded_engine(data.products[shop], out.with_suffix(".engine"), unwatched)
    pools = pool_candidates(Shop(engine), {query.query: query.grades for query in judged}, progress)
    tower, text = Tower.load(base, pooling=pooling), replace(recipe.text, query_prefix="", max_product_tokens=tokens)
    products = sorted({product.id for pool in pools.values() for product in pool.products})
    texts = [product_text(data.products[shop][id], text) for id in products]
    with progress("Reading products", len(texts)) as advance:
        parts = []
        for start in range(0, len(texts), AT_ONCE):
            with autocast():
                parts.append(tower.encode(texts[start : start + AT_ONCE], text.max_product_tokens))
            advance(start)
    queries = tower.encode([query_text(query.query, text) for query in judged], text.max_query_tokens)
    rows = [
        {
            "query": query.query,
            "ids": [product.id for product in pools[query.query].products],
            "engine": pools[query.query].engine_scores.tolist(),
            "grades": [query.grades[product.id] for product in pools[query.query].products],
        }
        for query in judged
    ]
    np.savez(
        out, shop=shop, ids=np.array(products), rows=json.dumps(rows), products=np.concatenate(parts), queries=queries
    )


def read_vectors(path: Path) -> tuple[str, list[Query]]:
    """A shop's name and its judged queries, as ``read`` wrote them."""
    file = np.load(path)
    position = {id: n for n, id in enumerate(file["ids"].tolist())}
    queries, vectors = [], file["products"].astype(np.float32)
    for row, vector in zip(json.loads(str(file["rows"])), file["queries"], strict=True):
        own = vectors[[position[id] for id in row["ids"]]]
        grades = np.array(row["grades"])
        queries.append(Query(row["query"], tuple(row["ids"]), np.array(row["engine"]), grades, vector, own))
    return str(file["shop"]), queries


def chosen_pairs(
    way: str, free: Mapping[str, Query], count: int, products: int, rng: np.random.Generator
) -> Iterator[tuple[Query, list[int]]]:
    """The queries that a way chooses, and the places of the products that it chooses of each."""
    student = [cast("StudentWithStates", KnownScores(free))]
    windows = {name: query.window() for name, query in free.items()}
    shuffled = [list(free)[i] for i in rng.permutation(len(free))]
    if way in (PLANNED, QUERIES):
        names = [one.query for one in proposals(windows, dict.fromkeys(shuffled, 1), student, count, products)]
    else:
        names = shuffled[:count]
    for name in names:
        query = free[name]
        if way in (PLANNED, PRODUCTS):
            alone = proposals(windows, {name: 1}, student, 1, products)[0]
            yield query, [query.ids.index(item.id) for item in alone.products]
        else:
            yield query, sorted(rng.permutation(len(query.ids))[:products].tolist())


def taught_scores(chosen: Sequence[tuple[Query, list[int]]], held: Sequence[Query], ridge: float) -> list[Array]:
    """The scores of the held queries' products after the map was taught the chosen pairs; see the module's words."""
    queries = np.concatenate([np.repeat(query.vector[None], len(places), 0) for query, places in chosen])
    products = np.concatenate([query.products[places] for query, places in chosen])
    residual, means = [], np.zeros((len(products), len(products)))
    start = 0
    for query, places in chosen:
        graded = logit_score(np.stack([soft_target(int(grade), SMOOTHING) for grade in query.grades[places]]))
        target = (1 - SHARE) * graded + (SHARE - 1) * SCALE * query.cosines[places]
        residual.append(target - target.mean())
        means[start : start + len(places), start : start + len(places)] = 1 / len(places)
        start += len(places)
    centre = np.eye(len(products)) - means
    kernel = centre @ ((queries @ queries.T) * (products @ products.T)) @ centre
    alpha = centre @ np.linalg.solve(kernel + ridge * np.eye(len(products)), np.concatenate(residual))
    return [
        SCALE * query.cosines + ((query.products @ products.T) * (queries @ query.vector)) @ alpha for query in held
    ]


def ndcg(held: Sequence[Query], scores: Sequence[Array]) -> dict[str, float]:
    """nDCG@10 in the judged pool, by query: gain 2^g - 1, discount log2(1 + rank)."""
    discounts = 1 / np.log2(np.arange(2, 12))
    values = {}
    for query, of_query in zip(held, scores, strict=True):
        gains = 2.0**query.grades - 1
        ranked, ideal = gains[np.argsort(-of_query, kind="stable")][:10], np.sort(gains)[::-1][:10]
        values[query.text] = float(ranked @ discounts[: len(ranked)] / (ideal @ discounts[: len(ideal)]))
    return values


@main.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--draws", default=10, show_default=True, help="Folds and what is drawn, by so many seeds.")
@click.option("--first", default=0, show_default=True, help="The first seed.")
@click.option("--counts", default="20,40", show_default=True, help="Numbers of queries that are judged anew.")
@click.option("--products", default=12, show_default=True, help="Of each query.")
@click.option("--ridges", default="1", show_default=True)
@click.option("--ways", default=",".join(WAYS), show_default=True)
def simulate(
    files: tuple[Path, ...], draws: int, first: int, counts: str, products: int, ridges: str, ways: str
) -> None:
    """Print each way's gain over the base, and what it has over ``random``: shop by shop, and of all together."""
    click.echo(
        "| ridge | queries | way | shop | base | gain over the base | beside random |\n|---|---|---|---|---|---|---|"
    )
    shops = dict(read_vectors(path) for path in files)
    for ridge, count in product(map(float, ridges.split(",")), map(int, counts.split(","))):
        # way -> shop -> query -> its values in all draws
        values: dict[str, dict[str, dict[str, list[float]]]] = defaultdict(
            lambda: defaultdict(lambda: defaultdict(list))
        )
        for (shop, queries), draw in product(shops.items(), range(first, first + draws)):
            for way, of_query in _one_draw(queries, draw, count, products, ridge, ways.split(",")):
                for query, value in of_query.items():
                    values[way][shop][query].append(value)
        for way in ways.split(","):
            for group in [*([shop] for shop in shops), *([list(shops)] if len(shops) > 1 else [])]:
                base = np.mean([np.mean([np.mean(v) for v in values["base"][shop].values()]) for shop in group])
                cells = [_told(values[way], values[other], group) for other in ("base", RANDOM)]
                name = " and ".join(group)
                click.echo(f"| {ridge:g} | {count} | {way} | {name} | {base:.3f} | {' | '.join(cells)} |")


def _one_draw(
    queries: Sequence[Query], draw: int, count: int, products: int, ridge: float, ways: Sequence[str]
) -> Iterator[tuple[str, dict[str, float]]]:
    order = np.random.default_rng([draw, 23]).permutation(len(queries))
    for fold in range(FOLDS):
        held = [queries[i] for i in order[fold::FOLDS] if queries[i].tells]
        guard = LeakGuard(query.text for query in held)
        others = [queries[i] for n, i in enumerate(order) if n % FOLDS != fold]
        free = {query.text: query for query in others if not guard.refuses(query.text)}
        yield "base", ndcg(held, [query.cosines for query in held])
        for way in ways:
            rng = np.random.default_rng([draw, fold, 29])
            chosen = list(chosen_pairs(way, free, count, products, rng))
            yield way, ndcg(held, taught_scores(chosen, held, ridge))


def _told(new: Mapping[str, Any], old: Mapping[str, Any], shops: Sequence[str]) -> str:
    apart = {
        shop: query_differences(
            {query: float(np.mean(of_query)) for query, of_query in new[shop].items()},
            {query: float(np.mean(of_query)) for query, of_query in old[shop].items()},
        )
        for shop in shops
    }
    d = combine(apart, names=("new", "old"), measure="nDCG@10")
    return f"{d.mean:+.4f} [{d.low:.4f}, {d.high:.4f}] ({d.queries})"


if __name__ == "__main__":
    main()
