"""What a module of ``formats/`` says of the format of judgments that it reads, and what several of them need."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from endcap.index.judgments.judgments import RowError
from endcap.index.judgments.scales import Scale
from endcap.index.judgments.text_source import PARQUET, text_source
from endcap.index.readers.files import head
from endcap.index.readers.known_formats import read_records
from endcap.index.readers.record import Fault, Place

LAST = 100
Row = TypeVar("Row")
PlacedRow = tuple[Place, Mapping[str, Any]]
"""Where a row of a table stands, and its values by the columns' names."""


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

    A row that is no judgment comes as its ``RowError``. ``left_out`` (why, how often), ``notes`` and ``warnings`` are
    complete when the stream is at its end.
    """

    rows: Iterable[Rating | RowError]
    scale: Scale = field(default_factory=Scale)
    label: str = ""
    """The format's name with its options; empty: its name."""
    left_out: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
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
) -> Iterator[PlacedRow | RowError]:
    """Each row of a file with its place; a ``RowError`` for one that can't be read or lacks one of the columns.

    Lines that begin with ``#`` and are cut otherwise than the rows are comments, counted in ``left_out``.
    """
    left_out = Counter() if left_out is None else left_out
    source = text_source(path, comments=True)
    for item in read_records(source, "parquet" if head(source).startswith(PARQUET) else format):
        if isinstance(item, Fault):
            if item.raw.lstrip().startswith(b"#"):
                left_out[COMMENTS] += 1
            else:
                yield RowError(item.place, item.reason, item.detail)
            continue
        missing = next((name for name in columns if name not in item.value), None)
        if missing is None:
            yield item.place, item.value
        else:
            yield no_column(item.place, item.value, missing)


def no_column(place: Place, row: Mapping[str, Any], name: str) -> RowError:
    """The error of a row that lacks a column."""
    return RowError(place, "without a column", f"there is no column {name!r}, only {', '.join(row)}.")


def each(rows: Iterable[Row | RowError], rating: Callable[[Row], Rating | None]) -> Iterator[Rating | RowError]:
    """The rating of each row (None: it was counted elsewhere), or its ``RowError``."""
    for row in rows:
        try:
            found = row if isinstance(row, RowError) else rating(row)
        except RowError as error:
            found = error
        if found is not None:
            yield found
