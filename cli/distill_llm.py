"""`endcap distill llm-check`: what asking the LLM of a recipe would cost, and how far it agrees with people."""

from __future__ import annotations

from pathlib import Path

import click

from endcap.cli.shared_options import recipe_options, training_side

EXAMPLES = """
\b
Examples:
  endcap distill llm-check my-shop.toml --pairs 0
  endcap distill llm-check my-shop.toml
  endcap distill llm-check my-shop.toml --pairs 300
"""


@click.command("llm-check", epilog=EXAMPLES)
@recipe_options
@click.option(
    "--pairs", type=click.IntRange(0), default=20, show_default=True, help="Judged pairs to ask for; 0: none."
)
def command(recipe: str, work: Path | None, data: Path | None, pairs: int) -> None:
    """Estimate what the LLM of RECIPE costs, ask it for a few judged pairs, and compare its grades with people's.

    Uses judged queries of train and dev, never of test. Answers are kept: later stages do not pay for them again. The
    report is written to WORK/llm/.
    """
    from endcap.index.home import home
    from endcap.progress import progress

    with training_side():
        from endcap.distill.llm.dry_run import check_agreement, cost_estimates
        from endcap.distill.pipeline import run_stages
        from endcap.distill.recipe_file import read_recipe
        from endcap.distill.work.folder import Work

        settings = read_recipe(recipe, data)
        folder = Work(work or home() / "distill" / settings.name)
        run_stages(settings, folder, ["split"], watch=progress)
        for estimate in cost_estimates(settings, folder, pairs):
            click.echo(str(estimate))
        if pairs:
            for line in check_agreement(settings, folder, pairs, progress):
                click.echo(line)
