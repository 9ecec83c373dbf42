"""Candidates by meaning and hybrid search, on queries that the student was not taught: each by the student of its fold.

    python benchmarks/fold_candidates.py recipe.toml --work FOLDER --data DATA

The recipe's stage ``split`` must be done, with ``folds``; students of folds that are not there yet are trained. Each
reads the whole catalogue of each shop. The blend is plain: a learnt one has seen all queries.
"""

from __future__ import annotations

from collections import defaultdict
from contextlib import closing
from pathlib import Path

import click

from endcap.distill.recipe_file import read_recipe
from endcap.distill.student.fold_students import fold_student
from endcap.distill.work.folder import Work
from endcap.distill.work.records import TRAIN, read_data
from endcap.evaluate.evaluation import END_TO_END, EvaluationPlan, evaluate
from endcap.evaluate.measures import Grades, mean, parse
from endcap.evaluate.open_catalogue import open_catalogue
from endcap.evaluate.significance import paired_difference
from endcap.evaluate.systems import BLEND, DENSE, ENGINE, HYBRID, StudentWithStates
from endcap.index.field_map import FieldMap
from endcap.plugin.model.student import Student
from endcap.plugin.states.store import StateStore
from endcap.progress import progress

MEASURES = ("nDCG@10", "nDCG(judged_only=True)@10")
PAIRS = ((BLEND, ENGINE), (DENSE, ENGINE), (DENSE, BLEND), (DENSE, HYBRID), (BLEND, HYBRID))


@click.command()
@click.argument("recipe_file", type=click.Path(exists=True, path_type=Path))
@click.option("--work", "work_folder", required=True, type=click.Path(exists=True, path_type=Path))
@click.option("--data", default=None, type=click.Path(exists=True, path_type=Path))
@click.option("--dense", default=50, show_default=True)
@click.option("--weight", default=0.8, show_default=True, help="The student's share in the plain blend.")
def main(recipe_file: Path, work_folder: Path, data: Path | None, dense: int, weight: float) -> None:
    """Print means and differences, a shop at a time."""
    recipe = read_recipe(recipe_file, data)
    work = Work(work_folder)
    judged = read_data(work)
    folds = sorted({query.fold for query in judged.part(TRAIN)})
    folders = {fold: fold_student(recipe, work, judged, fold, progress) for fold in folds}
    plan = EvaluationPlan((END_TO_END,), recipe.window, weight, tuple(parse(MEASURES)), dense=dense)
    with closing(StateStore.open()) as states:
        for shop in recipe.shops:
            fields = FieldMap.parse(shop.fields) if shop.fields else None
            opened = open_catalogue(str(recipe.path(shop.catalogue)), format=shop.format or None, fields=fields)
            values: dict[str, dict[str, dict[str, float]]] = defaultdict(lambda: defaultdict(dict))
            for fold, folder in folders.items():
                grades: Grades = {
                    query.query: query.grades
                    for query in judged.part(TRAIN)
                    if query.shop == shop.name and query.fold == fold
                }
                if grades:
                    student = StudentWithStates(Student.load(folder), states)
                    (result,) = evaluate(opened.shop, grades, plan, student, watch=progress)
                    for system in result.systems:
                        for measure in MEASURES:
                            values[measure][system.name] |= system.values[measure]
            for measure, systems in values.items():
                print(shop.name, measure, {name: round(mean(of), 4) for name, of in systems.items()})
                for better, base in PAIRS:
                    found = paired_difference(systems[better], systems[base], names=(better, base), measure=measure)
                    print(f"  {better} - {base}: {found.mean:+.3f} [{found.low:.3f}, {found.high:.3f}]")


if __name__ == "__main__":
    main()
