"""`endcap distill`: from a catalogue and judgments to a student in use, stage by stage."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from endcap.cli.distill_init import init
from endcap.cli.distill_plan import plan
from endcap.cli.shared_options import options, training_side
from endcap.progress import progress

ORDER, SUMMARY = 90, "Teach a student on your own catalogue and judgments"

EXAMPLES = """
\b
Examples:
  endcap distill init catalogue.csv judgments.csv
  endcap distill run my-shop.toml
  endcap distill run my-shop.toml --until labels
  endcap distill status my-shop.toml
  endcap distill teacher my-shop.toml --work build/my-shop
"""
STATUS_EXAMPLES = """
\b
Examples:
  endcap distill status my-shop.toml
  endcap distill status my-shop.toml --work build/my-shop
"""
LLM_EXAMPLES = """
\b
Examples:
  endcap distill llm-check my-shop.toml --pairs 0
  endcap distill llm-check my-shop.toml
  endcap distill llm-check my-shop.toml --pairs 300
"""

recipe_options = options(
    click.argument("recipe"),
    click.option(
        "--work", type=click.Path(path_type=Path), help="Where stages keep files; by default in endcap's home."
    ),
    click.option("--data", type=click.Path(exists=True, path_type=Path), help="Where the recipe's paths start from."),
)


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


command.add_command(init)
command.add_command(plan)


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


def _run(recipe: str, work: Path | None, data: Path | None, names: list[str]) -> None:
    from endcap.errors import GateRefused

    try:
        with _told_when_stopped(), training_side():
            from endcap.distill.pipeline import run_stages

            settings, folder = _opened(recipe, work, data)
            if {"split", "student"} <= set(names):
                run_stages(settings, folder, ["split"], watch=progress, say=_note)
                _tell_time(settings, folder)
                names = [name for name in names if name != "split"]
            run_stages(settings, folder, names, watch=progress, say=_note)
    except GateRefused:
        click.echo((folder.stage("gate") / "gate.txt").read_text(encoding="utf-8"))
        raise
    if names == ["gate"]:
        click.echo((folder.stage("gate") / "gate.txt").read_text(encoding="utf-8"))
    click.echo(f"work folder: {folder.folder}")


def _tell_time(settings: Any, folder: Any) -> None:
    """Say how long the student takes here, where that is long and still to be done."""
    from endcap.distill.stage_status import UP_TO_DATE, Inspector
    from endcap.distill.stages.stage import stages
    from endcap.distill.student.pace import LONG, Amounts, estimate
    from endcap.distill.work.records import read_data
    from endcap.errors import InputError

    try:
        judged = read_data(folder)
        is_long = Amounts.of(judged).pairs >= LONG
        if is_long and Inspector(settings, folder).state(stages()["student"]).state != UP_TO_DATE:
            _note(estimate(settings, judged))
    except InputError:
        return  # the stage that needs what is missing will say so


@command.command("estimate")
@recipe_options
def estimate_time(recipe: str, work: Path | None, data: Path | None) -> None:
    """Say how long RECIPE takes on this machine, by a few seconds of the real work; nothing is trained.

    It splits the judged queries, as `run` does first, which reads the catalogues.

    \b
    Example:
      endcap distill estimate shops-all
    """
    with training_side():
        from endcap.distill.pipeline import run_stages
        from endcap.distill.student.pace import estimate
        from endcap.distill.work.records import read_data

        settings, folder = _opened(recipe, work, data)
        run_stages(settings, folder, ["split"], watch=progress, say=_note)
        click.echo(estimate(settings, read_data(folder)))


@contextmanager
def _told_when_stopped() -> Iterator[None]:
    """Say at Ctrl-C that nothing is lost."""
    try:
        yield
    except KeyboardInterrupt:
        _note("\nStopped. What was done is kept: the same command goes on from there.")
        raise


def _opened(recipe: str, work: Path | None, data: Path | None) -> tuple[Any, Any]:
    """The ``Recipe`` that the options mean, and its ``Work`` folder."""
    from endcap.distill.recipe_file import read_recipe
    from endcap.distill.work.folder import Work
    from endcap.index.home import home

    settings = read_recipe(recipe, data)
    return settings, Work(work or home() / "distill" / settings.name)


def _note(text: str) -> None:
    click.echo(text, err=True)


@command.command("status", epilog=STATUS_EXAMPLES)
@recipe_options
def status(recipe: str, work: Path | None, data: Path | None) -> None:
    """Show the stages of RECIPE: up to date, stale (and because of what), interrupted, refused, or not run.

    Nothing is run or changed. What counts is what files hold, not when they were written.
    """
    with training_side():
        from endcap.distill.stage_status import overview

        settings, folder = _opened(recipe, work, data)
        rows = overview(settings, folder, progress)
    click.echo(f"work folder: {folder.folder}{' (a process is at work in it)' if folder.is_locked() else ''}")
    click.echo(f"{'stage':<9} {'state':<12} {'finished (UTC)':<20} {'took':>9}  outputs")
    for row in rows:
        took = "" if row.seconds is None else _duration(row.seconds)
        finished = row.finished[:19].replace("T", " ")
        click.echo(f"{row.name:<9} {row.state:<12} {finished:<20} {took:>9}  {row.outputs}".rstrip())
        for reason in row.reasons:
            click.echo(f"{'':<9} {'' if row.state == 'refused' else 'because '}{reason}")


def _duration(seconds: float) -> str:
    if seconds < 60:
        return f"{seconds:.1f} s"
    return f"{seconds / 60:.1f} min" if seconds < 3600 else f"{seconds / 3600:.1f} h"


@command.command("llm-check", epilog=LLM_EXAMPLES)
@recipe_options
@click.option(
    "--pairs", type=click.IntRange(0), default=20, show_default=True, help="Judged pairs to ask for; 0: none."
)
def llm_check(recipe: str, work: Path | None, data: Path | None, pairs: int) -> None:
    """Estimate what the LLM of RECIPE costs, ask it for a few judged pairs, and compare its grades with people's.

    Uses judged queries of train and dev, never of test. Answers are kept: later stages do not pay for them again. The
    report is written to WORK/llm/.
    """
    with _told_when_stopped(), training_side():
        from endcap.distill.llm.dry_run import check_agreement, cost_estimates
        from endcap.distill.pipeline import run_stages

        settings, folder = _opened(recipe, work, data)
        run_stages(settings, folder, ["split"], watch=progress)
        for estimate in cost_estimates(settings, folder, pairs):
            click.echo(str(estimate))
        if pairs:
            for line in check_agreement(settings, folder, pairs, progress):
                click.echo(line)


@command.command("curve")
@recipe_options
def curve(recipe: str, work: Path | None, data: Path | None) -> None:
    """Train students on growing amounts of generated pairs, and draw their nDCG@10 on the test queries.

    Amounts and seeds are those of the recipe's [curve]. It needs the stages up to labels, can be stopped at any moment,
    and goes on where it was. The work folder's curve/ holds the plot, the table and the numbers.

    \b
    Example:
      endcap distill run my-shop.toml --until labels
      endcap distill curve my-shop.toml
    """
    with _told_when_stopped(), training_side():
        from endcap.distill.curve.measurement import run_curve
        from endcap.distill.curve.report import markdown
        from endcap.distill.work.curve_fingerprint import CURVE

        settings, folder = _opened(recipe, work, data)
        learning_curve = run_curve(settings, folder, watch=progress, say=_note)
    click.echo(markdown(learning_curve))
    click.echo(f"plot: {folder.stage(CURVE) / 'curve.svg'}")
