"""Ways to order a search, measured with students that were not taught by it: for README.md and docs/experiments.

    python benchmarks/unseen_shops.py default --work FOLDER --data DATA
    python benchmarks/unseen_shops.py default --work FOLDER --data DATA --left-out esci=MODEL
    python benchmarks/unseen_shops.py default --work FOLDER --data DATA --further chorus=rating_party.csv

Each query by its fold's student, or by one that never saw the shop. The recipe's stages ``split`` and ``labels`` must
be done, with ``folds``; students of folds that are not there yet are trained. Each reads the whole catalogue of each
shop. What nobody judged is irrelevant ("all"), or left out ("judged").
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import click
import numpy as np

from endcap.distill.recipe.settings import Recipe
from endcap.distill.recipe_file import read_recipe
from endcap.distill.student.fold_students import fold_student
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TRAIN, Data, read_data
from endcap.evaluate.catalogue_vectors import CatalogueVectors, catalogue_vectors
from endcap.evaluate.end_to_end import window_candidates
from endcap.evaluate.hybrid import hybrid_order, joined_candidates
from endcap.evaluate.judged_pool import pool_candidates, pool_exclusion
from endcap.evaluate.measures import Grades, Rankings, parse, score, unjudged_rate
from endcap.evaluate.open_catalogue import open_catalogue
from endcap.evaluate.significance import combine, query_differences
from endcap.evaluate.systems import Candidates, Shop, StudentWithStates, ranked, ranked_by_blend
from endcap.index.judgments.reader import read_judgments
from endcap.index.readers.reading import Reading
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.plain import student_share
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.progress import progress

ALL, JUDGED, MEAN, POOL = "all", "judged", "mean", "pool"
MEASURES = {ALL: "nDCG@10", JUDGED: "nDCG(judged_only=True)@10"}
SHIPPED, FLAT = "as shipped", "weight {:g}, exact"
PAIRS = (
    (SHIPPED, "engine"),
    (SHIPPED, FLAT.format(0.8)),
    (SHIPPED, "hybrid, student"),
    ("with 50 by meaning", SHIPPED),
    ("with 50 by meaning", "hybrid, student"),
)
Values = dict[str, dict[str, dict[str, float]]]
"""Way of counting -> order -> query -> value."""


def orders(
    words: Candidates, shop: StudentWithStates, memory: WordsMemory, weight: float, nearest: CatalogueVectors | None
) -> Iterator[tuple[str, list[str]]]:
    """The ways to order one query's window, by name."""
    view = shop.view(words)
    yield "engine", [product.id for product in words.products]
    for flat in (0.6, 0.7, 0.8, 0.9):
        yield f"weight {flat:g}, scores alone", ranked(words, view[0], flat)
        yield FLAT.format(flat), ranked_by_blend(words, view, weight, LearntBlend.plain(flat), memory)
    for odds in (1.0, 0.7, 0.6, 0.5):
        share = LearntBlend.plain(student_share(words.query, weight, odds))
        yield f"{odds:g} for each word that lacks", ranked_by_blend(words, view, weight, share, memory)
    yield SHIPPED, ranked_by_blend(words, view, weight, None, memory)
    yield "student alone", ranked(words, view[0], 1.0)
    if nearest is not None:
        yield "hybrid, student", hybrid_order(words, *nearest.nearest(words.query, len(words.products) or 100))
        joined = joined_candidates(words, nearest.nearest(words.query, 50)[0])
        yield "with 50 by meaning", ranked_by_blend(joined, shop.view(joined), weight, None, memory)


def measured(shop: Shop, grades: Grades, student: StudentWithStates, recipe: Recipe, weight: float) -> Values:
    """All ways to count and to order, of some queries of a shop."""
    found: Values = defaultdict(lambda: defaultdict(dict))
    memory, vectors = WordsMemory(), catalogue_vectors(shop, student, progress)
    rankings: dict[str, dict[str, list[str]]] = defaultdict(dict)
    for query, words in window_candidates(shop, grades, recipe.window, progress).items():
        for name, order in orders(words, student, memory, weight, vectors):
            rankings[name][query] = order
    for name, of_query in rankings.items():
        for way, measure in MEASURES.items():
            found[way][name] |= _values(of_query, grades, measure)
        found[MEAN][name] |= {q: (found[ALL][name][q] + found[JUDGED][name][q]) / 2 for q in of_query}
        found["unjudged"][name] |= {q: unjudged_rate({q: of_query[q]}, {q: grades[q]}, 10) for q in of_query}
    pools = {q: c for q, c in pool_candidates(shop, grades, progress).items() if pool_exclusion(grades[q], c) is None}
    for name in ("engine", SHIPPED):
        pooled = {q: dict(orders(c, student, memory, weight, None))[name] for q, c in pools.items()}
        found[POOL][name] |= _values(pooled, grades, MEASURES[ALL])
    return found


def _values(rankings: Rankings, grades: Grades, measure: str) -> Mapping[str, float]:
    return score(rankings, {query: grades[query] for query in rankings}, parse([measure]))[measure]


def told(values: Mapping[str, Values]) -> Iterator[str]:
    """The tables, and differences of each shop and of all together."""
    for shop, of_shop in values.items():
        yield f"\n{shop}: {len(of_shop[ALL]['engine'])} queries\n"
        yield "| order | all | judged | mean | unjudged |\n|---|---|---|---|---|"
        for name in of_shop[ALL]:
            cells = [np.mean(list(of_shop[way][name].values())) for way in (ALL, JUDGED, MEAN, "unjudged")]
            yield f"| {name} | {cells[0]:.3f} | {cells[1]:.3f} | {cells[2]:.4f} | {cells[3]:.0%} |"
    for way in (ALL, JUDGED, MEAN, POOL):
        for better, base in PAIRS:
            sides = {name: (of[way].get(better, {}), of[way].get(base, {})) for name, of in values.items()}
            apart = {name: query_differences(*pair) for name, pair in sides.items() if all(pair)}
            groups = [*({name: one} for name, one in apart.items()), *([apart] if len(apart) > 1 else [])]
            for group in groups:
                d = combine(group, names=(better, base), measure=way)
                counts = (
                    f"{d.queries} queries: {d.mean:+.3f} [{d.low:.3f}, {d.high:.3f}], {d.wins} better, {d.losses} worse"
                )
                yield f"{way}, {better} - {base}, {' and '.join(group)}, {counts}"


@click.command()
@click.argument("recipe_file")
@click.option("--work", "work_folder", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--data", default=None, type=click.Path(exists=True, path_type=Path))
@click.option(
    "--left-out", multiple=True, metavar="SHOP=MODEL", help="This shop alone, by a student that never saw it."
)
@click.option("--further", multiple=True, metavar="SHOP=FILE", help="Judgments that count where the recipe has none.")
@click.option("--weight", default=0.8, show_default=True, help="The student's share in the plain blend.")
def main(
    recipe_file: str,
    work_folder: Path,
    data: Path | None,
    left_out: tuple[str, ...],
    further: tuple[str, ...],
    weight: float,
) -> None:
    """Print means and differences, a shop at a time."""
    recipe, work = read_recipe(recipe_file, data), Work(work_folder)
    judged = read_data(work)
    given = {name: Path(folder) for name, folder in (pair.split("=", 1) for pair in left_out)}
    more = {name: read_judgments(file).grades for name, file in (pair.split("=", 1) for pair in further)}
    values: dict[str, Values] = {}
    with closing(StateStore.open()) as states:
        for shop in [shop for shop in recipe.shops if shop.name in given or not given]:
            opened = open_catalogue(str(recipe.path(shop.catalogue)), reading=Reading.of(shop))
            values[shop.name] = of_shop = defaultdict(lambda: defaultdict(dict))
            for folder, grades in _parts(
                recipe, work, judged, shop.name, given.get(shop.name), more.get(shop.name, {})
            ):
                student = StudentWithStates(Student.load(folder), states)
                for way, by_name in measured(opened.shop, grades, student, recipe, weight).items():
                    for name, of_query in by_name.items():
                        of_shop[way][name] |= of_query
    print("\n".join(told(values)))


def _parts(
    recipe: Recipe, work: Work, judged: Data, shop: str, model: Path | None, further: Grades
) -> Iterator[tuple[Path, Grades]]:
    """Model folders, and the queries that each has not seen."""
    queries = [query for query in judged.part(TRAIN) if query.shop == shop]
    for fold in sorted({query.fold for query in queries}):
        grades = {q.query: {**further.get(q.query, {}), **q.grades} for q in queries if q.fold == fold}
        grades = {query: of_query for query, of_query in grades.items() if max(of_query.values(), default=0) > 0}
        if grades:
            yield model or fold_student(recipe, work, judged, fold, progress), grades


if __name__ == "__main__":
    main()
