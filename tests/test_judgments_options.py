"""The options of judgments are spelt alike in every command that takes them."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from endcap.cli.evaluate import command as evaluate
from endcap.cli.models import check
from endcap.cli.models_compare import compare
from endcap.cli.storefront import command as storefront


@pytest.mark.parametrize("command", [evaluate, check, compare, storefront], ids=lambda command: command.name)
def test_judgments_with_ids_take_the_file_of_their_queries(command: click.Command) -> None:
    names = {option for parameter in command.params for option in parameter.opts}
    assert {"--judgments", "--judgments-format", "--judgments-queries"} <= names


def test_models_compare_reads_judgments_by_the_file_of_queries(tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text("id,title\np1,Red lamp\np2,Blue shoe\n")
    (tmp_path / "j.qrels").write_text("1 0 p1 3\n1 0 p2 0\n")
    (tmp_path / "texts.tsv").write_text("1\tlamp\n")
    arguments = ["shipped", "shipped", "--catalogue", str(tmp_path / "p.csv"), "--judgments", str(tmp_path / "j.qrels")]
    without = CliRunner().invoke(compare, arguments)
    assert "--judgments-queries" in str(without.exception)
    queries = ["--judgments-queries", str(tmp_path / "texts.tsv")]
    found = CliRunner().invoke(compare, [*arguments, *queries])
    assert "2 rows read: 2 used" in found.output, found.exception
