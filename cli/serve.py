"""``endcap serve``: a proxy in front of OpenSearch that re-ranks its searches."""

from __future__ import annotations

import os
import typing
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from endcap.serve.api_settings import ApiSettings
from endcap.serve.settings import ServeSettings

if TYPE_CHECKING:
    from socket import socket

    from endcap.serve.health import Health

T = TypeVar("T", ServeSettings, ApiSettings)

ORDER, SUMMARY = 55, "Stand in front of OpenSearch and re-rank its searches, for any client"


def setting_options(kind: type[Any]) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """An option for each setting of a record; its text is read by the settings' own reader."""
    hints = typing.get_type_hints(kind, include_extras=True)

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        for item in reversed([item for item in fields(kind) if item.name != "index"]):
            command = _option(item.name, item.default, hints[item.name])(command)
        return command

    return decorate


def settings_file(given: Path | None) -> Path | None:
    """The file of the settings: the one that was given, else that of ``ENDCAP_SETTINGS``."""
    variable = os.environ.get("ENDCAP_SETTINGS")
    return given or (Path(variable) if variable else None)


def run_server(
    settings: T,
    show_settings: bool,
    run: Callable[[T, socket, Callable[[Health], None]], None],
    told: Callable[[str], str],
) -> None:
    """Answer by these settings until it is stopped, or print them; ``told`` says what is at an address."""
    from endcap.listening import listen

    if show_settings:
        click.echo("\n".join(f"{name} = {value!r}" for name, value in asdict(settings).items()))
        return
    with closing(listen(settings.host, settings.port)) as bound:

        def started(health: Health) -> None:
            scheme = "https" if settings.tls_cert else "http"
            host = f"[{settings.host}]" if ":" in settings.host else settings.host
            click.echo(told(f"{scheme}://{host}:{bound.getsockname()[1]}"))
            click.echo(f"Health and metrics at port {health.port}")

        run(settings, bound, started)


def _option(name: str, default: Any, hint: Any) -> Callable[[Any], Any]:
    words = next(part for part in typing.get_args(hint)[1:] if isinstance(part, str))
    if default not in (None, "", False, ()):
        words += f"  [default: {str(default).lower() if default is True else default}]"
    flag = "--" + name.replace("_", "-")
    if typing.get_args(hint)[0] in (bool, bool | None):
        return click.option(flag, name, is_flag=False, flag_value="true", metavar="[true|false]", help=words)
    return click.option(flag, name, help=words)


@click.command()
@click.option("--settings", "file", type=click.Path(dir_okay=False, path_type=Path), help="A TOML file with settings.")
@click.option("--show-settings", is_flag=True, help="Print the settings that would be used, and stop.")
@setting_options(ServeSettings)
def command(file: Path | None, show_settings: bool, **flags: str | None) -> None:
    """Stand in front of OpenSearch and re-rank its searches, for any client.

    Clients use this address instead of the cluster's. All else passes through as it is. Each option is also a variable
    (ENDCAP_PORT) and a key of the TOML file (port). Stop it with Ctrl-C or SIGTERM.

    \b
    Examples:
      endcap serve --opensearch-url http://localhost:9200 --port 9201
      endcap serve --settings serve.toml --share 10%
      endcap serve --opensearch-url https://search.internal:9200 --ca-file ca.pem --host 0.0.0.0 --shadow
    """
    from endcap.serve.settings_file import read_settings
    from endcap.serve.workers.serving import serve

    settings = read_settings(flags, os.environ, settings_file(file))
    run_server(settings, show_settings, serve, lambda url: f"Searches of {settings.opensearch_url} at {url}")
