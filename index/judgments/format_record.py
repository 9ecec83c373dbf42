"""What a module of ``formats/`` says of the format of judgments that it reads, and what several of them need."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from endcap.errors import InputError
from endcap.index.judgments.scales import Scale
from endcap.index.judgments.text_source import text_source
from endcap.index.readers.known_formats import read_records
from endcap.index.readers.record import Fault, Place

LAST = 100


def _never(content: Any) -> bool:
    return False


class Rating(NamedTuple):
    """One rating of a source as it stands there; None: the row names a product without rating it."""

    place: object
    query: str
    product: str
    value: Any
    rater: str = ""


@dataclass(slots=True)
class Ratings:
    """All ratings of a source, as a stream, and what they mean where nobody says otherwise (``scale``).

    ``left_out`` (why, how often) and ``notes`` are complete when the stream is at its end.
    """

    rows: Iterable[Rating]
    scale: Scale = field(default_factory=Scale)
    label: str = ""
    """The format's name with its options; empty: its name."""
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    query_ids: Mapping[str, str] = field(default_factory=dict)


COMMENTS = "comment lines"


@dataclass(frozen=True, slots=True)
class JudgmentFormat:
    """A format of judgments; ``read`` takes a path, the ``options`` behind the format's name, and the file of queries.

    A file is known by its first bytes (``by_head``), else by the names of its columns (``by_columns``), else by how its
    first line is cut (``by_lines``, which gets the first bytes). ``whole_folder``: ``read`` takes a folder as well.
    ``subfolder`` is one in which such a folder has a file for each split. ``order`` is the place in lists for people.
    """

    name: str
    read: Callable[[Path, Sequence[str], Path | None], Ratings]
    known_by: str = ""
    """What a file of it is recognised by, for people."""
    order: int = LAST
    by_head: Callable[[bytes], bool] = _never
    by_columns: Callable[[Sequence[str]], bool] = _never
    by_lines: Callable[[bytes], bool] = _never
    options: bool = False
    whole_folder: bool = False
    subfolder: str = ""


def table_rows(
    path: Path, format: str, *columns: str, left_out: Counter[str] | None = None
) -> Iterator[tuple[Place, Mapping[str, Any]]]:
    """Each row of a file with its place; ``InputError`` for one that can't be read or lacks one of the columns.

    Lines that begin with ``#`` and are cut otherwise than the rows are comments, counted in ``left_out``.
    """
    left_out = Counter() if left_out is None else left_out
    for item in read_records(text_source(path, comments=True), format):
        if isinstance(item, Fault):
            if not item.raw.lstrip().startswith(b"#"):
                raise InputError(str(item))
            left_out[COMMENTS] += 1
            continue
        check_columns(item.place, item.value, *columns)
        yield item.place, item.value


def check_columns(place: Place, row: Mapping[str, Any], *names: str) -> None:
    """Raise ``InputError`` where a row lacks one of these columns."""
    missing = [name for name in names if name not in row]
    if missing:
        raise InputError(f"{place}: there is no column {missing[0]!r}, only {', '.join(row)}.")
