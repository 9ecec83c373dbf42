"""``endcap keys``: the keys that the API asks for."""

from __future__ import annotations

from pathlib import Path

import click

from endcap.cli.shared_options import FILE

ORDER, SUMMARY = 57, "Make, list and remove the keys of the API"
file_option = click.option("--keys-file", "file", type=FILE, help="The file of keys; else HOME/api-keys.json.")

EXAMPLES = """
\b
Examples:
  endcap keys make shop
  endcap keys list
  endcap keys remove shop
"""


@click.group("keys", epilog=EXAMPLES, invoke_without_command=True)
@click.pass_context
def command(ctx: click.Context) -> None:
    """Make, list and remove the keys of the API. Only their hashes are kept; a running server follows the file."""
    if ctx.invoked_subcommand is None:
        click.echo(ctx.get_help())


@command.command("make")
@click.argument("name")
@file_option
def make(name: str, file: Path | None) -> None:
    """Make a key and print it. It can't be shown again."""
    from endcap.serve.keys import make_key

    click.echo(make_key(_file(file), name))


@command.command("list")
@file_option
def list_(file: Path | None) -> None:
    """Name the keys that there are."""
    from endcap.serve.keys import read_keys

    for key in read_keys(_file(file)):
        click.echo(f"{key.name}\t{key.made}")


@command.command("remove")
@click.argument("name")
@file_option
def remove(name: str, file: Path | None) -> None:
    """Forget a key; who uses it is refused within a second."""
    from endcap.serve.keys import remove_key

    remove_key(_file(file), name)


def _file(file: Path | None) -> Path:
    from endcap.serve.keys import keys_file

    return keys_file(str(file) if file else "")
