"""The shop that the options of ``endcap storefront`` mean: the demo's, an index, or a catalogue's file."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from endcap.index.field_map import FieldMap
from endcap.index.readers.reading import Reading
from endcap.index.settings import IndexSettings, load_settings
from endcap.progress import progress

if TYPE_CHECKING:
    from endcap.index.judgments.judgments import Judgments
    from endcap.storefront.shop import Shop


def check_options(
    catalogue: Path | None,
    name: str | None,
    url: str,
    judgments: Path | None,
    judgments_format: str | None,
    reading: Reading,
    replay: int | None,
    has_access_options: bool,
) -> None:
    """Refuse options that contradict each other; ``has_access_options``: credentials, or a CA, are among them."""
    is_own = catalogue is not None or name is not None
    if catalogue is not None and name is not None:
        raise click.UsageError("--catalogue is a file to load, --index is loaded already: give one of the two.")
    # the demo shop has judgments of its own, and simulated users would not know what to click without any
    if judgments is not None and not is_own:
        raise click.UsageError("--judgments are of your own products: add --catalogue or --index.")
    if judgments is None and judgments_format is not None:
        raise click.UsageError("--judgments-format is that of --judgments: add them.")
    if judgments is None and is_own and replay is not None:
        raise click.UsageError("--replay has users who click by judgments: add --judgments.")
    # how products are read is known of all but a file and an index of one's own cluster
    if catalogue is None and replace(reading, fields=FieldMap()) != Reading():
        raise click.UsageError("--format, --encoding, --variants and --language are for --catalogue: add it.")
    if catalogue is None and reading.fields != FieldMap() and not (name and url):
        raise click.UsageError("--fields is for --catalogue, and for --url --index.")
    if has_access_options and not url:
        raise click.UsageError("how to reach a cluster is told where its address is: add --url.")
    if has_access_options and catalogue is not None:
        raise click.UsageError(
            "to load a catalogue into a cluster with credentials or a CA of its own, use 'endcap index', which "
            "keeps how to reach it; then give the index's name with --index."
        )


def open_shown_shop(
    connection: IndexSettings,
    catalogue: Path | None,
    name: str | None,
    reading: Reading,
    model: Path,
    judgments: Judgments | None,
    deadline_ms: float | None = None,
    body: str | None = None,
    unknown_ids: float | None = None,
) -> Shop:
    """The shop that the options mean."""
    from endcap.index.open_engine import open_engine
    from endcap.storefront.own_shop import open_file_shop, open_own_shop

    def warn(warning: str) -> None:
        click.echo(f"Warning: {warning}", err=True)

    if catalogue is not None:
        return open_file_shop(
            catalogue,
            model,
            url=connection.url,
            reading=reading,
            body=connection.body,
            judgments=judgments,
            unknown_ids=unknown_ids,
            deadline_ms=deadline_ms,
            warn=warn,
            watch=progress,
        )
    if name is None:
        return show_demo_shop(connection, model, deadline_ms)
    settings = load_settings(name) if not connection.url else with_fields(connection, str(reading.fields))
    settings = replace(settings, body=settings.body if body is None else body)
    engine = open_engine(settings)
    return open_own_shop(
        name,
        settings,
        engine,
        settings.fields,
        model,
        judgments=judgments,
        unknown_ids=unknown_ids,
        deadline_ms=deadline_ms,
        warn=warn,
    )


def show_demo_shop(connection: IndexSettings, model: Path | None, deadline_ms: float | None = None) -> Shop:
    """The demo shop, indexed where the settings say and read in advance, as far as that is not done."""
    from endcap.demo.example_searches import EXAMPLE_SEARCHES
    from endcap.demo.pictures import picture_svg
    from endcap.demo.queries import judgments
    from endcap.demo.run import open_demo_shop
    from endcap.storefront.shop import make_shop

    demo = open_demo_shop(progress, settings=connection, model=model)
    parts = (demo.engine, FieldMap(), demo.student, demo.states)
    shop = make_shop("The demo shop", connection, *parts, judgments=judgments(), deadline_ms=deadline_ms)
    return replace(shop, example_searches=EXAMPLE_SEARCHES, draw=picture_svg)


def with_fields(connection: IndexSettings, fields: str) -> IndexSettings:
    """The settings of a cluster's index with its field map: the one that is given, checked, or that of its own."""
    from endcap.cli.warm import choose_fields
    from endcap.index.opensearch.engine import OpenSearchEngine

    with closing(OpenSearchEngine.from_settings(connection)) as cluster:
        return replace(connection, fields=choose_fields(cluster, fields or None, None))
