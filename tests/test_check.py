"""``endcap check``: what would be read, and where all rows went."""

import zipfile
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


def test_products_that_the_shop_does_not_show(tmp_path: Path) -> None:
    """Drafts and archived products are read as all others, and counted, so that nobody searches for them unawares."""
    path = tmp_path / "shop.csv"
    rows = "".join(f"{n},Mug,Acme,{status}\n" for n, status in enumerate(("draft", "archived", "draft", "active")))
    path.write_text(f"Handle,Title,Vendor,Status\n{rows}")
    said = CliRunner().invoke(command, [str(path)], catch_exceptions=False).output
    assert "Read, though the shop does not show them: Status draft: 2, Status archived: 1." in said


def test_an_excel_workbook_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A workbook is a zip file of XML, and no catalogue."""
    path = tmp_path / "shop.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    assert run(["check", str(path)]) == 2
    assert "Save the sheet as CSV UTF-8" in capsys.readouterr().err
