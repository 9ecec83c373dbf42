"""`endcap distill plan`: what to judge next."""

from __future__ import annotations

from pathlib import Path

import click

from endcap.cli.shared_options import training_side
from endcap.progress import progress

EXAMPLES = """
\b
Examples:
  endcap distill plan my-shop.toml --log query-log.csv --to next.csv
  endcap distill plan my-shop.toml --log query-log.csv --to next.csv --queries 20 --products 15
"""
MOST_PRODUCTS = 50


@click.command("plan", epilog=EXAMPLES)
@click.argument("recipe")
@click.option(
    "--log", type=click.Path(exists=True, path_type=Path), help="What people searched for; else the recipe's."
)
@click.option("--to", "file", required=True, type=click.Path(dir_okay=False, path_type=Path), help="The CSV to write.")
@click.option("--queries", type=click.IntRange(1), default=40, show_default=True)
@click.option("--products", type=click.IntRange(4, MOST_PRODUCTS), default=12, show_default=True, help="Of each query.")
@click.option("--work", type=click.Path(path_type=Path), help="The recipe's work folder; by default in endcap's home.")
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Where the recipe's paths start from.")
def plan(
    recipe: str, log: Path | None, file: Path, queries: int, products: int, work: Path | None, data: Path | None
) -> None:
    """Propose queries and products whose grades would tell most, for the first shop of RECIPE.

    They are searches of the log, half of them frequent ones, in which the engine and the student put other products
    first; where the recipe's students of folds are there, their disagreement counts, too. The CSV has an empty column
    `rating`: filled in, it is judgments, which `more_judgments` adds to the recipe's. What is left empty is left out.
    """
    with training_side():
        from endcap.distill.judging_plan import plan_csv, planned, worth_in_words
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
        found = planned(settings, folder, path, queries, products, progress)
        if not found:
            raise InputError(f"{path}: no query of it is new and finds two products in {shop.catalogue}.")
        write_text(file, plan_csv(found))
    pairs = sum(len(one.products) for one in found)
    click.echo(f"{file}: {len(found)} queries, {pairs} products to grade from 0 to 3 in the column `rating`")
    for one in found[:5]:
        click.echo(f"  {one.disagreement:.0%} of the first ten differ: {one.query} ({one.count:,} searches)")
    click.echo(f"Filled in, add it to [[shops]] of the recipe: more_judgments = [{str(file.resolve())!r}]")
    for line in worth_in_words(folder, 50):
        click.echo(line)
