"""What the tests of readers share: the same rows, written in every format."""

from __future__ import annotations

import csv
import gzip
import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

ROWS: Sequence[Mapping[str, Any]] = (
    {"id": "1", "title": 'Monitor 24" "Pro"', "brand": "Acme", "description": "Two\nlines, and; more\ttabs"},
    {"id": "2", "title": "Kettle ünïcode 湯沸かし", "brand": "", "description": "plain"},
)
ICECAT = {
    "id": "3920564",
    "name": "006R90321",
    "title": "Xerox toner cartridge",
    "ean": ["0095205603217"],
    "short_description": "Toner for copiers",
    "img_500x500": "http://img/500.jpg",
    "img_high": "http://img/high.jpg",
    "supplier": "Xerox",
    "price": 4995,
    "attr_t_product_type": "Toner",
    "attr_t_printing_colours": "Black",
    "attr_n_black_toner_page_yield": 23000.0,
    "attr_b_recycled": False,
    "attr_n_thermal_design_power__tdp_": 2.5,
}


def write_jsonl(path: Path, rows: Sequence[Mapping[str, Any]] = ROWS) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_table(path: Path, delimiter: str, rows: Sequence[Mapping[str, Any]] = ROWS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]] = ROWS) -> Path:
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
    return path


def gzipped(path: Path) -> Path:
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return packed


def zipped(path: Path, *members: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.write(member, member.name)
        archive.writestr("__MACOSX/._junk.json", "junk")
    return path
