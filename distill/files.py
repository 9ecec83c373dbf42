"""Files that appear whole or not at all (write, fsync, rename), in the formats that stages pass on."""

from __future__ import annotations

import errno
import json
import os
import secrets
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO, Any

import pyarrow as pa  # type: ignore[import-untyped]
import pyarrow.parquet as pq  # type: ignore[import-untyped]

from endcap.errors import InputError

PART = ".part"
"""How the hidden names of files end that are still being written."""


def write_whole(path: Path, write: Callable[[IO[bytes]], object]) -> None:
    """Let ``write`` fill a file beside ``path``, then put it in its place. On any error ``path`` is as it was.

    Raises ``OSError`` that names ``path`` where it can't be written, as on a full disk.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}{PART}")
    try:
        with part.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise OSError(error.errno or errno.EIO, error.strerror or str(error), str(path)) from error
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def write_json(path: Path, content: object) -> None:
    """Write JSON, indented."""
    said = json.dumps(content, indent=2, ensure_ascii=False) + "\n"
    write_whole(path, lambda file: file.write(said.encode("utf-8", "surrogatepass")))


def read_json(path: Path) -> Any:
    """Read JSON. Raises ``InputError`` where the file is missing or broken."""
    try:
        return json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise InputError(f"{path} can't be read: {error}.") from None


def write_table(path: Path, schema: pa.Schema, rows: Sequence[Mapping[str, Any]]) -> None:
    """Write rows as parquet under a schema. Raises ``InputError`` where a text has no UTF-8."""
    try:
        table = pa.Table.from_pylist([dict(row) for row in rows], schema=schema)
    except UnicodeEncodeError as error:
        raise InputError(
            f"{error.object[:80]!r} holds half of a surrogate pair, which can't be written to {path}: mend the text "
            "where it comes from."
        ) from None
    write_whole(path, lambda file: pq.write_table(table, file, compression="zstd"))


def read_table(path: Path, columns: Sequence[str] | None = None) -> list[dict[str, Any]]:
    """The rows of a parquet file. Raises ``InputError`` where it is missing or broken."""
    rows: list[dict[str, Any]] = read_arrow(path, columns).to_pylist()
    return rows


def read_arrow(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """A parquet file as an Arrow table. Raises ``InputError`` where it is missing or broken."""
    try:
        # Without partitions: a folder above that is called "a=b" must not become a column.
        return pq.read_table(path, columns=list(columns) if columns is not None else None, partitioning=None)
    except (OSError, pa.ArrowException) as error:
        raise InputError(f"{path} can't be read: {error}.") from None
