"""What a module of ``formats/`` says of the format of judgments that it reads, and what several of them need."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.judgments.judgments import Judgments
from endcap.index.judgments.query_texts import readable_records
from endcap.index.readers.files import Source
from endcap.index.readers.known_formats import read_records
from endcap.index.readers.record import Place

LAST = 100


def _never(content: Any) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class JudgmentFormat:
    """A format of judgments; ``read`` takes a path, the ``options`` behind the format's name, and the file of queries.

    A file is known by its first bytes (``by_head``), else by the names of its columns (``by_columns``), else by how its
    first line is cut (``by_lines``, which gets the first bytes). ``whole_folder``: ``read`` takes a folder as well.
    ``subfolder`` is one in which such a folder has a file for each split. ``order`` is the place in lists for people.
    """

    name: str
    read: Callable[[Path, Sequence[str], Path | None], Judgments]
    order: int = LAST
    by_head: Callable[[bytes], bool] = _never
    by_columns: Callable[[Sequence[str]], bool] = _never
    by_lines: Callable[[bytes], bool] = _never
    options: bool = False
    whole_folder: bool = False
    subfolder: str = ""


def table_rows(path: Path, format: str, *columns: str) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Each row of a file with its place; ``InputError`` for one that can't be read or lacks one of the columns."""
    for record in readable_records(read_records(Source(path), format)):
        check_columns(record.place, record.value, *columns)
        yield record.place, record.value


def check_columns(place: Place, row: Mapping[str, Any], *names: str) -> None:
    """Raise ``InputError`` where a row lacks one of these columns."""
    missing = [name for name in names if name not in row]
    if missing:
        raise InputError(f"{place}: there is no column {missing[0]!r}, only {', '.join(row)}.")
