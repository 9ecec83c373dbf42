"""Files of a width that nobody expects."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from endcap.errors import InputError
from endcap.index.readers.catalogue import read_products


def test_a_hundred_thousand_columns(tmp_path: Path) -> None:
    """A header is read in a second, whatever its width; a name that is there twice is still named."""
    names = ["id", "title", *(f"c{n}" for n in range(100_000))]
    file = tmp_path / "wide.csv"
    file.write_text(",".join(names) + "\n" + ",".join(["1", "cable", *["x"] * 100_000]) + "\n")
    began_s = time.process_time()
    assert [product.title for product in read_products(file)] == ["cable"]
    assert time.process_time() - began_s < 3
    file.write_text(",".join([*names, "c7"]) + "\n")
    with pytest.raises(InputError, match="c7"):
        list(read_products(file))
