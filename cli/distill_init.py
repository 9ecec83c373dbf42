"""`endcap distill init`: a shop's first recipe, written from its catalogue and judgments."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from endcap.cli.shared_options import catalogue_options, grades_option, training_side, unknown_ids_option
from endcap.index.judgments.judgments import AS_THEY_ARE
from endcap.index.readers.reading import Reading
from endcap.progress import progress

EXAMPLES = """
\b
Examples:
  endcap distill init catalogue.csv judgments.csv
  endcap distill init catalogue.csv judgments.csv --to shop
  endcap distill init products.jsonl ratings.csv --name my-shop --grades 1-5
"""


@click.command("init", epilog=EXAMPLES)
@click.argument("catalogue", type=click.Path(path_type=Path))
@click.argument("judgments", type=click.Path(path_type=Path))
@click.option("--to", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where the recipe goes [.].")
@click.option("--name", default="", help="Of the recipe and the student; else made from the catalogue's.")
@unknown_ids_option
@grades_option
@click.option("--judgments-format", default="", metavar="FORMAT", help="Of the judgments; without it, found out.")
@catalogue_options
@click.option(
    "--published",
    is_flag=True,
    help="Teach a student anew by the shop's judgments and the public ones together, where these were fetched.",
)
def init(
    catalogue: Path,
    judgments: Path,
    folder: Path | None,
    name: str,
    unknown_ids: float | None,
    grades: str,
    judgments_format: str,
    reading: Reading,
    published: bool,
) -> None:
    """Write a recipe that teaches the shipped student a shop's CATALOGUE by people's JUDGMENTS.

    Formats, fields, language and the number of judged queries are found out, and how long it will take here is
    measured. A recipe that is there already is left alone.
    """
    with training_side():
        from endcap.distill.recipe.first_recipe import published_folders, recipe_text, shop_facts, with_published
        from endcap.distill.recipe_file import read_recipe
        from endcap.distill.student.pace import Amounts, in_words, measured_pace
        from endcap.errors import InputError
        from endcap.files import write_text

        folder = folder or Path()
        facts = shop_facts(
            catalogue,
            judgments,
            name=name,
            reading=reading,
            grades=grades,
            unknown_ids=unknown_ids,
            judgments_format=judgments_format,
            watch=progress,
        )
        if published:
            folders = published_folders()
            if not folders:
                raise InputError(
                    "No public shop was fetched here: `endcap datasets fetch chorus` and `endcap datasets fetch "
                    "esci-us` do it, or leave out --published."
                )
            facts = with_published(facts, folders)
        path = folder / f"{facts.name}.toml"
        if path.exists():
            raise InputError(
                f"{path} is there already and was left as it is. Give --name NAME for another one, or remove it."
            )
        for line in _facts_told(facts):
            click.echo(line)
        folder.mkdir(parents=True, exist_ok=True)
        write_text(path, recipe_text(facts, folder))
        click.echo(f"wrote {path}")
        recipe = read_recipe(path)
        try:
            pace = measured_pace(recipe, facts.shown)
        except InputError as error:  # a base that is to be fetched first
            click.echo(f"How long it takes here can't be measured yet: {error}")
            return
    pairs = facts.pairs + facts.beside
    seconds = pace.seconds(recipe, Amounts(pairs, pairs, facts.queries))
    click.echo(
        f"Here the student reads {pace.reading:.0f} products a second and learns from {pace.training:.0f} (just "
        f"measured): `endcap distill run {path}` takes {in_words(seconds)}."
    )


def _facts_told(facts: Any) -> list[str]:
    """What was found out (a ``ShopFacts``), a line each."""
    from endcap.distill.recipe.first_recipe import YES_AND_NO

    lacking = [name for name in ("brand", "category", "description", "attributes") if not facts.filled.get(name)]
    fields = ", ".join(f"{name} {count / facts.products:.0%}" for name, count in facts.filled.items())
    judged = facts.judged
    grades = ", ".join(f"{label} = {grade}" for label, grade in judged.mapping.items())
    grades = "0 to 3" if judged.mapping == AS_THEY_ARE else grades
    lines = [
        f"{facts.catalogue}: {facts.products:,} products; {fields}",
        f"{facts.judgments}: {judged.format}, {judged.n_judgments:,} judged products of {len(judged.grades):,} "
        f"queries, grades {grades}",
        f"{facts.queries:,} of these queries have products of two grades, {facts.pairs / facts.queries:.0f} products "
        "each: they teach the student, and the gate measures it by them",
    ]
    if lacking:
        lines.append(f"No product has {', '.join(lacking)}: if the file does, name it with --fields.")
    lines += [f"Note: {note}." for note in (facts.unknown,) if note]
    if facts.grades == YES_AND_NO:
        lines.append("Note: no rating is above 1, so 1 is taken for the best. Else: take out `grades` of the recipe.")
    if facts.foreign:
        lines.append(f"Note: {facts.foreign} The recipe starts from a multilingual base.")
    if facts.published:
        lines.append(f"Taught beside it: {', '.join(facts.published)}.")
    elif not facts.foreign:
        lines.append(
            "Note: with --published it is taught together with public judgments: measured, that is worth more."
        )
    return lines
