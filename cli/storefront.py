"""``endcap storefront``: a page that shows a shop's searches in both orders, side by side."""

from __future__ import annotations

import webbrowser
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from endcap.cli.index import name_of
from endcap.cli.shared_options import (
    Option,
    body_option,
    connection_options,
    fields_option,
    grades_option,
    judgments_options,
    model_option,
    reading_of,
    reading_options,
    unknown_ids_option,
)
from endcap.cli.storefront_shop import check_options, open_shown_shop
from endcap.index.settings import IndexSettings
from endcap.progress import progress

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from socket import socket

    from endcap.storefront.behaviour import Behaviour
    from endcap.storefront.shop import Shop

ORDER, SUMMARY = 20, "Show a shop's searches on a page: the engine's order beside endcap's"


@click.command()
@click.option(
    "--catalogue",
    cls=Option,
    old=["--catalog"],
    type=click.Path(exists=True, path_type=Path),
    help="Your own products, a file or folder; without it or --index, the demo shop.",
)
@click.option(
    "--judgments",
    type=click.Path(exists=True, path_type=Path),
    help="Graded products for queries: with them, the page shows grades and nDCG@10.",
)
@grades_option
@judgments_options
@unknown_ids_option
@click.option("--format", "format_", metavar="FORMAT", help="Of the catalogue; without it, found out.")
@fields_option
@reading_options
@click.option("--index", "name", help="An index that 'endcap index' or 'endcap warm' knows, or one at --url.")
@click.option(
    "--url",
    cls=Option,
    old=["--opensearch-url"],
    default="",
    help="The cluster of --index, which is only read; else the one to load the catalogue, or the demo shop, into.",
)
@connection_options
@body_option
@model_option
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen at; 0.0.0.0 is all.")
@click.option("--port", default=8080, show_default=True, type=click.IntRange(0, 65535), help="0 is any free one.")
@click.option(
    "--allow-host",
    "hosts",
    multiple=True,
    metavar="NAME",
    help="A name that the page is reached by, beside localhost, --host and addresses in numbers; may be repeated.",
)
@click.option(
    "--deadline-ms",
    cls=Option,
    old=["--deadline"],
    type=click.FloatRange(0, min_open=True),
    help="The time that a search has, without it a second; what endcap can't do in it stays as the engine has it.",
)
@click.option(
    "--ubi", is_flag=True, help="Keep searches and clicks as User Behaviour Insights, and show the mixed list."
)
@click.option(
    "--replay",
    type=click.IntRange(1, 100_000),
    help="Let so many simulated users, who click by the judgments, search a mixed list; it is said that they are.",
)
@click.option("--open", "open_", is_flag=True, help="Open the page in the browser.")
def command(
    catalogue: Path | None,
    judgments: Path | None,
    grades: str,
    judgments_format: str | None,
    judgments_queries: Path | None,
    unknown_ids: float | None,
    format_: str | None,
    fields: str,
    encoding: str,
    variants: str,
    language: str,
    name: str | None,
    url: str,
    access: Mapping[str, Any],
    body: str | None,
    model: Path,
    host: str,
    port: int,
    hosts: tuple[str, ...],
    deadline_ms: float | None,
    ubi: bool,
    replay: int | None,
    open_: bool,
) -> None:
    """Show a shop's searches on a page: the engine's order beside endcap's, what moved, and why.

    Without options it is the demo shop, in the embedded engine. Stop it with Ctrl-C.

    \b
    Examples:
      endcap storefront
      endcap storefront --catalogue products.csv --fields "title=name" --judgments ratings.csv
      endcap storefront --index shop --judgments ratings.csv --port 9000
      endcap storefront --url http://localhost:9200 --index products --fields "title=name,brand=maker"
    """
    reading = reading_of(format_, fields, encoding, variants, language)
    check_options(catalogue, name, url, judgments, judgments_format, reading, replay, bool(access))
    connection = IndexSettings(name or "demo", "opensearch" if url else "embedded", url, body=body or "", **access)

    from endcap.index.judgments.reader import read_judgments
    from endcap.listening import listen
    from endcap.storefront.access import normalised_host
    from endcap.storefront.example_searches import add_example_searches

    # What can be wrong is found out before the work begins.
    judged = None
    if judgments is not None:
        judged = read_judgments(judgments, judgments_format, judgments_queries, grades, progress)
    if judged is not None:
        click.echo(f"Judgments {judged.name} ({judged.format}): {judged.account()}.", err=True)
    host_names = [normalised_host(host_name) for host_name in (*hosts, *filter(None, [host]))]
    with (
        closing(listen(host, port)) as bound,
        closing(
            open_shown_shop(connection, catalogue, name, reading, model, judged, deadline_ms, body, unknown_ids)
        ) as opened,
    ):
        if opened.own is not None:
            click.echo(f"Searched by {opened.own.words}.", err=True)
        shop = add_example_searches(opened, progress)
        # An index made of a file is named by its content; what people say of the shop outlives a change of that.
        kept_as = name_of(catalogue) if catalogue is not None else shop.settings.name
        serve_shop(shop, bound, host, host_names, kept_as, open_behaviour(shop, kept_as, ubi, replay), open_)


def open_behaviour(shop: Shop, kept_as: str, ubi: bool, visits: int | None) -> Behaviour:
    """What is known of visitors: of those that are simulated, if any are, else of people."""
    from endcap.storefront.behaviour import Behaviour, open_ubi
    from endcap.storefront.simulated_users import replay_shop
    from endcap.storefront.ubi_sinks import ubi_folder

    if ubi and shop.settings.engine == "embedded":
        click.echo(f"Searches and clicks are kept in {ubi_folder(kept_as)}.")
    log, clicks = open_ubi(shop, kept_as) if ubi else (None, None)
    if visits is None:
        return Behaviour(log, clicks=clicks)
    replay = replay_shop(shop, visits, log, progress)
    click.echo(replay.sentence())
    return Behaviour(log, replay.tally)


def serve_shop(
    shop: Shop, bound: socket, host: str, host_names: Sequence[str], kept_as: str, behaviour: Behaviour, open_: bool
) -> None:
    """Answer at the bound port until somebody says stop."""
    from endcap.storefront.app import make_app
    from endcap.storefront.judgment_store import JudgmentStore, judgments_path
    from endcap.storefront.server import address_of, serve

    store = JudgmentStore(judgments_path(kept_as))
    if count := len(store.events()):
        # Files of one name, and indexes of one name in two clusters, share them: who did not mean that can see it.
        click.echo(f"It goes on with what was judged in {store.path}; lines so far: {count:,}.")
    app, address = make_app(shop, store, behaviour, host_names), address_of(bound, host)

    def started() -> None:
        click.echo(f"Storefront at {address}")
        if open_:
            with suppress(webbrowser.Error):
                webbrowser.open(address)

    serve(app, bound, started)
