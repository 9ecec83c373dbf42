"""Files of a width that nobody expects."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from endcap.index.readers.catalogue import read_products


def test_a_hundred_thousand_columns(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A header is read in a second, whatever its width; a name that is there twice is still named."""
    names = ["id", "title", *(f"c{n}" for n in range(100_000))]
    file = tmp_path / "wide.csv"
    file.write_text(",".join(names) + "\n" + ",".join(["1", "cable", *["x"] * 100_000]) + "\n")
    began_s = time.process_time()
    assert [product.title for product in read_products(file)] == ["cable"]
    assert time.process_time() - began_s < 3
    row = ",".join(["1", "cable", *["x"] * 100_000])
    file.write_text(",".join([*names, "c7"]) + f"\n{row},y\n")
    began_s = time.process_time()
    assert [product.title for product in read_products(file)] == ["cable"]
    assert time.process_time() - began_s < 6
    assert "called 'c7'" in caplog.text


def test_a_hundred_thousand_columns_of_one_name(tmp_path: Path) -> None:
    """Each has a name of its own."""
    file = tmp_path / "same.csv"
    file.write_text(
        ",".join(["id", "title", *["c"] * 100_000]) + "\n" + ",".join(["1", "cable", *["x"] * 100_000]) + "\n"
    )
    began_s = time.process_time()
    assert [product.title for product in read_products(file)] == ["cable"]
    assert time.process_time() - began_s < 6
