"""Files in the formats that stages pass on; each appears whole or not at all."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from endcap.errors import InputError
from endcap.files import whole_file

PAIR_COLUMNS = tuple((name, pa.string()) for name in ("shop", "query", "product_id"))
"""The first columns of all tables of pairs."""
AT_ONCE = 20_000
"""Rows that are held at once beside what is made of them."""


def write_stage_text(path: Path, text: str) -> None:
    """Write a text as UTF-8; half a surrogate pair is kept as it is, and folders above are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        file.write(text.encode("utf-8", "surrogatepass"))


def json_line(content: object) -> str:
    """JSON in one line that UTF-8 can hold: half of a surrogate pair is escaped."""
    text = json.dumps(content, ensure_ascii=False)
    has_half_pair = not text.isascii() and any("\ud800" <= letter <= "\udfff" for letter in text)
    return json.dumps(content) if has_half_pair else text


def write_json(path: Path, content: object) -> None:
    """Write JSON, indented."""
    write_stage_text(path, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path) -> Any:
    """Read JSON. Raises ``InputError`` where the file is missing or broken."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path} can't be read: {error}.") from None


def read_record(path: Path) -> dict[str, Any]:
    """Read a JSON object; empty where the file is missing, broken, or holds no object."""
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def write_rows(path: Path, schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows as parquet under a schema, so many at a time. Raises ``InputError`` where a text has no UTF-8."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with whole_file(path) as file, pq.ParquetWriter(file, schema, compression="zstd") as writer:
            remaining = iter(rows)
            while some := [dict(row) for row in islice(remaining, AT_ONCE)]:
                writer.write_table(pa.Table.from_pylist(some, schema=schema))
    except UnicodeEncodeError as error:
        raise InputError(
            f"{error.object[:80]!r} holds half of a surrogate pair, which can't be written to {path}: mend the text "
            "where it comes from."
        ) from None


def write_arrow(path: Path, table: pa.Table) -> None:
    """Write an Arrow table as parquet; folders above are made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(path) as file:
        pq.write_table(table, file, compression="zstd")


def read_rows(path: Path, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The rows of a parquet file. Raises ``InputError`` where it is missing or broken."""
    return list(rows_of(path, columns))


def rows_of(path: Path, columns: Sequence[str] | None = None) -> Iterator[dict[str, Any]]:
    """The same, so many at a time."""
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(AT_ONCE, columns=list(columns) if columns is not None else None):
                yield from batch.to_pylist()
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path} can't be read: {error}.") from None


def read_arrow(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A parquet file as an Arrow table. Raises ``InputError`` where it is missing or broken."""
    try:
        # Without partitions: a folder above that is called "a=b" must not become a column.
        return pq.read_table(path, columns=list(columns) if columns is not None else None, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path} can't be read: {error}.") from None
