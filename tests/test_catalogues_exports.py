"""Exports of Shopware, PrestaShop, Akeneo, Amazon and BigCommerce in their owners' columns (made-up products)."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.catalogue_files import find_catalogue
from endcap.index.readers.reading import Reading
from endcap.index.readers.rejects import Rejects

SHOPWARE = """id;parent_id;product_number;active;stock;name;description;price_net;price_gross;tax_rate;cover_media_url;\
manufacturer_name;categories;sales_channel;propertyIds;optionIds
a1;;SW-1;1;5;Wool tee;<p>Warm</p>;15.13;18.00;19;https://x/1.jpg;Acme;c1|c2;;;
a2;a1;SW-1.1;1;2;;;12.60;15.00;19;https://x/2.jpg;;;;;o1
a3;a1;SW-1.2;1;3;;;;;;;;;;;o2
b1;;SW-2;1;9;Mug;;7.98;9.50;19;;Bolt;;;;
"""
PRESTA = """Product ID;Image;Name;Reference;Category;Price (tax excl.);Price (tax incl.);Quantity;Status;Position
7;https://x/1.jpg;Wool tee;TEE;Clothes;15.00;18.00;4;1;0
8;;Mug;MUG;Kitchen;7.92;9.50;2;1;1
"""
PRESTA_IMPORT = """Product ID;Active (0/1);Name *;Categories (x,y,z...);Price tax excluded;Reference #;\
Manufacturer;EAN13;Summary;Description;Tags (x,y,z...);Image URLs (x,y,z...);Feature(Name:Value:Position:Customized)
7;1;Wool tee;Clothes,Tops;15;TEE;Acme;4001;Soft;<p>Warm</p>;wool;https://x/1.jpg,https://x/2.jpg;Fabric:wool:1,Fit:slim:2
"""
AKENEO = """sku;categories;enabled;family;groups;brand;color;image;name-en_US;name-de_DE;\
description-en_US-ecommerce;price-EUR
TEE;tops,clothes;1;shirts;;Acme;red;1.jpg;Wool tee;Wollhemd;Warm;18.00
"""
AMAZON = """TemplateType=fptcustom\tVersion=2024.01\tThe top 3 rows are for Amazon.com use only.\t\t\t\t\t\t\t\t\t
Seller SKU\tTitle\tID\tID Type\tBrand\tPrice\tMain\tParent\tParent SKU\tSize\tDescription\tBullet
item_sku\titem_name\texternal_product_id\texternal_product_id_type\tbrand_name\tstandard_price\tmain_image_url\t\
parent_child\tparent_sku\tsize_name\tproduct_description\tbullet_point1
TEE\tWool tee\t\t\tAcme\t\thttps://x/1.jpg\tparent\t\t\tWarm\tSoft
TEE-S\tWool tee S\t4001\tEAN\tAcme\t18.00\thttps://x/s.jpg\tchild\tTEE\tS\t\t
MUG\tMug\t4002\tEAN\tBolt\t9.50\t\t\t\t\t\t
"""
LISTINGS = """item-name\titem-description\tlisting-id\tseller-sku\tprice\tquantity\topen-date\timage-url\t\
product-id\tasin1
Wool tee\tWarm\tL1\tTEE\t18.00\t3\t2026-01-01\thttps://x/1.jpg\t4001\tB000000001
"""
BIG = """Item Type,Product ID,Product Name,Product Type,Product Code/SKU,Brand Name,Product Description,Price,\
Sale Price,Category,Product Image URL - 1
Product,7,Wool tee,P,TEE,Acme,<p>Warm</p>,20.00,18.00,Clothes/Tops;Sale,https://x/1.jpg
SKU,12,[S]Size=S,,TEE-S,,,,,,
Product,8,Mug,P,MUG,Bolt,,9.50,,Kitchen,
"""


def read(tmp_path: Path, text: str, format: str, language: str = "", name: str = "a.csv") -> list[Product]:
    """The products of a file that is found to be in the format, without a map; all rows are accounted for."""
    path = tmp_path / name
    path.write_text(text)
    assert find_catalogue(path, None, FieldMap(), "", language).format == format
    rejects = Rejects()
    found = list(Reading(language=language).products(path, "skip", rejects))
    assert rejects.rows == rejects.products + rejects.counts.total() + rejects.merged + rejects.left_out
    return found


def test_shopware(tmp_path: Path) -> None:
    tee, mug = read(tmp_path, SHOPWARE, "shopware")
    assert (tee.id, tee.title, tee.brand, tee.description) == ("SW-1", "Wool tee", "Acme", "Warm")
    assert (tee.price, tee.extra["sku"]) == (15, ["SW-1", "SW-1.1", "SW-1.2"])
    assert tee.extra["image"] == ["https://x/1.jpg", "https://x/2.jpg"]
    assert (mug.id, mug.price) == ("SW-2", 9.5)


def test_prestashop(tmp_path: Path) -> None:
    tee, mug = read(tmp_path, PRESTA, "prestashop")
    assert (tee.id, tee.title, tee.category, tee.price, tee.image) == (
        "7",
        "Wool tee",
        "Clothes",
        18,
        "https://x/1.jpg",
    )
    assert (mug.extra["sku"], mug.price) == ("MUG", 9.5)
    (tee,) = read(tmp_path, PRESTA_IMPORT, "prestashop")
    assert (tee.id, tee.title, tee.category, tee.price, tee.brand) == ("7", "Wool tee", "Clothes", 15, "Acme")
    assert (tee.description, tee.attributes) == ("Soft\nWarm", {"Fabric": "wool", "Fit": "slim"})
    assert tee.extra["Image"] == ["https://x/1.jpg", "https://x/2.jpg"]


def test_akeneo(tmp_path: Path) -> None:
    (tee,) = read(tmp_path, AKENEO, "akeneo", "en")
    assert (tee.id, tee.title, tee.brand, tee.description, tee.price) == ("TEE", "Wool tee", "Acme", "Warm", 18)
    assert (tee.category, tee.attributes, tee.image) == ("tops", {"color": "red"}, "1.jpg")
    assert read(tmp_path, AKENEO, "akeneo", "de_DE")[0].title == "Wollhemd"
    with pytest.raises(InputError, match="the texts are in de_DE, en_US"):
        read(tmp_path, AKENEO, "akeneo")
    assert read(tmp_path, AKENEO.replace("name-de_DE", "weight"), "akeneo")[0].title == "Wool tee"


def test_amazon(tmp_path: Path) -> None:
    tee, mug = read(tmp_path, AMAZON, "amazon", name="a.txt")
    assert (tee.id, tee.title, tee.brand, tee.description) == ("TEE", "Wool tee", "Acme", "Warm\nSoft")
    assert (tee.price, tee.attributes, tee.extra["sku"]) == (18, {"size": "S"}, ["TEE", "TEE-S"])
    assert (mug.id, mug.price, mug.extra["gtin"]) == ("MUG", 9.5, "4002")
    (tee,) = read(tmp_path, LISTINGS, "amazon", name="b.txt")
    assert (tee.id, tee.title, tee.description, tee.price, tee.image) == (
        "TEE",
        "Wool tee",
        "Warm",
        18,
        "https://x/1.jpg",
    )


def test_bigcommerce(tmp_path: Path) -> None:
    tee, mug = read(tmp_path, BIG, "bigcommerce")
    assert (tee.id, tee.title, tee.brand, tee.category) == ("7", "Wool tee", "Acme", "Clothes > Tops")
    assert (tee.price, tee.extra["sku"], tee.image) == (18, "TEE", "https://x/1.jpg")
    assert (mug.id, mug.price) == ("8", 9.5)


FILES = {"shopware": SHOPWARE, "prestashop": PRESTA, "akeneo": AKENEO, "amazon": LISTINGS, "bigcommerce": BIG}


CELLS = st.sampled_from(["", "7", "a1", "x y", ",", "=", "'"])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from([*FILES]), st.lists(st.lists(st.sampled_from(["", "7", "a1", "x y", ",", "=", "'"]), max_size=17))
)
def test_any_rows(tmp_path: Path, name: str, rows: list[list[str]]) -> None:
    """Whatever stands in the cells, each row is a product, rejected, merged or not asked for."""
    mark = {"amazon": "\t", "bigcommerce": ","}.get(name, ";")
    more = "".join(mark.join(cell for cell in row if cell != mark) + "\n" for row in rows)
    read(tmp_path, FILES[name] + more, name, "en", f"{name}.{'tsv' if mark == chr(9) else 'csv'}")
