"""`endcap distill status`: which stages are up to date, which are not, and why."""

from __future__ import annotations

from pathlib import Path

import click

from endcap.cli.shared_options import recipe_options, training_side

EXAMPLES = """
\b
Examples:
  endcap distill status my-shop.toml
  endcap distill status my-shop.toml --work build/my-shop
"""


@click.command("status", epilog=EXAMPLES)
@recipe_options
def command(recipe: str, work: Path | None, data: Path | None) -> None:
    """Show the stages of RECIPE: up to date, stale (and because of what), interrupted, or not run.

    Nothing is run or changed. What counts is what files hold, not when they were written.
    """
    from endcap.index.home import home
    from endcap.progress import progress

    with training_side():
        from endcap.distill.recipe_file import read_recipe
        from endcap.distill.stage_status import overview
        from endcap.distill.work.folder import Work

        settings = read_recipe(recipe, data)
        folder = Work(work or home() / "distill" / settings.name)
        rows = overview(settings, folder, progress)
    click.echo(f"work folder: {folder.folder}{' (a process is at work in it)' if folder.is_locked() else ''}")
    click.echo(f"{'stage':<9} {'state':<12} {'finished (UTC)':<20} {'took':>9}  outputs")
    for row in rows:
        took = "" if row.seconds is None else _time(row.seconds)
        finished = row.finished[:19].replace("T", " ")
        click.echo(f"{row.name:<9} {row.state:<12} {finished:<20} {took:>9}  {row.outputs}".rstrip())
        for reason in row.reasons:
            click.echo(f"{'':<9} because {reason}")


def _time(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"
