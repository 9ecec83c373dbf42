"""``endcap rules``: check a shop's rules file, try it on a search, and say which one an index has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import click

from endcap.cli.shared_options import FILE, model_option
from endcap.index.settings import IndexSettings, save_settings, settings_of

ORDER, SUMMARY = 55, "Check a merchandiser's rules, try them on a search, put them to use"

EXAMPLES = """
\b
Examples:
  endcap rules check rules.toml
  endcap rules try rules.toml "usb c charger" --index shop
  endcap rules use rules.toml --index shop
  endcap rules use --none --index shop
"""
_index_option = click.option("--index", "name", help="The index; not needed if it is the only one.")


@click.group("rules", epilog=EXAMPLES, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Check a merchandiser's rules, try them on a search, put them to use.

    docs/rules.md says what a rules file may hold.
    """
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@command.command("check")
@click.argument("file", type=FILE)
def check(file: Path) -> None:
    """Read a rules file, and print what it means."""
    from endcap.plugin.rules.file import read_rules
    from endcap.plugin.rules.words import sentences

    for line in sentences(read_rules(file)):
        click.echo(line)


@command.command("try")
@click.argument("file", type=FILE)
@click.argument("query")
@_index_option
@click.option("--size", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many products to show.")
@model_option
def try_(file: Path, query: str, name: str | None, size: int, model: Path) -> None:
    """Search with a rules file, beside the order without it, and print what each rule has moved."""
    from endcap.cli.search import as_typed, print_page, search_reranked
    from endcap.index.open_engine import open_engine

    query, settings = as_typed(query), settings_of(name)
    engine, target = open_engine(settings), settings.index or settings.name
    body = {"query": engine.text_query(query), "size": size, "ext": {"rerank": {"explain": True}}}
    without = replace(settings, rules="")
    before, _ = search_reranked(engine, without, target, {**body, "size": 1000}, model)
    reply, _ = search_reranked(engine, replace(settings, rules=str(file.absolute())), target, body, model)
    places = {hit["_id"]: place for place, hit in enumerate(before["hits"]["hits"], 1)}
    print_page(query, reply, places, settings, explain=False)
    held = reply["ext"]["rerank"].get("rules", [])
    click.echo(f"Rules that hold: {', '.join(held)}." if held else "No rule holds for this search.")
    for place, hit in enumerate(reply["hits"]["hits"], 1):
        notes = hit.get("rerank_explanation", {}).get("shop_rules", [])
        if notes:
            moved = (f"{note['action']} ({note['rule']})" for note in notes)
            click.echo(f"{place:>2}: {', '.join(moved)}")


@command.command("use")
@click.argument("file", type=FILE, required=False)
@click.option("--none", is_flag=True, help="No rules from now on.")
@_index_option
def use(file: Path | None, none: bool, name: str | None) -> None:
    """Let all searches of an index follow a rules file, or none; a running service reads a changed file by itself."""
    from endcap.plugin.rules.file import read_rules

    if (file is None) != none:
        raise click.UsageError("give a rules file, or --none.")
    settings: IndexSettings = settings_of(name)
    if file is not None:
        read_rules(file)
    save_settings(replace(settings, rules="" if file is None else str(file.absolute())))
    click.echo(f"Searches of {settings.name!r} follow {'no rules' if file is None else file.absolute()} from now on.")
