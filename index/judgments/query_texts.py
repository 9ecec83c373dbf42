"""Files that give the text of a query's id, beside judgments that name queries by id."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from endcap.errors import InputError
from endcap.index.judgments.judgments import RowError
from endcap.index.judgments.text_source import text_source
from endcap.index.product import words
from endcap.index.readers.files import BYTE_ORDER_MARK, Damaged, Source, damaged, head, lines
from endcap.index.readers.formats.json_records import read_json
from endcap.index.readers.formats.table import read_table
from endcap.index.readers.record import Fault, Place, Record

BESIDE = ("queries.jsonl", "queries.tsv", "queries.csv", "queries.txt")
_IDS = ("_id", "query_id", "query-id", "qid", "topic", "topic_id", "id")
_TEXTS = ("text", "query", "query_text", "title")


def read_query_texts(path: Path) -> dict[str, str]:
    """``{id: text}`` of JSON lines (``_id``, ``text``), of a table with such columns, or of ``id TAB text`` lines.

    Raises ``InputError`` with the line where one can't be read.
    """
    queries: dict[str, str] = {}
    for place, id, text in _pairs(text_source(path)):
        if not id or not text.strip():
            raise InputError(f"{place}: a query needs an id and a text; here they are {id[:80]!r} and {text[:80]!r}.")
        if queries.setdefault(id, text) != text:
            raise InputError(f"{place}: query {id[:80]!r} was given another text before. Keep one of the two.")
    if not queries:
        raise InputError(f"{path}: there are no queries in it.")
    return queries


def find_query_texts(folders: Iterable[Path], judgments: Path, given: Path | None) -> dict[str, str]:
    """The queries of judgments that name them by id: from the file given, else from one beside them."""
    if given is not None:
        return read_query_texts(given)
    tried = [folder / name for folder in folders for name in BESIDE]
    file = next((path for path in tried if path.is_file()), None)
    if file is None:
        raise InputError(
            f"{judgments}: queries are named by id, and the file with their texts is missing. "
            f"Put {' or '.join(BESIDE[:2])} beside it, or give it (--judgments-queries). Where the ids are texts, "
            "name the columns in a first line: query,docid,rating."
        )
    return read_query_texts(file)


def query_text(place: Place, query_id: str, texts: Mapping[str, str]) -> str:
    """The text of a query's id; ``RowError`` where there is none."""
    text = texts.get(query_id)
    if text is None:
        raise RowError(place, "of an unknown query", f"query {query_id[:80]!r} is not in the file of queries.")
    return text


def readable_records(items: Iterable[Record | Fault]) -> Iterator[Record]:
    """The records; the first fault is raised as ``InputError``."""
    for item in items:
        if isinstance(item, Fault):
            raise InputError(str(item))
        yield item


def plain_lines(source: Source) -> Iterator[tuple[Place, str]]:
    """The lines that are not empty, with their places."""
    try:
        for number, raw, whole in lines(source):
            place = Place(source.name, number)
            if not whole:
                raise InputError(f"{place}: the line is too long.")
            try:
                text = raw.decode().rstrip("\r")
            except UnicodeDecodeError as error:
                raise InputError(f"{place}: byte 0x{raw[error.start]:02x} is not UTF-8. Save it as UTF-8.") from error
            if text.strip():
                yield place, text
    except Damaged as damage:
        raise damaged(source, damage) from damage


def _pairs(source: Source) -> Iterator[tuple[Place, str, str]]:
    start = head(source).removeprefix(BYTE_ORDER_MARK).lstrip()
    first_line = start.partition(b"\n")[0].decode(errors="replace")
    names = {name.strip() for name in first_line.replace("\t", ",").split(",")}
    if start[:1] in (b"{", b"["):
        records = readable_records(read_json(source))
    elif names & set(_IDS) and names & set(_TEXTS):
        records = readable_records(read_table(source, strict=False))
    else:
        for place, line in plain_lines(source):
            id, _, text = line.partition("\t" if "\t" in line else ",")
            yield place, id.strip(), text.strip()
        return
    for record in records:
        id = next((words(record.value[name]) for name in _IDS if name in record.value), "")
        text = next((words(record.value[name]) for name in _TEXTS if name in record.value), "")
        yield record.place, id, text


def normalised_query(query: str) -> str:
    """A query as it is looked up: case and blanks make no other query."""
    return " ".join(query.casefold().split())
