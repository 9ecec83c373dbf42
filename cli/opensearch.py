"""``endcap opensearch``: re-ranking by the cluster itself, with ML Commons and the API."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from endcap.cli.shared_options import connection_options, options
from endcap.errors import InputError
from endcap.index.settings import IndexSettings, check_name, list_settings

if TYPE_CHECKING:
    from endcap.serve.native.cluster import Cluster
    from endcap.serve.native.wiring import Wiring

ORDER, SUMMARY = 58, "Let a cluster with ML Commons re-rank by itself, through the API"
DEFAULT_URL = "http://localhost:9200"

EXAMPLES = """
\b
Examples:
  endcap opensearch setup --index shop --api-url http://10.0.0.5:9300 --dry-run
  endcap opensearch setup --index shop --api-url http://10.0.0.5:9300 --rerank-key-env RERANK_KEY --cluster-settings
  endcap opensearch check --index shop --rerank-key-env RERANK_KEY
  endcap opensearch teardown --index shop
"""
wiring_options = options(
    click.option("--index", required=True, help="The index, alias or pattern as the cluster calls it."),
    click.option("--api-url", metavar="URL", help="The API, as the cluster reaches it; else the one that is wired."),
    click.option("--url", help=f"The cluster; else the index's, or {DEFAULT_URL}."),
    click.option("--name", help="Of connector, model and pipeline; else endcap-INDEX."),
    click.option(
        "--document-fields",
        metavar="PATHS",
        help="What the model reads: title,brand; else as wired, or the title.",
    ),
    click.option("--rerank-key-env", default="", metavar="VARIABLE", help="The variable with the API's key."),
    click.option("--oversample", type=float, metavar="FACTOR", help="So many times as many hits are re-ranked."),
    click.option("--timeout-s", type=int, help="So long the cluster waits for the API; else 5."),
    connection_options,
)
change_options = options(
    click.option("--cluster-settings", is_flag=True, help="Also change the cluster's settings that stand in the way."),
    click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing."),
)


@click.group("opensearch", epilog=EXAMPLES, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Let a cluster with ML Commons re-rank by itself, through the API (docs/native.md)."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@command.command("setup")
@wiring_options
@change_options
def setup(cluster_settings: bool, dry_run: bool, **given: Any) -> None:
    """Create connector, model and search pipeline, or bring them up to date. Run again, it changes nothing."""
    from endcap.serve.native.check import check
    from endcap.serve.native.setup import set_up

    cluster, wiring = _read(**given)
    for words in set_up(cluster, wiring, cluster_settings, dry_run):
        click.echo(words)
    if not dry_run:
        for finding in check(cluster, wiring):
            if finding.wrong:
                click.echo(f"Warning: {finding.words}", err=True)
        click.echo(f"Search with ?search_pipeline={wiring.name} and ext.rerank.query_context.query_text in the body.")


@command.command("teardown")
@wiring_options
@change_options
def teardown(cluster_settings: bool, dry_run: bool, **given: Any) -> None:
    """Remove what setup has made, and nothing else."""
    from endcap.serve.native.removal import tear_down

    cluster, wiring = _read(**given, otherwise="http://none.invalid")
    said = list(_echoed(tear_down(cluster, wiring, cluster_settings, dry_run)))
    if not said:
        click.echo(f"There is nothing named {wiring.name} that endcap has made.")


@command.command("check")
@wiring_options
@click.pass_context
def check_(ctx: click.Context, /, **given: Any) -> None:
    """Say in words what is wired wrong; the exit status is 1 where something is."""
    from endcap.serve.native.check import api_findings, check

    cluster, wiring = _read(**given)
    wrong = 0
    for finding in [*asyncio.run(api_findings(wiring, cluster.ca_file)), *check(cluster, wiring)]:
        click.echo(f"{'WRONG' if finding.wrong else 'ok   '} {finding.words}")
        wrong += finding.wrong
    click.echo(f"{wrong} wrong." if wrong else "All is wired right.")
    ctx.exit(1 if wrong else 0)


def own_name(index: str) -> str:
    """What is made for an index is called so; patterns and lists have a digest, lest two of them have one name."""
    plain = "endcap-" + index.replace("*", "all").replace(",", "-").lower()
    return f"{plain}-{hashlib.sha256(index.encode()).hexdigest()[:6]}" if set(index) & set("*,") else plain


def _echoed(lines: Iterator[str]) -> Iterator[str]:
    for line in lines:
        click.echo(line)
        yield line


def _read(
    index: str,
    api_url: str | None,
    url: str | None,
    name: str | None,
    document_fields: str | None,
    rerank_key_env: str,
    oversample: float | None,
    timeout_s: int | None,
    access: Mapping[str, Any],
    otherwise: str = "",
) -> tuple[Cluster, Wiring]:
    """The cluster and what is to be made in it; what ``endcap warm`` knows of the index counts else."""
    from endcap.index.opensearch.client import connect
    from endcap.serve.native.cluster import Cluster
    from endcap.serve.native.setup import wired
    from endcap.serve.native.wiring import Wiring

    known = next((each for each in list_settings() if index in (each.index, each.name) and each.url), None)
    settings = known or IndexSettings(name="cluster", engine="opensearch", url=url or DEFAULT_URL)
    settings = replace(settings, url=url or settings.url, **access)
    key = os.environ.get(rerank_key_env, "").strip() if rerank_key_env else ""
    if rerank_key_env and not key:
        raise InputError(f"the environment variable {rerank_key_env} is not set; it should hold the API's key.")
    own = check_name(name or own_name(index))
    cluster = Cluster(connect(settings), settings.url, settings.ca_file)
    there = wired(cluster, own)
    address = api_url or there.get("api_url") or otherwise
    if not address:
        raise InputError(f"nothing named {own} is wired in {settings.url} yet. Give the API's address with --api-url.")
    titles = settings.fields.paths_of("title") or ("title",)
    fields = tuple(part.strip() for part in document_fields.split(",")) if document_fields else ()
    fields = fields or there.get("document_fields") or titles[:1]
    seconds = timeout_s or there.get("timeout_s") or 5
    factor = there.get("oversample") if oversample is None else oversample
    return cluster, Wiring(index, address, own, fields, key, factor, seconds)
