"""Options that several commands have: how to reach a cluster, which model to use, how a catalogue is to be read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from endcap.plugin.model.student import Student
    from endcap.plugin.states.fill import TextEncoder

Command = TypeVar("Command", bound=Callable[..., Any])

OPTIONS = (
    click.option("--ca-file", default="", type=click.Path(dir_okay=False), help="The authority of the certificate."),
    click.option("--insecure", is_flag=True, help="Do not check the server's certificate."),
    click.option("--username-env", default="", metavar="VARIABLE", help="The environment variable with the user name."),
    click.option("--password-env", default="", metavar="VARIABLE", help="The one with the password."),
    click.option("--api-key-env", default="", metavar="VARIABLE", help="The one with an API key."),
)
CATALOGUE_OPTIONS = (
    click.option("--format", "format_", metavar="FORMAT", help="The catalogue's format; without it, found out."),
    click.option("--fields", default="", metavar="MAP", help="Which field is which: title=name,brand=maker,…"),
)


def connection_options(command: Command) -> Command:
    """Add ``--ca-file``, ``--insecure``, ``--username-env``, ``--password-env`` and ``--api-key-env``."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


def catalogue_options(command: Command) -> Command:
    """Add ``--format`` (as ``format_``) and ``--fields``."""
    for option in reversed(CATALOGUE_OPTIONS):
        command = option(command)
    return command


def model_folder(ctx: click.Context, param: click.Parameter, word: str | None) -> Path:
    """The model folder that a word on the command line means; see ``endcap.plugin.model.registry.resolve``."""
    from endcap.plugin.model.registry import resolve

    return resolve(word)


def model_option(command: Command) -> Command:
    """Add ``--model``, which gives the command a model folder as ``model: Path``."""
    return click.option(
        "--model",
        metavar="MODEL",
        callback=model_folder,
        help="A model folder, or a promoted model's NAME or NAME@VERSION; else $ENDCAP_MODEL, else the shipped one.",
    )(command)


def spread_option(command: Command) -> Command:
    """Add ``--spread``, which gives the command ``spread: bool``."""
    return click.option(
        "--spread",
        is_flag=True,
        help="Read in advance by Ray Data: on this machine's cores, or on the cluster that $RAY_ADDRESS names.",
    )(command)


def readers(spread: bool, student: Student, model: Path) -> AbstractContextManager[TextEncoder | None]:
    """Who reads in advance: with ``--spread`` Ray's workers, else the student itself."""
    if not spread:
        return nullcontext()
    from endcap.plugin.states.ray_encoder import ray_encoder

    return ray_encoder(student, model)
