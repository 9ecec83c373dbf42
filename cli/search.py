"""``endcap search``: a page of results, re-ranked, with how far each product moved."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from endcap.cli.shared_options import (
    body_option,
    budget_option,
    deadline_option,
    dense_option,
    model_option,
    numbers_option,
    rules_option,
)
from endcap.index.engine import Engine
from endcap.index.open_engine import open_engine
from endcap.index.own_query import check_engine, own_query, search_body
from endcap.index.settings import IndexSettings, settings_of

ORDER, SUMMARY = 50, "Search an index and show the first page, re-ranked"

MAX_SIZE = 1000
BUDGET_MS = 2_000.0
"""Of a search that is alone: more than a shop's, since it reads products that no process has read before."""


@click.command()
@click.argument("query")
@click.option(
    "--index", "name", help="The index, as 'endcap index' or 'endcap warm' named it; not needed if it is the only one."
)
@click.option(
    "--size", default=10, show_default=True, type=click.IntRange(1, MAX_SIZE), help="How many products to show."
)
@model_option
@dense_option
@numbers_option
@body_option
@rules_option
@budget_option
@deadline_option
@click.option("--no-rerank", is_flag=True, help="Show the engine's own order.")
@click.option(
    "--explain",
    is_flag=True,
    help="Also show the scores and what they are made of, the query that is sent and where the time went.",
)
def command(
    query: str,
    name: str | None,
    size: int,
    model: Path,
    dense: int | None,
    numbers: bool | None,
    body: str | None,
    rules: Path | None,
    budget_ms: float | None,
    deadline_ms: float | None,
    no_rerank: bool,
    explain: bool,
) -> None:
    """Search an index and show the first page, re-ranked, with the place that each product had before.

    \b
    Examples:
      endcap search "usb c charger"
      endcap search "running shoes without laces" --index shop --size 20
      endcap search "usb c charger" --index shop --no-rerank
      endcap search "something to hold my phone in the car" --index shop --dense 50
      endcap search "usb c charger" --index shop --explain
    """
    query = as_typed(query)
    settings = settings_of(name)
    settings = replace(settings, rules=str(rules)) if rules else settings
    settings = settings if numbers is None else replace(settings, numbers=numbers)
    own = own_query(settings.body if body is None else body)
    engine = open_engine(settings)
    target = settings.index or settings.name
    check_engine(engine, own, target)
    asked = {**search_body(engine, own, query), "size": size}
    places: dict[str, int] = {}
    if no_rerank:
        reply = engine.search(index=target, body=asked)
    else:
        options: dict[str, Any] = {"explain": True} if explain else {}
        if own is not None:  # its texts may be more than what was typed
            options["query_context"] = {"query_text": query}
        request = {**asked, "ext": {**asked.get("ext", {}), "rerank": options}} if options else asked
        if deadline_ms is None:
            budget_ms = budget_ms or settings.budget_ms or BUDGET_MS
        limits = {"budget_ms": budget_ms, "deadline_ms": deadline_ms}
        reply, places = search_reranked(engine, settings, target, request, model, dense, **limits)
    print_page(query, reply, places, settings, explain)
    if explain:
        print_score_parts(reply)
        click.echo(f"query: {json.dumps(asked['query'], ensure_ascii=False)}")
    if own is not None:
        from endcap.evaluate.end_to_end import query_warnings
        from endcap.evaluate.systems import Shop

        click.echo(f"Searched by {own.words}.")
        found = {query: [hit["_id"] for hit in reply["hits"]["hits"]]}
        for warning in query_warnings(Shop(engine, settings.fields, target, own=own), found):
            click.echo(f"Warning: {warning}.", err=True)
    if not no_rerank and settings.rules:
        from endcap.plugin.rules.file import read_rules

        click.echo(f"Ordered by the shop's rules in {read_rules(settings.rules).source}, too.")


def as_typed(text: str) -> str:
    """An argument as it was typed at a UTF-8 terminal, also where the locale (``LC_ALL=C``) says that it is none."""
    escaped = any("\udc80" <= character <= "\udcff" for character in text)
    return os.fsencode(text).decode("utf-8", "replace") if escaped else text


def search_reranked(
    engine: Engine,
    settings: IndexSettings,
    target: str,
    body: Mapping[str, Any],
    model: Path,
    dense: int | None = None,
    **options: Any,
) -> tuple[dict[str, Any], dict[str, int]]:
    """The re-ranked reply, and each product's place, from 1, in the engine's own order.

    ``options`` are further ones of the re-ranker.
    """
    from endcap.plugin.model.student import Student
    from endcap.plugin.search.reranker import Reranker
    from endcap.plugin.states.store import StateStore

    student = Student.load(model)
    student.score("usb cable", ["USB cable, 1 m"])  # what is made once is not this search's time
    dense = settings.dense if dense is None else dense
    with (
        closing(StateStore.open()) as states,
        closing(
            Reranker(
                engine,
                student,
                fields=settings.fields,
                states=states,
                dense=dense,
                numbers=settings.numbers,
                languages=settings.languages or None,
                rules=settings.rules or None,
                **options,
            )
        ) as reranker,
    ):
        reply = reranker.search(index=target, body=dict(body))
    window = max(int(body["size"]), int(reply.get("ext", {}).get("rerank", {}).get("window") or 0))
    ext = {name: value for name, value in body.get("ext", {}).items() if name != "rerank"}
    engine_body = {name: value for name, value in body.items() if name != "ext"} | ({"ext": ext} if ext else {})
    before = engine.search(index=target, body={**engine_body, "size": window})  # a pipeline may need the source
    return dict(reply), {hit["_id"]: place for place, hit in enumerate(before["hits"]["hits"], 1)}


def print_page(
    query: str, reply: Mapping[str, Any], places: Mapping[str, int], settings: IndexSettings, explain: bool
) -> None:
    """Print the page as a table."""
    from rich.console import Console
    from rich.table import Table

    hits = reply["hits"]["hits"]
    if not hits:
        said = reply.get("ext", {}).get("rerank", {})
        click.echo(f"Nothing in {settings.name!r} matches {query!r}.")
        if said.get("detail") or said.get("status") == "fallback":
            click.echo(rerank_words(said, explain))
        return
    table = Table(box=None, pad_edge=False, expand=True)
    table.add_column("", justify="right", min_width=2)
    if places:
        table.add_column("before", justify="right", min_width=6)
        table.add_column("", justify="right", min_width=5)
    table.add_column("product", overflow="ellipsis", no_wrap=True, ratio=4)
    table.add_column("brand", overflow="ellipsis", no_wrap=True, ratio=1)
    if explain:
        table.add_column("score", justify="right", min_width=7)
        table.add_column("engine's", justify="right", min_width=8)
    for place, hit in enumerate(hits, 1):
        product = settings.fields.product(hit.get("_source", {}), id=hit["_id"])
        row = [str(place)]
        if places:
            before = places.get(hit["_id"])
            moved = "added" if hit.get("rerank_added") else movement_cell(before, place)
            row += [str(before) if before else "-", moved]
        row += [no_markup(product.title or product.id), no_markup(product.brand)]
        if explain:
            row += [score_cell(hit.get("_score")), score_cell(hit.get("previous_score", hit.get("_score")))]
        table.add_row(*row)
    Console(highlight=False).print(table)
    report = reply.get("ext", {}).get("rerank")
    total = reply["hits"].get("total", {})
    count = f"{total.get('value', len(hits)):,}{'+' if total.get('relation') == 'gte' else ''} found"
    click.echo(
        f"{count}, the engine took {reply.get('took', 0)} ms" + (f"; {rerank_words(report, explain)}" if report else "")
    )


def print_score_parts(reply: Mapping[str, Any]) -> None:
    """Print what each product's score is made of, and what the parts are."""
    from endcap.plugin.blend.features import MEANINGS

    named = set[str]()
    for place, hit in enumerate(reply["hits"]["hits"], 1):
        explanation = hit.get("rerank_explanation")
        if explanation:
            parts = [f"{part['feature']} {part['adds']:+.2f} ({part['value']:.2f})" for part in explanation["parts"]]
            parts += [f"{note['action']} by rule {note['rule']!r}" for note in explanation.get("shop_rules", ())]
            named |= {part["feature"] for part in explanation["parts"]}
            score = "" if explanation["score"] is None else f" = {explanation['score']:+.2f}"
            click.echo(f"{place:>2}{score}: {', '.join(parts)}")
    for name, meaning in MEANINGS.items():
        if name in named:
            click.echo(f"{name}: {meaning}")


def movement_cell(before: int | None, place: int) -> str:
    """How far up or down, in a word that also says it without colour."""
    if not before or before == place:
        return ""
    return f"[green]+{before - place}[/]" if before > place else f"[red]-{place - before}[/]"


def no_markup(text: str) -> str:
    """Text of a catalogue, which is never rich's markup."""
    from rich.markup import escape

    return escape(" ".join(text.split()))


def score_cell(value: Any) -> str:
    """A score for a column."""
    return "" if value is None else f"{value:.3f}"


def rerank_words(report: Mapping[str, Any], explain: bool) -> str:
    """What ``ext.rerank`` says, in words."""
    words = str(report.get("status"))
    if report.get("reason"):
        words += f" ({report['reason']})"
    if "scored" in report:
        words += f", {report['scored']} of {(report.get('window') or 0) + report.get('added', 0)} scored"
    if "added" in report:
        words += f", {report['added']} added"
    if "took_ms" in report:
        words += f" in {report['took_ms']} ms"
    if explain and report.get("model"):
        words += f", model {report['model']}"
    if report.get("detail"):
        words += f"\n{report['detail']}"
    if report.get("reason") == "deadline":
        words += "\nGive it more time, as in --budget-ms 5000, or read the products in advance: endcap warm."
    if explain and report.get("stages"):
        words += "\ntime: " + ", ".join(f"{name.removesuffix('_ms')} {ms} ms" for name, ms in report["stages"].items())
    return words
