"""Which format judgments are in, and which file of a folder holds them."""

from collections.abc import Mapping
from functools import cache
from itertools import chain
from pathlib import Path

from endcap.errors import InputError
from endcap.index.judgments.collector import Collector
from endcap.index.judgments.format_record import JudgmentFormat, Ratings
from endcap.index.judgments.judgments import Judgments, RowError
from endcap.index.judgments.row_rejects import RowRejects
from endcap.index.judgments.scales import Scale, parse_scale
from endcap.index.judgments.text_source import text_source
from endcap.index.readers.files import BYTE_ORDER_MARK, head, natural
from endcap.index.readers.known_formats import column_names
from endcap.modules import records_of
from endcap.progress import Advance, Watch, unwatched

FORMATS: Mapping[str, JudgmentFormat] = {f.name: f for f in records_of("endcap.index.judgments.formats", "FORMATS")}

MANY = 1_000
"""Of the different grades of a source, so many are looked at."""


def read_judgments(
    path: str | Path,
    format: str | None = None,
    queries: str | Path | None = None,
    grades: str = "",
    watch: Watch = unwatched,
) -> Judgments:
    """The judgments of a file or folder.

    ``format`` is one of ``FORMATS``, or None to find it out; it may have options: ``esci:us:test:small``,
    ``beir:test``. ``queries`` is the file with the texts of the queries, for formats that name them by id (TREC; BEIR
    and WANDS have it beside them). ``grades`` says what ratings are worth, as in ``Exact=3,Partial=1`` or ``1-5``; else
    they are what the format says. ``watch`` shows how far it is.

    Rows that are no judgments are left out, counted and shown in ``warnings``. Raises ``InputError`` with the place of
    the first where they are many, or ratings are off the scale; and for a file that can't be read or has no judgment.
    """
    scale = parse_scale(grades) if grades else None
    path, queries = Path(path), Path(queries) if queries is not None else None
    name, *options = (format or "").split(":")
    if name and name not in FORMATS:
        raise InputError(f"format {name!r} is not known. Use one of {', '.join(FORMATS)}.")
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder. Check the path.")
    if path.is_dir():
        path, name = _in_folder(path, name)
    elif not name:
        name = format_of(path)
        if not name:
            raise InputError(
                f"{path}: no judgments that are known{_columns(path)}. Name the columns query,docid,rating, or "
                f"say which format it is: {', '.join(FORMATS)}. {_looked_for(path)}"
            )
    if options and not FORMATS[name].options:
        raise InputError(f"{path}: format {name!r} takes no option, but {':'.join(options)!r} was given.")
    found = FORMATS[name].read(path, options, queries)
    with watch(f"Reading {path.name}", None) as advance:
        return _collected(path, found, name, scale, advance)


def _collected(path: Path, found: Ratings, name: str, scale: Scale | None, advance: Advance) -> Judgments:
    """The judgments that a stream of ratings comes to."""
    scale, collector, rejects, grades = scale or found.scale, Collector(), RowRejects(), set[float]()
    for number, row in enumerate(found.rows, 1):
        advance(number)
        if isinstance(row, RowError):
            rejects.add(row)
            continue
        if row.value is None:
            collector.n_unrated += 1
            continue
        try:
            grade = scale.grade(row.place, row.value)
            collector.add(row.place, row.query, row.product, grade, row.rater)
        except RowError as error:
            rejects.add(error)
            continue
        if len(grades) < MANY:
            grades.add(grade)
    warnings = rejects.check(path, collector.rows)
    try:
        scale.check(grades)
    except InputError as error:
        raise InputError(f"{path}: {error}") from error
    return collector.judgments(
        path,
        found.label or name,
        scale.mapping,
        found.left_out + rejects.counts,
        tuple(found.notes),
        found.query_ids,
        (*found.warnings, *warnings),
    )


def _looked_for(path: Path) -> str:
    """What stands in a file that is not recognised, and what was looked for."""
    start = head(text_source(path)).removeprefix(BYTE_ORDER_MARK).decode(errors="replace")
    first = next((line.strip() for line in start.split("\n") if line.strip()), "")
    first = first if len(first) > 3 else " ".join(start.split())  # a brace says nothing
    first = "PAR1 (Parquet)" if first.startswith("PAR1") else first
    looked_for = "; ".join(f"{format.name}: {format.known_by}" for format in FORMATS.values())
    return f"It begins with {first[:120]!r}. Looked for were: {looked_for}." if first else "It is empty."


def format_of(path: Path) -> str:
    """The format of one file, by its content; "" where it is none that is known."""
    start = head(text_source(path)).removeprefix(BYTE_ORDER_MARK)
    columns = cache(lambda: _column_names(path))  # read only where the first bytes do not tell
    by_head = (format.name for format in FORMATS.values() if format.by_head(start))
    by_columns = (format.name for format in FORMATS.values() if format.by_columns(columns()))
    by_lines = (format.name for format in FORMATS.values() if format.by_lines(start))
    return next(chain(by_head, by_columns, by_lines), "")


def _column_names(path: Path) -> list[str]:
    """The columns of a table; none where its first line can't name any, as that of qrels."""
    source = text_source(path, comments=True)
    try:
        return column_names(source)
    except InputError:
        return []


def _columns(path: Path) -> str:
    names = _column_names(path)
    return f"; its columns are {', '.join(names[:12])}" if names else ""


def _in_folder(folder: Path, wanted: str) -> tuple[Path, str]:
    """What of a folder to read, and as which format."""
    # The folder is known as a whole.
    if wanted and FORMATS[wanted].whole_folder:
        return folder, wanted
    subfolders = {format.subfolder: format.name for format in FORMATS.values() if format.subfolder}
    for subfolder, name in subfolders.items():
        if not wanted and (folder / subfolder).is_dir():
            return folder, name
    # One of its files is known.
    formats = []
    for path in sorted(folder.iterdir(), key=lambda path: natural(path.name)):
        if path.is_file() and not path.name.startswith("."):
            name = _format_or_none(path)
            if name and wanted in ("", name):
                formats.append((path, name))
    names = {name for _, name in formats}
    if len(names) == 1 and names <= set(subfolders.values()):
        return folder, names.pop()
    if len(formats) == 1:
        return formats[0]
    if not formats:
        raise InputError(f"{folder}: no judgments here. Give a file of one of these formats: {', '.join(FORMATS)}.")
    files = "; ".join(f"{path.name}: {name}" for path, name in formats)
    raise InputError(f"{folder}: more than one file holds judgments ({files}). Give one of them.")


def _format_or_none(path: Path) -> str:
    """The format of a file of a folder, where what can't be read is not what was asked for."""
    try:
        return format_of(path)
    except InputError:
        return ""
