"""One thing is called the same by every command; names of the past are understood, and not shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

import click
import pytest

from endcap.cli.main import endcap
from endcap.cli.shared_options import Option
from endcap.distill.recipe.shop_settings import ShopRecipe

OLD = {"--catalog": "--catalogue", "--deadline": "--deadline-ms", "--budget": "--budget-ms", "--map": "--fields"}


def commands(group: click.Command, *above: str) -> Iterator[tuple[str, click.Command]]:
    context = click.Context(group)
    if not isinstance(group, click.Group):
        yield " ".join(above), group
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        yield from commands(command, *above, name)


@pytest.mark.parametrize(("old", "new"), OLD.items())
def test_one_spelling(old: str, new: str) -> None:
    """Of every command: the old name is in no help, and wherever the new one is the old one means the same."""
    having = []
    for name, command in commands(endcap):
        options = [param for param in command.params if isinstance(param, click.Option)]
        assert not [param for param in options if old in param.opts], name
        for param in options:
            if new in param.opts and name not in ("serve", "api"):  # whose names are those of their settings
                assert isinstance(param, Option), name
                assert old in param.old, name
                parser = command.make_parser(click.Context(command))
                values, _, _ = parser.parse_args([old, "7"])
                assert values[param.name] == "7", name
                having.append(name)
    assert len(having) >= 2


def test_a_cluster_is_named_alike() -> None:
    """It is at --url; only where options are settings it has their name. The storefront's old one is understood."""
    for name, command in commands(endcap):
        shown = {option for param in command.params for option in param.opts}
        assert "--opensearch-url" not in shown or name in ("serve", "api"), name
        if name == "storefront":
            values, _, _ = command.make_parser(click.Context(command)).parse_args(["--opensearch-url", "http://x:1"])
            assert values["url"] == "http://x:1"


READING = ("--format", "--fields", "--encoding", "--variants", "--language")


def test_a_catalogue_is_read_alike_by_every_command() -> None:
    """Where a command takes a catalogue's format, it takes all that may be said of how to read it; recipes do, too."""
    having = []
    for name, command in commands(endcap):
        options = {option for param in command.params for option in param.opts}
        if "--format" in options and "--fields" in options:
            assert set(READING) <= options, name
            having.append(name)
    assert len(having) >= 7
    assert {"compare", "evaluate", "index"} <= set(having)
    assert {option[2:] for option in READING} <= {field.name for field in fields(ShopRecipe)}
