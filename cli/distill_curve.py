"""`endcap distill curve`: is more generated data still worth it, does the student pass its teacher?"""

from __future__ import annotations

from pathlib import Path

import click


@click.command("curve")
@click.argument("recipe")
@click.option("--work", type=click.Path(path_type=Path), help="Where stages keep files; by default in endcap's home.")
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Where the recipe's paths start from.")
def command(recipe: str, work: Path | None, data: Path | None) -> None:
    """Train students on growing amounts of generated pairs, and draw their nDCG@10 on the test queries.

    Amounts and seeds are those of the recipe's [curve]. It needs the stages up to labels, can be stopped at any moment,
    and goes on where it was. The work folder's curve/ holds the plot, the table and the numbers.

    \b
    Example:
      endcap distill run my-shop.toml --until labels
      endcap distill curve my-shop.toml
    """
    from endcap.errors import EndcapError
    from endcap.index.home import home
    from endcap.progress import progress

    try:
        from endcap.distill.curve.measurement import run_curve
        from endcap.distill.curve.report import markdown
        from endcap.distill.recipe_file import read_recipe
        from endcap.distill.work.curve_fingerprint import CURVE
        from endcap.distill.work.folder import Work

        read = read_recipe(recipe, data)
        folder = Work(work or home() / "distill" / read.name)
        found = run_curve(read, folder, watch=progress, say=lambda text: click.echo(text, err=True))
    except ImportError as error:
        raise EndcapError(f"Distilling needs {error.name}: pip install 'endcap[distill]'.") from None
    click.echo(markdown(found))
    click.echo(f"plot: {folder.stage(CURVE) / 'curve.svg'}")
