"""What readers put on the disk: Parquet out of archives, rows that wait; and a disk that is full."""

from __future__ import annotations

import sqlite3
import zipfile
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

import pytest
from reader_files import ROWS, gzipped, write_parquet, zipped
from test_catalogues_variants import SHOPIFY

from endcap.errors import InputError
from endcap.index.readers import files, rejects
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.rejects import Rejects

FULL = Path("/dev/full")


def ids(path: Path) -> list[str]:
    return [product.id for product in read_products(path)]


def test_packed_parquet(tmp_path: Path) -> None:
    """Parquet in a zip, one file or several, and in gzip: unpacked for the time that it is read."""
    whole = write_parquet(tmp_path / "a.parquet")
    other = write_parquet(tmp_path / "b.parquet", [{**row, "id": f"b{row['id']}"} for row in ROWS])
    assert ids(zipped(tmp_path / "one.zip", whole)) == ["1", "2"]
    assert ids(zipped(tmp_path / "two.zip", whole, other)) == ["1", "2", "b1", "b2"]
    assert ids(gzipped(whole)) == ["1", "2"]


def test_parquet_in_a_broken_zip(tmp_path: Path) -> None:
    """A member that is damaged is named, as a member that is no Parquet is."""
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("a.parquet", b"PAR1 and no more")
    with pytest.raises(InputError, match=r"a\.zip/a\.parquet: not a whole Parquet file"):
        ids(path)
    zipped(path, write_parquet(tmp_path / "b.parquet"))
    data = bytearray(path.read_bytes())
    data[200:230] = bytes(30)
    path.write_bytes(data)
    with pytest.raises(InputError, match="damaged"):
        ids(path)


@pytest.mark.skipif(not FULL.exists(), reason="Linux has a device that is always full")
def test_no_room_to_unpack(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk is an error that says what to do."""
    path = zipped(tmp_path / "a.zip", write_parquet(tmp_path / "a.parquet"))
    monkeypatch.setattr(files, "NamedTemporaryFile", lambda **_: FULL.open("wb", buffering=0))
    with pytest.raises(InputError, match=r"No space left on device.* set TMPDIR"):
        ids(path)


def test_no_room_for_rows_that_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of SQLite's own temporary file the same; a store that may only have a few pages is full soon."""
    path = tmp_path / "a.csv"
    head, *rows = SHOPIFY.splitlines(keepends=True)
    path.write_text(head + "".join(row.replace("tee,", f"tee-{n},", 1) for n in range(500) for row in rows[:1]))
    connect = sqlite3.connect

    def small(*given: Any) -> sqlite3.Connection:
        store: sqlite3.Connection = connect(*given)
        store.execute("pragma max_page_count = 10")
        return store

    monkeypatch.setattr(sqlite3, "connect", small)
    with pytest.raises(InputError, match=r"disk is full.* set TMPDIR"):
        ids(path)


@pytest.mark.skipif(not FULL.exists(), reason="Linux has a device that is always full")
def test_no_room_for_rejects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where faults can't be written down, that is said, and no part of the file appears."""
    path, out = tmp_path / "a.csv", tmp_path / "rejects.jsonl"
    path.write_text("id,title\n" + "7,\n" * 9000 + "1,Cup\n")
    monkeypatch.setattr(rejects, "whole_file", lambda _: FULL.open("wb"))
    with pytest.raises(InputError, match=r"the reject file can.t be written \(No space left on device\)"):
        list(read_products(path, on_error="skip", rejects=Rejects(out)))
    assert not out.exists()


def test_temporary_files_are_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where reading stops in the middle."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr(files, "NamedTemporaryFile", lambda **given: NamedTemporaryFile(dir=folder, **given))  # noqa: SIM115
    products = read_products(zipped(tmp_path / "a.zip", write_parquet(tmp_path / "a.parquet")))
    next(products)
    assert list(folder.iterdir())
    products.close()  # type: ignore[attr-defined]
    assert not list(folder.iterdir())


def test_xml_without_items(tmp_path: Path) -> None:
    """XML whose elements have other names is refused with those that are known."""
    path = tmp_path / "a.xml"
    path.write_text("<shop><good><id>1</id></good></shop>")
    with pytest.raises(InputError, match="no element is called article, doc, entry, item"):
        ids(path)
