"""``endcap api``: a re-ranking API that clients of Cohere, Jina, TEI and OpenAI's embeddings speak."""

from __future__ import annotations

import os
from pathlib import Path

import click

from endcap.cli.serve import run_server, setting_options, settings_file
from endcap.serve.api_settings import ApiSettings

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
    from endcap.serve.settings_file import read_api_settings
    from endcap.serve.workers.serving import serve_api

    settings = read_api_settings(flags, os.environ, settings_file(file))
    run_server(settings, show_settings, serve_api, lambda url: f"The API, and what it can do: {url}/docs")
