"""Catalogues in every format become the same products."""

import csv
import gzip
import json
import tracemalloc
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.catalogue_files import find_catalogue
from endcap.index.readers.known_formats import FORMATS

ROWS: Sequence[Mapping[str, Any]] = (
    {"id": "1", "title": 'Monitor 24" "Pro"', "brand": "Acme", "description": "Two\nlines, and; more\ttabs"},
    {"id": "2", "title": "Kettle ünïcode 湯沸かし", "brand": "", "description": "plain"},
)
PRODUCTS = [Product(**row) for row in ROWS]

ICECAT = {
    "id": "3920564",
    "name": "006R90321",
    "title": "Xerox toner cartridge",
    "ean": ["0095205603217"],
    "short_description": "Toner for copiers",
    "img_500x500": "http://img/500.jpg",
    "img_high": "http://img/high.jpg",
    "supplier": "Xerox",
    "price": 4995,
    "attr_t_product_type": "Toner",
    "attr_t_printing_colours": "Black",
    "attr_n_black_toner_page_yield": 23000.0,
    "attr_b_recycled": False,
    "attr_n_thermal_design_power__tdp_": 2.5,
}
ICECAT_PRODUCT = Product(
    id="3920564",
    title="Xerox toner cartridge",
    brand="Xerox",
    category="Toner",
    description="Toner for copiers",
    attributes={
        "printing colours": "Black",
        "black toner page yield": "23000",
        "recycled": "no",
        "thermal design power tdp": "2.5",
    },
    image="http://img/500.jpg",
    extra={"name": "006R90321", "ean": ["0095205603217"], "img_high": "http://img/high.jpg"},
)


def write_jsonl(path: Path, rows: Sequence[Mapping[str, Any]] = ROWS) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    return path


def write_table(path: Path, delimiter: str, rows: Sequence[Mapping[str, Any]] = ROWS) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_parquet(path: Path, rows: Sequence[Mapping[str, Any]] = ROWS) -> Path:
    pq.write_table(pa.Table.from_pylist([dict(row) for row in rows]), path)
    return path


def gzipped(path: Path) -> Path:
    packed = path.with_name(path.name + ".gz")
    packed.write_bytes(gzip.compress(path.read_bytes()))
    return packed


def zipped(path: Path, *members: Path) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for member in members:
            archive.write(member, member.name)
        archive.writestr("__MACOSX/._junk.json", "junk")
    return path


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
    with pytest.raises(InputError, match=r"its fields are sku, name, but a product needs id .*title=name,id=sku"):
        read_products(path)


def test_icecat_as_chorus_publishes_it(tmp_path: Path) -> None:
    """A folder of N.json.zip, an array in each, is read in order, with readable attributes and without prices."""
    for number in (10, 2):
        part = tmp_path / f"{number}.json"
        part.write_text(json.dumps([{**ICECAT, "id": str(number)}, {**ICECAT, "id": f"{number}b"}], indent=1))
        zipped(tmp_path / f"{number}.json.zip", part)
        part.unlink()
    (tmp_path / "rated.csv").write_text("query,docid,rating\ntoner,2,3\n")
    (tmp_path / "README.md").write_text("# not data")
    assert find_catalogue(tmp_path, None, FieldMap()).format == "icecat"
    assert [product.id for product in read_products(tmp_path)] == ["2", "2b", "10", "10b"]
    single = tmp_path / "single.json"
    single.write_text(json.dumps([ICECAT]))
    assert list(read_products(single)) == [ICECAT_PRODUCT]


def test_opensearch_sample(tmp_path: Path) -> None:
    """The e-commerce sample of OpenSearch: asin is the id, bullet points and description are one text."""
    row = {
        "title": "Mattress",
        "description": "Long.",
        "bullet_points": "Soft\nWide",
        "brand": "Ashley",
        "color": "White",
        "image": "https://x/y.jpg",
        "price": 12.5,
        "category": ["Home", "Beds"],
        "rating": 4.5,
        "is_book": False,
        "asin": "B07",
        "_id": "B07",
    }
    expected = Product(
        id="B07",
        title="Mattress",
        brand="Ashley",
        category="Home > Beds",
        description="Soft\nWide\nLong.",
        attributes={"color": "White"},
        price=12.5,
        image="https://x/y.jpg",
        extra={"rating": 4.5, "is_book": False},
    )
    path = gzipped(write_jsonl(tmp_path / "ubi_ecommerce_products.json", [row]))
    assert list(read_products(path)) == [expected]


def test_esci_and_its_locales(tmp_path: Path) -> None:
    """One locale can be chosen; all of them together are refused where they share an id, with the way out."""
    row = {
        "product_id": "B1",
        "product_title": "Lamp",
        "product_description": None,
        "product_bullet_point": "Bright",
        "product_brand": "Acme",
        "product_color": "Red",
        "product_locale": "us",
    }
    rows = [row, {**row, "product_title": "Lámpara", "product_locale": "es"}]
    path = write_parquet(tmp_path / "shopping_queries_dataset_products.parquet", rows)
    us = Product(
        id="B1",
        title="Lamp",
        brand="Acme",
        description="Bright",
        attributes={"color": "Red"},
        extra={"product_locale": "us"},
    )
    assert list(read_products(tmp_path, "esci:us")) == [us]
    assert [product.title for product in read_products(path, "esci:es")] == ["Lámpara"]
    with pytest.raises(InputError, match=r"row 2: the id 'B1' was there before. Read one locale, as in format esci:us"):
        list(read_products(path))
    with pytest.raises(InputError, match="no product of product_locale 'jp'"):
        list(read_products(path, "esci:jp"))


def test_wands_as_published(tmp_path: Path) -> None:
    """product.csv between tabs: hierarchy becomes the category, features the attributes; quotes in titles are text."""
    names = ["product_id", "product_name", "product_class", "category hierarchy", "product_description"]
    names += ["product_features", "rating_count"]
    lines = [
        "\t".join(names),
        '0\tbed 60" wide\tBeds\tFurniture / Beds & Headboards / Beds\tgood bed\tcolor : red|width:64|color:blue\t15.0',
        "1\tlamp\tLamps\t\t\t\t",
    ]
    (tmp_path / "product.csv").write_text("\n".join(lines))
    (tmp_path / "query.csv").write_text("query_id\tquery\tquery_class\n0\tsalon chair\tMassage Chairs\n")
    (tmp_path / "label.csv").write_text("id\tquery_id\tproduct_id\tlabel\n0\t0\t0\tExact\n")
    bed, lamp = read_products(tmp_path)
    assert bed == Product(
        id="0",
        title='bed 60" wide',
        category="Furniture > Beds & Headboards > Beds",
        description="good bed",
        attributes={"color": "red, blue", "width": "64"},
        extra={"product_class": "Beds", "rating_count": "15.0"},
    )
    assert lamp.category == "Lamps"


def test_beir_corpus(tmp_path: Path) -> None:
    """corpus.jsonl is read, queries beside it are not; a passage may lack a title but not a text."""
    write_jsonl(tmp_path / "corpus.jsonl", [{"_id": "d1", "title": "", "text": "Abstract.", "metadata": {"url": "u"}}])
    write_jsonl(tmp_path / "queries.jsonl", [{"_id": "q1", "text": "claim"}])
    expected = Product(id="d1", title="", description="Abstract.", extra={"metadata": {"url": "u"}})
    assert list(read_products(tmp_path)) == [expected]
    write_jsonl(tmp_path / "corpus.jsonl", [{"_id": "d1", "title": "", "text": ""}])
    with pytest.raises(InputError, match="line 1: product 'd1' has no title"):
        list(read_products(tmp_path))


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
        ((path, "xml"), "format 'xml' is not known. Use one of " + ", ".join(FORMATS)),
        ((path, "csv:us"), "only esci takes an option"),
        ((path, "icecat:us"), "only esci takes an option"),
        ((path, "icecat", FieldMap.parse("title=name")), "has its own field map"),
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


def test_real_catalogues(datasets: Path) -> None:
    """The public catalogues are read whole, found by themselves, and nothing is left without id or title."""
    for folder, format, count in (("chorus", "icecat", 19_406), ("esci-us", "opensearch-ecommerce", 6_764)):
        assert find_catalogue(datasets / folder, None, FieldMap()).format == format
        products = list(read_products(datasets / folder))
        assert len(products) == count == len({product.id for product in products})
        assert all(product.title for product in products)
    sample = list(read_products(datasets / "esci-sample"))
    assert len(sample) == 2_965
    assert {product.extra["product_locale"] for product in sample} == {"us", "es", "jp"}
    assert 0 < sum(1 for _ in read_products(datasets / "esci-sample", "esci:us")) < 2_965


def test_icecat_prices_go_nowhere(datasets: Path) -> None:
    """The made-up prices of the Chorus catalogue reach neither price nor extra."""
    for product in read_products(datasets / "chorus" / "1.json.zip"):
        assert product.price is None
        assert "price" not in product.extra
        assert "price" not in product.attributes
