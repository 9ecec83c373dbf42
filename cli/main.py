"""The front door: the group ``endcap``, which imports a command's module only when that command is asked for."""

from __future__ import annotations

import difflib
import importlib
import io
import logging
import os
import re
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from endcap import __version__
from endcap.errors import EndcapError, GateRefused

COMMAND = re.compile(r'^ORDER, SUMMARY = (\d+), "(.+)"$', re.MULTILINE)
"""The line by which a module of this folder is a command: its place in the help, and the first words of its own."""


def summaries() -> dict[str, str]:
    """The commands in the order of use, each with its summary; their modules are read as text, and none is imported."""
    lines = {file.stem: COMMAND.search(file.read_text(encoding="utf-8")) for file in Path(__file__).parent.glob("*.py")}
    commands = sorted((int(line[1]), name, line[2]) for name, line in lines.items() if line)
    return {name: summary for _, name, summary in commands}


SUMMARIES = summaries()

INTERRUPTED = 130  # what a shell reports for a program ended by Ctrl-C (128 + SIGINT)


class LazyGroup(click.Group):
    """A group of the modules ``endcap.cli.NAME`` with a line ``ORDER, SUMMARY = ...``: each has a ``command``."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of use."""
        return list(SUMMARIES)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """The command, imported now."""
        if name not in SUMMARIES:
            return None
        command = importlib.import_module(f"endcap.cli.{name}").command
        if not isinstance(command, click.Command):
            raise TypeError(f"endcap.cli.{name}.command is not a click.Command: {command!r}")
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click's, but an unknown name is answered with the nearest known one."""
        name = args[0]
        if name not in SUMMARIES and not name.startswith("-"):
            near = difflib.get_close_matches(name, SUMMARIES, n=1, cutoff=0.5)
            raise click.UsageError(f"No such command {name!r}." + (f" Did you mean {near[0]!r}?" if near else ""), ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in the group's help, without importing any."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))


@click.group(cls=LazyGroup, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def endcap(ctx: click.Context) -> None:
    """Re-rank a search engine's results with a small student model, on a CPU.

    \b
    Examples:
      endcap demo
      endcap index products.jsonl --name shop
      endcap search "usb c charger" --index shop
      endcap COMMAND --help
    """
    configure_logging()
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


def main(args: Sequence[str] | None = None) -> None:
    """Run the command line and exit: 0 done, 1 refused by a gate or failed unexpectedly, 2 the user can mend it, 130
    Ctrl-C."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # products of any language, on terminals of any
            stream.reconfigure(errors="replace" if stream is sys.stdout else "backslashreplace")
    sys.exit(run(sys.argv[1:] if args is None else args))


def run(args: Sequence[str]) -> int:
    """Run the command line and return its exit status; every failure is one line on stderr."""
    try:
        status = endcap.main(args=list(args), prog_name="endcap", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        return quiet_exit()
    except click.Abort as error:
        return fail(error, "The input ended too early.", 2) if isinstance(error.__cause__, EOFError) else INTERRUPTED
    except click.UsageError as error:
        return fail(error, error.format_message() + hint(error.ctx), 2)
    except click.ClickException as error:
        return fail(error, error.format_message(), 2)
    except GateRefused as error:
        return fail(error, str(error), 1)
    except EndcapError as error:
        return fail(error, str(error), 2)
    except OSError as error:
        if error.filename is None or error.strerror is None:
            return unexpected(error)
        return fail(error, f"{error.filename}: {error.strerror}.", 2)
    except Exception as error:
        return unexpected(error)
    return status if isinstance(status, int) else 0


def unexpected(error: Exception) -> int:
    """Say what nobody has thought of, and how to see more of it."""
    words = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
    return fail(error, f"Unexpected {words} (run with ENDCAP_DEBUG=1 for the traceback)", 1)


def hint(ctx: click.Context | None) -> str:
    """Where to read more about a wrongly used command."""
    return f" Try '{ctx.command_path} --help'." if ctx is not None else ""


def fail(error: BaseException, message: str, status: int) -> int:
    """Print ``message`` as one line on stderr, after the traceback where ENDCAP_DEBUG asks for it."""
    if debugging():
        traceback.print_exception(error, file=sys.stderr)
    click.echo("Error: " + " ".join(message.split()), err=True)
    return status


def quiet_exit() -> int:
    """Leave without a word when the reader of our output has gone, as in ``endcap search … | head``."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def debugging() -> bool:
    """Whether the environment asks for tracebacks."""
    return os.environ.get("ENDCAP_DEBUG", "") not in ("", "0")


def configure_logging() -> None:
    """Send warnings of endcap and of the libraries to stderr; only a command line may do that, never a library."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(levelname)s: %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if debugging() else logging.WARNING)
    if not debugging():
        # opensearch-py warns about every refused request, which our own errors and retries already report.
        logging.getLogger("opensearch").setLevel(logging.ERROR)


if __name__ == "__main__":
    main()
