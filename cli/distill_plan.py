"""`endcap distill plan`: what to judge next."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from endcap.cli.shared_options import training_side
from endcap.progress import progress

if TYPE_CHECKING:
    from endcap.distill.recipe.settings import Recipe, ShopRecipe
    from endcap.distill.work.folder import Work

EXAMPLES = """
\b
Examples:
  endcap distill plan my-shop.toml --log query-log.csv --to next.csv
  endcap distill plan my-shop.toml --log query-log.csv --to next.csv --queries 20 --products 15
"""
WINDOW = 50


@click.command("plan", epilog=EXAMPLES)
@click.argument("recipe")
@click.option(
    "--log", type=click.Path(exists=True, path_type=Path), help="What people searched for; else the recipe's."
)
@click.option("--to", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The CSV to write.")
@click.option("--queries", type=click.IntRange(1), default=40, show_default=True)
@click.option("--products", type=click.IntRange(4, WINDOW), default=12, show_default=True, help="Of each query.")
@click.option("--work", type=click.Path(path_type=Path), help="The recipe's work folder; by default in endcap's home.")
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Where the recipe's paths start from.")
def plan(
    recipe: str, log: Path | None, file: Path, queries: int, products: int, work: Path | None, data: Path | None
) -> None:
    """Propose queries and products whose grades would tell most, for the first shop of RECIPE.

    They are searches of the log, half of them frequent ones, in which the engine and the student put other products
    first; where the recipe's students of folds are there, their disagreement counts, too. The CSV has an empty column
    `rating`: filled in, it is judgments that can be added to the recipe's.
    """
    with training_side():
        from endcap.distill.recipe_file import read_recipe
        from endcap.distill.work.folder import Work
        from endcap.errors import InputError
        from endcap.files import write_text
        from endcap.index.home import home

        settings = read_recipe(recipe, data)
        if not settings.shops:
            raise InputError(f"The recipe {settings.name!r} has no [[shops]]: there is no catalogue to look at.")
        folder, shop = Work(work or home() / "distill" / settings.name), settings.shops[0]
        if file.exists():
            raise InputError(f"{file} is there already, perhaps with grades in it. Name another file.")
        path = log or (settings.path(shop.query_log) if shop.query_log else None)
        if path is None:
            raise InputError(
                "A plan chooses among what people search for: name a query log with --log (one query a line will do)."
            )
        found = _proposals(settings, shop, folder, path, queries, products)
        if not found:
            raise InputError(f"{path}: no query of it is new and finds two products in {shop.catalogue}.")
        from endcap.distill.judging_plan import plan_csv

        write_text(file, plan_csv(found))
    pairs = sum(len(one.products) for one in found)
    click.echo(f"{file}: {len(found)} queries, {pairs} products to grade from 0 to 3 in the column `rating`")
    for one in found[:5]:
        click.echo(f"  {one.disagreement:.0%} of the first ten differ: {one.query} ({one.count:,} searches)")
    for line in _worth(folder, 50):
        click.echo(line)


def _proposals(settings: Recipe, shop: ShopRecipe, work: Work, log: Path, queries: int, products: int) -> list[Any]:
    from contextlib import closing

    from endcap.distill.judging_plan import drawn_queries, proposals
    from endcap.evaluate.end_to_end import window_candidates
    from endcap.evaluate.open_catalogue import open_catalogue
    from endcap.evaluate.systems import StudentWithStates
    from endcap.index.field_map import FieldMap
    from endcap.index.judgments.reader import read_judgments
    from endcap.index.query_log import read_query_log
    from endcap.plugin.model.folder import default_folder
    from endcap.plugin.model.student import Student
    from endcap.plugin.states.store import StateStore

    fields = FieldMap.parse(shop.fields) if shop.fields else None
    catalogue = open_catalogue(
        str(settings.path(shop.catalogue)), format=shop.format or None, fields=fields, watch=progress
    ).shop
    judged = read_judgments(settings.path(shop.judgments), grades=shop.grades).grades if shop.judgments else {}
    found = read_query_log(log, shop.query_column, shop.count_column)
    counts = drawn_queries(found.counts, judged, settings.seed)
    windows = window_candidates(catalogue, list(counts), WINDOW, progress)
    own = work.stage("blend") / "model"
    folds = sorted((work.stage("blend") / "folds").glob("*/model.json"))
    folders = [own if (own / "model.json").exists() else default_folder(), *(path.parent for path in folds[:1])]
    with closing(StateStore.open()) as states:
        students = [StudentWithStates(Student.load(folder), states) for folder in folders]
        for student in students:
            student.read(list(windows.values()), progress)
        return proposals(windows, counts, students, queries, products)


def _worth(work: Work, more: int) -> list[str]:
    """What more queries would bring, by the gate's comparison with the model in use; nothing before there is one."""
    from endcap.distill.judging_plan import worth_of_more
    from endcap.distill.work.files import read_record

    gate = read_record(work.stage("gate") / "gate.json")
    pool = next((c for c in gate.get("checks", ()) if "judged pool" in c["name"] and c["new"] != c["old"]), None)
    if pool is None or not gate.get("queries"):
        return [
            "What more judgments are worth can be said when `endcap distill run` has measured those that there are."
        ]
    taught = sum(gate["queries"].values())
    taught = taught * 2 // 3 if gate["part"].startswith("train") else taught
    mean, low, high = worth_of_more(max(1, taught), more, pool["mean"], pool["low"], pool["high"])
    return [
        f"So far about {taught} taught queries changed nDCG@10 by {pool['mean']:+.3f} [{pool['low']:+.3f}, "
        f"{pool['high']:+.3f}] (90 %) on queries not taught.",
        f"If it goes on as learning curves do, {more} more bring {mean:+.3f} [{low:+.3f}, {high:+.3f}]: a guess.",
    ]
