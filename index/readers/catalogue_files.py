"""Which format a catalogue is in, and which files are its own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product, words
from endcap.index.readers.files import Source, head, is_empty, known_encoding, natural, sources
from endcap.index.readers.format_records import OwnerFormat, has_mark, is_of
from endcap.index.readers.json_layouts import inner_list
from endcap.index.readers.known_formats import ENDINGS, FILE_FORMATS, FORMAT_NAMES, OWNERS, file_format, read_records
from endcap.index.readers.likely_fields import advice
from endcap.index.readers.localised import languages_in
from endcap.index.readers.names import any_case, column_languages, has_name
from endcap.index.readers.overrides import Change, change_of
from endcap.index.readers.partitions import files_below
from endcap.index.readers.record import Fault, Record

JUDGMENT_MARKS = (
    "query docid rating",
    "query rating",
    "query ratings",
    "query docid",
    "query_id esci_label",
    "judgmentRatings",
    "query_id query",
    "query_id source",
    "query_id product_id label",
    "query-id corpus-id",
)
"""Names that say that a file beside a catalogue holds queries or judgments, not products."""
MOST_OTHERS = 1000
"""So many records that are no products are passed over for one that says what a file is."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue's format, its files, and how a record of it becomes a product.

    ``selected`` is the only value of the owner's option that is read, where the format was given as ``NAME:VALUE``.
    """

    format: str
    files: tuple[Source, ...]
    product: Callable[[Mapping[str, Any]], Product]
    change: Change
    owner: OwnerFormat | None = None
    selected: str = ""
    language: str = ""

    def asks_for(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is a product at all, and has the option's value, where one was given."""
        if self.owner and self.owner.holds and not self.owner.holds(record):
            return False
        return not self.owner or not self.selected or record.get(self.owner.option) == self.selected


@dataclass(frozen=True, slots=True)
class _Inspection:
    """What one file turned out to be: its fields' names (none if unreadable), and the formats that it can be."""

    source: Source
    names: tuple[str, ...]
    formats: tuple[str, ...]


def find_catalogue(
    path: Path, format: str | None, fields: FieldMap, encoding: str = "", language: str = ""
) -> Catalogue:
    """The catalogue at a path: one file, or all files of a folder that are of the same format.

    Raises ``InputError`` where no format fits, or more than one, naming those that there are.
    """
    name, _, selected = (format or "").partition(":")
    if name and name not in FORMAT_NAMES:
        raise InputError(f"format {name!r} is not known. Use one of {', '.join(FORMAT_NAMES)}.")
    if selected and not OWNERS[name].option if name in OWNERS else selected:
        raise InputError(f"format {format!r}: only {_with_options()}.")
    files = _in_folder(path) if path.is_dir() else sources(path, ENDINGS)
    files = [source._replace(encoding=known_encoding(encoding)) for source in files]
    folder = path.is_dir() or len(files) > 1  # A zip of several files is a folder, too.
    inspected = [_inspect(source, name, fields, folder, language) for source in files]
    fitting = {format for file in inspected for format in file.formats}
    if not fitting:
        raise InputError(_nothing_fits(path, inspected, name, fields))
    if len(fitting) > 1:
        choice = "; ".join(f"{file.source.name}: {' or '.join(file.formats)}" for file in inspected if file.formats)
        raise InputError(f"{path}: more than one format fits ({choice}). Say which with the format option.")
    chosen = fitting.pop()
    owner = OWNERS.get(chosen)
    files = [file.source for file in inspected if file.formats]
    return Catalogue(
        chosen,
        tuple(files),
        owner.product if owner else any_case(fields if FILE_FORMATS[chosen].columns else _with_ids(fields), language),
        change_of(fields, language, owner.own_name, owner.view) if owner else change_of(FieldMap(), "", None),
        owner,
        selected,
        language,
    )


def _with_ids(fields: FieldMap) -> FieldMap:
    """The map of JSON, where ``_id`` is the id of a record that has no other, as MongoDB writes it."""
    named = any(name == "id" for name, _ in fields.paths)
    return fields if named else FieldMap((("id", ("id", "_id")), *fields.paths))


def _with_options() -> str:
    """Which formats take an option, and what it is."""
    return " and ".join(
        f"{owner.name} takes an option, the {owner.option_name}, as in {owner.name}:{owner.option_example}"
        for owner in OWNERS.values()
        if owner.option
    )


def _in_folder(folder: Path) -> list[Source]:
    files = [path for path in files_below(folder) if Source(path).suffix in ENDINGS]
    return [source for path in sorted(files, key=lambda path: natural(str(path))) for source in sources(path, ENDINGS)]


def _inspect(source: Source, format: str, fields: FieldMap, folder: bool, language: str = "") -> _Inspection:
    """What a file is. In a folder, what can't be read is no part of the catalogue; alone, it is an ``InputError``."""
    kind = format if format in FILE_FORMATS else file_format(source)
    if not folder and is_empty(source):
        raise InputError(f"{source.name}: the file is empty. Export it again, or check the path.")
    if not kind or (folder and format in FILE_FORMATS and format != file_format(source)):
        return _Inspection(source, (), ())
    start = head(source)
    if kind == "jsonl" and b'"judgmentRatings"' in start:
        return _Inspection(source, ("judgmentRatings",), ())
    try:
        names = first_names(source, format or kind)
    except InputError:
        if folder and not format:
            return _Inspection(source, (), ())
        raise
    if not names:
        return _Inspection(source, (), (format,) if format else ())
    if format in OWNERS:
        fits = not folder or is_of(OWNERS[format], names)
        return _Inspection(source, names, (format,) if fits else ())
    if not format:
        owners = tuple(name for name, owner in OWNERS.items() if is_of(owner, names))
        owners = owners or _by_ids(source, kind)
        if owners:
            return _Inspection(source, names, owners)
    required = [_has(names, fields, "id", language), _has(names, fields, "title", language)]
    judgments = folder and has_mark(names, JUDGMENT_MARKS)
    # A record of JSON may lack a field that the next one has; a column is there or not.
    readable = any(required) if not FILE_FORMATS[kind].columns and not judgments else all(required)
    return _Inspection(source, names, (kind,) if readable else ())


def _by_ids(source: Source, kind: str) -> tuple[str, ...]:
    """Whose ids the first record's is."""
    if FILE_FORMATS[kind].columns:
        return ()
    id = words(_first_value(source, kind).get("id"))
    return tuple(name for name, owner in OWNERS.items() if owner.ids and id.startswith(owner.ids))


def first_names(source: Source, format: str) -> tuple[str, ...]:
    """The names of a file's columns, or of the fields of its first readable record; ``InputError`` if none is."""
    for name in (format, file_format(source)):
        if name in FILE_FORMATS and (schema := FILE_FORMATS[name].schema):
            return tuple(schema(source))
    return tuple(_first_value(source, format))


def _first_value(source: Source, format: str) -> Mapping[str, Any]:
    """The first readable record; of a page's JSON-LD, which tells of other things too, the first that is a product."""
    first: Fault | Mapping[str, Any] | None = None
    others = 0
    for item in read_records(source, format):
        if not isinstance(item, Record):
            first = first or item
        elif "@type" not in item.value or any(is_of(owner, tuple(item.value)) for owner in OWNERS.values()):
            return item.value
        else:
            first = first if isinstance(first, Mapping) else item.value
            others += 1
            if others == MOST_OTHERS:
                break
    if isinstance(first, Fault):
        raise InputError(str(first))
    return first or {}


def advice_for(source: Source, format: str) -> str:
    """What the first record's fields are, and which of them may be a product's; nothing is guessed of a record that
    holds a list of others, since these may be the products."""
    value = _first_value(source, format)
    names = tuple(value)
    said = f"Its fields are {', '.join(names[:20])}."
    if inner := inner_list(value):
        return f"{said} {_lists_advice(inner)}"
    if codes := languages_in(value):
        return f"{said} Texts are in {', '.join(codes[:20])}: read one of these, as in --language {codes[0]}."
    return said if format in OWNERS else f"{said} {advice(names)}"


def _lists_advice(name: str) -> str:
    return f"Each record has a list {name!r}, whose objects may be the products: give a file of these alone."


def _has(names: tuple[str, ...], fields: FieldMap, field: str, language: str) -> bool:
    """Whether a record of these names can have a field of a product, at the top or below."""
    return any(has_name(names, path, language) for path in fields.paths_of(field))


def _nothing_fits(path: Path, inspected: list[_Inspection], format: str, fields: FieldMap) -> str:
    if not inspected:
        return f"{path}: no catalogue here. Give a file or folder of one of these formats: {', '.join(FORMAT_NAMES)}."
    readable = [file for file in inspected if file.names]
    if not readable:
        return f"{path}: no record could be read. Say which format it is: {', '.join(FORMAT_NAMES)}."
    file = readable[0]
    names = ", ".join(file.names[:20])
    inner = (
        ""
        if FILE_FORMATS[file_format(file.source) or "jsonl"].columns
        else inner_list(_first_value(file.source, format))
    )
    if format:
        return f"{file.source.name}: its fields are {names}; a catalogue in format {format!r} has others."
    if fields == FieldMap() and has_mark(file.names, JUDGMENT_MARKS):
        return f"{file.source.name}: holds queries or judgments ({names}), not products. Give the catalogue's file."
    if codes := column_languages(file.names, fields.paths_of("title")):
        return (
            f"{file.source.name}: its titles are in {', '.join(codes)}. Say which to read, as in --language {codes[0]}."
        )
    needs = " and ".join(f"{name} (from {'|'.join(fields.paths_of(name)) or 'nothing'})" for name in ("id", "title"))
    return (
        f"{file.source.name}: its fields are {names}, but a product needs {needs}. "
        f"{_lists_advice(inner) if inner else advice(file.names)} Or say which format it is: {', '.join(FORMAT_NAMES)}."
    )
