"""`endcap models list`, `promote` and `rollback`: which models are in use, and which were."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import click

from endcap.cli.shared_options import model_folder

LIST_EXAMPLES = """
\b
Examples:
  endcap models list
  endcap models list shop --history
  endcap models list --json
"""
PROMOTE_EXAMPLES = """
\b
Examples:
  endcap models promote build/student --name shop --reason "better on long queries"
  endcap models promote shop@3 --name shop --reason "forward again"
  endcap models promote shipped --name shop --reason "as it comes"
"""
ROLLBACK_EXAMPLES = """
\b
Examples:
  endcap models rollback shop
  endcap models rollback shop --reason "phone cases above phones"
  endcap models rollback shop --to 0002-1a2b3c4d
"""


@click.command("list", epilog=LIST_EXAMPLES)
@click.argument("name", required=False)
@click.option("--history", is_flag=True, help="Every change of what is in use, the first first.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(name: str | None, history: bool, as_json: bool) -> None:
    """List promoted models, all their versions, and which one is in use."""
    from endcap.plugin.model.registry import list_models
    from endcap.plugin.model.registry_files import models_home, read_history, registry_names

    names = registry_names() if name is None else [name]
    if history:
        changes = [{"name": model, **change} for model in names for change in read_history(model)]
        if as_json:
            click.echo(json.dumps(changes, indent=2, ensure_ascii=False))
            return
        for change in changes:
            what, by = f"{change['when']}  {change['what']:<8}", change.get("by", "-")
            click.echo(f"{what}  {change['name']}  {change['current']}  {by}  {change['why']}")
        return
    versions = [version for model in names for version in list_models(model)]
    if as_json:
        rows = [{**asdict(version), "folder": str(version.folder)} for version in versions]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not versions:
        click.echo(f"Nothing was promoted yet in {models_home()}. The model that comes with endcap is in use.")
    for version in versions:
        use = {"current": "in use", "previous": "before"}.get(version.use, "")
        columns = f"{version.name:<16} {version.version:<14} {use:<7} {version.when[:10]:<10}  {version.model}"
        click.echo(f"{columns} ({version.precision})  {version.why}".rstrip())
        if version.problem:
            click.echo(f"  Warning: {version.problem}", err=True)


@click.command("promote", epilog=PROMOTE_EXAMPLES)
@click.argument("model", callback=model_folder)
@click.option("--name", required=True, help="Under which it is used: --model NAME, and by services that follow NAME.")
@click.option("--reason", required=True, help="Why; it is kept in the history.")
def promote(model: Path, name: str, reason: str) -> None:
    """Put MODEL into use under a name: it is copied and checked, then services that follow the name pick it up.

    'endcap distill promote' does the same for a candidate that has passed the gate; this asks for no gate, but for a
    reason.
    """
    from endcap.errors import ModelError
    from endcap.plugin.model import registry
    from endcap.plugin.model.registry_files import read_pointer

    before = None
    with suppress(ModelError):  # a pointer that can't be read is none
        before = read_pointer(name)
    folder = registry.promote(model, name, reason)
    now = read_pointer(name)
    unchanged = before is not None and now is not None and before.flip == now.flip
    click.echo(f"{name}: {folder.name} is in use {'already' if unchanged else f'({folder})'}.")


@click.command("rollback", epilog=ROLLBACK_EXAMPLES)
@click.argument("name")
@click.option("--to", metavar="VERSION", help="A version that was in use before; without it, the last one.")
@click.option("--reason", default="", help="Why; it is kept in the history.")
def rollback(name: str, to: str | None, reason: str) -> None:
    """Put the version that NAME used before back into use. Twice goes back two versions."""
    from endcap.plugin.model import registry

    folder = registry.rollback(name, reason, to)
    click.echo(f"{name}: {folder.name} is in use again ({folder}).")
