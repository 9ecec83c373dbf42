"""A reading of an index, taken up where an earlier run was killed, and begun anew where the cluster let go of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, TypeVar

import click

from endcap.progress import Advance

if TYPE_CHECKING:
    from endcap.index.opensearch.changes import ReadMarks
    from endcap.index.opensearch.checkpoint import Checkpoint
    from endcap.index.opensearch.engine import OpenSearchEngine
    from endcap.plugin.states.fill import FillReport
    from endcap.plugin.states.fill_documents import WriteReport

Report = TypeVar("Report", "FillReport", "WriteReport")
STARTS = 3
"""How often a reading is started where the cluster lets go of it."""


def resumed(
    checkpoint: Checkpoint,
    blank: type[Report],
    read: Callable[[int, Callable[[Report], None]], Report],
    *,
    done: str,
    stays: str,
) -> Report:
    """What all runs of a reading have done together.

    ``read`` gets how many documents earlier runs have done, and a function that keeps how far it has come.
    ``done`` names those ("products that an earlier run has read"); ``stays`` says what a new start keeps.
    Raises ``PointInTimeGone`` where the cluster lets go of every start.
    """
    from endcap.index.opensearch.read_index import PointInTimeGone

    for start in range(1, STARTS + 1):
        before: Report = blank(**checkpoint.note)
        if before.read:
            click.echo(f"Going on after the {before.read:,} {done}.", err=True)
        try:
            report = read(before.read, _keeping(checkpoint, before))
            break
        except PointInTimeGone:
            checkpoint.forget()
            if start == STARTS:
                raise
            click.echo(f"The cluster has let go of what was being read. Starting again; {stays}.", err=True)
    checkpoint.forget()
    return before + report


def begun(
    checkpoint: Checkpoint, marks: ReadMarks, engine: OpenSearchEngine, only_changed: bool
) -> dict[tuple[str, int], int]:
    """Up to which sequence number each shard need not be read; a reading that is taken up has that in its parts."""
    from endcap.index.opensearch.changes import shard_states

    if checkpoint.parts:
        return {}
    before = marks.begin(shard_states(engine.client, engine.index))
    return before if only_changed else {}


def _keeping(checkpoint: Checkpoint, before: Report) -> Callable[[Report], None]:
    return lambda report: checkpoint.committed(report.read, asdict(before + report))


def shifted(advance: Advance, before: int) -> Advance:
    """``advance``, for a count that begins at ``before``."""
    return lambda done: advance(before + done)
