"""Do the queries and products that `endcap distill plan` proposes teach more than ones drawn at random? A simulation.

    endcap distill run RECIPE --work WORK --until split        # a recipe with one judged shop
    python benchmarks/judging_plan.py teach WORK --out FILE.jsonl
    python benchmarks/judging_plan.py table FILE.jsonl ...

By folds: the queries of one fold are measured, and of the others so many are "judged anew", with some products of each:
what people said of these is taught to a base that knows nothing of the shop. ``planned`` is the plan's choice, in the
judged pool; ``random`` draws both; ``queries`` and ``products`` have one of each. What is in FILE is not taught again.
"""

from __future__ import annotations

import json
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any, cast

import click
import numpy as np
import torch

from endcap.distill.judging_plan import proposals
from endcap.distill.leaks.guard import LeakGuard
from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.stages.pairs.run import loaded_engine
from endcap.distill.student.dev_ndcg import tells_apart, tower_ndcg_by_query, tower_scores
from endcap.distill.student.list_sources import texts_of
from endcap.distill.student.tower import Tower
from endcap.distill.student.training import Texts, train_tower
from endcap.distill.student.training_lists import gold_list
from endcap.distill.work.folder import Work
from endcap.distill.work.records import JudgedQuery, read_data
from endcap.evaluate.judged_pool import pool_candidates
from endcap.evaluate.significance import combine, query_differences
from endcap.evaluate.systems import Candidates, Shop, StudentWithStates
from endcap.progress import unwatched

PLANNED, RANDOM, QUERIES, PRODUCTS = "planned", "random", "queries", "products"
WAYS = (PLANNED, RANDOM, QUERIES, PRODUCTS)
FOLDS = 3


@dataclass(frozen=True, slots=True)
class KnownScores:
    """A student whose scores of judged products are known: all that a plan asks of it."""

    by_query: Mapping[str, Mapping[str, float]]

    def scores(self, window: Candidates) -> np.ndarray:
        """Scores float64 (n,) of a window's products."""
        return np.array([self.by_query[window.query][product.id] for product in window.products])


@click.group()
def main() -> None:
    """Teach and measure, or print tables."""


@main.command()
@click.argument("work_folder", type=click.Path(exists=True, path_type=Path))
@click.option("--base", default="BAAI/bge-small-en-v1.5", show_default=True)
@click.option("--out", required=True, type=click.Path(path_type=Path))
@click.option("--counts", default="40", show_default=True, help="Numbers of queries that are judged anew.")
@click.option("--products", default=12, show_default=True, help="Of each query.")
@click.option("--ways", default=",".join(WAYS), show_default=True)
@click.option(
    "--draws", default="0,1", show_default=True, help="Seeds of folds, draws and trainings."
)
@click.option("--measured", default=0, show_default=True, help="At most so many queries a fold (0: all).")
@click.option("--frozen", default=8, show_default=True, help="Lowest layers that stay as they are.")
@click.option("--rate", default=1e-4, show_default=True, help="Learning rate.")
@click.option("--epochs", default=2.0, show_default=True)
def teach(
    work_folder: Path,
    base: str,
    out: Path,
    counts: str,
    products: int,
    ways: str,
    draws: str,
    measured: int,
    frozen: int,
    rate: float,
    epochs: float,
) -> None:
    """Teach the base what each way chose, and measure it on the fold that nobody chose from."""
    recipe = read_recipe("default")
    settings = replace(recipe.student, frozen_layers=frozen, learning_rate=rate, epochs=epochs)
    recipe = replace(recipe, base=base, student=settings)
    tower = Tower.load(base, pooling=recipe.pooling, scale=settings.scale)
    tower.freeze(frozen)  # what the lower layers make of a text is read once, for all folds
    tower.eval()
    data = read_data(Work(work_folder))
    queries = [query for query in data.judged if len(query.grades) > 1]
    texts = texts_of(data, {(query.shop, id) for query in queries for id in query.grades}, recipe.text)
    scores = tower_scores(tower, queries, texts, recipe.text)
    cosines = {
        query.query: dict(zip(query.grades, map(float, of_query / tower.scale), strict=True))
        for query, of_query in zip(queries, scores, strict=True)
    }
    shop = queries[0].shop
    engine = loaded_engine(data.products[shop], out.with_name(f"{out.stem}-engine"), unwatched)
    windows = pool_candidates(Shop(engine), {query.query: query.grades for query in queries})
    setting = {"base": base, "products": products, "frozen": frozen, "rate": rate, "epochs": epochs}
    done = {_key(record) for record in _records([out])}
    untaught = dict[tuple[int, int], Mapping[str, float]]()
    for draw, fold, count, way in product(map(int, draws.split(",")), range(FOLDS), counts.split(","), ways.split(",")):
        record: dict[str, Any] = {"shop": shop, "draw": draw, "fold": fold, "count": int(count), "way": way}
        record |= {"setting": setting}
        if _key(record) in done:
            continue
        order = np.random.default_rng([draw, 23]).permutation(len(queries))
        held = [queries[i] for i in order[fold::FOLDS] if tells_apart(queries[i])]
        guard = LeakGuard(query.query for query in held)
        others = [queries[i] for n, i in enumerate(order) if n % FOLDS != fold]
        free = {query.query: query for query in others if not guard.refuses(query.query)}
        chosen = judged_anew(way, free, windows, KnownScores(cosines), int(count), products, draw)
        held = held[:measured] if measured else held
        if (draw, fold) not in untaught:
            untaught[draw, fold] = tower_ndcg_by_query(tower, held, texts, recipe.text)
        taught = _taught(tower, chosen, cosines, held, texts, recipe, draw)
        record |= {"of": len(free), **taught, "values": {"base": untaught[draw, fold], "taught": taught["values"]}}
        with out.open("a", encoding="utf-8") as file:
            file.write(json.dumps(record) + "\n")
        click.echo(_line(record))


def judged_anew(
    way: str,
    free: Mapping[str, JudgedQuery],
    windows: Mapping[str, Candidates],
    student: KnownScores,
    count: int,
    products: int,
    draw: int,
) -> list[JudgedQuery]:
    """The queries that a way chooses, with the grades of the products that it chooses."""
    rng = np.random.default_rng([draw, 29])
    asked = [cast("StudentWithStates", student)]
    # All of them have a plan of products; which queries are the plan's is decided by the first ``count``.
    planned = proposals(windows, dict.fromkeys(free, 1), asked, count, products)
    by_plan = {one.query: [item.id for item in one.products] for one in planned}
    names = list(by_plan) if way in (PLANNED, QUERIES) else [list(free)[i] for i in rng.permutation(len(free))[:count]]
    chosen = []
    for name in names:
        judged = free[name]
        if way in (PLANNED, PRODUCTS):
            alone = by_plan.get(name) or [
                item.id for item in proposals(windows, {name: 1}, asked, 1, products)[0].products
            ]
        else:
            ids = sorted(judged.grades)
            alone = [ids[i] for i in rng.permutation(len(ids))[:products]]
        chosen.append(replace(judged, grades={id: judged.grades[id] for id in alone}, votes={}))
    return chosen


def _taught(
    tower: Tower,
    chosen: Sequence[JudgedQuery],
    cosines: Mapping[str, Mapping[str, float]],
    held: Sequence[JudgedQuery],
    texts: Texts,
    recipe: Recipe,
    seed: int,
) -> dict[str, Any]:
    """What came of it, by query; the tower is then as it was."""
    start = time.monotonic()
    before = {name: value.clone() for name, value in tower.state_dict().items()}
    gold = [gold_list(query, cosines[query.query], recipe.teacher.smoothing, recipe.student) for query in chosen]
    course = train_tower(tower, gold, [], texts, recipe.text, recipe.student, seed=seed)
    values = tower_ndcg_by_query(tower, held, texts, recipe.text)
    tower.load_state_dict(before)
    return {
        "queries": len(chosen),
        "pairs": sum(len(query.grades) for query in chosen),
        "telling": sum(tells_apart(query) for query in chosen),
        "steps": course.steps,
        "seconds": round(time.monotonic() - start, 1),
        "values": values,
    }


def _records(files: Iterable[Path]) -> Iterator[dict[str, Any]]:
    for file in files:
        if file.exists():
            yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def _key(record: Mapping[str, Any]) -> str:
    return json.dumps([record[name] for name in ("shop", "draw", "fold", "count", "way", "setting")], sort_keys=True)


def _line(record: Mapping[str, Any]) -> str:
    base, taught = (float(np.mean(list(record["values"][name].values()))) for name in ("base", "taught"))
    return (
        f"{record['shop']} draw {record['draw']} fold {record['fold']}, {record['queries']} of {record['of']} queries "
        f"{record['way']} ({record['telling']} tell, {record['pairs']} pairs, {record['steps']} steps, "
        f"{record['seconds']:.0f} s): {base:.4f} {taught - base:+.4f}"
    )


@main.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, path_type=Path))
def table(files: tuple[Path, ...]) -> None:
    """Print each way's gain over the base, and what it has over ``random``: shop by shop, and of all together."""
    # count -> way -> shop -> query -> its values in all draws
    values: dict[int, dict[str, dict[str, dict[str, list[float]]]]] = defaultdict(
        lambda: defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    )
    for record in _records(files):
        for name, way in (("taught", record["way"]), ("base", "base")):
            for query, value in record["values"][name].items():
                values[record["count"]][way][record["shop"]][query].append(value)
    click.echo("| queries | way | shop | base | gain over the base | beside random |\n|---|---|---|---|---|---|")
    for count, of_ways in sorted(values.items()):
        for way in (name for name in WAYS if name in of_ways):
            shops = list(of_ways[way])
            for group in [*([shop] for shop in shops), *([shops] if len(shops) > 1 else [])]:
                base = np.mean([np.mean(_means(of_ways["base"][s])) for s in group])
                cells = [_told(of_ways[way], of_ways[other], group) for other in ("base", RANDOM) if other in of_ways]
                click.echo(f"| {count} | {way} | {' and '.join(group)} | {base:.3f} | {' | '.join(cells)} |")


def _means(of_queries: Mapping[str, Sequence[float]]) -> list[float]:
    return [float(np.mean(of_query)) for of_query in of_queries.values()]


def _told(new: Mapping[str, Any], old: Mapping[str, Any], shops: Sequence[str]) -> str:
    apart = {
        shop: query_differences(
            {query: float(np.mean(of_query)) for query, of_query in new[shop].items()},
            {query: float(np.mean(of_query)) for query, of_query in old[shop].items()},
        )
        for shop in shops
    }
    d = combine(apart, names=("new", "old"), measure="nDCG@10")
    return f"{d.mean:+.4f} [{d.low:.4f}, {d.high:.4f}] ({d.queries} queries)"


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
