"""What judgments from clicks are worth, by how many clicks: simulated visitors click by the judgments of people.

    endcap demo --write demo-shop
    python benchmarks/clicks.py --shop chorus=DATA/chorus,DATA/chorus/Broad_Query_Set_rated.csv \\
        --shop generated=demo-shop/catalogue.jsonl,demo-shop/judgments.csv [--plot FILE.svg]

Each query's judged products are shown in BM25's order, at most 20; a visitor looks at place k with a probability of 1/k
and clicks by the grade (navigational: .05, .35, .65, .95), or goes down the list and stops after a click (``cascade``,
what the model does not believe in). ``fixed``: the order is always the same. ``varied``: it changes from search to
search, as stock and new products change it. Grades of clicks (``model``, and ``rate``: clicks by impressions, alike
brought to 0 to 3) are held to people's: Kendall's tau-b within queries, mean; and what both say of the re-ranked order.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import click
import numpy as np
from clicks_plot import lines
from scipy.stats import kendalltau

from endcap.evaluate.judged_pool import pool_candidates, pool_exclusion
from endcap.evaluate.measures import Grades, mean, parse, score
from endcap.evaluate.open_catalogue import open_catalogue
from endcap.evaluate.significance import paired_difference
from endcap.evaluate.systems import StudentWithStates, ranked_by_blend
from endcap.index.clicks.counts import CLICKS as CLICKED
from endcap.index.clicks.counts import GROUP_OF, SHOWN, ClickCounts, Tally, key_of
from endcap.index.clicks.grading import TOP
from endcap.index.clicks.judged import judged
from endcap.index.judgments.reader import read_judgments
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.progress import progress
from endcap.storefront.simulated_users import NAVIGATIONAL

SHOWN_AT_MOST = 20
AMOUNTS = (10, 30, 100, 300, 1000, 3000)
SEEDS = (0, 1, 2)
MEASURE = "nDCG@10"
CLICK, STOP = np.array(NAVIGATIONAL.click), np.array(NAVIGATIONAL.stop)
USERS = ("position", "cascade")
ORDERS = ("fixed", "varied")


class Pool(NamedTuple):
    """A query's judged products in BM25's order, and in the re-ranked one."""

    engine: tuple[str, ...]
    blend: tuple[str, ...]


class Row(NamedTuple):
    """One simulation: ``tau`` over what is graded, ``tau_all`` over all that was shown; what the grades say of the
    re-ranked order, and people's on the same queries and products."""

    shop: str
    users: str
    order: str
    by: str
    searches: int
    seed: int
    clicks: float
    graded: float
    exact: float
    tau: float
    tau_all: float
    difference: float
    low: float
    high: float
    people: float
    people_low: float
    people_high: float


def pools_of(catalogue: str, grades: Grades) -> dict[str, Pool]:
    """Both orders of each query's judged products."""
    opened, student = open_catalogue(catalogue, watch=progress), Student.load()
    candidates = pool_candidates(opened.shop, grades, progress)
    candidates = {q: c for q, c in candidates.items() if pool_exclusion(grades[q], c) is None and len(c.products) > 4}
    memory = WordsMemory()
    with closing(StateStore.open()) as states:
        reader = StudentWithStates(student, states)
        reader.read(list(candidates.values()), progress)
        info = student.info
        return {
            query: Pool(
                tuple(product.id for product in c.products),
                tuple(ranked_by_blend(c, reader.view(c), info.blend_weight, info.learnt, memory)),
            )
            for query, c in candidates.items()
        }


def visits(
    grades: np.ndarray, searches: int, users: str, order: str, chance: np.random.Generator
) -> Iterator[np.ndarray]:
    """The lists that were shown, as places in BM25's order, (n, places), and their clicks, bool."""
    places = len(grades)
    noise = chance.normal(0, 0.5, (searches, places)) if order == "varied" else np.zeros((searches, places))
    shown = np.argsort(np.log(np.arange(1, places + 1)) + noise, axis=1, kind="stable")
    wanted = chance.random(shown.shape) < CLICK[grades[shown]]
    if users == "position":
        yield shown
        yield wanted & (chance.random(shown.shape) < 1 / np.arange(1, places + 1))
        return
    stops = wanted & (chance.random(shown.shape) < STOP[grades[shown]])
    yield shown
    yield wanted & (np.cumsum(stops, axis=1) - stops == 0)


def simulated(
    pools: Mapping[str, Pool], grades: Grades, searches: int, users: str, order: str, seed: int
) -> ClickCounts:
    """The counts of so many searches of each query."""
    chance, tally = np.random.default_rng(seed), Tally()
    ids: dict[str, int] = {}
    for number, (query, pool) in enumerate(pools.items()):
        shop = pool.engine[:SHOWN_AT_MOST]
        shown, clicked = visits(np.array([grades[query][id] for id in shop]), searches, users, order, chance)
        for product, id in enumerate(shop):
            for place in range(len(shop)):
                at = shown[:, place] == product
                if at.any():
                    key = key_of(number, ids.setdefault(id, len(ids)), GROUP_OF[place + 1])
                    tally.add_row(key, (int(at.sum()), int(clicked[at, place].sum()), 0, 0, 0))
    return tally.counts(dict(enumerate(pools)), ids)


def by_rate(counts: ClickCounts) -> dict[str, dict[str, float]]:
    """Clicks by impressions, with the 95 % highest rate as grade 3: what many do."""
    numbers: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for query, product, row in zip(counts.query, counts.product, counts.numbers, strict=True):
        numbers[query, product][0] += row[SHOWN]
        numbers[query, product][1] += row[CLICKED]
    top = max(np.quantile([clicks / shown for shown, clicks in numbers.values()], 0.95), 1e-6)
    found: dict[str, dict[str, float]] = defaultdict(dict)
    for (query, product), (shown, clicks) in numbers.items():
        found[counts.queries[query]][counts.products[product]] = min(TOP * clicks / shown / top, TOP)
    return found


def tau(of: Mapping[str, Mapping[str, float]], grades: Grades) -> float:
    """Kendall's tau-b within each query that has two grades and two values, mean."""
    found = []
    for query, exact in of.items():
        true = [grades[query][id] for id in exact]
        if len(set(true)) > 1 and len(set(exact.values())) > 1:
            found.append(kendalltau(true, list(exact.values())).statistic)
    return float(np.mean(found)) if found else float("nan")


def said(pools: Mapping[str, Pool], grades: Mapping[str, Mapping[str, int]]) -> tuple[float, float, float]:
    """The re-ranked order's nDCG@10 less BM25's, of what is graded, with its interval."""
    kept = {query: of for query, of in grades.items() if len(set(of.values())) > 1}
    if not kept:
        return (float("nan"),) * 3
    sides = []
    for name in ("blend", "engine"):
        orders = {query: [id for id in getattr(pools[query], name) if id in of] for query, of in kept.items()}
        sides.append(score(orders, kept, parse([MEASURE]))[MEASURE])
    found = paired_difference(*sides, names=("blend", "engine"), measure=MEASURE)
    return found.mean, found.low, found.high


def measured(shop: str, pools: Mapping[str, Pool], grades: Grades) -> Iterator[Row]:
    """All simulations of a shop."""
    for users, order, searches, seed in ((u, o, n, s) for u in USERS for o in ORDERS for n in AMOUNTS for s in SEEDS):
        counts = simulated(pools, grades, searches, users, order, seed)
        clicks = counts.numbers[:, CLICKED].sum() / len(pools)
        every = judged(counts, widest=TOP)
        sure = {(p.query, p.product) for p in judged(counts).pairs}
        of_model: dict[str, dict[str, float]] = defaultdict(dict)
        for pair in every.pairs:
            of_model[pair.query][pair.product] = pair.exact
        for name, of, only in (("model", of_model, sure), ("rate", by_rate(counts), None)):
            graded = {
                q: {id: value for id, value in values.items() if only is None or (q, id) in only}
                for q, values in of.items()
            }
            whole = {q: {id: round(value) for id, value in values.items()} for q, values in graded.items() if values}
            same = {q: {id: grades[q][id] for id in values} for q, values in whole.items()}
            right = [whole[q][id] == same[q][id] for q in whole for id in whole[q]]
            yield Row(
                shop, users, order, name, searches, seed, float(clicks), len(right) / every.shown,
                float(np.mean(right)) if right else float("nan"), tau(graded, grades), tau(of, grades),
                *said(pools, whole), *said(pools, same),
            )  # fmt: skip


def table(rows: Sequence[Row]) -> Iterator[str]:
    """Means over the seeds; of the differences those of each seed whose interval lies on people's side of 0."""
    yield (
        "| shop | visitors | order | by | searches a query | clicks a query | graded | right | tau, graded | tau, all "
        "| re-ranked - BM25 | people, same | says so |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    )
    groups: dict[tuple[object, ...], list[Row]] = defaultdict(list)
    for row in rows:
        groups[row[:5]].append(row)
    for (shop, users, order, by, searches), of in groups.items():
        clicks, graded, right, taus, every, found, people = (
            _mean([getattr(row, name) for row in of])
            for name in ("clicks", "graded", "exact", "tau", "tau_all", "difference", "people")
        )
        says = sum(row.low * np.sign(row.people) > 0 or row.high * np.sign(row.people) < 0 < -row.people for row in of)
        against = sum((row.high < 0 < row.people) or (row.low > 0 > row.people) for row in of)
        cells = [shop, users, order, by, f"{searches:,}", f"{clicks:,.0f}", f"{graded:.0%}", f"{right:.0%}"]
        cells += [f"{taus:.2f}", f"{every:.2f}", f"{found:+.3f}", f"{people:+.3f}"]
        cells.append(f"{says} of {len(of)}" + (f", {against} against" if against else ""))
        yield f"| {' | '.join(cells)} |".replace("+nan", "").replace("nan%", "").replace("nan", "")


def _mean(values: Sequence[float]) -> float:
    """The mean of those that there are."""
    there = [value for value in values if value == value]
    return float(np.mean(there)) if there else float("nan")


@click.command()
@click.option("--shop", "shops", multiple=True, required=True, metavar="NAME=CATALOGUE,JUDGMENTS")
@click.option("--queries", default=60, show_default=True, help="At most, of each shop.")
@click.option("--csv", "csv_file", type=click.Path(path_type=Path), help="Write every simulation there.")
@click.option("--plot", type=click.Path(path_type=Path), help="Write tau by clicks there, an SVG.")
def main(shops: tuple[str, ...], queries: int, csv_file: Path | None, plot: Path | None) -> None:
    """Print the table."""
    rows: list[Row] = []
    for name, _, files in (shop.partition("=") for shop in shops):
        catalogue, judgments = files.split(",")
        grades = read_judgments(judgments).grades
        pools = pools_of(catalogue, grades)
        pools = dict(sorted(pools.items())[:: max(len(pools) // queries, 1)][:queries])
        whole = said(pools, {query: grades[query] for query in pools})
        print(
            f"{name}: {len(pools)} queries; people: re-ranked - BM25 {whole[0]:+.3f} [{whole[1]:.3f}, {whole[2]:.3f}]"
        )
        with progress(f"Simulating {name}", len(USERS) * len(ORDERS) * len(AMOUNTS) * len(SEEDS) * 2) as advance:
            for done, row in enumerate(measured(name, pools, grades), 1):
                rows.append(row)
                advance(done)
    print("\n".join(table(rows)))
    if csv_file:
        with csv_file.open("w", newline="") as file:
            csv.writer(file).writerows([Row._fields, *rows])
    if plot:
        courses: dict[str, dict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
        for row in rows:
            if row.users == "position":
                courses[f"{row.by}, {row.order}"][row.searches].append(row.tau_all)
        plot.write_text(lines({n: {x: mean(dict(enumerate(y))) for x, y in of.items()} for n, of in courses.items()}))


if __name__ == "__main__":
    sys.exit(main())
