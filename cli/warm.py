"""``endcap warm``: the products of an index that endcap did not load, read in advance."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from endcap.cli.resumed_reading import begun, resumed, shifted
from endcap.cli.shared_options import (
    Option,
    body_option,
    budget_option,
    connection_options,
    dense_option,
    languages_option,
    model_option,
    numbers_option,
    readers,
    spread_option,
    vectors_option,
)
from endcap.cli.warm_documents import write_states
from endcap.errors import EngineError, InputError
from endcap.files import locked
from endcap.index.field_guess import check_fields, likely_map, mapped_fields
from endcap.index.field_map import FieldMap
from endcap.index.home import home
from endcap.index.own_query import check_engine, own_query
from endcap.index.settings import IndexSettings, list_settings, save_settings
from endcap.progress import progress

if TYPE_CHECKING:
    from endcap.index.opensearch.engine import OpenSearchEngine
    from endcap.plugin.model.student import Student
    from endcap.plugin.search.catalogue_language import CatalogueSample
    from endcap.plugin.states.fill import FillReport, TextEncoder
    from endcap.plugin.states.store import StateStore

ORDER, SUMMARY = 40, "Read the products of an existing OpenSearch index in advance"

DEFAULT_URL = "http://localhost:9200"


@click.command()
@click.option("--index", "index", required=True, help="The index, alias or pattern as the cluster calls it.")
@click.option("--fields", "map_", cls=Option, old=["--map"], metavar="MAP", help="Which field is which: title=name,…")
@click.option("--name", help="What endcap calls it; without it, the same.")
@click.option("--url", help=f"The cluster; without it, the one that was used before, or {DEFAULT_URL}.")
@connection_options
@click.option("--slices", default=2, show_default=True, type=click.IntRange(1, 64), help="Parts that are read at once.")
@model_option
@languages_option
@spread_option
@vectors_option
@dense_option
@numbers_option
@body_option
@budget_option
@click.option(
    "--per-second", type=click.FloatRange(min=0, min_open=True), help="With --vectors: write no more than so."
)
@click.option("--all", "everything", is_flag=True, help="Read all products, not only what changed since the last run.")
@click.option(
    "--prune",
    "days",
    type=click.IntRange(min=1),
    metavar="DAYS",
    help="Read all, then delete the states, of all indexes and models, that nothing has needed for so many days.",
)
@click.option("--refresh-settings", is_flag=True, help="Forget the connection and map that were used before.")
def command(
    index: str,
    map_: str | None,
    name: str | None,
    url: str | None,
    access: Mapping[str, Any],
    slices: int,
    model: Path,
    languages: tuple[str, ...],
    spread: bool,
    kept: str | None,
    dense: int | None,
    numbers: bool | None,
    body: str | None,
    budget_ms: float | None,
    per_second: float | None,
    everything: bool,
    days: int | None,
    refresh_settings: bool,
) -> None:
    """Read the products of an existing OpenSearch index in advance, so that its searches can be re-ranked.

    The index is only read, unless --vectors is given: then each document gets its state, by a partial update that never
    overwrites what others write (docs/states.md says what that costs).

    --fields says which of its fields is which of a product (title, brand, category, description, attributes, price,
    image): `=` a path in the document, `|` between alternatives. The map is kept, and every later command uses it.
    Killed or interrupted and run again, it goes on; what has been read is skipped. A later run reads what was written
    to the index since.

    \b
    Examples:
      endcap warm --index shop
      endcap warm --index shop --fields "title=name,brand=maker,category=cat1|cat2,attributes=specs"
      endcap warm --index shop --url https://search:9200 --ca-file ca.pem \\
          --username-env OS_USER --password-env OS_PASSWORD
      endcap warm --index shop --vectors --per-second 200
      endcap warm --index shop --prune 30
      RAY_ADDRESS=ray-head:6379 endcap warm --index shop --spread
    """
    before = None if refresh_settings else {s.name: s for s in list_settings()}.get(name or index)
    if before is not None and before.engine == "embedded":
        raise InputError(
            f"{before.name!r} is a catalogue of the embedded engine; 'endcap index' has read it in advance. "
            "Give the cluster's index another name with --name, or add --refresh-settings."
        )
    settings = before or IndexSettings(name=name or index, engine="opensearch", url=url or DEFAULT_URL)
    settings = replace(settings, index=index, url=url or settings.url, **access)
    settings = replace(settings, languages=languages or settings.languages)
    if dense is not None:
        settings = replace(settings, dense=dense)
    if numbers is not None:
        settings = replace(settings, numbers=numbers)
    if body is not None:
        settings = replace(settings, body=body)
    if budget_ms is not None:
        settings = replace(settings, budget_ms=budget_ms)

    from endcap.index.opensearch.engine import OpenSearchEngine

    with closing(OpenSearchEngine.from_settings(settings)) as engine:
        total = engine.count()
        check_engine(engine, own_query(settings.body), index)
        fields = choose_fields(engine, map_, before)
        settings = replace(settings, fields=fields)
        from endcap.plugin.model.student import Student
        from endcap.plugin.search.catalogue_language import CatalogueSample
        from endcap.plugin.states.store import StateStore

        student = Student.load(model)
        save_settings(settings)
        with closing(StateStore.open()) as store, readers(spread, student, model) as by:
            if kept is not None:
                with alone(settings.name):
                    write_states(engine, settings, store, student, kept, total, slices, by, per_second, everything)
                    if days is not None:
                        prune(store, days)
                return
            sample = CatalogueSample()
            report, only_changed = warm(engine, settings, store, student, total, slices, by, sample, everything, days)
            print_coverage(report, settings, student, store, only_changed)
            if warning := sample.warning(student.info, settings.languages):
                click.echo(f"Warning: {warning}", err=True)


def choose_fields(engine: OpenSearchEngine, map_: str | None, before: IndexSettings | None) -> FieldMap:
    """The map that was given or kept, checked against the index; ``InputError`` proposes one where there is neither."""
    mappings = engine.mappings()
    paths = {path: below for mapping in mappings for path, below in mapped_fields(mapping)}
    if map_ is not None:
        fields = FieldMap.parse(map_)
    elif before is not None:
        fields = before.fields
    elif mappings and all("endcap" in mapping.get("_meta", {}) for mapping in mappings):
        fields = FieldMap()
    else:
        raise InputError(proposal(engine.index, paths))
    check_fields(fields, paths, engine.index)
    if "title" not in dict(fields.paths) and "title" not in paths:
        raise InputError(f"index {engine.index!r} has no field 'title'. Say in --fields which one it is: title=FIELD.")
    return fields


def proposal(index: str, paths: Mapping[str, bool]) -> str:
    """What to say where nobody has said which field is which."""
    likely = likely_map(paths)
    names = ", ".join(sorted(paths)[:40]) or "none"
    if "title" not in dict(likely.paths):
        return (
            f"which field of index {index!r} is the product's title? Say so with --fields title=FIELD. Fields: {names}."
        )
    return (
        f"which field of index {index!r} is which? By their names: --fields {str(likely)!r}. "
        f"If that is right, run this again with it. Fields: {names}."
    )


def warm(
    engine: OpenSearchEngine,
    settings: IndexSettings,
    store: StateStore,
    student: Student,
    total: int,
    slices: int,
    by: TextEncoder | None = None,
    sample: CatalogueSample | None = None,
    everything: bool = True,
    days: int | None = None,
) -> tuple[FillReport, bool]:
    """Stream the index and fill the store, from where an earlier run of the same was killed.

    Unless ``everything`` is to be read, only what was written since the last run; and whether it was so. With ``days``
    everything is read, and what nothing has needed for so long is deleted.
    """
    from endcap.index.opensearch.changes import ReadMarks
    from endcap.index.opensearch.checkpoint import Checkpoint
    from endcap.index.opensearch.read_index import stream_hits
    from endcap.plugin.reading_version import reading_version
    from endcap.plugin.states.fill import FillReport, fill
    from endcap.plugin.states.read_ahead import document_memories, kept_along, source_paths

    fields = settings.fields.restrict({*student.info.fields, "title"})
    memories = document_memories(student, settings.fields, settings.languages)
    paths = sorted({*fields.source_fields(), *source_paths(memories)})
    subject = [settings.url, settings.index, fields.to_json(), paths, student.info.checksum, reading_version()]
    identity = hashlib.sha256(json.dumps(subject).encode()).hexdigest()
    file = store.identity
    marks = ReadMarks(home() / "warm" / f"{settings.name}.read.json", f"{identity} {file}")
    only_changed = marks.exist and not everything and days is None and file != 0
    checkpoint = Checkpoint(home() / "warm" / f"{settings.name}.json", f"{identity} {file} {only_changed}")

    def read(before: int, keep: Callable[[FillReport], None]) -> FillReport:
        since = begun(checkpoint, marks, engine, only_changed)
        hits = stream_hits(
            engine.client, settings.index, paths, url=settings.url, slices=slices, checkpoint=checkpoint, since=since
        )
        with progress("Reading in advance", None if only_changed else total) as advance, closing(hits):
            kept = kept_along(hits, lambda hit: hit.get("_source") or {}, memories, store)
            products = (fields.product(hit.get("_source") or {}, id=hit["_id"]) for hit in kept)
            watched = products if sample is None else sample.watch(products)
            return fill(store, student, watched, shifted(advance, before), on_commit=keep, encoder=by, memories=())

    with alone(settings.name):
        done, stays = "products that an earlier run has read", "what is read is kept"
        report = resumed(checkpoint, FillReport, read, done=done, stays=stays)
        is_whole = not report.not_kept and store.identity == file
        if days is not None:
            prune(store, days)
        if is_whole:
            marks.finish(f"{identity} {store.identity}")
        return report, only_changed


def prune(store: StateStore, days: int) -> None:
    """Delete what nothing has needed for ``days`` days, and say so. Raises ``EngineError`` where that can't be done."""
    try:
        gone = store.prune(days)
    except (sqlite3.Error, OSError) as error:
        raise EngineError(f"states in {store.folder} could not be deleted: {error}. Run this again.") from error
    click.echo(f"Deleted {gone:,} states that nothing has needed for {days} days.")


@contextmanager
def alone(name: str) -> Iterator[None]:
    """Nobody else warms the same index from this home while the block runs; ``InputError`` where somebody does."""
    (home() / "warm").mkdir(parents=True, exist_ok=True)
    with locked(home() / "warm" / f"{name}.lock", wait=False) as free:
        if not free:
            raise InputError(f"another 'endcap warm' is reading {name!r} just now. Wait for it, or end it.")
        yield


def print_coverage(
    report: FillReport, settings: IndexSettings, student: Student, store: StateStore, only_changed: bool = False
) -> None:
    """Print what was read and what is covered."""
    which = "changed products" if only_changed else "products"
    click.echo(
        f"Read {report.read:,} {which} of {settings.index!r} in advance with {student.info.name} in "
        f"{report.seconds:.1f} s: {report.encoded:,} new, {report.already:,} were there already."
    )
    covered = report.encoded + report.already
    share = 100 * covered / report.read if report.read else 100.0
    click.echo(f"Coverage: {covered:,} of {report.read:,} {which} have a state ({share:.1f}%).")
    if only_changed:
        click.echo("  All others were read before. To read all again: --all")
    if report.without_title:
        click.echo(
            f"  {report.without_title:,} have no title. Are --fields right? It says: {settings.fields or 'title=title'}"
        )
    if report.cut:
        most = student.info.text.max_product_tokens
        click.echo(f"  {report.cut:,} have more text than the student reads ({most} tokens); the rest is cut.")
    if report.not_kept:
        click.echo(f"  {report.not_kept:,} could not be kept: {store.problem or 'see the warnings above'}")
    click.echo(f'Next: endcap search "your words" --index {settings.name}')
