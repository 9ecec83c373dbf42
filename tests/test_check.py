"""``endcap check``: what would be read, and where all rows went."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from endcap.cli.check import command
from endcap.cli.main import run


def test_a_catalogue_is_checked(tmp_path: Path) -> None:
    """The format, the account of rows, the fields, the first faults, and the products' texts; nothing is written."""
    path = tmp_path / "shop.csv"
    path.write_text("Handle,Title,Vendor,Option1 Name,Option1 Value,Variant SKU\n"
                    "mug,<b>Mug</b>,Acme,Size,S,M-S\nmug,,,,L,M-L\nno,,Bolt,,,\nx,y\n")  # fmt: skip
    result = CliRunner().invoke(command, [str(path), "--samples", "1"], catch_exceptions=False)
    assert "Format shopify, 1 file." in result.output
    assert "4 rows = 1 products + 2 rejected + 1 merged." in result.output
    assert "2 skipped: 1 ragged row, 1 missing title, such as:" in result.output
    assert "line 5: 2 values for 6 columns" in result.output
    assert "  mug: Mug. Acme" in result.output
    assert list(tmp_path.iterdir()) == [path]


def test_a_wrong_encoding_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file in cp1252 is named as such, and read when that is said."""
    path = tmp_path / "shop.csv"
    path.write_bytes("id,title\n1,Café 5 €\n".encode("cp1252"))
    assert run(["check", str(path)]) == 2
    assert "--encoding cp1252" in capsys.readouterr().err
    assert run(["check", str(path), "--encoding", "cp1252"]) == 0
    assert "Café 5 €" in capsys.readouterr().out
