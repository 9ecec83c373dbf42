"""The composed demo's one-time load: the generated shop into the cluster, its products read in advance.

What is done already is found done: a second run writes nothing. Run as ``python load.py --opensearch-url URL``.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from endcap.cli.shared_options import connection_options, model_option
from endcap.demo.run import INDEX, open_demo_shop
from endcap.errors import EndcapError
from endcap.index.settings import IndexSettings
from endcap.progress import progress


@click.command()
@click.option("--opensearch-url", "url", required=True, help="The cluster, as in http://localhost:9200.")
@connection_options
@model_option
def main(url: str, access: Mapping[str, Any], model: Path) -> None:
    """Load the demo shop into a cluster and read its products in advance."""
    settings = IndexSettings(INDEX, engine="opensearch", url=url, **access)
    try:
        shop = open_demo_shop(progress, settings=settings, model=model)
    except EndcapError as error:
        raise click.ClickException(str(error)) from error
    new = shop.states.counts.kept
    kept = f"{shop.engine.count():,} products, {new:,} states and words of them kept just now"
    click.echo(f"The demo shop is at {url} as {INDEX!r}: {kept}.")
    shop.states.close()


if __name__ == "__main__":
    main()
