"""`endcap distill llm-check`: what asking the LLM of a recipe would cost, and how far it agrees with people."""

from __future__ import annotations

from pathlib import Path

import click

EXAMPLES = """
\b
Examples:
  endcap distill llm-check my-shop.toml --pairs 0
  endcap distill llm-check my-shop.toml
  endcap distill llm-check my-shop.toml --pairs 300
"""


@click.command("llm-check", epilog=EXAMPLES)
@click.argument("recipe")
@click.option("--work", type=click.Path(path_type=Path), help="Where stages keep files; by default in endcap's home.")
@click.option("--data", type=click.Path(exists=True, path_type=Path), help="Where the recipe's paths start from.")
@click.option(
    "--pairs", type=click.IntRange(0), default=20, show_default=True, help="Judged pairs to ask for; 0: none."
)
def command(recipe: str, work: Path | None, data: Path | None, pairs: int) -> None:
    """Estimate what the LLM of RECIPE costs, ask it for a few judged pairs, and compare its grades with people's.

    Uses judged queries of train and dev, never of test. Answers are kept: later stages do not pay for them again. The
    report is written to WORK/llm/.
    """
    from endcap.errors import EndcapError
    from endcap.index.home import home
    from endcap.progress import progress

    try:
        from endcap.distill.llm.dry_run import check_agreement, cost_estimates
        from endcap.distill.pipeline import run_stages
        from endcap.distill.recipe_file import read_recipe
        from endcap.distill.work.folder import Work

        read = read_recipe(recipe, data)
        folder = Work(work or home() / "distill" / read.name)
        run_stages(read, folder, ["split"], watch=progress)
        for estimate in cost_estimates(read, folder, pairs):
            click.echo(str(estimate))
        if pairs:
            for line in check_agreement(read, folder, pairs, progress):
                click.echo(line)
    except ImportError as error:
        raise EndcapError(f"Distilling needs {error.name}: pip install 'endcap[distill]'.") from None
