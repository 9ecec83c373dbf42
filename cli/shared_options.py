"""Options that several commands have: how to reach a cluster, which model to use, how a catalogue is to be read."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from endcap.errors import EndcapError
from endcap.index.settings import MAX_DENSE

if TYPE_CHECKING:
    from endcap.index.readers.reading import Reading
    from endcap.plugin.model.student import Student
    from endcap.plugin.states.fill import TextEncoder

Command = TypeVar("Command", bound=Callable[..., Any])
FILE = click.Path(dir_okay=False, path_type=Path)
rules_option = click.option("--rules", type=FILE, help="A shop's rules file (docs/rules.md); else the index's own.")


class Option(click.Option):
    """An option that is also known by names of the past (``old``), which the help does not show."""

    def __init__(self, *args: Any, old: Sequence[str] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.old = tuple(old)

    def add_to_parser(self, parser: Any, ctx: click.Context) -> None:
        """Let the parser know the old names, and nobody else."""
        shown = self.opts
        self.opts = [*shown, *self.old]
        try:
            super().add_to_parser(parser, ctx)
        finally:
            self.opts = shown


def options(*decorators: Callable[[Any], Any]) -> Callable[[Command], Command]:
    """Several of click's decorators as one; the help shows them in this order."""

    def decorate(command: Command) -> Command:
        for decorator in reversed(decorators):
            command = decorator(command)
        return command

    return decorate


access_options = options(
    click.option("--ca-file", default="", type=click.Path(dir_okay=False), help="The authority of the certificate."),
    click.option("--insecure", is_flag=True, help="Do not check the server's certificate."),
    click.option("--username-env", default="", metavar="VARIABLE", help="The environment variable with the user name."),
    click.option("--password-env", default="", metavar="VARIABLE", help="The one with the password."),
    click.option("--api-key-env", default="", metavar="VARIABLE", help="The one with an API key."),
)


def connection_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How to reach a cluster, as one argument ``access``: what was given, by the names of ``IndexSettings``."""

    @wraps(command)
    def with_access(
        *, ca_file: str, insecure: bool, username_env: str, password_env: str, api_key_env: str, **others: Any
    ) -> Any:
        access = {
            "ca_file": str(Path(ca_file).absolute()) if ca_file else "",
            "verify_certs": not insecure,
            "username_env": username_env,
            "password_env": password_env,
            "api_key_env": api_key_env,
        }
        return command(access={name: value for name, value in access.items() if value not in ("", True)}, **others)

    return access_options(with_access)


judgments_options = options(
    click.option("--judgments-format", metavar="FORMAT", help="Of the judgments; without it, found out."),
    click.option(
        "--judgments-queries",
        type=click.Path(exists=True, path_type=Path),
        help="Query texts, where judgments have ids.",
    ),
)
unknown_ids_option = click.option(
    "--unknown-ids",
    type=click.FloatRange(0, 1),
    metavar="SHARE",
    help="Judgments (or clicks) of products that the catalogue (or the list) lacks are refused above this share. "
    "Without it 0.5, or 0.1 where their ids are only spelled otherwise.",
)
fields_option = click.option(
    "--fields",
    cls=Option,
    old=["--map"],
    default="",
    metavar="MAP",
    help="Which field is which: title=name,brand=maker,…",
)
_format_options = options(
    click.option("--format", "format_", metavar="FORMAT", help="The catalogue's format; without it, found out."),
    fields_option,
)
reading_options = options(
    click.option("--encoding", default="", metavar="NAME", help="Of text files: cp1252, utf-16, …; without it, UTF-8."),
    click.option(
        "--variants",
        type=click.Choice(["merge", "each"]),
        default="merge",
        show_default=True,
        help="Of an export with a row a variant: one product of all, or each its own.",
    ),
    click.option("--language", default="", metavar="CODE", help="Of texts in several languages, the one to read."),
)


def reading_of(format_: str | None, fields: str, encoding: str, variants: str, language: str) -> Reading:
    """How a catalogue is to be read, as the options say."""
    from endcap.index.field_map import FieldMap
    from endcap.index.readers.reading import Reading

    return Reading(format_ or "", FieldMap.parse(fields), encoding, variants, language)


def catalogue_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """How a catalogue is to be read, as one argument ``reading``."""

    @wraps(command)
    def with_reading(
        *, format_: str | None, fields: str, encoding: str, variants: str, language: str, **others: Any
    ) -> Any:
        return command(reading=reading_of(format_, fields, encoding, variants, language), **others)

    return _format_options(reading_options(with_reading))


report_options = options(
    click.option("--json", "json_file", type=FILE, help="Write all numbers there."),
    click.option("--html", "html_file", type=FILE, help="Write a page to read and share there."),
)


def write_reports(*reports: tuple[Path | None, Callable[[], str]]) -> list[Path]:
    """Write the reports that were asked for, and give their files.

    To be called before anything is printed, so that a pipe that breaks costs no report.
    """
    from endcap.evaluate.report.files import write_report

    files = []
    for file, text in reports:
        if file is not None:
            write_report(file, text())
            files.append(file)
    return files


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
languages_option = click.option(
    "--languages",
    default="",
    metavar="CODES",
    callback=lambda ctx, param, value: tuple(code.strip() for code in value.split(",") if code.strip()),
    help="What the student is taken to know, as in en,de; 'any': no search is skipped for its language.",
)


def own_body(ctx: click.Context, param: click.Parameter, file: str | None) -> str | None:
    """The whole path of an own query that can be used; empty: endcap's; None: nothing was said."""
    from endcap.index.own_query import own_query

    own_query(file or "")
    return str(Path(file).absolute()) if file else file


body_option = click.option(
    "--body",
    metavar="FILE",
    callback=own_body,
    help='The shop\'s own query: a _search body with "{{query}}" where the words go, or {"id": TEMPLATE, "params": …}; '
    "'' is endcap's. Without it, the index's own.",
)
log_columns_options = options(
    click.option("--query-column", default="", metavar="NAME", help="Of the log; without it, found out."),
    click.option("--count-column", default="", metavar="NAME", help="How often each was searched, the same."),
    click.option("--log-encoding", default="", metavar="NAME", help="Of the log: cp1252, utf-16, …; else found out."),
)
blend_weight_option = click.option(
    "--blend-weight", type=click.FloatRange(0, 1), help="The student's share of the blend; else the model's."
)
grades_option = click.option(
    "--grades",
    default="",
    metavar="SCALE",
    help="What ratings are worth: labels, as in 'Exact=3,Partial=1', or a range from worst to best: 1-5, 0..1, -2..2.",
)
margin_option = click.option(
    "--margin", type=click.FloatRange(0, 1), default=0.005, show_default=True, help="nDCG@10 it may lose."
)
spread_option = click.option(
    "--spread",
    is_flag=True,
    help="Read in advance by Ray Data: on this machine's cores, or on the cluster that $RAY_ADDRESS names.",
)
dense_option = click.option(
    "--dense",
    type=click.IntRange(0, MAX_DENSE),
    help="How many products nearest in meaning join the engine's in a search; without it, as the settings say.",
)
numbers_option = click.option(
    "--numbers/--no-numbers",
    default=None,
    help="Search again for a model's number that the engine does not find, in its other spellings; without it, as the "
    "settings say.",
)
budget_option = click.option(
    "--budget-ms",
    cls=Option,
    old=["--budget"],
    type=click.FloatRange(0, min_open=True),
    help="Milliseconds that a search may take beside the engine's own time.",
)
deadline_option = click.option(
    "--deadline-ms",
    cls=Option,
    old=["--deadline"],
    type=click.FloatRange(0, min_open=True),
    help="Milliseconds that a search may take in all, the engine's time included.",
)

vectors_option = click.option(
    "--vectors",
    "kept",
    cls=Option,
    old=["--write"],
    is_flag=False,
    flag_value="vectors",
    type=click.Choice(["vectors", "states"]),
    help="Also write them into the documents: as vectors to search by, or as states that only come with the hits.",
)


def readers(spread: bool, student: Student, model: Path) -> AbstractContextManager[TextEncoder | None]:
    """Who reads in advance: with ``--spread`` Ray's workers, else the student itself."""
    if not spread:
        return nullcontext()
    from endcap.plugin.states.ray_encoder import ray_encoder

    return ray_encoder(student, model)
