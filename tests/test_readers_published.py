"""Catalogues as they are published (Icecat, OpenSearch's sample, ESCI, WANDS, BEIR) become products."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from reader_files import ICECAT, gzipped, write_jsonl, write_parquet, zipped

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.catalogue_files import find_catalogue

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
