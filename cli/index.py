"""``endcap index``: a catalogue into an engine, and its products read in advance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import click

from endcap.cli.index_vectors import check_kept, load_with_states, put_vectors
from endcap.cli.shared_options import (
    body_option,
    budget_option,
    connection_options,
    dense_option,
    fields_option,
    languages_option,
    model_option,
    numbers_option,
    readers,
    spread_option,
    vectors_option,
)
from endcap.errors import InputError
from endcap.index.engine import Engine, LoadReport
from endcap.index.field_map import FieldMap
from endcap.index.field_map_check import FieldMapCheck
from endcap.index.home import home
from endcap.index.own_query import check_engine, own_query
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.known_formats import FORMAT_NAMES
from endcap.index.readers.rejects import Rejects
from endcap.index.readers.variants import WAYS
from endcap.index.settings import ENGINES, IndexSettings, list_settings, save_settings
from endcap.progress import progress

ORDER, SUMMARY = 30, "Load a catalogue into a search engine"

SHOWN_FAILURES = 5


@click.command()
@click.argument("catalogue", type=click.Path(exists=True, path_type=Path))
@click.option("--name", help="What to call the index; without it, the catalogue's file name.")
@click.option(
    "--engine",
    "engine_name",
    type=click.Choice(ENGINES),
    help="Where to load it; without it, opensearch if there is a --url, else embedded.",
)
@click.option("--url", default="", help="The cluster, as in https://localhost:9200.")
@fields_option
@click.option("--format", "format_", metavar="FORMAT", help=f"One of {', '.join(FORMAT_NAMES)}; without it, found out.")
@click.option("--encoding", default="", metavar="NAME", help="Of text files: cp1252, utf-16, …; without it, UTF-8.")
@click.option(
    "--variants",
    type=click.Choice(WAYS),
    default="merge",
    show_default=True,
    help="Of an export with a row a variant: one product of all, or each its own.",
)
@click.option(
    "--on-error", type=click.Choice(["fail", "skip"]), default="fail", show_default=True, help="On bad records."
)
@connection_options
@click.option("--shards", type=click.IntRange(min=1), help="Of the new index (opensearch); without it, 1.")
@click.option("--replicas", type=click.IntRange(min=0), help="The same; without it, the cluster's default.")
@model_option
@click.option(
    "--language", default="", metavar="CODE", help="Whose word endings the index knows, and which of several is read."
)
@languages_option
@spread_option
@vectors_option
@dense_option
@numbers_option
@body_option
@budget_option
@click.option("--no-states", is_flag=True, help="Do not read the products in advance; each is read when first found.")
def command(
    catalogue: Path,
    name: str | None,
    engine_name: str | None,
    url: str,
    fields: str,
    format_: str | None,
    encoding: str,
    variants: Literal["merge", "each"],
    on_error: str,
    access: Mapping[str, Any],
    shards: int | None,
    replicas: int | None,
    model: Path,
    language: str,
    languages: tuple[str, ...],
    spread: bool,
    kept: str | None,
    dense: int | None,
    numbers: bool | None,
    body: str | None,
    budget_ms: float | None,
    no_states: bool,
) -> None:
    """Load a catalogue into a search engine and read its products in advance, so that searches can be re-ranked.

    The load takes the place of an earlier one of the same name, all at once: searches see the old catalogue until the
    new one is complete.

    \b
    Examples:
      endcap index products.jsonl
      endcap index products.csv --name shop --fields "title=name,brand=maker"
      endcap index products.parquet --url http://localhost:9200 --vectors
      endcap index feed.jsonl --url https://search:9200 --ca-file ca.pem \\
          --username-env OS_USER --password-env OS_PASSWORD --on-error skip
    """
    from endcap.plugin.search.catalogue_language import CatalogueSample

    engine_name = engine_name or ("opensearch" if url else "embedded")
    settings = IndexSettings(
        name or name_of(catalogue), engine_name, url, language=language, languages=languages, **access
    )
    before = next((known for known in list_settings() if known.name == settings.name), settings)
    settings = replace(settings, dense=before.dense if dense is None else dense)
    settings = replace(settings, numbers=before.numbers if numbers is None else numbers)
    settings = replace(settings, body=before.body if body is None else body)
    settings = replace(settings, budget_ms=before.budget_ms if budget_ms is None else budget_ms)
    if settings.engine == "embedded":
        refuse_cluster_options({"url": url, **access, "shards": shards, "replicas": replicas})
        if kept == "states":
            raise click.UsageError("--vectors states is for --engine opensearch; the embedded engine takes vectors.")
    if kept and no_states:
        raise click.UsageError("--vectors writes what --no-states does not make. Leave one of them out.")
    engine = open_for_loading(settings, shards or 1, replicas)
    student = None
    if not no_states:
        from endcap.plugin.model.student import Student

        student = Student.load(model)  # before the load, so that a wrong folder costs no time
        if kept:
            check_kept(student, kept)
    with_states = kept is not None and settings.engine == "opensearch"
    rejects = Rejects(home() / "rejects" / f"{settings.name}.jsonl" if on_error == "skip" else None)
    map_check = FieldMapCheck(FieldMap.parse(fields))
    mode: Literal["fail", "skip"] = "skip" if on_error == "skip" else "fail"
    products = read_products(catalogue, format_, map_check.fields, mode, rejects, encoding, variants, language)
    sample = CatalogueSample()
    with progress("Loading") as advance:
        watched = sample.watch(map_check.watch(products))
        if with_states and student is not None and kept:
            report = load_with_states(engine, student, model, kept, spread, watched, advance)
        else:
            report = engine.load(watched, progress=advance)
    save_settings(replace(settings, rules=rules_of(settings.name)))
    print_load(settings, report, rejects)
    try:
        check_engine(engine, own_query(settings.body), settings.name)
    except InputError as error:
        click.echo(f"Warning: {error}", err=True)
    for warning in map_check.warnings():
        click.echo(f"Warning: {warning}", err=True)
    if student is not None and (foreign := sample.warning(student.info, languages)):
        click.echo(f"Warning: {foreign}", err=True)
    if student is not None and with_states:
        click.echo(f"Each has its state of {student.info.name}, kept as {kept}.")
    elif student is not None:
        from endcap.plugin.states.fill import fill
        from endcap.plugin.states.read_ahead import document_memories
        from endcap.plugin.states.store import StateStore

        with (
            closing(StateStore.open()) as states,
            readers(spread, student, model) as by,
            progress("Reading in advance", total=report.loaded) as advance,
        ):
            memories = document_memories(student, getattr(engine, "fields", None), settings.languages)
            filled = fill(states, student, engine.products(), advance, encoder=by, memories=memories)
            if kept:
                put_vectors(engine, states, student)
        already = f" ({filled.already:,} were there already)" if filled.already else ""
        click.echo(f"Read {filled.encoded:,} products in advance with {student.info.name}{already}.")
    click.echo(f'Next: endcap search "your words" --index {settings.name}')


def rules_of(name: str) -> str:
    """The rules file that an earlier load's index has: the new one keeps it."""
    return next((each.rules for each in list_settings() if each.name == name), "")


def refuse_cluster_options(values: Mapping[str, object]) -> None:
    """A usage error for an option that only a cluster has, where the catalogue is loaded into the embedded engine."""
    for name, value in values.items():
        if value not in (None, ""):
            option = "--insecure" if name == "verify_certs" else "--" + name.replace("_", "-")
            raise click.UsageError(f"{option} is for --engine opensearch; give --url to load into a cluster.")


def name_of(catalogue: Path) -> str:
    """A name for the index from the catalogue's: ``My Products.jsonl.gz`` is ``my-products``."""
    stem = catalogue.absolute().name.split(".")[0] or catalogue.absolute().name
    return re.sub(r"[^a-z0-9_-]+", "-", stem.lower()).strip("-_") or "catalogue"


def open_for_loading(settings: IndexSettings, shards: int, replicas: int | None) -> Engine:
    """The settings' engine; ``shards`` and ``replicas`` are used by a cluster alone."""
    if settings.engine == "opensearch":
        from endcap.index.opensearch.engine import OpenSearchEngine

        return OpenSearchEngine.from_settings(settings, shards=shards, replicas=replicas)
    from endcap.index.open_engine import open_engine

    return open_engine(settings)


def print_load(settings: IndexSettings, report: LoadReport, rejects: Rejects) -> None:
    """Print what the load did, and what it could not do."""
    where = f"at {settings.url}" if settings.engine == "opensearch" else f"in {home()}"
    click.echo(f"Loaded {report.loaded:,} products as {settings.name!r} {where} in {report.seconds:.1f} s.")
    click.echo(f"Of the catalogue's {rejects.account()}.")
    if rejects.counts:
        click.echo(f"{rejects.summary()}; see {rejects.path}.")
    if report.failed:
        click.echo(f"{len(report.failed):,} failed:")
    for id, reason in list(report.failed.items())[:SHOWN_FAILURES]:
        click.echo(f"  {id}: {reason}")
    if len(report.failed) > SHOWN_FAILURES:
        click.echo(f"  … and {len(report.failed) - SHOWN_FAILURES:,} more")
