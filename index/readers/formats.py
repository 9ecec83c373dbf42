"""Which format a catalogue is in, and which files are its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.fields import FieldMap
from endcap.index.product import Product
from endcap.index.readers import parquet
from endcap.index.readers.files import FORMAT_OF_SUFFIX, KNOWN_SUFFIXES, Source, head, natural, sources
from endcap.index.readers.json_records import read_json
from endcap.index.readers.owners import JUDGMENT_MARKS, OWNERS
from endcap.index.readers.record import Items, Record
from endcap.index.readers.table import read_table

FILE_FORMATS = tuple(dict.fromkeys(FORMAT_OF_SUFFIX.values()))
FORMATS = (*FILE_FORMATS, *OWNERS)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue's format, its files, and how a record of it becomes a product.

    ``selected`` is the only value of ``option`` that is read, where the format was given as ``NAME:VALUE``.
    """

    format: str
    files: tuple[Source, ...]
    product: Callable[[Mapping[str, Any]], Product]
    option: str = ""
    selected: str = ""


@dataclass(frozen=True, slots=True)
class _Seen:
    """What one file turned out to be: its fields' names (none if unreadable), and the formats that it can be."""

    source: Source
    names: tuple[str, ...]
    formats: tuple[str, ...]


def find_catalogue(path: Path, format: str | None, fields: FieldMap) -> Catalogue:
    """The catalogue at a path: one file, or all files of a folder that are of the same format.

    Raises ``InputError`` where no format fits, or more than one, naming those that there are.
    """
    name, _, selected = (format or "").partition(":")
    if name and name not in FORMATS:
        raise InputError(f"format {name!r} is not known. Use one of {', '.join(FORMATS)}.")
    if selected and not OWNERS[name].option if name in OWNERS else selected:
        raise InputError(f"format {format!r}: only esci takes an option, the locale, as in esci:us.")
    if name in OWNERS and fields != FieldMap():
        raise InputError(f"format {name!r} has its own field map. Leave the map out, or give the file's format.")
    files = _in_folder(path) if path.is_dir() else sources(path)
    folder = path.is_dir() or len(files) > 1  # A zip of several files is a folder, too.
    found = [_look(source, name, fields, folder) for source in files]
    fitting = {format for seen in found for format in seen.formats}
    if not fitting:
        raise InputError(_nothing_fits(path, found, name, fields))
    if len(fitting) > 1:
        choice = "; ".join(f"{seen.source.name}: {' or '.join(seen.formats)}" for seen in found if seen.formats)
        raise InputError(f"{path}: more than one format fits ({choice}). Say which with the format option.")
    chosen = fitting.pop()
    owner = OWNERS.get(chosen)
    return Catalogue(
        format=chosen,
        files=tuple(seen.source for seen in found if seen.formats),
        product=owner.product if owner else fields.product,
        option=owner.option if owner else "",
        selected=selected,
    )


def items(source: Source, format: str) -> Items:
    """The records of one file of a catalogue of this format."""
    kind = format if format in FILE_FORMATS else file_format(source)
    if kind == "parquet":
        return parquet.read_parquet(source)
    if kind == "csv":
        return read_table(source, strict=format != "wands")
    if kind == "tsv":
        return read_table(source, "\t", strict=format != "wands")
    return read_json(source)


def _in_folder(folder: Path) -> list[Source]:
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    files = [path for path in files if Source(path).suffix in KNOWN_SUFFIXES]
    return [source for path in sorted(files, key=lambda path: natural(path.name)) for source in sources(path)]


def file_format(source: Source) -> str:
    """How the file is written: by its content where that says so, else by its name; "" where neither does."""
    start = head(source)
    if start.startswith(b"PAR1"):
        return "parquet"
    text = start.removeprefix(b"\xef\xbb\xbf").lstrip()
    if source.suffix in FORMAT_OF_SUFFIX:
        return FORMAT_OF_SUFFIX[source.suffix]
    return "jsonl" if text[:1] in (b"{", b"[") else ""


def _look(source: Source, wanted: str, fields: FieldMap, folder: bool) -> _Seen:
    """What a file is. In a folder, what can't be read is no part of the catalogue; alone, it is an ``InputError``."""
    kind = wanted if wanted in FILE_FORMATS else file_format(source)
    if not kind or (folder and wanted in FILE_FORMATS and wanted != file_format(source)):
        return _Seen(source, (), ())
    start = head(source)
    if kind == "jsonl" and b'"judgmentRatings"' in start:
        return _Seen(source, ("judgmentRatings",), ())
    try:
        names = _first_names(source, wanted or kind)
    except InputError:
        if folder and not wanted:
            return _Seen(source, (), ())
        raise
    if not names:
        return _Seen(source, (), (wanted,) if wanted else ())
    if wanted in OWNERS:
        marks = OWNERS[wanted].marks
        fits = not folder or any(mark <= set(names) for mark in marks)
        return _Seen(source, names, (wanted,) if fits else ())
    if not wanted and fields == FieldMap():
        owners = tuple(name for name, owner in OWNERS.items() if any(mark <= set(names) for mark in owner.marks))
        if owners:
            return _Seen(source, names, owners)
    needed = [_has(names, fields, "id"), _has(names, fields, "title")]
    judgments = folder and any(mark <= set(names) for mark in JUDGMENT_MARKS)
    # A record of JSON may lack a field that the next one has; a column is there or not.
    readable = any(needed) if kind == "jsonl" and not judgments else all(needed)
    return _Seen(source, names, (kind,) if readable else ())


def _first_names(source: Source, format: str) -> tuple[str, ...]:
    """The names of a file's columns, or of the fields of its first readable record; ``InputError`` if none is."""
    if format == "parquet" or file_format(source) == "parquet":
        return tuple(parquet.columns(source))
    fault = None
    for item in items(source, format):
        if isinstance(item, Record):
            return tuple(item.value)
        fault = fault or item
    if fault:
        raise InputError(str(fault))
    return ()


def _has(names: tuple[str, ...], fields: FieldMap, field: str) -> bool:
    """Whether a record of these names can have a field of a product, at the top or below."""
    return any(path in names or path.partition(".")[0] in names for path in fields.paths_of(field))


def _nothing_fits(path: Path, found: list[_Seen], wanted: str, fields: FieldMap) -> str:
    if not found:
        return f"{path}: no catalogue here. Give a file or folder of one of these formats: {', '.join(FORMATS)}."
    readable = [seen for seen in found if seen.names]
    if not readable:
        return f"{path}: no record could be read. Say which format it is: {', '.join(FORMATS)}."
    seen = readable[0]
    names = ", ".join(seen.names[:20])
    if wanted:
        return f"{seen.source.name}: its fields are {names}; a catalogue in format {wanted!r} has others."
    if fields == FieldMap() and any(mark <= set(seen.names) for mark in JUDGMENT_MARKS):
        return f"{seen.source.name}: holds queries or judgments ({names}), not products. Give the catalogue's file."
    needs = " and ".join(f"{name} (from {'|'.join(fields.paths_of(name)) or 'nothing'})" for name in ("id", "title"))
    return (
        f"{seen.source.name}: its fields are {names}, but a product needs {needs}. "
        f"Say which field is which, as in title=name,id=sku, or which format it is: {', '.join(FORMATS)}."
    )
