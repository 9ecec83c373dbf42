"""Which format judgments are in, and which file of a folder holds them."""

from collections.abc import Mapping
from functools import cache
from itertools import chain
from pathlib import Path

from endcap.errors import InputError
from endcap.index.judgments.format_record import JudgmentFormat
from endcap.index.judgments.judgments import Judgments
from endcap.index.readers.files import BYTE_ORDER_MARK, Source, head, natural
from endcap.index.readers.known_formats import column_names
from endcap.modules import records_of

FORMATS: Mapping[str, JudgmentFormat] = {f.name: f for f in records_of("endcap.index.judgments.formats", "FORMATS")}


def read_judgments(path: str | Path, format: str | None = None, queries: str | Path | None = None) -> Judgments:
    """The judgments of a file or folder.

    ``format`` is one of ``FORMATS``, or None to find it out; it may have options: ``esci:us:test:small``,
    ``beir:test``. ``queries`` is the file with the texts of the queries, for formats that name them by id (TREC; BEIR
    and WANDS have it beside them).

    Raises ``InputError`` with the place: for a grade that is no whole number from 0 to 3, an unknown label, two grades
    for one pair or a query without a text. It also does for a file that can't be read or holds no judgment.
    """
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
                f"say which format it is: {', '.join(FORMATS)}."
            )
    if options and not FORMATS[name].options:
        raise InputError(f"{path}: format {name!r} takes no option, but {':'.join(options)!r} was given.")
    return FORMATS[name].read(path, options, queries)


def format_of(path: Path) -> str:
    """The format of one file, by its content; "" where it is none that is known."""
    start = head(Source(path)).removeprefix(BYTE_ORDER_MARK)
    columns = cache(lambda: column_names(Source(path)))  # read only where the first bytes do not tell
    by_head = (format.name for format in FORMATS.values() if format.by_head(start))
    by_columns = (format.name for format in FORMATS.values() if format.by_columns(columns()))
    by_lines = (format.name for format in FORMATS.values() if format.by_lines(start))
    return next(chain(by_head, by_columns, by_lines), "")


def _columns(path: Path) -> str:
    names = column_names(Source(path))
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
