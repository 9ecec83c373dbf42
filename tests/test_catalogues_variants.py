"""Shops' exports in their owners' layouts (made-up products): one product of several rows, with all that they say."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.product import Product, attribute_text
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.rejects import Rejects

SHOPIFY = """Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,\
Option1 Name,Option1 Value,Option2 Name,Option2 Value,Variant SKU,Variant Price,Variant Barcode,\
Image Src,Image Position,Variant Image,Status
tee,Wool tee,<p>Soft &amp; warm</p>,Acme,Clothing > Tops,Shirts,"wool, warm",true,Size,S,Colour,Red,TEE-S-RED,20.00,\
'4001,https://x.example/1.jpg,1,https://x.example/red.jpg,active
mug,Mug,,Bolt,,Mugs,,true,Title,Default Title,,,MUG-1,9.50,,https://x.example/mug.jpg,1,,active
tee,,,,,,,,,M,,Blue,TEE-M-BLUE,18.00,,https://x.example/2.jpg,2,,
tee,,,,,,,,,,,,,,,https://x.example/3.jpg,3,,
"""
WOO = """ID,Type,SKU,Name,Published,Short description,Description,Sale price,Regular price,Categories,Tags,Images,\
Parent,Attribute 1 name,Attribute 1 value(s),Attribute 1 visible
10,variable,TEE,Wool tee,1,Soft,<p>Warm</p>,,,"Clothing, Clothing > Tops",wool,\
"https://x.example/1.jpg, https://x.example/2.jpg",\
,Size,"S, M",1
20,simple,MUG,Mug,1,,,8,9.50,Mugs,,,,,,
11,variation,TEE-S,Wool tee - S,1,,,,20,,,https://x.example/s.jpg,TEE,Size,S,
12,variation,TEE-M,Wool tee - M,1,,,,18,,,,id:10,Size,M,
"""
MAGENTO = """sku,store_view_code,attribute_set_code,product_type,categories,name,description,price,base_image,\
additional_attributes,configurable_variations
TEE-S,,Top,simple,,Wool tee S,,20,/s.jpg,"size=S,colour=red",
TEE-M,,Top,simple,,Wool tee M,,18,,"size=M,colour=red",
MUG,,Mug,simple,Default Category/Mugs,Mug,,9.5,,,
TEE,,Top,configurable,"Default Category/Clothing,Default Category/Clothing/Tops",Wool tee,<p>Warm</p>,,/tee.jpg,\
"material=wool|cotton,care=wash, then dry","sku=TEE-S,size=S|sku=TEE-M,size=M"
TEE,de,,,,Wollshirt,Warm,,,,
"""
MERCHANT = [
    {"id": "T-S", "title": "Wool tee S", "description": "Warm", "link": "https://x.example/t", "price": "20.00 USD",
     "image link": "https://x.example/s.jpg",
     "additional image link": "https://x.example/s2.jpg,https://x.example/s3.jpg",
     "item group id": "TEE", "color": "red", "size": "S", "brand": "Acme", "gtin": "4001",
     "product type": "Clothing > Tops"},
    {"id": "MUG", "title": "Mug", "description": "", "link": "https://x.example/m", "price": "9.50 USD",
     "image link": "https://x.example/m.jpg", "additional image link": "", "item group id": "", "color": "blue",
     "size": "", "brand": "Bolt",
     "gtin": "4003", "product type": "Mugs"},
    {"id": "T-M", "title": "Wool tee M", "description": "Warm", "link": "https://x.example/t", "price": "18.00 USD",
     "image link": "https://x.example/m1.jpg", "additional image link": "", "item group id": "TEE", "color": "red",
     "size": "M", "brand": "Acme", "gtin": "4002", "product type": "Clothing > Tops"},
]  # fmt: skip


def between_tabs(rows: Sequence[Mapping[str, str]]) -> str:
    file = io.StringIO()
    writer = csv.DictWriter(file, list(rows[0]), delimiter="\t")
    writer.writeheader()
    writer.writerows(rows)
    return file.getvalue()


def rss(rows: Sequence[Mapping[str, str]]) -> str:
    items = []
    for row in rows:
        pairs = [(name.replace(" ", "_"), v) for name, value in row.items() for v in value.split(",http") if v]
        pairs = [(name, f"http{v}" if v.startswith("s://") else v) for name, v in pairs]
        items.append("<item>" + "".join(f"<g:{n}>{v.replace('>', '&gt;')}</g:{n}>" for n, v in pairs) + "</item>")
    head = (
        '<?xml version="1.0"?>\n<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title>'
    )
    return f"{head}{''.join(items)}</channel></rss>"


FILES = {
    "shopify.csv": (SHOPIFY, 4, ["tee", "mug"]),
    "woo.csv": (WOO, 4, ["10", "20"]),
    "magento.csv": (MAGENTO, 5, ["TEE", "MUG"]),
    "merchant.tsv": (between_tabs(MERCHANT), 3, ["TEE", "MUG"]),
    "merchant.txt": (between_tabs(MERCHANT), 3, ["TEE", "MUG"]),
    "merchant.xml": (rss(MERCHANT), 3, ["TEE", "MUG"]),
}


def read(path: Path, **given: Any) -> tuple[list[Product], Rejects]:
    rejects = Rejects()
    return list(read_products(path, rejects=rejects, **given)), rejects


@pytest.mark.parametrize("name", FILES)
def test_one_product_of_several_rows(name: str, tmp_path: Path) -> None:
    """The rows of a product, wherever they stand, are one: options, SKUs, images, the lowest price; all are counted."""
    text, rows, ids = FILES[name]
    path = tmp_path / name
    path.write_text(text)
    (tee, mug), rejects = read(path)
    assert [tee.id, mug.id] == ids
    assert rejects.account() == f"{rows} rows = 2 products + 0 rejected + {rows - 2} merged"
    assert tee.title.startswith("Wool tee")
    assert "arm" in tee.description
    assert "<" not in tee.description
    assert tee.category == "Clothing > Tops"
    (size,) = [value for name, value in tee.attributes.items() if name.lower() == "size"]
    assert size == "S, M"
    assert (tee.price, mug.price) == (18.0, 8.0 if name == "woo.csv" else 9.5)
    assert len(tee.extra["variants"]) == 2
    assert "variants" not in mug.extra
    searched = attribute_text(tee).splitlines()
    assert all(variant["sku"] in searched for variant in tee.extra["variants"])


@pytest.mark.parametrize("name", FILES)
def test_a_product_for_each_variant(name: str, tmp_path: Path) -> None:
    """As asked, each variant is a product with its own option and price, and its parent's texts."""
    path = tmp_path / name
    path.write_text(FILES[name][0])
    products, rejects = read(path, variants="each")
    small, medium = [product for product in products if "tee" in product.title]
    assert (small.price, medium.price) == (20.0, 18.0)
    assert [next(v for n, v in p.attributes.items() if n.lower() == "size") for p in (small, medium)] == ["S", "M"]
    assert all("arm" in product.description and product.category == "Clothing > Tops" for product in (small, medium))
    assert rejects.rows == len(products) + rejects.merged


def test_shopify(tmp_path: Path) -> None:
    """All images, bar codes and the raw text; a default option is none."""
    path = tmp_path / "shopify.csv"
    path.write_text(SHOPIFY)
    (tee, mug), _ = read(path)
    assert (tee.brand, tee.description, tee.extra["description"]) == ("Acme", "Soft & warm", "<p>Soft &amp; warm</p>")
    assert tee.attributes == {"Tags": "wool, warm", "Size": "S, M", "Colour": "Red, Blue"}
    assert [image.rpartition("/")[2] for image in tee.extra["image"]] == ["1.jpg", "2.jpg", "3.jpg", "red.jpg"]
    assert (tee.extra["gtin"], mug.attributes, mug.category, mug.extra["sku"]) == ("4001", {}, "Mugs", "MUG-1")


def test_woo_without_all_rows(tmp_path: Path) -> None:
    """Options of variations that the export lacks stay; variations without their parent are one product."""
    path = tmp_path / "woo.csv"
    head = "ID,Type,SKU,Name,Parent,Attribute 1 name,Attribute 1 value(s)\n"
    path.write_text(head + '5,variation,X-S,X,X,Size,S\n1,variable,X,X,,Size,"S, M"\n'
                    "6,variation,Y-S,Y,id:99,Size,S\n7,variation,Y-M,Y,id:99,Size,M\n")  # fmt: skip
    (x, y), _ = read(path)
    assert (x.attributes, y.attributes) == ({"Size": "S, M"}, {"Size": "S, M"})
    assert (y.id, y.extra["sku"], len(y.extra["variants"])) == ("6", ["Y-S", "Y-M"], 2)


def test_magento(tmp_path: Path) -> None:
    """Attributes with commas and several values, and what another store view calls the product."""
    path = tmp_path / "magento.csv"
    path.write_text(MAGENTO)
    (tee, mug), _ = read(path)
    assert tee.attributes == {"material": "wool, cotton", "care": "wash, then dry", "size": "S, M"}
    assert tee.extra["store_views"] == {"de": {"name": "Wollshirt", "description": "Warm"}}
    assert (mug.category, mug.extra["sku"]) == ("Mugs", "MUG")
    tee = next(read_products(path, language="de"))
    assert (tee.title, tee.description) == ("Wollshirt", "Warm")


def test_merchant_in_xml_and_between_tabs(tmp_path: Path) -> None:
    """Both say the same."""
    found = []
    for name in ("merchant.tsv", "merchant.xml"):
        path = tmp_path / name
        path.write_text(FILES[name][0])
        (tee, mug), _ = read(path)
        found.append([(p.id, p.title, p.brand, p.category, p.attributes, p.price, p.image) for p in (tee, mug)])
        assert (tee.extra["gtin"], mug.extra["gtin"]) == (["4001", "4002"], "4003")
        assert len(tee.extra["image"]) == 4
    assert found[0] == found[1]


COLUMNS = [text.partition("\n")[0].split(",") for text in (SHOPIFY, WOO, MAGENTO)] + [list(MERCHANT[0])]
COLUMNS += [[name.lower().replace(" ", "_") for name in columns] for columns in COLUMNS]
CELLS = st.sampled_from(
    ["", "a", "b", "id:1", "1", "5,00 €", "sku=a,size=S|sku=b", "x=1,y", "variation", "<p>", "A > B, C", "\n", '"']
) | st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=4)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.sampled_from(COLUMNS), st.lists(st.lists(CELLS, min_size=30, max_size=30), min_size=1, max_size=6),
       st.sampled_from(["merge", "each"]))  # fmt: skip
def test_no_row_is_lost(tmp_path: Path, columns: list[str], rows: list[list[str]], variants: str) -> None:
    """Whatever an export's cells hold, each row is a product, rejected or merged."""
    path = tmp_path / "a.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([row[: len(columns)] for row in rows])
    rejects = Rejects()
    products: list[Product] = []
    try:
        products.extend(read_products(path, on_error="skip", rejects=rejects, variants=variants))  # type: ignore[arg-type]
    except InputError as error:  # there may be no product at all
        if "--language" in str(error):  # nor is the rest of a file read whose language is to be said
            return
    assert rejects.merged >= 0
    assert rejects.rows == len(products) + rejects.counts.total() + rejects.merged


def test_shopify_json(tmp_path: Path) -> None:
    """What the API gives is read as the export is."""
    variants = [{"id": n, "sku": sku, "price": price, "option1": size, "barcode": None}
                for n, sku, price, size in ((2, "S1", "5.00", "S"), (3, "S2", "4.00", "M"))]  # fmt: skip
    row = {"id": 1, "title": "Tee", "body_html": "<p>Warm</p>", "vendor": "Acme", "handle": "tee", "tags": ["wool"],
           "variants": variants, "options": [{"name": "Size"}],
           "images": [{"src": "https://x.example/1.jpg"}]}  # fmt: skip
    path = tmp_path / "products.json"
    path.write_text(json.dumps({"products": [row, {**row, "id": 2, "variants": None, "options": "odd"}]}))
    (tee, other), rejects = read(path)
    assert (tee.id, tee.brand, tee.description, tee.price) == ("1", "Acme", "Warm", 4.0)
    assert tee.attributes == {"Tags": "wool", "Size": "S, M"}
    assert (tee.extra["sku"], tee.image, other.id) == (["S1", "S2"], "https://x.example/1.jpg", "2")
    assert (rejects.rows, rejects.merged) == (2, 0)
    path.write_text(json.dumps({"products": [row]}))
    each, rejects = read(path, variants="each")
    assert ([product.id for product in each], rejects.rows, rejects.merged) == (["2", "3"], 2, 0)
