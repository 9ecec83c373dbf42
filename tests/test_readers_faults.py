"""What is wrong with a catalogue is named with file and line; or skipped, counted and kept."""

import gzip
import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.product import Product, field_words
from endcap.index.readers.catalogue import NO_ID, read_products
from endcap.index.readers.json_split import split_elements
from endcap.index.readers.known_formats import FORMAT_NAMES
from endcap.index.readers.record import MAX_RECORD_BYTES
from endcap.index.readers.rejects import Rejects

GOOD = b'{"id": "1", "title": "one"}\n'
LAST = b'{"id": "9", "title": "nine"}\n'
BIG = json.dumps({"id": "2", "title": "two", "description": "x" * 10_000_000}).encode() + b"\n"
DEEP = b'{"id": "2", "title": "two", "d": ' + b"[" * 500 + b"]" * 500 + b"}\n"

JSONL_FAULTS = [
    ("missing id", b'{"title": "no id"}\n', "line 2: the product has no id (title 'no id')"),
    ("missing id", b'{"id": "  ", "title": "blank"}\n', "line 2: the product has no id"),
    ("duplicate id", b'{"id": 1, "title": "again"}\n', "line 2: the id '1' was there before"),
    ("missing title", b'{"id": "2"}\n', "line 2: product '2' has no title"),
    ("broken JSON", b'{"id": "2", "title": "two"\n', "line 2: not valid JSON"),
    ("missing title", b'{"id": "2", "title": NaN}\n', "line 2: product '2' has no title"),
    ("broken JSON", b'{"id": "\\ud800", "title": "half a pair"}\n', "line 2: not valid JSON"),
    ("not an object", b'["id", "title"]\n', "line 2: a record should be a JSON object, not list"),
    ("not UTF-8", '{"id": "2", "title": "café"}\n'.encode("latin-1"), "line 2: byte 0xe9 at position 26 is not UTF-8"),
    ("record too large", BIG, f"line 2: the record is over {MAX_RECORD_BYTES:,} bytes"),
    ("nested too deeply", DEEP, "line 2: lists or objects are nested more than 100 deep"),
]
CSV_FAULTS = [
    ("ragged row", b"2,two\n", "line 2: 2 values for 3 columns"),
    ("ragged row", b"2,two,x,y\n", "line 2: 4 values for 3 columns"),
    ("missing id", b",two,x\n", "line 2: the product has no id"),
    ("missing title", b'2,"",x\n', "line 2: product '2' has no title"),
    ("not UTF-8", b"2,caf\xe9,x\n", "line 2: byte 0xe9 at position 6 is not UTF-8"),
    ("broken CSV", b'2,"two"x,y\n', "line 2: not valid CSV"),
    ("broken CSV", b'2,"never closed,x\n', "line 2: not valid CSV"),
    ("record too large", b"2,two," + b"x" * 10_000_000 + b"\n", "line 2: the record is over"),
    ("broken CSV", b"2,two," + b"x" * 500_000 + b"\n", "line 2: not valid CSV: field larger than field limit"),
]


def fails_with(path: Path, said: str) -> None:
    with pytest.raises(InputError) as raised:
        list(read_products(path))
    assert str(raised.value).startswith(f"{path}, {said}"), str(raised.value)


def skips(path: Path, reason: str, tmp_path: Path) -> list[dict[str, Any]]:
    rejects = Rejects(tmp_path / "rejects" / "rejects.jsonl")
    ids = [product.id for product in read_products(path, on_error="skip", rejects=rejects)]
    assert ids == ["1", "9"]
    assert rejects.counts == {reason: 1}
    assert rejects.summary() == f"1 skipped: 1 {reason}"
    assert rejects.path is not None
    assert [file.name for file in rejects.path.parent.iterdir()] == ["rejects.jsonl"]
    return [json.loads(line) for line in rejects.path.read_text().splitlines()]


@pytest.mark.parametrize(("reason", "line", "said"), JSONL_FAULTS)
def test_jsonl_faults(reason: str, line: bytes, said: str, tmp_path: Path) -> None:
    """Each fault of a line is raised with file and line, or skipped with the reason and the record in the file."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(GOOD + line + LAST)
    fails_with(path, said)
    [row] = skips(path, reason, tmp_path)
    assert (row["file"], row["line"], row["reason"]) == (str(path), 2, reason)
    assert row["record"] == line[:MAX_RECORD_BYTES].decode(errors="replace").strip()[:2000]


@pytest.mark.parametrize(("reason", "line", "said"), JSONL_FAULTS)
def test_faults_inside_a_json_array(reason: str, line: bytes, said: str, tmp_path: Path) -> None:
    """The same faults in an array laid out over lines; an element that is never closed takes the rest with it."""
    path = tmp_path / "a.json"
    path.write_bytes(b"[" + GOOD.rstrip() + b",\n" + line.rstrip() + b",\n" + LAST + b"]")
    fails_with(path, said)
    if line.count(b"{") == line.count(b"}"):
        skips(path, reason, tmp_path)


@pytest.mark.parametrize(("reason", "line", "said"), CSV_FAULTS)
def test_csv_faults(reason: str, line: bytes, said: str, tmp_path: Path) -> None:
    """Each fault of a row is raised with its line; a quote that never closes costs its own line only."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"id,title,description\n1,one,x\n" + line + b"9,nine,x\n")
    fails_with(path, said.replace("line 2", "line 3"))
    [row] = skips(path, reason, tmp_path)
    assert row["line"] == 3


def test_parquet_faults(tmp_path: Path) -> None:
    """Rows are numbered from 1; empty ids, oversized texts and bytes that are no text are told apart."""
    texts = [b"one", b"two", b"x" * (MAX_RECORD_BYTES + 1), b"caf\xe9", b"nine"]
    table = pa.table({"id": ["1", None, "3", "4", "9"], "title": pa.array(texts, pa.binary())})
    path = tmp_path / "a.parquet"
    pq.write_table(table, path)
    with pytest.raises(InputError, match="row 2: the product has no id"):
        list(read_products(path))
    rejects = Rejects(tmp_path / "rejects.jsonl")
    assert [product.id for product in read_products(path, on_error="skip", rejects=rejects)] == ["1", "9"]
    assert rejects.counts == {"missing id": 1, "record too large": 1, "not UTF-8": 1}
    assert [json.loads(line)["row"] for line in (tmp_path / "rejects.jsonl").open()] == [2, 3, 4]


def test_truncated_gzip(tmp_path: Path) -> None:
    """A file that breaks off is named; in skip mode what came before is read."""
    rows = b"".join(json.dumps({"id": n, "title": f"title {n * 7919}"}).encode() + b"\n" for n in range(5000))
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(rows)[:20_000])
    with pytest.raises(InputError, match=r"a\.jsonl\.gz: the file breaks off or is damaged"):
        list(read_products(path))
    rejects = Rejects()
    products = list(read_products(path, on_error="skip", rejects=rejects))
    assert 1000 < len(products) < 5000
    assert rejects.counts == {"truncated file": 1}


def test_truncated_array(tmp_path: Path) -> None:
    """An array that ends between its elements is not taken for a whole one."""
    path = tmp_path / "a.json"
    path.write_bytes(b"[" + GOOD + b",")
    fails_with(path, "line 2: the JSON ends before it is closed")


@pytest.mark.parametrize("name", ["a.jsonl", "a.json", "a.csv", "a.tsv", "a.parquet", "a.jsonl.gz", "a.json.zip"])
@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("id,title\n1,one\n".encode("utf-16"), "UTF-16"),
        ('{"id": 1, "title": "one"}\n'.encode("utf-16-le"), "UTF-16"),
        (b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 8, "binary"),
        (b"", "the file is empty"),
    ],
)
def test_what_is_no_text_is_said_clearly(name: str, content: bytes, said: str, tmp_path: Path) -> None:
    """UTF-16, binary and empty files are refused in both modes, whatever they are called."""
    path = tmp_path / name
    path.write_bytes(content)
    if name.endswith("parquet"):
        said = "not a whole Parquet file|the file is empty"
    for mode in ("fail", "skip"):
        with pytest.raises(InputError, match=said):
            list(read_products(path, on_error=mode))  # type: ignore[arg-type]


def test_many_faults_before_the_first_record(tmp_path: Path) -> None:
    """The format is found although the file begins with faults; without any record the first fault is raised."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"{broken\n" * 100 + GOOD)
    assert [product.id for product in read_products(path, on_error="skip")] == ["1"]
    path.write_bytes(b"{broken\n" * 100)
    with pytest.raises(InputError, match="line 1: not valid JSON"):
        read_products(path)


def test_header_faults(tmp_path: Path) -> None:
    """A first line that can't name the columns is refused."""
    path = tmp_path / "a.csv"
    path.write_text("id,,title\n1,one,x\n")
    with pytest.raises(InputError, match="column 2 has no name"):
        read_products(path)


def test_reject_file_is_whole_or_not_there(tmp_path: Path) -> None:
    """A read that is given up leaves the older reject file as it was, and no part beside it."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"title": "x"}\n' + GOOD + LAST)
    reject_file = tmp_path / "out" / "rejects.jsonl"
    reject_file.parent.mkdir()
    reject_file.write_text("older\n")
    products = read_products(path, "jsonl", on_error="skip", rejects=reject_file)
    next(products)
    products.close()  # type: ignore[attr-defined]
    assert reject_file.read_text() == "older\n"
    assert len(list(read_products(path, "jsonl", on_error="skip", rejects=reject_file))) == 2
    assert json.loads(reject_file.read_text())["reason"] == "missing id"
    assert list(reject_file.parent.iterdir()) == [reject_file]


def test_a_catalogue_of_faults_only_is_an_error(tmp_path: Path) -> None:
    """Skipping everything is no success."""
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"title": "x"}\n' * 3)
    with pytest.raises(InputError, match=r"no product in it \(3 skipped: 3 missing id\)"):
        list(read_products(path, "jsonl", on_error="skip"))


JSON_VALUE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.text(max_size=6)
    | st.sampled_from(['"', "\\", "{[", "]}"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=8,
)
OBJECTS = st.lists(st.dictionaries(st.text(max_size=4), JSON_VALUE, max_size=3), max_size=5)


@settings(deadline=None)
@given(OBJECTS, st.sampled_from([None, 0, 2]), st.booleans(), st.integers(1, 40))
def test_any_array_is_cut_into_its_objects(objects: list[Any], indent: int | None, ascii: bool, size: int) -> None:
    """However an array is laid out and however it arrives in pieces, its objects and their lines come out."""
    text = json.dumps(objects, indent=indent, ensure_ascii=ascii).encode(errors="surrogatepass")
    elements = list(split_elements(text[at : at + size] for at in range(0, len(text), size)))
    assert not any(element.problem for element in elements)
    assert [json.loads(element.text.decode(errors="surrogatepass")) for element in elements] == objects
    lines = text.split(b"\n")
    assert all(lines[element.line - 1].lstrip(b" [").startswith(element.text[:1]) for element in elements)


@settings(deadline=None)
@given(st.binary(max_size=200) | st.text(alphabet='{}[]",:\\ \n1a', max_size=200).map(str.encode), st.integers(1, 50))
def test_cutting_does_not_depend_on_the_pieces(text: bytes, size: int) -> None:
    """Any bytes give the same whole objects in one piece and in many."""
    whole = [element for element in split_elements(iter([text])) if not element.problem]
    pieces = split_elements(text[at : at + size] for at in range(0, len(text), size))
    assert [element for element in pieces if not element.problem] == whole


TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=12)
# What is markup, or stands for a missing value, is not read as it is written.
WORDS = TEXTS.filter(lambda text: field_words("title", text) == text)
IDS = TEXTS.filter(lambda text: text.strip() not in NO_ID)
PRODUCTS = st.lists(
    st.builds(Product, id=IDS, title=WORDS.filter(str.strip), brand=WORDS, description=WORDS),
    min_size=1,
    max_size=4,
    unique_by=lambda product: product.id,
)
SLOW_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@SLOW_FOLDER
@given(PRODUCTS, st.sampled_from(["jsonl", "json", "csv", "tsv", "parquet"]))
def test_what_is_written_is_read(tmp_path: Path, products: list[Product], kind: str) -> None:
    """Any texts, quotes and line breaks included, survive every format."""
    import csv

    path = tmp_path / f"a.{kind}"
    rows = [{name: getattr(product, name) for name in ("id", "title", "brand", "description")} for product in products]
    if kind == "jsonl":
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    elif kind == "json":
        path.write_text(json.dumps(rows))
    elif kind == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]), delimiter="\t" if kind == "tsv" else ",", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    assert list(read_products(path, "jsonl" if kind == "json" else kind)) == products


HOSTILE = st.one_of(
    st.binary(max_size=300),
    st.lists(
        st.sampled_from([GOOD, LAST, b'"', b"{", b"}", b"[", b"]", b",", b"\n", b"\\", b"\xff", b"id,title\n"]),
        max_size=12,
    ).map(b"".join),
    st.lists(JSON_VALUE, max_size=4).map(lambda values: "\n".join(map(json.dumps, values)).encode()),
    st.binary(max_size=100).map(lambda tail: gzip.compress(GOOD * 5)[:-3] + tail),
    st.binary(max_size=60).map(lambda tail: b"PK\x03\x04" + tail),
    st.binary(max_size=60).map(lambda tail: b"PAR1" + tail + b"PAR1"),
)


@SLOW_FOLDER
@given(
    HOSTILE,
    st.sampled_from(["a.jsonl", "a.json", "a.csv", "a.tsv", "a.parquet", "a.zip", "a"]),
    st.sampled_from([None, *FORMAT_NAMES]),
)
def test_hostile_input_raises_input_error_only(tmp_path: Path, content: bytes, name: str, format: str | None) -> None:
    """Whatever bytes a file holds, in both modes the answer is products or an InputError."""
    path = tmp_path / name
    path.write_bytes(content)
    for mode in ("fail", "skip"):
        try:
            products = list(read_products(path, format, on_error=mode))  # type: ignore[arg-type]
        except InputError:
            continue
        assert products
        assert len({product.id for product in products}) == len(products)
