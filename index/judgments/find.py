"""Which format judgments are in, and which file of a folder holds them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from endcap.errors import InputError
from endcap.index.judgments import events, formats
from endcap.index.judgments.collect import Judgments
from endcap.index.readers import parquet
from endcap.index.readers.files import Source, head, natural
from endcap.index.readers.formats import file_format
from endcap.index.readers.record import Record
from endcap.index.readers.table import read_table

Reader = Callable[[Path, Sequence[str], Path | None], Judgments]
READERS: Mapping[str, Reader] = {
    "trec": formats.trec,
    "beir": formats.beir,
    "quepid": formats.quepid,
    "search-relevance": formats.search_relevance,
    "esci": formats.esci,
    "wands": formats.wands,
    "jsonl": events.jsonl,
}
FORMATS = tuple(READERS)
_MARKS = (
    ("beir", {"query-id", "corpus-id", "score"}),
    ("wands", {"query_id", "product_id", "label"}),
    ("esci", {"query", "product_id", "esci_label"}),
)


def read_judgments(path: str | Path, format: str | None = None, queries: str | Path | None = None) -> Judgments:
    """The judgments of a file or folder.

    ``format`` is one of ``FORMATS``, or None to find it out; it may have options: ``esci:us:test:small``,
    ``beir:test``. ``queries`` is the file with the texts of the queries, for formats that name them by id (TREC; BEIR
    and WANDS have it beside them).

    Raises ``InputError`` with the place: for a grade that is no whole number from 0 to 3 or an unknown label, two
    grades for one pair, a query without a text, a file that can't be read or holds no judgment.
    """
    path, queries = Path(path), Path(queries) if queries is not None else None
    name, *options = (format or "").split(":")
    if name and name not in READERS:
        raise InputError(f"format {name!r} is not known. Use one of {', '.join(FORMATS)}.")
    if not path.exists():
        raise InputError(f"{path}: there is no such file or folder. Check the path.")
    if path.is_dir():
        path, name = _in_folder(path, name)
    elif not name:
        name = format_of(path)
        if not name:
            raise InputError(
                f"{path}: no judgments that are known{_columns(path)}. Name the columns {','.join(formats.QUEPID)}, or "
                f"say which format it is: {', '.join(FORMATS)}."
            )
    return READERS[name](path, options, queries)


def format_of(path: Path) -> str:
    """The format of one file, by its content; "" where it is none that is known."""
    source = Source(path)
    start = head(source).removeprefix(b"\xef\xbb\xbf")
    if b'"judgmentRatings"' in start or (b'"ratings"' in start and b'"docId"' in start):
        return "search-relevance"
    if all(mark in start for mark in events.MARKS):
        return "jsonl"
    names = _names(source)
    found = next((name for name, marks in _MARKS if marks <= set(names)), "")
    if not found and len(formats.quepid_names(names)) == len(formats.QUEPID):
        found = "quepid"
    return found or ("trec" if _is_qrels(start) else "")


def _names(source: Source) -> list[str]:
    """The columns of a table; none where the file is no table."""
    kind = file_format(source)
    if kind in ("csv", "tsv"):
        return list(next((item.value for item in read_table(source, strict=False) if isinstance(item, Record)), {}))
    return list(parquet.columns(source)) if kind == "parquet" else []


def _columns(path: Path) -> str:
    names = _names(Source(path))
    return f"; its columns are {', '.join(names[:12])}" if names else ""


def _is_qrels(start: bytes) -> bool:
    columns = start.lstrip().partition(b"\n")[0].split()
    return len(columns) == 4 and columns[3].lstrip(b"-").isdigit()


def _in_folder(folder: Path, wanted: str) -> tuple[Path, str]:
    """What of a folder to read, and as which format."""
    if wanted in ("beir", "wands"):
        return folder, wanted
    if (folder / "qrels").is_dir() and not wanted:
        return folder, "beir"
    found = []
    for path in sorted(folder.iterdir(), key=lambda path: natural(path.name)):
        if path.is_file() and not path.name.startswith("."):
            name = _quietly(path)
            if name and wanted in ("", name):
                found.append((path, name))
    if {name for _, name in found} == {"beir"}:
        return folder, "beir"
    if len(found) == 1:
        return found[0]
    if not found:
        raise InputError(f"{folder}: no judgments here. Give a file of one of these formats: {', '.join(FORMATS)}.")
    files = "; ".join(f"{path.name}: {name}" for path, name in found)
    raise InputError(f"{folder}: more than one file holds judgments ({files}). Give one of them.")


def _quietly(path: Path) -> str:
    """The format of a file of a folder, where what can't be read is not what was asked for."""
    try:
        return format_of(path)
    except InputError:
        return ""
