"""Options that several commands have: how to reach a cluster, which model to use, how a catalogue is to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from endcap.errors import EndcapError

if TYPE_CHECKING:
    from endcap.plugin.model.student import Student
    from endcap.plugin.states.fill import TextEncoder

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(dir_okay=False, path_type=Path)


def options(*decorators: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Several of click's decorators as one; the help shows them in this order."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


connection_options = options(
    click.option("--ca-file", default="", type=click.Path(dir_okay=False), help="The authority of the certificate."),
    click.option("--insecure", is_flag=True, help="Do not check the server's certificate."),
    click.option("--username-env", default="", metavar="VARIABLE", help="The environment variable with the user name."),
    click.option("--password-env", default="", metavar="VARIABLE", help="The one with the password."),
    click.option("--api-key-env", default="", metavar="VARIABLE", help="The one with an API key."),
)
catalogue_options = options(
    click.option("--format", "format_", metavar="FORMAT", help="The catalogue's format; without it, found out."),
    click.option("--fields", default="", metavar="MAP", help="Which field is which: title=name,brand=maker,…"),
)
report_options = options(
    click.option("--json", "json_file", type=FILE, help="Write all numbers there."),
    click.option("--html", "html_file", type=FILE, help="Write a page to read and share there."),
)
recipe_options = options(
    click.argument("recipe"),
    click.option(
        "--work", type=click.Path(path_type=Path), help="Where stages keep files; by default in endcap's home."
    ),
    click.option("--data", type=click.Path(exists=True, path_type=Path), help="Where the recipe's paths start from."),
)


def write_reports(*reports: tuple[Path | None, Callable[[], str]]) -> list[Path]:
    """Write the reports that were asked for, and give their files.

    To be called before anything is printed, so that a pipe that breaks costs no report.
    """
    from endcap.evaluate.report.files import write_report

    wanted = [(file, text) for file, text in reports if file is not None]
    for file, text in wanted:
        write_report(file, text())
    return [file for file, _ in wanted]


@contextmanager
def training_side(purpose: str = "Distilling") -> Iterator[None]:
    """Says what to install where a library of the training side is missing."""
    try:
        yield
    except ImportError as error:
        raise EndcapError(f"{purpose} needs {error.name}: pip install 'endcap[distill]'.") from None


def model_folder(ctx: click.Context, param: click.Parameter, word: str | None) -> Path:
    """The model folder that a word on the command line means; see ``endcap.plugin.model.registry.resolve``."""
    from endcap.plugin.model.registry import resolve

    return resolve(word)


model_option = click.option(
    "--model",
    metavar="MODEL",
    callback=model_folder,
    help="A model folder, or a promoted model's NAME or NAME@VERSION; else $ENDCAP_MODEL, else the shipped one.",
)
spread_option = click.option(
    "--spread",
    is_flag=True,
    help="Read in advance by Ray Data: on this machine's cores, or on the cluster that $RAY_ADDRESS names.",
)


def readers(spread: bool, student: Student, model: Path) -> AbstractContextManager[TextEncoder | None]:
    """Who reads in advance: with ``--spread`` Ray's workers, else the student itself."""
    if not spread:
        return nullcontext()
    from endcap.plugin.states.ray_encoder import ray_encoder

    return ray_encoder(student, model)
