"""``endcap rules``: check a shop's rules file, try it on a search, and say which one an index has."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from endcap.cli.shared_options import (
    FILE,
    grades_option,
    judgments_options,
    log_columns_options,
    model_option,
    unknown_ids_option,
)
from endcap.index.settings import IndexSettings, save_settings, settings_of

if TYPE_CHECKING:
    from endcap.plugin.rules.rule import ShopRules

UNHURRIED_MS = 60_000.0
"""A trial is not a shopper's search: what is not yet read is read first."""

ORDER, SUMMARY = 55, "Check a merchandiser's rules, try them on a search, put them to use"

EXAMPLES = """
\b
Examples:
  endcap rules check rules.toml
  endcap rules check rules.toml --index shop --queries searches.log
  endcap rules try rules.toml "usb c charger" --index shop
  endcap rules use rules.toml --index shop
  endcap rules learn rules.toml --index shop --judgments ratings.csv
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
@click.option("--index", "name", help="Also say which fields, ids and values no product of this index has.")
@click.option("--queries", "log", type=FILE, help="Also say for which searches of this log each rule is.")
@log_columns_options
def check(
    file: Path, name: str | None, log: Path | None, query_column: str, count_column: str, log_encoding: str
) -> None:
    """Read a rules file, and print what it means, and what in it can have no effect."""
    from endcap.plugin.rules.check import over
    from endcap.plugin.rules.file import read_rules
    from endcap.plugin.rules.live import local_now
    from endcap.plugin.rules.rule import ShopRules
    from endcap.plugin.rules.words import sentences

    rules = read_rules(file)
    for line in sentences(rules) if rules != ShopRules() else ["No rules."]:
        click.echo(line)
    warnings = over(rules, local_now())
    if log is not None:
        warnings += _searches(rules, log, query_column, count_column, log_encoding)
    if name is not None:
        warnings += _lacking(rules, settings_of(name))
    for warning in warnings:
        click.echo(f"Warning: {warning}", err=True)


def _searches(
    rules: ShopRules, file: Path, query_column: str = "", count_column: str = "", encoding: str = ""
) -> list[str]:
    """Print for which searches of a log each rule is; what is to be said of those that are for none."""
    from endcap.index.query_log import read_query_log
    from endcap.plugin.rules.check import held
    from endcap.progress import progress

    log = read_query_log(file, query_column, count_column, encoding, progress)
    click.echo(f"{log.account()}.")
    found = held(rules, log.counts)
    for rule, queries in found.items():
        if queries:
            such = max(queries, key=lambda query: queries[query])
            click.echo(f"{rule}: {sum(queries.values()):,} of {log.searches:,} searches, such as {such!r}")
    return [f"rule {rule!r}: no search of {log.name} is one of its." for rule, queries in found.items() if not queries]


def _lacking(rules: ShopRules, settings: IndexSettings) -> list[str]:
    """What the rules name and no product of an index has."""
    from endcap.plugin.rules.check import lacking

    with closing(_hits(settings, rules)) as hits:
        return lacking(rules, hits, settings.fields)


def _hits(settings: IndexSettings, rules: ShopRules) -> Generator[Mapping[str, Any], None, None]:
    """All products of an index with what the rules read, some of the first as a whole."""
    from endcap.index.open_engine import open_engine
    from endcap.index.opensearch.engine import OpenSearchEngine
    from endcap.index.opensearch.read_index import stream_hits
    from endcap.plugin.rules.documents import source_paths

    engine, target = open_engine(settings), settings.index or settings.name
    if isinstance(engine, OpenSearchEngine):
        yield from engine.search(index=target, body={"query": {"match_all": {}}, "size": 20})["hits"]["hits"]
        paths = source_paths(rules.fields, settings.fields)
        yield from stream_hits(engine.client, target, paths, url=settings.url)
    else:
        yield from ({"_id": product.id, "_source": product.to_mapping()} for product in engine.products())


@command.command("try")
@click.argument("file", type=FILE)
@click.argument("query")
@_index_option
@click.option("--size", default=10, show_default=True, type=click.IntRange(1, 1000), help="How many products to show.")
@model_option
def try_(file: Path, query: str, name: str | None, size: int, model: Path) -> None:
    """Search with a rules file, beside the order without it, and print what each rule has moved or hidden."""
    from endcap.cli.search import as_typed, print_page, search_reranked
    from endcap.index.open_engine import open_engine
    from endcap.index.own_query import own_query, search_body
    from endcap.plugin.rules.arrange import hides
    from endcap.plugin.rules.check import over
    from endcap.plugin.rules.documents import Documents
    from endcap.plugin.rules.file import read_rules
    from endcap.plugin.rules.live import LiveRules, local_now

    query, settings = as_typed(query), settings_of(name)
    engine, target = open_engine(settings), settings.index or settings.name
    asked = search_body(engine, own_query(settings.body), query)
    rerank = {"explain": True, "query_context": {"query_text": query}}
    body = {**asked, "size": size, "ext": {**asked.get("ext", {}), "rerank": rerank}}
    rules = read_rules(file)
    for warning in (*over(rules, local_now()), *_lacking(rules, settings)):
        click.echo(f"Warning: {warning}", err=True)
    without = replace(settings, rules="")
    before, _ = search_reranked(engine, without, target, {**body, "size": 1000}, model, deadline_ms=UNHURRIED_MS)
    ruled = replace(settings, rules=str(file.absolute()))
    reply, _ = search_reranked(engine, ruled, target, body, model, deadline_ms=UNHURRIED_MS)
    places = {hit["_id"]: place for place, hit in enumerate(before["hits"]["hits"], 1)}
    print_page(query, reply, places, settings, explain=False)
    held = reply["ext"]["rerank"].get("rules", [])
    click.echo(f"Rules that hold: {', '.join(held)}." if held else "No rule holds for this search.")
    for place, hit in enumerate(reply["hits"]["hits"], 1):
        notes = hit.get("rerank_explanation", {}).get("shop_rules", [])
        if notes:
            moved = (f"{note['action']} ({note['rule']})" for note in notes)
            click.echo(f"{place:>2}: {', '.join(moved)}")
    documents = Documents(before["hits"]["hits"], settings.fields)
    for rule in LiveRules(rules).applying(rules, query):
        hidden = [str(hit["_id"]) for hit, gone in zip(documents.hits, hides([rule], documents), strict=True) if gone]
        if hidden:
            click.echo(f"Hidden: {len(hidden):,} of {len(documents):,} products, such as {hidden[0]} ({rule.name})")


@command.command("learn")
@click.argument("file", type=FILE)
@click.option(
    "--judgments", required=True, type=click.Path(exists=True, path_type=Path), help="Graded products for queries."
)
@judgments_options
@unknown_ids_option
@grades_option
@_index_option
@model_option
def learn(
    file: Path,
    judgments: Path,
    judgments_format: str | None,
    judgments_queries: Path | None,
    unknown_ids: float | None,
    grades: str,
    name: str | None,
    model: Path,
) -> None:
    """Learn from judgments what the signals of a rules file should weigh, and print it for the file.

    Needs the training side: pip install 'endcap[distill]'. What is learnt has proved good on searches that it was not
    fitted to; where nothing has, that is said.
    """
    from endcap.cli.shared_options import training_side
    from endcap.errors import InputError
    from endcap.evaluate.open_catalogue import open_catalogue
    from endcap.evaluate.systems import StudentWithStates
    from endcap.index.judgments.id_match import match_engine
    from endcap.index.judgments.reader import read_judgments
    from endcap.plugin.model.student import Student
    from endcap.plugin.rules.file import read_rules
    from endcap.plugin.states.store import StateStore
    from endcap.progress import progress

    with training_side("Learning"):
        from endcap.distill.blend.shop_signals import shop_signals

    signals = read_rules(file).signals
    if not signals:
        raise InputError(
            f"{file.name} has no signals. Add a table such as [signals.sales] with a field (docs/rules.md)."
        )
    judged = read_judgments(judgments, judgments_format, judgments_queries, grades, progress)
    shop = open_catalogue(settings_of(name).name).shop
    click.echo(f"Judgments {judged.name} ({judged.format}): {judged.account()}.", err=True)
    if warning := match_engine(judged.grades, shop.engine, shop.index).check(judgments, unknown_ids):
        click.echo(f"Warning: {warning}.", err=True)
    with closing(StateStore.open()) as states:
        scorer = StudentWithStates(Student.load(model), states)
        kept, told = shop_signals(shop, judged.grades, scorer, signals, progress)
    click.echo(
        f"nDCG@10 of searches that were not fitted to: {told['without']:.4f} without signals, {told['with']:.4f} with "
        "them (the mean of two: products that nobody judged are irrelevant, or left out)."
    )
    if not kept:
        click.echo("These judgments do not show that a signal brings anything: take none, or a weight by hand.")
    for signal in kept:
        click.echo(f"[signals.{signal.name}]\nweight = {signal.weight:g}")


@command.command("use")
@click.argument("file", type=FILE, required=False)
@click.option("--none", is_flag=True, help="No rules from now on.")
@_index_option
def use(file: Path | None, none: bool, name: str | None) -> None:
    """Let all searches of an index follow a rules file, or none; a running service reads a changed file by itself."""
    from endcap.errors import EngineError
    from endcap.plugin.rules.file import read_rules

    if (file is None) != none:
        raise click.UsageError("give a rules file, or --none.")
    settings: IndexSettings = settings_of(name)
    if file is not None:
        rules = read_rules(file)
        try:
            warnings = _lacking(rules, settings)
        except EngineError as error:
            warnings = [f"whether the index has what the rules name could not be looked for: {error}"]
        for warning in warnings:
            click.echo(f"Warning: {warning}", err=True)
    save_settings(replace(settings, rules="" if file is None else str(file.absolute())))
    click.echo(f"Searches of {settings.name!r} follow {'no rules' if file is None else file.absolute()} from now on.")
