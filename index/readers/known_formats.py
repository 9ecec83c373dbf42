"""The formats of catalogues that there are: a module in ``formats/`` or ``owners/`` makes one known."""

from collections.abc import Mapping
from itertools import chain

from endcap.index.readers.files import BYTE_ORDER_MARK, Source, head
from endcap.index.readers.format_records import FileFormat, OwnerFormat, renamed
from endcap.index.readers.partitions import with_partition
from endcap.index.readers.record import Items, Record
from endcap.modules import records_of

FILE_FORMATS: Mapping[str, FileFormat] = {f.name: f for f in records_of("endcap.index.readers.formats", "FORMATS")}
OWNERS: Mapping[str, OwnerFormat] = {f.name: f for f in records_of("endcap.index.readers.owners", "FORMATS")}
FORMAT_NAMES = (*FILE_FORMATS, *OWNERS)
ENDINGS = (*(ending for format in FILE_FORMATS.values() for ending in format.endings), ".qrels", ".txt")
"""The endings of files that may be data; the last two are of judgments."""


def file_format(source: Source) -> str:
    """How the file is written: by its content where that says so, else by its name; "" where neither does."""
    start = head(source)
    text = start.removeprefix(BYTE_ORDER_MARK).lstrip()
    formats = FILE_FORMATS.values()
    by_magic = (format.name for format in formats if format.magic and start.startswith(format.magic))
    by_ending = (format.name for format in formats if source.suffix in format.endings)
    by_start = (format.name for format in formats if text.startswith(format.starts))
    by_tabs = ("tsv" for _ in (1,) if source.suffix == ".txt" and b"\t" in text.partition(b"\n")[0])
    return next(chain(by_magic, by_ending, by_start, by_tabs), "")


def read_records(source: Source, format: str) -> Items:
    """The records of one file of a catalogue of this format."""
    file = FILE_FORMATS[format if format in FILE_FORMATS else file_format(source) or "jsonl"]
    loosely = format in OWNERS and OWNERS[format].has_stray_quotes
    items = file.read_loosely(source) if loosely and file.read_loosely else file.read(source)
    if format in OWNERS and (own_name := OWNERS[format].own_name):
        items = renamed(items, own_name)
    return with_partition(items, source.path)


def column_names(source: Source) -> list[str]:
    """The columns of a table; none where the file is no table."""
    file = FILE_FORMATS.get(file_format(source))
    if file is None or not file.columns:
        return []
    if file.schema:
        return file.schema(source)
    records = (file.read_loosely or file.read)(source)
    return list(next((item.value for item in records if isinstance(item, Record)), {}))
