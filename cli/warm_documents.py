"""States in documents: what ``endcap warm --vectors`` writes into an index that is there."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from contextlib import closing
from typing import TYPE_CHECKING

import click

from endcap.cli.resumed_reading import begun, resumed, shifted
from endcap.errors import EngineError
from endcap.index.home import home
from endcap.index.settings import IndexSettings
from endcap.progress import progress

if TYPE_CHECKING:
    from endcap.index.opensearch.engine import OpenSearchEngine
    from endcap.plugin.model.student import Student
    from endcap.plugin.states.fill import TextEncoder
    from endcap.plugin.states.fill_documents import StateWriter, WriteReport
    from endcap.plugin.states.store import StateStore

SHOWN_FAILURES = 5


def write_states(
    engine: OpenSearchEngine,
    settings: IndexSettings,
    store: StateStore,
    student: Student,
    kept: str,
    total: int,
    slices: int,
    by: TextEncoder | None,
    per_second: float | None,
    everything: bool,
) -> None:
    """Give each document of the index its state, from where an earlier run of the same was killed, and say so."""
    from endcap.index.opensearch.changes import ReadMarks
    from endcap.index.opensearch.checkpoint import Checkpoint
    from endcap.index.opensearch.documents import Documents
    from endcap.index.opensearch.read_index import stream_hits
    from endcap.index.opensearch.state_mapping import add_state_field, hides_vectors, is_own
    from endcap.plugin.states.document_states import NAME, state_field
    from endcap.plugin.states.fill_documents import StateWriter, WriteReport

    add_state_field(engine.client, settings.index, state_field(student, kept), settings.url)
    mappings = engine.mappings()
    fields = settings.fields.restrict({*student.info.fields, "title", "attributes"})
    source = [*fields.source_fields(), NAME]
    writer = StateWriter(
        documents=Documents(engine.client, settings.url, source),
        store=store,
        student=student,
        fields=fields,
        kept=kept,
        own=all(map(is_own, mappings)),
        hides_vectors=any(map(hides_vectors, mappings)),
        encoder=by,
        per_second=per_second,
    )
    subject = [settings.url, settings.index, fields.to_json(), student.info.checksum, kept]
    identity = hashlib.sha256(json.dumps(subject).encode()).hexdigest()
    marks = ReadMarks(home() / "warm" / f"{settings.name}.{kept}.read.json", identity)
    only_changed = marks.exist and not everything
    checkpoint = Checkpoint(home() / "warm" / f"{settings.name}.{kept}.json", f"{identity} {only_changed}")

    def read(before: int, keep: Callable[[WriteReport], None]) -> WriteReport:
        since = begun(checkpoint, marks, engine, only_changed)
        hits = stream_hits(
            engine.client, settings.index, source, url=settings.url, slices=slices, checkpoint=checkpoint, since=since
        )
        with progress("Writing states", None if only_changed else total) as advance, closing(hits):
            return writer.write(hits, shifted(advance, before), keep)

    done, stays = "documents that an earlier run has done", "what is done stays"
    report = resumed(checkpoint, WriteReport, read, done=done, stays=stays)
    if not report.busy and not report.refused:
        marks.finish(identity)
    engine.refresh()
    _print_report(report, writer, settings, kept, only_changed)


def _print_report(
    report: WriteReport, writer: StateWriter, settings: IndexSettings, kept: str, only_changed: bool
) -> None:
    name = writer.student.info.name
    which = "changed documents" if only_changed else "documents"
    click.echo(
        f"Wrote {kept} of {name} to {report.written:,} of {report.read:,} {which} of {settings.index!r} in "
        f"{report.seconds:.1f} s; {report.already:,} had theirs already."
    )
    for count, what in (
        (report.without_text, "have no text that the model reads"),
        (report.gone, "were deleted meanwhile"),
        (report.busy, "were changed by others all the time; run this again for them"),
        (report.refused, "were refused by the cluster:"),
    ):
        if count:
            click.echo(f"  {count:,} {what}")
    for id, reason in list(writer.reasons.items())[:SHOWN_FAILURES]:
        click.echo(f"    {id}: {reason}")
    if only_changed:
        click.echo("  All others were done before. To do all again: --all")
    if report.refused:
        raise EngineError(f"{report.refused:,} documents have no state, as the cluster refused them. See above why.")
    click.echo(f'Next: endcap search "your words" --index {settings.name}')
