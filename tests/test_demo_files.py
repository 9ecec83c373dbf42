"""The files of the demo shop are the same to the byte on every machine, until somebody means to change its data."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from endcap.demo.files import write_searches, write_shop

CHECKSUMS = {
    "catalogue.jsonl": "96428607c796187c6279b9bee9416ada341a8b9b5d5a39cf834318e4c63f9dc8",
    "catalogue.csv": "30570ea4e3ad2207a26cb9118aeca28717f2a7b4c463a3202d96d623acafe999",
    "judgments.csv": "f6d6a949ab04292c4f55678860c2cd7fa33f493a942b694426630ad8f2a0cf96",
    "made-judgments.csv": "320d7ee3c195b6a9b7abe2529febbb212d3924893ff7723671f4f00b129d8685",
    "query-log.csv": "886ce1e7081d6a5ba01720a8e7d045779d8bfb4d513db52f7a9b88ab2a3faf94",
    "pictures": "a20d05a657e6924a2623cd630d4a9463d1bc86232e768fbd72ee1136d2af74a7",
}
"""SHA-256 by file, as ``endcap demo --write FOLDER --queries 2000 --log 3000`` writes them; of all pictures."""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_shop(folder)
    write_searches(folder, 2000, 3000)
    return folder


@pytest.mark.parametrize("name", CHECKSUMS)
def test_the_files_are_always_the_same(shop: Path, name: str) -> None:
    """Products, grades, generated searches and pictures that were measured on or trained on are those of today.

    A change of a data file or of a draw shows here, where it reaches one of these files. Whoever means it writes the
    new checksum, and measures anew.
    """
    path = shop / name
    files = sorted(path.iterdir()) if path.is_dir() else [path]
    assert hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest() == CHECKSUMS[name]
