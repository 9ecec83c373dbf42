"""``endcap api``: a re-ranking API that clients of Cohere, Jina, TEI and OpenAI's embeddings speak."""

from __future__ import annotations

import os
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from endcap.cli.serve import setting_options, settings_file
from endcap.serve.api_settings import ApiSettings

if TYPE_CHECKING:
    from endcap.serve.health import Health

ORDER, SUMMARY = 56, "Answer as a re-ranking API: Cohere's, Jina's, TEI's, and OpenAI's embeddings"


@click.command()
@click.option("--settings", "file", type=click.Path(dir_okay=False, path_type=Path), help="A TOML file with settings.")
@click.option("--show-settings", is_flag=True, help="Print the settings that would be used, and stop.")
@setting_options(ApiSettings)
def command(file: Path | None, show_settings: bool, **flags: str | None) -> None:
    """Answer as a re-ranking API: Cohere's, Jina's, TEI's, and OpenAI's embeddings.

    Each option is also a variable (ENDCAP_API_PORT) and a key in the table [api] of the TOML file. Keys are made with
    `endcap keys make NAME`. Stop it with Ctrl-C or SIGTERM.

    \b
    Examples:
      endcap api
      endcap api --host 0.0.0.0 --tls-cert cert.pem --tls-key key.pem
      curl localhost:9300/rerank --json '{"query": "usb c charger", "texts": ["Garden hose", "USB-C charger 20 W"]}'
    """
    from endcap.listening import listen
    from endcap.serve.api_server import serve_api
    from endcap.serve.settings_file import read_api_settings

    settings = read_api_settings(flags, os.environ, settings_file(file))
    if show_settings:
        click.echo("\n".join(f"{name} = {value!r}" for name, value in asdict(settings).items()))
        return
    with closing(listen(settings.host, settings.port)) as bound:

        def started(health: Health) -> None:
            scheme = "https" if settings.tls_cert else "http"
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            click.echo(f"The API, and what it can do: {scheme}://{host}:{bound.getsockname()[1]}/docs")
            click.echo(f"Health and metrics at port {health.port}")

        serve_api(settings, bound, started)
