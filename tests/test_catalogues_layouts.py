"""Files as programs lay them out: packed, encoded, with lines before the columns' names, in objects and partitions."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest
from reader_files import write_parquet

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.readers.catalogue import read_products

ROWS = [{"id": "1", "title": "Kettle"}, {"id": "2", "title": "Tea pot"}]
LINES = b"".join(json.dumps(row).encode() + b"\n" for row in ROWS)


def zstd(data: bytes) -> bytes:
    return bytes(pa.compress(data, codec="zstd", asbytes=True))


def titles(path: Path, **given: str) -> dict[str, str]:
    return {product.id: product.title for product in read_products(path, encoding=given.get("encoding", ""))}


@pytest.mark.parametrize(
    ("ending", "pack"), [("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress), ("zst", zstd)]
)
def test_packed(ending: str, pack: Callable[[bytes], bytes], tmp_path: Path) -> None:
    """A packed file is known by its content; one that breaks off is said to."""
    path = tmp_path / f"shop.jsonl.{ending}"
    path.write_bytes(pack(LINES))
    assert titles(path) == {"1": "Kettle", "2": "Tea pot"}
    path.write_bytes(pack(b"".join(b'{"id": "%d", "title": "%d"}\n' % (n, n * 7919) for n in range(9000)))[:-2000])
    with pytest.raises(InputError, match=r"breaks off or is damaged|no record could be read"):
        titles(path)


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8", "latin-1"])
def test_encodings(encoding: str, tmp_path: Path) -> None:
    """A text in another encoding is read when it is named; € stays €."""
    path = tmp_path / "shop.csv"
    title = "Café" if encoding == "latin-1" else "Café 5 €"
    path.write_bytes(f"id,title\n1,{title}\n".encode(encoding))
    assert titles(path, encoding=encoding) == {"1": title}


def test_what_to_do_about_an_encoding(tmp_path: Path) -> None:
    """What is not UTF-8 is named with an encoding that loses nothing; a wrong or unknown one is refused."""
    path = tmp_path / "shop.csv"
    path.write_bytes("id,title\n1,5 €\n".encode("cp1252"))
    with pytest.raises(InputError, match="--encoding cp1252"):
        titles(path)
    path.write_bytes("id,title\n1,5 €\n".encode("utf-16"))
    with pytest.raises(InputError, match="--encoding utf-16"):
        titles(path)
    path.write_bytes("id,title\n1,5 €\n".encode("utf-16-le"))
    with pytest.raises(InputError, match="--encoding utf-16-le"):
        titles(path)
    path.write_bytes(b"id,title\n1,\x81\n")
    with pytest.raises(InputError, match="not cp1252"):
        titles(path, encoding="cp1252")
    for unknown in ("utf-99", "hex"):
        with pytest.raises(InputError, match=r"encoding .* is not known"):
            titles(path, encoding=unknown)


@pytest.mark.parametrize(
    "text",
    [
        "sep=;\nid;title\n1;Kettle\n2;Tea pot\n",
        "sep=\t\nid\ttitle\n1\tKettle\n2\tTea pot\n",
        '"sep=;"\r\nid;title\r\n1;Kettle\r\n2;Tea pot\r\n',
        "\n\nid,title\n1,Kettle\n2,Tea pot\n",
        ";;\nid;title;\n1;Kettle;\n2;Tea pot;\n",
        "id,title\n1,Kettle,\n2,Tea pot,\n",
        'ID,TITLE,"a;b;c;d"\n1,Kettle,\n2,Tea pot,\n',
        " Id | Title \n1|Kettle\n2|Tea pot\n",
    ],
)
def test_lines_before_and_delimiters_after(text: str, tmp_path: Path) -> None:
    """Excel's line, blank lines, delimiters at lines' ends and capitals make no difference."""
    path = tmp_path / "shop.csv"
    path.write_text(text)
    assert titles(path) == {"1": "Kettle", "2": "Tea pot"}


def test_a_value_too_many_is_no_trailing_delimiter(tmp_path: Path) -> None:
    """A row with a stray delimiter would shift its values: it is a fault, also where the last value is empty."""
    path = tmp_path / "shop.csv"
    path.write_text("id,title,brand\n1,Kettle,Acme\n2,Pot, red,\n")
    with pytest.raises(InputError, match="line 3: 4 values for 3 columns"):
        titles(path)


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize(
    "whole",
    [
        {"products": ROWS},
        {"status": "ok", "meta": {"n": 2}, "tags": ["a"], "data": ROWS, "next": {"page": [1]}},
        {"response": {"numFound": 2, "start": 0, "docs": ROWS}},
        {"took": 5, "_shards": {"total": 1}, "hits": {"total": {"value": 2}, "max_score": 1.0, "hits": [
            {"_index": "shop", "_id": row["id"], "_score": 1, "_source": {"title": row["title"]}} for row in ROWS]}},
    ],
)  # fmt: skip
def test_an_array_in_an_object(whole: object, indent: int | None, tmp_path: Path) -> None:
    """The products of an API's or an engine's answer are found in it, however it is laid out."""
    path = tmp_path / "shop.json"
    path.write_text(json.dumps(whole, indent=indent))
    assert titles(path) == {"1": "Kettle", "2": "Tea pot"}


def test_a_list_of_a_product_is_no_list_of_products(tmp_path: Path) -> None:
    """JSON lines whose products have a list of their own are lines."""
    path = tmp_path / "shop.json"
    path.write_text("".join(json.dumps({**row, "items": [{"x": 1}]}) + "\n" for row in ROWS))
    assert titles(path) == {"1": "Kettle", "2": "Tea pot"}


def test_bulk_requests(tmp_path: Path) -> None:
    """A bulk request's documents have the ids of their actions; deletions are no products."""
    path = tmp_path / "bulk.ndjson"
    lines = [
        {"index": {"_index": "shop", "_id": "1"}}, {"title": "Kettle"},
        {"delete": {"_id": "9"}},
        {"update": {"_id": "2"}}, {"doc": {"title": "Tea pot"}, "doc_as_upsert": True},
        {"create": {}}, {"id": "3", "title": "Cup"},
    ]  # fmt: skip
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    assert titles(path) == {"1": "Kettle", "2": "Tea pot", "3": "Cup"}


def test_a_partitioned_table(tmp_path: Path) -> None:
    """The files of all partitions are one catalogue, and the folders' names are values."""
    for row, brand in zip(ROWS, ("Acme", "Bolt%20Co"), strict=True):
        folder = tmp_path / "shop" / f"brand={brand}"
        folder.mkdir(parents=True)
        write_parquet(folder / "part-0.snappy.parquet", [row])
        (folder / "_SUCCESS").touch()
    products = list(read_products(tmp_path / "shop"))
    assert [(product.id, product.brand) for product in products] == [("1", "Acme"), ("2", "Bolt Co")]


def test_names_in_other_capitals(tmp_path: Path) -> None:
    """Names of a map, too; where two differ in capitals alone, the one that is as asked for is read."""
    path = tmp_path / "shop.csv"
    path.write_text("SKU,Name,name,Brand\n1,Kettle,other,Acme\n")
    (product,) = read_products(path, fields=FieldMap.parse("id=sku,title=Name"))
    assert (product.id, product.title, product.brand, product.extra) == ("1", "Kettle", "Acme", {"name": "other"})


def test_nan_of_pandas(tmp_path: Path) -> None:
    """NaN and Infinity are no values, and cost no record."""
    path = tmp_path / "shop.jsonl"
    path.write_text('{"id": "1", "title": "Kettle", "price": NaN, "brand": NaN}\n')
    (product,) = read_products(path)
    assert (product.title, product.price, product.brand) == ("Kettle", None, "")


def test_xml_with_named_elements(tmp_path: Path) -> None:
    """A shop's own XML: fields as attributes and as children, and children that name what they say."""
    path = tmp_path / "shop.xml"
    path.write_text(
        '<products><product id="1"><title>Kettle &amp; lid</title><attributes><attribute name="Colour">red</attribute>'
        '<attribute name="Power">2 kW</attribute></attributes></product>'
        '<product id="2"><title>Cup</title></product></products>'
    )
    kettle, cup = read_products(path)
    assert (kettle.title, kettle.attributes, cup.id) == ("Kettle & lid", {"Colour": "red", "Power": "2 kW"}, "2")
    path.write_text(path.read_text()[:-30])
    with pytest.raises(InputError, match="not well-formed"):
        list(read_products(path))


@pytest.mark.parametrize(
    "text",
    [
        '{"id": 1, "title": "Kettle"}{"id": 2, "title": "Tea pot"}',
        '{ "id": 1,\n"title": "Kettle" }\n{ "id": 2,\n"title": "Tea pot" }\n',
        '{"id": 1, "title": "Kettle"},\n{"id": 2, "title": "Tea pot"}\n',
        '[\n\n{"id": 1,\n"title": "Kettle"}\n,{"id": 2, "title": "Tea pot"}]',
    ],
)
def test_objects_however_laid_out(text: str, tmp_path: Path) -> None:
    """Objects are told apart by their brackets where lines don't part them."""
    path = tmp_path / "shop.json"
    path.write_text(text)
    assert titles(path) == {"1": "Kettle", "2": "Tea pot"}


def test_an_id_of_nan_is_none(tmp_path: Path) -> None:
    """pandas writes "nan" where there is no id."""
    path = tmp_path / "shop.csv"
    path.write_text("id,title\n1,Kettle\nnan,Cup\n")
    with pytest.raises(InputError, match="line 3: the product has no id"):
        titles(path)
