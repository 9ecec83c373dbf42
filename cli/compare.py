"""``endcap compare``: what re-ranking would change on one's own queries."""

from __future__ import annotations

import shlex
import sys
from contextlib import closing
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from endcap.cli.shared_options import (
    Option,
    blend_weight_option,
    body_option,
    catalogue_options,
    log_columns_options,
    model_option,
    report_options,
    rules_option,
    write_reports,
)
from endcap.progress import progress

if TYPE_CHECKING:
    from endcap.index.readers.reading import Reading

ORDER, SUMMARY = 70, "Show what re-ranking would change on your own queries"


@click.command()
@click.option(
    "--queries",
    "log_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A query a line, a table or JSON with a query (and a count), or what analytics and engines export.",
)
@log_columns_options
@click.option(
    "--index", "name", help="A known index, or a catalogue's file or folder; not needed if there is only one index."
)
@catalogue_options
@click.option(
    "--top", type=click.IntRange(1, 100), default=10, show_default=True, help="How many products a page shows."
)
@click.option(
    "--show",
    "shown",
    type=click.IntRange(0),
    default=5,
    show_default=True,
    help="How many queries to print side by side.",
)
@click.option(
    "--limit", type=click.IntRange(1), default=1000, show_default=True, help="Only the most frequent queries."
)
@model_option
@click.option("--window", type=click.IntRange(2, 10_000), help="How many hits are re-ranked; else the model's.")
@blend_weight_option
@body_option
@rules_option
@click.option(
    "--deadline-ms",
    cls=Option,
    old=["--deadline"],
    type=click.FloatRange(min=0, min_open=True),
    help="As the middleware's: later, a search keeps the engine's order. Without it, none.",
)
@report_options
def command(
    log_file: Path,
    query_column: str,
    count_column: str,
    log_encoding: str,
    name: str | None,
    reading: Reading,
    top: int,
    shown: int,
    limit: int,
    model: Path,
    window: int | None,
    blend_weight: float | None,
    body: str | None,
    rules: Path | None,
    deadline_ms: float | None,
    json_file: Path | None,
    html_file: Path | None,
) -> None:
    """Show what re-ranking would change on your own queries, how much, and where most. No judgments are needed.

    Queries that differ only in case and blanks are counted together, and count in the summary as often as they were
    searched.

    \b
    Examples:
      endcap compare --queries my.log
      endcap compare --queries queries.csv --index shop --top 24 --show 10
      endcap compare --queries my.log --index products.csv --fields "id=sku,title=name" --encoding cp1252
      endcap compare --queries ubi_queries.jsonl --index shop --html changes.html --json changes.json
    """
    from rich.console import Console

    from endcap import __version__
    from endcap.evaluate.end_to_end import query_warnings
    from endcap.evaluate.open_catalogue import UNHURRIED_MS, open_catalogue
    from endcap.evaluate.page_changes import compare_pages, summarise
    from endcap.evaluate.report.comparison import AboutComparison, ComparisonReport, comparison_page, print_comparison
    from endcap.evaluate.report.files import json_text
    from endcap.evaluate.results import model_used
    from endcap.evaluate.systems import StudentWithStates
    from endcap.index.query_log import read_query_log
    from endcap.index.settings import settings_of
    from endcap.plugin.model.student import Student
    from endcap.plugin.states.store import StateStore

    log = read_query_log(log_file, query_column, count_column, log_encoding, progress)
    click.echo(f"{log.account()}.")
    student = Student.load(model)
    opened = open_catalogue(name or settings_of(None).name, reading=reading, body=body, watch=progress)
    followed = opened.shop_rules(str(rules or ""))
    with closing(StateStore.open()) as states:
        for warning in opened.language_warning(student.info):
            click.echo(f"Warning: {warning}", err=True)
        scorer = StudentWithStates(student, states)
        limit_ms = UNHURRIED_MS if deadline_ms is None else deadline_ms
        parts: dict[str, Any] = {"window": window, "blend_weight": blend_weight, "rules": followed}
        reranker = opened.reranker(scorer, deadline_ms=limit_ms, **parts)
        options = reranker.options
        counts = dict(islice(log.counts.items(), limit))
        changes = compare_pages(opened.shop, reranker, scorer, counts, top, progress)
        reranker.close()
    found = {change.query: [product.id for product in change.before] for change in changes}
    about = AboutComparison(
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        version=__version__,
        command=shlex.join(["endcap", *sys.argv[1:]]),
        log=log.name,
        log_format=log.format,
        queries_in_log=len(log.counts),
        searches_in_log=log.searches,
        odd_lines=log.odd,
        account=log.account(),
        index=opened.catalogue,
        engine=opened.engine,
        products=opened.products,
        student=model_used(student.info),
        blend_weight=options.blend_weight,
        window=options.window,
        deadline_ms=deadline_ms,
        top=top,
        rules=followed.source if followed is not None else "",
        dense=opened.dense,
        warnings=(*opened.warnings, *query_warnings(opened.shop, found)),
        numbers=opened.numbers,
    )
    report = ComparisonReport(about, summarise(changes), tuple(changes))
    files = write_reports(
        (json_file, lambda: json_text(report)), (html_file, lambda: comparison_page(report, max(shown, 10)))
    )
    print_comparison(report, shown, Console(highlight=False))
    for file in files:
        click.echo(f"Wrote {file}")
