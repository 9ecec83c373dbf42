"""The options that say how to reach a cluster, shared by the commands that do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = (
    click.option("--ca-file", default="", type=click.Path(dir_okay=False), help="The authority of the certificate."),
    click.option("--insecure", is_flag=True, help="Do not check the server's certificate."),
    click.option("--username-env", default="", metavar="VARIABLE", help="The environment variable with the user name."),
    click.option("--password-env", default="", metavar="VARIABLE", help="The one with the password."),
    click.option("--api-key-env", default="", metavar="VARIABLE", help="The one with an API key."),
)


def connection_options(command: Command) -> Command:
    """Add ``--ca-file``, ``--insecure``, ``--username-env``, ``--password-env`` and ``--api-key-env``."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
