"""Catalogues in every format become the same products."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from reader_files import ICECAT, ROWS, gzipped, write_jsonl, write_parquet, write_table, zipped

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.known_formats import FORMAT_NAMES

PRODUCTS = [Product(**row) for row in ROWS]


def every_way(tmp_path: Path) -> Iterator[Path]:
    """The same rows in every layout."""
    yield write_jsonl(tmp_path / "a.jsonl")
    yield gzipped(write_jsonl(tmp_path / "b.jsonl"))
    yield zipped(tmp_path / "c.zip", write_jsonl(tmp_path / "c.ndjson"))
    for name, delimiter in (("d.csv", ","), ("e.tsv", "\t"), ("f.csv", ";"), ("g.csv", "\t")):
        yield write_table(tmp_path / name, delimiter)
    yield write_parquet(tmp_path / "h.parquet")
    for indent in (None, 1):
        array = tmp_path / f"array{indent}.json"
        array.write_text(json.dumps(list(ROWS), indent=indent), encoding="utf-8")
        yield array
    objects = tmp_path / "objects.json"
    objects.write_text("\n".join(json.dumps(row, indent=2) for row in ROWS), encoding="utf-8")
    yield objects
    crlf = tmp_path / "crlf.jsonl"
    crlf.write_bytes(b"\xef\xbb\xbf" + (tmp_path / "a.jsonl").read_bytes().replace(b"\n", b"\r\n\r\n"))
    yield crlf
    no_end = tmp_path / "without-suffix"
    no_end.write_bytes((tmp_path / "a.jsonl").read_bytes().rstrip(b"\n"))
    yield no_end


def test_one_catalogue_in_every_layout(tmp_path: Path) -> None:
    """JSON lines, arrays, CSV with any delimiter, TSV, Parquet, gzip and zip give the same products."""
    for path in every_way(tmp_path):
        assert list(read_products(path)) == PRODUCTS, path.name


def test_a_field_map_reads_foreign_names(tmp_path: Path) -> None:
    """Names of one's own are mapped, in text formats and in Parquet."""
    rows = [{"sku": 5, "name": "Kettle", "maker": "Acme", "cost": 19.9, "stock": 3}]
    fields = FieldMap.parse("id=sku,title=name,brand=maker,price=cost")
    expected = Product(id="5", title="Kettle", brand="Acme", price=19.9, extra={"stock": 3})
    assert list(read_products(write_jsonl(tmp_path / "a.jsonl", rows), fields=fields)) == [expected]
    assert list(read_products(write_parquet(tmp_path / "a.parquet", rows), fields=fields)) == [expected]
    [from_csv] = read_products(write_table(tmp_path / "a.csv", ",", rows), fields=fields)
    assert (from_csv.id, from_csv.price, from_csv.extra) == ("5", 19.9, {"stock": "3"})


def test_a_field_map_reads_nested_columns(tmp_path: Path) -> None:
    """A path into a structured column is enough to know a catalogue by."""
    path = write_parquet(tmp_path / "a.parquet", [{"sku": "5", "info": {"name": "Kettle", "note": "x"}}])
    [product] = read_products(path, fields=FieldMap.parse("id=sku,title=info.name"))
    assert (product.title, product.extra) == ("Kettle", {"info": {"name": "Kettle", "note": "x"}})


def test_fields_that_fit_no_product_are_listed(tmp_path: Path) -> None:
    """Without a map that fits, the message names the file's fields and the way out."""
    path = write_table(tmp_path / "a.csv", ",", [{"sku": 5, "name": "Kettle"}])
    with pytest.raises(InputError, match=r"its fields are sku, name, but a product needs id .*id=sku,title=name"):
        read_products(path)


def test_ambiguous_formats_are_listed(tmp_path: Path) -> None:
    """Where more than one format fits, each file is named with what it could be; the format option decides."""
    write_jsonl(tmp_path / "a.jsonl")
    write_table(tmp_path / "b.csv", ",", [{"id": "9", "title": "Other"}])
    with pytest.raises(InputError, match=r"more than one format fits \(.*a\.jsonl: jsonl; .*b\.csv: csv\)"):
        read_products(tmp_path)
    assert [product.id for product in read_products(tmp_path, "csv")] == ["9"]
    both = write_jsonl(tmp_path / "both.json", [{**ICECAT, "asin": "A", "bullet_points": "x"}])
    with pytest.raises(InputError, match="icecat or opensearch-ecommerce"):
        read_products(both)
    assert next(read_products(both, "icecat")).brand == "Xerox"


def test_wrong_requests_say_what_would_be_right(tmp_path: Path) -> None:
    """Unknown formats and options, missing paths and empty folders are InputErrors that name the choices."""
    path = write_jsonl(tmp_path / "a.jsonl")
    empty = tmp_path / "empty"
    empty.mkdir()
    for arguments, said in (
        ((path, "yaml"), "format 'yaml' is not known. Use one of " + ", ".join(FORMAT_NAMES)),
        ((path, "csv:us"), "only esci takes an option"),
        ((path, "icecat:us"), "only esci takes an option"),
        ((tmp_path / "nothing",), "there is no such file"),
        ((empty,), "no catalogue here"),
    ):
        with pytest.raises(InputError, match=said):
            read_products(*arguments)
    with pytest.raises(InputError, match="on_error is 'ignore'"):
        read_products(path, on_error="ignore")  # type: ignore[arg-type]


def test_memory_does_not_grow_with_the_catalogue(tmp_path: Path) -> None:
    """Of 4,000 products of 2 KB more in one JSON array, nothing is held but the hashes of their ids."""
    peaks = []
    for count in (200, 4200):
        path = tmp_path / f"{count}.json"
        rows = [{"id": f"id-{n}", "title": "x", "description": "word " * 400} for n in range(count)]
        path.write_text(json.dumps(rows))
        del rows
        tracemalloc.start()
        assert sum(1 for _ in read_products(path)) == count
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert (peaks[1] - peaks[0]) / 4000 < 250
