"""Folders of a partitioned table, as Spark and Hive write them: ``shop=de/part-0.parquet``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

from endcap.index.readers.record import Items, Record

_PART = re.compile(r"([^=]+)=(.*)")
_NOTHING = "__HIVE_DEFAULT_PARTITION__"


def files_below(folder: Path) -> Iterator[Path]:
    """The files of a folder, and of the partitions in it; not what begins with "." or "_", as ``_SUCCESS`` does."""
    for path in folder.iterdir():
        if path.name.startswith((".", "_")):
            continue
        if path.is_file():
            yield path
        elif _PART.fullmatch(path.name):
            yield from files_below(path)


def with_partition(items: Items, path: Path) -> Items:
    """The records with the values that the names of the folders give, where they have none of their own."""
    values: dict[str, str] = {}
    for parent in path.parents:
        if not (part := _PART.fullmatch(parent.name)):
            break
        if part[2] != _NOTHING:
            values[unquote(part[1])] = unquote(part[2])
    if not values:
        return items
    return (replace(item, value={**values, **item.value}) if isinstance(item, Record) else item for item in items)
