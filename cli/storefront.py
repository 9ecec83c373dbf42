"""``endcap storefront``: a page that shows a shop's searches in both orders, side by side."""

from __future__ import annotations

import webbrowser
from contextlib import closing, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from endcap.cli.index import name_of
from endcap.cli.shared_options import connection_options, model_option
from endcap.index.fields import FieldMap
from endcap.index.settings import IndexSettings, load_settings
from endcap.progress import progress

if TYPE_CHECKING:
    from collections.abc import Sequence
    from socket import socket

    from endcap.index.judgments.judgments import Judgments
    from endcap.storefront.behaviour import Behaviour
    from endcap.storefront.clicks import Clicks
    from endcap.storefront.shop import Shop
    from endcap.storefront.ubi_log import UbiLog

ORDER, SUMMARY = 20, "Show a shop's searches on a page: the engine's order beside endcap's"


@click.command()
@click.option(
    "--catalogue",
    type=click.Path(exists=True, path_type=Path),
    help="Your own products, a file or folder; without it or --index, the demo shop.",
)
@click.option(
    "--judgments",
    type=click.Path(exists=True, path_type=Path),
    help="Graded products for queries: with them, the page shows grades and nDCG@10.",
)
@click.option("--judgments-format", metavar="FORMAT", help="Of the judgments; without it, found out.")
@click.option("--format", "format_", metavar="FORMAT", help="Of the catalogue; without it, found out.")
@click.option("--fields", "--map", default="", metavar="MAP", help="Which field is which: title=name,brand=maker,…")
@click.option(
    "--index", "name", help="An index that 'endcap index' or 'endcap warm' knows, or one at --opensearch-url."
)
@click.option(
    "--opensearch-url",
    "url",
    default="",
    help="The cluster of --index, which is only read; else the one to load the catalogue, or the demo shop, into.",
)
@connection_options
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
    judgments_format: str | None,
    format_: str | None,
    fields: str,
    name: str | None,
    url: str,
    ca_file: str,
    insecure: bool,
    username_env: str,
    password_env: str,
    api_key_env: str,
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
      endcap storefront --opensearch-url http://localhost:9200 --index products --fields "title=name,brand=maker"
    """
    check_shop(catalogue, name)
    check_judgments(catalogue is not None or name is not None, judgments, judgments_format, replay)
    check_reading(catalogue, bool(name and url), format_, fields)
    check_reaching(url, catalogue, any((ca_file, insecure, username_env, password_env, api_key_env)))
    connection = connection_of(name, url, ca_file, insecure, username_env, password_env, api_key_env)

    from endcap.index.judgments.reader import read_judgments
    from endcap.storefront.example_searches import with_telling
    from endcap.storefront.guard import plain_name
    from endcap.storefront.serve import listening

    # What can be wrong is found out before the work begins.
    judged = None if judgments is None else read_judgments(judgments, judgments_format)
    names = [plain_name(each) for each in (*hosts, *filter(None, [host]))]
    with (
        closing(listening(host, port)) as bound,
        closing(open_shop(connection, catalogue, name, format_, fields, model, judged, deadline_ms)) as opened,
    ):
        shop = with_telling(opened, progress)
        # An index made of a file is named by its content; what people say of the shop outlives a change of that.
        kept_as = name_of(catalogue) if catalogue is not None else shop.settings.name
        show(shop, bound, host, names, kept_as, behaviour(shop, kept_as, ubi, replay), open_)


def check_shop(catalogue: Path | None, name: str | None) -> None:
    """Refuse two shops at once."""
    if catalogue is not None and name is not None:
        raise click.UsageError("--catalogue is a file to load, --index is loaded already: give one of the two.")


def check_judgments(is_own: bool, judgments: Path | None, format_: str | None, replay: int | None) -> None:
    """Refuse judgments of the demo shop, which has its own, and simulated users who would not know what to click."""
    if judgments is not None and not is_own:
        raise click.UsageError("--judgments are of your own products: add --catalogue or --index.")
    if judgments is None and format_ is not None:
        raise click.UsageError("--judgments-format is that of --judgments: add them.")
    if judgments is None and is_own and replay is not None:
        raise click.UsageError("--replay has users who click by judgments: add --judgments.")


def check_reading(catalogue: Path | None, is_own_cluster: bool, format_: str | None, fields: str) -> None:
    """Refuse to be told how products are to be read where that is known."""
    if catalogue is None and (format_ or (fields and not is_own_cluster)):
        raise click.UsageError("--fields and --format are for --catalogue; --fields also for --opensearch-url --index.")


def check_reaching(url: str, catalogue: Path | None, is_told: bool) -> None:
    """Refuse to be told how a cluster is reached where there is none, or where a file is loaded into it."""
    if is_told and not url:
        raise click.UsageError("how to reach a cluster is told where its address is: add --opensearch-url.")
    if is_told and catalogue is not None:
        raise click.UsageError(
            "to load a catalogue into a cluster with credentials or a CA of its own, use 'endcap index', which "
            "keeps how to reach it; then give the index's name with --index."
        )


def connection_of(
    name: str | None, url: str, ca_file: str, insecure: bool, username_env: str, password_env: str, api_key_env: str
) -> IndexSettings:
    """How the index is reached, by the options."""
    return IndexSettings(
        name=name or "demo",
        engine="opensearch" if url else "embedded",
        url=url,
        ca_file=str(Path(ca_file).absolute()) if ca_file else "",
        username_env=username_env,
        password_env=password_env,
        api_key_env=api_key_env,
        verify_certs=not insecure,
    )


def show(
    shop: Shop, bound: socket, host: str, names: Sequence[str], kept_as: str, seen: Behaviour, open_: bool
) -> None:
    """Answer at the bound port until somebody says stop."""
    from endcap.storefront.app import make_app
    from endcap.storefront.judged import JudgedStore, judged_path
    from endcap.storefront.serve import address_of, serve

    store = JudgedStore(judged_path(kept_as))
    if known := len(store.events()):
        # Files of one name, and indexes of one name in two clusters, share them: who did not mean that can see it.
        click.echo(f"It goes on with what was judged in {store.path}; lines so far: {known:,}.")
    app, address = make_app(shop, store, seen, names), address_of(bound, host)

    def started() -> None:
        click.echo(f"Storefront at {address}")
        if open_:
            with suppress(webbrowser.Error):
                webbrowser.open(address)

    serve(app, bound, started)


def open_shop(
    connection: IndexSettings,
    catalogue: Path | None,
    name: str | None,
    format_: str | None,
    fields: str,
    model: Path,
    judged: Judgments | None,
    deadline_ms: float | None = None,
) -> Shop:
    """The shop that the options mean."""
    from endcap.index.open_engine import open_engine
    from endcap.storefront.shop import open_demo, open_own

    if catalogue is not None:
        return open_file(connection.url, catalogue, format_, fields, model, judged, deadline_ms)
    if name is None:
        return open_demo(connection, model, progress, deadline_ms)
    settings = load_settings(name) if not connection.url else with_fields(connection, fields)
    return open_own(
        name, settings, open_engine(settings), settings.fields, model, judged=judged, deadline_ms=deadline_ms
    )


def open_file(
    url: str,
    catalogue: Path,
    format_: str | None,
    fields: str,
    model: Path,
    judged: Judgments | None,
    deadline_ms: float | None,
) -> Shop:
    """The shop of a catalogue's file, loaded into the cluster at ``url``, or without one into the embedded engine."""
    from endcap.evaluate.catalogue import open_catalogue
    from endcap.storefront.shop import open_own, shop_name

    opened = open_catalogue(str(catalogue), url=url, format=format_, fields=FieldMap.parse(fields), watch=progress)
    for warning in opened.warnings:
        click.echo(f"Warning: {warning}", err=True)
    return open_own(
        shop_name(catalogue.name),
        IndexSettings(name=opened.index, engine="opensearch" if url else "embedded", url=url),
        opened.shop.engine,
        opened.shop.fields,
        model,
        judged=judged,
        pictures=catalogue if catalogue.is_dir() else catalogue.parent,
        read_in_advance=True,
        deadline_ms=deadline_ms,
        watch=progress,
    )


def with_fields(connection: IndexSettings, fields: str) -> IndexSettings:
    """The settings of a cluster's index with its field map: the one that is given, checked, or that of its own."""
    from endcap.cli.warm import choose_fields
    from endcap.index.opensearch.engine import OpenSearchEngine

    with closing(OpenSearchEngine.from_settings(connection)) as cluster:
        return replace(connection, fields=choose_fields(cluster, fields or None, None, option="--fields"))


def behaviour(shop: Shop, kept_as: str, ubi: bool, visits: int | None) -> Behaviour:
    """What is known of visitors, with those that are simulated, if any are."""
    from endcap.storefront.behaviour import Behaviour
    from endcap.storefront.replay_shop import replay_shop

    log, clicks = kept(shop, kept_as) if ubi else (None, None)
    if visits is None:
        return Behaviour(log, clicks=clicks)
    replayed = replay_shop(shop, visits, log, progress)
    click.echo(replayed.sentence())
    return Behaviour(log, replayed.tally)


def kept(shop: Shop, kept_as: str) -> tuple[UbiLog, Clicks]:
    """Where visitors' searches and clicks go, in the cluster or in files, and what the clicks there say so far."""
    from endcap.storefront.clicks import Clicks
    from endcap.storefront.ubi_log import ClusterSink, FileSink, UbiLog, ubi_folder

    clicks = Clicks()
    if shop.settings.engine == "opensearch":
        sink = ClusterSink.from_settings(shop.settings)
        sink.ready()
        clicks.count(sink.drafted(shop.index))
        return UbiLog(sink), clicks
    folder = ubi_folder(kept_as)
    click.echo(f"Searches and clicks are kept in {folder}.")
    clicks.read(folder)
    return UbiLog(FileSink(folder)), clicks
