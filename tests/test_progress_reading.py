"""How far the reading of files has come: percent and time left, whatever they are written as and packed with."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import time
import zipfile
from pathlib import Path

import pyarrow
import pyarrow.parquet
import pytest

from endcap import progress as progress_module
from endcap.index.judgments.reader import read_judgments
from endcap.index.readers import files
from endcap.index.readers.catalogue import read_products
from endcap.progress import progress, tell_share, unwatched

ROWS = 3_000
RECORDS = [{"id": f"p{n}", "title": f"Kettle {n * 7919}", "description": f"{n:x} " * 60} for n in range(ROWS)]
LINES = "".join(json.dumps(record) + "\n" for record in RECORDS).encode()


def zst(data: bytes) -> bytes:
    buffer = pyarrow.BufferOutputStream()
    with pyarrow.CompressedOutputStream(buffer, "zstd") as stream:
        stream.write(data)
    return bytes(buffer.getvalue())


def zipped(data: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("readme.md", "nothing" * 900)
        archive.writestr("a.jsonl", data)
    return buffer.getvalue()


def parquet(data: bytes) -> bytes:
    buffer = pyarrow.BufferOutputStream()
    pyarrow.parquet.write_table(pyarrow.Table.from_pylist(RECORDS), buffer)
    return bytes(buffer.getvalue())


def shopify(data: bytes) -> bytes:
    rows = (f"p{n // 3},Kettle {n},Acme,{'word ' * 50},{n}.00" for n in range(ROWS))
    return ("Handle,Title,Vendor,Body (HTML),Variant Price\n" + "\n".join(rows) + "\n").encode()


WRITTEN = {
    "a.jsonl": bytes, "a.jsonl.gz": gzip.compress, "a.jsonl.bz2": lambda data: bz2.compress(data, 1),
    "a.jsonl.xz": lzma.compress,
    "a.jsonl.zst": zst, "a.zip": zipped, "a.parquet": parquet, "a.csv": shopify,
}  # fmt: skip


class Said:
    """What has been printed to stderr so far."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys, self._text = capsys, ""

    def getvalue(self) -> str:
        self._text += self._capsys.readouterr().err
        return self._text


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """What is printed of work of which each advance is shown."""
    monkeypatch.setattr(progress_module, "QUIET_S", 0.0)
    monkeypatch.setattr(progress_module, "LINE_EVERY_S", 0.002)
    monkeypatch.setattr(files, "CHUNK_BYTES", 8192)
    return Said(capsys)


def percents(text: str, words: str = "read") -> list[int]:
    return [int(found) for found in re.findall(rf"(\d+)% {re.escape(words)}", text)]


def count(path: Path) -> int:
    done = 0
    with progress("Loading") as advance:
        for done, _ in enumerate(read_products(path), 1):
            advance(done)
    return done


@pytest.mark.parametrize("name", WRITTEN)
def test_a_share_of_each_format(tmp_path: Path, said: Said, name: str) -> None:
    """It rises from the beginning to the end, and there is a rate and a time left."""
    (tmp_path / name).write_bytes(WRITTEN[name](LINES))
    assert count(tmp_path / name) in (ROWS, ROWS // 3)
    found = percents(said.getvalue(), "read (step 1 of 2)" if name == "a.csv" else "read")
    assert found == sorted(found)
    assert found[0] < 20
    # packed files are taken in larger pieces: the last is read when the end is near
    assert found[-1] >= 95
    assert re.search(r"\d a second.* left", said.getvalue())


def test_products_of_several_rows_come_in_two_steps(
    tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rows are read first, and told as rows; then they are put together, with a share and a rate of its own."""
    monkeypatch.setattr(progress_module, "LINE_EVERY_S", 0.0)
    (tmp_path / "a.csv").write_bytes(shopify(b""))
    assert count(tmp_path / "a.csv") == ROWS // 3
    first, _, second = said.getvalue().partition("put together")
    assert "3,000," in first
    found = percents("0% put together" + second, "put together (step 2 of 2)")
    assert found == sorted(found)
    assert found[-1] >= 99
    assert f"Loading: {ROWS // 3:,}," in second


def test_files_of_a_folder_are_one_whole(tmp_path: Path, said: Said) -> None:
    """The share is that of all their bytes."""
    for name, part in (("a.jsonl", LINES[: LINES.index(b"\n", len(LINES) // 4) + 1]), ("b.jsonl", b"")):
        (tmp_path / name).write_bytes(part or LINES[LINES.index(b"\n", len(LINES) // 4) + 1 :])
    shares = dict[int, int]()
    with progress("Loading") as advance:
        for done, _ in enumerate(read_products(tmp_path), 1):
            advance(done)
            shares[done] = (percents(said.getvalue()) or [0])[-1]
    assert abs(shares[ROWS // 4] - 25) < 5
    assert abs(shares[ROWS // 2] - 50) < 5


def test_packed_parquet_is_unpacked_first(tmp_path: Path, said: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a share of its own, so that the rows' share begins at its beginning."""
    monkeypatch.setattr(progress_module, "LINE_EVERY_S", 0.0)
    (tmp_path / "a.parquet.gz").write_bytes(gzip.compress(parquet(b"")))
    assert count(tmp_path / "a.parquet.gz") == ROWS
    assert percents(said.getvalue(), "unpacked")[-1] == 100
    assert percents(said.getvalue())[0] < 30


def test_judgments_tell_their_share(tmp_path: Path, said: Said) -> None:
    """Rows are counted, and how much of the file is read."""
    rows = "".join(f"kettle {n % 50},p{n},{n % 4}\n" for n in range(9_000))
    (tmp_path / "rated.csv").write_text(f"query,docid,rating\n{rows}")
    assert read_judgments(tmp_path / "rated.csv", watch=progress).n_judgments == 9_000
    found = percents(said.getvalue())
    assert found[0] < 20 < 90 < found[-1]
    assert "Reading rated.csv: 9,000" in said.getvalue()


def test_the_time_left_is_that_of_the_step(said: Said) -> None:
    """A quarter in 0.1 s leaves 0.3; a step that begins later has a time of its own."""
    with progress("Loading") as advance:
        tell_share(0.0)
        time.sleep(0.1)
        tell_share(0.001)
        advance(1)
    line = said.getvalue().splitlines()[-1]
    left = re.search(r"([\d.]+) (s|min|h) left", line)
    assert left
    assert left[2] == "min"  # 0.1 s for a thousandth


def test_where_nothing_is_shown_nothing_is_told(tmp_path: Path) -> None:
    """Readers work without, and a ``Watch`` of another kind is not disturbed."""
    tell_share(0.5)
    (tmp_path / "a.jsonl").write_bytes(LINES)
    with unwatched("Reading", None):
        assert len(list(read_products(tmp_path / "a.jsonl"))) == ROWS


def test_a_known_total_is_not_replaced(tmp_path: Path, said: Said) -> None:
    """Work that knows its end shows that, though it reads a file."""
    (tmp_path / "a.jsonl").write_bytes(LINES)
    with progress("Searching", ROWS * 2) as advance:
        for done, _ in enumerate(read_products(tmp_path / "a.jsonl"), 1):
            advance(done)
    assert "% read" not in said.getvalue()
    assert f"{ROWS:,} of {ROWS * 2:,} (50%)" in said.getvalue()
