"""`endcap distill`: from a catalogue and judgments to a student in use, stage by stage."""

from __future__ import annotations

from pathlib import Path

import click

from endcap.cli.distill_curve import command as curve
from endcap.cli.distill_llm import command as llm_check
from endcap.cli.distill_status import command as status
from endcap.cli.shared_options import recipe_options, training_side

ORDER, SUMMARY = 90, "Teach a student on your own catalogue and judgments"

EXAMPLES = """
\b
Examples:
  endcap distill run my-shop.toml
  endcap distill run my-shop.toml --until labels
  endcap distill status my-shop.toml
  endcap distill teacher my-shop.toml --work build/my-shop
"""


def _stage_helps() -> dict[str, str]:
    """Each stage's help, in the stages' order; their records need no training library."""
    from endcap.distill.stages.stage import stages

    return {name: stage.help for name, stage in stages().items()}


_HELP = _stage_helps()


@click.group("distill", epilog=EXAMPLES, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Teach a student on your own catalogue and judgments.

    Each stage reads files and writes files in the work folder; it can be stopped at any moment and goes on where it
    was. Needs the training side: pip install 'endcap[distill]'.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@command.command("run", epilog=EXAMPLES)
@recipe_options
@click.option("--until", type=click.Choice(list(_HELP)), help="The last stage to run.")
def run(recipe: str, work: Path | None, data: Path | None, until: str | None) -> None:
    """Run all stages of RECIPE in their order; what is up to date is skipped."""
    names = list(_HELP)
    _run(recipe, work, data, names[: names.index(until) + 1] if until else names)


def _stage_command(name: str) -> None:
    lines = (
        "\b",
        "Examples:",
        *(f"  endcap distill {name} my-shop.toml{more}" for more in ("", " --work build/my-shop")),
    )

    @command.command(name, help=_HELP[name], epilog="\n".join(lines))
    @recipe_options
    def stage(recipe: str, work: Path | None, data: Path | None) -> None:
        _run(recipe, work, data, [name])


for _name in _HELP:
    _stage_command(_name)
command.add_command(status)
command.add_command(llm_check)
command.add_command(curve)


def _run(recipe: str, work: Path | None, data: Path | None, names: list[str]) -> None:
    from endcap.errors import GateRefused
    from endcap.index.home import home
    from endcap.progress import progress

    try:
        with training_side():
            from endcap.distill.pipeline import run_stages
            from endcap.distill.recipe_file import read_recipe
            from endcap.distill.work.folder import Work

            settings = read_recipe(recipe, data)
            folder = Work(work or home() / "distill" / settings.name)
            run_stages(settings, folder, names, watch=progress, say=lambda text: click.echo(text, err=True))
    except KeyboardInterrupt:
        click.echo("\nStopped. What was done is kept: the same command goes on from there.", err=True)
        raise
    except GateRefused:
        click.echo((folder.stage("gate") / "gate.txt").read_text(encoding="utf-8"))
        raise
    if names == ["gate"]:
        click.echo((folder.stage("gate") / "gate.txt").read_text(encoding="utf-8"))
    click.echo(f"work folder: {folder.folder}")
