"""A file of one's own is not taken for an owner's, and what a shop has added to an owner's columns is read."""

from __future__ import annotations

from pathlib import Path

import pytest

from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.catalogue_files import find_catalogue

OWN = (
    "id,handle,title,{more},price,brand,category,description,image\n7,mug,Mug,x,9.5,Acme,Kitchen,Nice,https://x/1.jpg\n"
)
ADDED = {
    "woocommerce": "ID,Type,SKU,Name,Regular price,Brand,Category,Description,Image\n"
    "7,simple,MUG,Mug,9.5,Acme,Kitchen,Nice,https://x/1.jpg\n",
    "magento": "sku,name,attribute_set_code,product_type,price,brand,category,description,image\n"
    "7,Mug,Default,simple,9.5,Acme,Kitchen,Nice,https://x/1.jpg\n",
    "shopify": "Handle,Title,Body (HTML),Variant Price,brand,category,image\n"
    "7,Mug,Nice,9.5,Acme,Kitchen,https://x/1.jpg\n",
    "akeneo": "sku,categories,enabled,family,groups,name,description,brand,price,category,image\n"
    "7,,1,f,,Mug,Nice,Acme,9.5,Kitchen,https://x/1.jpg\n",
}
REDUCED = {
    "bigcommerce": "Item Type,Product ID,Product Name,Price,Sale Price\nProduct,7,Mug,9.50,0.00\n",
    "merchant": "id,title,image_link,price,sale_price\n7,Mug,https://x/1.jpg,9.50 EUR,0.00 EUR\n",
    "woocommerce": "ID,Type,SKU,Name,Published,Regular price,Sale price\n7,simple,M,Mug,1,9.50,0\n",
}


def only(path: Path, text: str) -> tuple[str, Product]:
    path.write_text(text)
    (product,) = read_products(path)
    return find_catalogue(path, None, FieldMap()).format, product


def is_whole(product: Product) -> bool:
    said = (product.id, product.title, product.brand, product.category, product.description, product.price)
    return said == ("7", "Mug", "Acme", "Kitchen", "Nice", 9.5) and product.image == "https://x/1.jpg"


@pytest.mark.parametrize("more", ["colour", "vendor", "sku", "type", "barcode"])
def test_a_table_with_handles_of_its_own_is_no_export_of_shopify(more: str, tmp_path: Path) -> None:
    format, product = only(tmp_path / "a.csv", OWN.format(more=more))
    assert format == "csv"
    assert is_whole(product)
    assert (product.extra["handle"], product.extra[more]) == ("mug", "x")


def test_columns_of_shopify_in_other_capitals_are_its_export(tmp_path: Path) -> None:
    format, product = only(tmp_path / "a.csv", "handle,title,variant_price,vendor\nmug,Mug,9.5,Acme\n")
    assert (format, product.id, product.brand, product.price) == ("shopify", "mug", "Acme", 9.5)


@pytest.mark.parametrize(("owner", "text"), ADDED.items())
def test_columns_that_a_shop_added_are_read(owner: str, text: str, tmp_path: Path) -> None:
    format, product = only(tmp_path / "a.csv", text)
    assert format == owner
    assert is_whole(product), product


def test_a_price_beside_a_supplier_is_ones_own(tmp_path: Path) -> None:
    """Icecat's prices are left out; those of a file with a brand or a category of its own are not."""
    text = '{"id": "7", "title": "Mug", "supplier": "S", "short_description": "x", "brand": "Acme", "price": 9.5}\n'
    format, product = only(tmp_path / "a.jsonl", text)
    assert (format, product.brand, product.price) == ("jsonl", "Acme", 9.5)


@pytest.mark.parametrize(("owner", "text"), REDUCED.items())
def test_a_reduced_price_of_zero_is_none(owner: str, text: str, tmp_path: Path) -> None:
    format, product = only(tmp_path / "a.csv", text)
    assert (format, product.price) == (owner, 9.5)


def test_akeneos_measures_keep_their_units_and_products_their_uuid(tmp_path: Path) -> None:
    text = "uuid;categories;enabled;family;groups;name;weight;weight-unit\n9f1;;1;f;;Mug;500;GRAM\n"
    format, product = only(tmp_path / "a.csv", text)
    assert (format, product.id, product.attributes) == ("akeneo", "9f1", {"weight": "500 GRAM"})


@pytest.mark.parametrize("fields", ["", "id=_id"])
def test_ids_of_mongodb_are_read_in_each_record(fields: str, tmp_path: Path) -> None:
    """Its numbers and dates have a layout of their own in some records, and in others not."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"_id": 1, "title": "Mug", "price": {"$numberDecimal": "9.5"}}\n{"_id": 2, "title": "Tee"}\n')
    products = list(read_products(path, fields=FieldMap.parse(fields)))
    assert [(product.id, product.price, product.extra) for product in products] == [("1", 9.5, {}), ("2", None, {})]
