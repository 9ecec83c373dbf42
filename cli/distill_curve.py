"""`endcap distill curve`: is more generated data still worth it, does the student pass its teacher?"""

from __future__ import annotations

from pathlib import Path

import click

from endcap.cli.shared_options import recipe_options, training_side


@click.command("curve")
@recipe_options
def command(recipe: str, work: Path | None, data: Path | None) -> None:
    """Train students on growing amounts of generated pairs, and draw their nDCG@10 on the test queries.

    Amounts and seeds are those of the recipe's [curve]. It needs the stages up to labels, can be stopped at any moment,
    and goes on where it was. The work folder's curve/ holds the plot, the table and the numbers.

    \b
    Example:
      endcap distill run my-shop.toml --until labels
      endcap distill curve my-shop.toml
    """
    from endcap.index.home import home
    from endcap.progress import progress

    with training_side():
        from endcap.distill.curve.measurement import run_curve
        from endcap.distill.curve.report import markdown
        from endcap.distill.recipe_file import read_recipe
        from endcap.distill.work.curve_fingerprint import CURVE
        from endcap.distill.work.folder import Work

        settings = read_recipe(recipe, data)
        folder = Work(work or home() / "distill" / settings.name)
        curve = run_curve(settings, folder, watch=progress, say=lambda text: click.echo(text, err=True))
    click.echo(markdown(curve))
    click.echo(f"plot: {folder.stage(CURVE) / 'curve.svg'}")
