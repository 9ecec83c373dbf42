"""`endcap models`: build, show, check and compare model folders, and keep those that are in use."""

from __future__ import annotations

from pathlib import Path

import click

from endcap.cli.models_compare import compare
from endcap.cli.models_registry import list_, promote, rollback
from endcap.cli.shared_options import (
    catalogue_options,
    grades_option,
    judgments_options,
    margin_option,
    model_folder,
    training_side,
    unknown_ids_option,
)
from endcap.index.readers.reading import Reading

ORDER, SUMMARY = 110, "Build, show, compare, promote and roll back models"

EXAMPLES = """
\b
Examples:
  endcap models show
  endcap models list
  endcap models compare build/student shop --catalogue products.jsonl --judgments ratings.csv
  endcap models promote build/student --name shop --reason "better on long queries"
  endcap models rollback shop
  endcap models build default build/student
  endcap models check build/int8 products.jsonl --against build/fp32 --judgments ratings.csv
"""


@click.group("models", epilog=EXAMPLES, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Build, show, compare, promote and roll back models.

    A MODEL is a folder, a promoted model's NAME or NAME@VERSION, or 'shipped': the one that comes with endcap.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


for _command in (list_, promote, rollback, compare):
    command.add_command(_command)


@command.command("show", epilog=EXAMPLES)
@click.argument("model", required=False, callback=model_folder)
@click.option("--json", "as_json", is_flag=True, help="Print model.json itself.")
@click.option("--card", is_flag=True, help="Print the model card.")
def show(model: Path, as_json: bool, card: bool) -> None:
    """Check a model's folder and say what it is.

    Without MODEL: the one that a command without --model would use.
    """
    import json

    from endcap.plugin.model.folder import read_model

    info = read_model(model)
    if as_json:
        click.echo(json.dumps(dict(info.raw), indent=2, ensure_ascii=False))
        return
    if card:
        click.echo((info.folder / "README.md").read_text(encoding="utf-8"), nl=False)
        return
    rows = {
        "name": info.name,
        "folder": info.folder,
        "shape": info.shape,
        "base": f"{info.base} ({info.raw['base']['license']})",
        "precision": info.precision,
        "reads": f"{', '.join(info.fields)}; at most {info.text.max_product_tokens} tokens",
        "state": f"{info.state_bytes or 'variable'} bytes ({info.state_dtype})",
        "blend": f"{'learnt, else ' if info.learnt else ''}weight {info.blend_weight:g}, window {info.window}",
        "trained on": ", ".join(info.raw["trained_on"]) or "nothing (zero-shot)",
        "checksum": info.checksum,
    }
    shops = info.raw.get("lineage", {}).get("data", {}).get("shops")
    if shops:
        rows["trained on"] = ", ".join(shops)
    for name, value in rows.items():
        click.echo(f"{name:<11} {value}")


@command.command("build", epilog=EXAMPLES)
@click.argument("recipe")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--base", help="Weights to use in place of the recipe's base: a folder, or a name on the hub.")
@click.option("--precision", type=click.Choice(["int8", "fp32"]), help="In place of the recipe's.")
def build(recipe: str, out: Path, base: str | None, precision: str | None) -> None:
    """Make the model folder OUT by RECIPE: a TOML file, or the name of one that comes with endcap.

    Needs the training side: pip install 'endcap[distill]'.
    """
    from dataclasses import replace

    from endcap.distill.recipe_file import read_recipe

    settings = read_recipe(recipe)
    with training_side("Building a model"):
        from endcap.distill.export.export import build_model
    info = build_model(replace(settings, precision=precision) if precision else settings, out, base=base)
    click.echo(f"{info.folder}: {info.name}, {info.precision}, checksum {info.checksum[:16]}…")


@command.command("check", epilog=EXAMPLES)
@click.argument("candidate", metavar="MODEL", callback=model_folder)
@click.argument("catalogue")
@click.option("--against", required=True, metavar="MODEL", callback=model_folder, help="The model to hold it to.")
@click.option("--judgments", required=True, type=click.Path(exists=True, path_type=Path), help="Graded products.")
@judgments_options
@unknown_ids_option
@grades_option
@margin_option
@catalogue_options
def check(
    candidate: Path,
    catalogue: str,
    against: Path,
    judgments: Path,
    judgments_format: str | None,
    judgments_queries: Path | None,
    unknown_ids: float | None,
    grades: str,
    margin: float,
    reading: Reading,
) -> None:
    """Check that MODEL ranks judged products no worse than another model, as int8 must beside its fp32.

    Compares nDCG@10 in the judged pool, query by query. Exits with 1 where the loss is larger than the margin.
    """
    from contextlib import closing

    from endcap.evaluate.open_catalogue import open_catalogue
    from endcap.evaluate.run import Request, run
    from endcap.index.judgments.reader import read_judgments
    from endcap.plugin.model.student import Student
    from endcap.plugin.states.store import StateStore
    from endcap.progress import progress

    judged = read_judgments(judgments, judgments_format, judgments_queries, grades, progress)
    new, old = Student.load(candidate), Student.load(against)
    opened = open_catalogue(catalogue, reading=reading, watch=progress)
    with closing(StateStore.open()) as states:
        request = Request(measures=("nDCG@10",), settings=("pool",), unknown_ids=unknown_ids)
        evaluation = run(opened, judged, new, old, request, states, progress)
    for warning in evaluation.about.warnings:
        click.echo(f"Warning: {warning}.", err=True)
    difference = evaluation.settings[0].difference("student", "cosine", "nDCG@10")
    if difference is None:
        raise click.ClickException("nothing could be compared: no query has both good and bad judged products")
    click.echo(
        f"nDCG@10 {difference.mean:+.4f} [{difference.low:+.4f}, {difference.high:+.4f}] over {difference.queries} "
        f"queries: {new.info.name} ({new.info.precision}) against {old.info.name} ({old.info.precision})"
    )
    passed = difference.mean >= -margin
    click.echo(f"{'passed' if passed else 'failed'}: it may lose {margin:g}")
    if not passed:
        raise SystemExit(1)
