"""Shops' exports whose columns are written otherwise: in other capitals, another order, another language."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from test_catalogues_variants import FILES, MAGENTO, SHOPIFY, WOO, read

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.woocommerce_names import own_name

GERMAN = {
    "Type": "Typ", "SKU": "Artikelnummer", "Published": "Veröffentlicht", "Short description": "Kurzbeschreibung",
    "Description": "Beschreibung", "Sale price": "Angebotspreis", "Regular price": "Regulärer Preis",
    "Categories": "Kategorien", "Tags": "Schlagwörter", "Images": "Bilder", "Parent": "Übergeordnetes Produkt",
    "Attribute 1 name": "Attribut 1 Name", "Attribute 1 value(s)": "Attribut 1 Wert(e)",
}  # fmt: skip
FRENCH = {
    "SKU": "UGS", "Name": "Nom", "Published": "Publié", "Short description": "Description courte",
    "Sale price": "Tarif promo", "Regular price": "Tarif régulier", "Categories": "Catégories", "Tags": "Étiquettes",
    "Attribute 1 name": "Nom de l’attribut 1", "Attribute 1 value(s)": "Valeur(s) de l’attribut 1 ",
}  # fmt: skip
SPANISH = {
    "Type": "Tipo", "Name": "Nombre", "Published": "Publicado", "Short description": "Descripción corta",
    "Description": "Descripción", "Sale price": "Precio rebajado", "Regular price": "Precio normal",
    "Categories": "Categorías", "Tags": "Etiquetas", "Images": "Imágenes", "Parent": "Superior",
    "Attribute 1 name": "Nombre del atributo 1", "Attribute 1 value(s)": "Valor(es) del atributo 1",
}  # fmt: skip


def with_head(text: str, change: object) -> str:
    """The table with other names of its columns."""
    rows = list(csv.reader(io.StringIO(text)))
    assert callable(change)
    file = io.StringIO()
    csv.writer(file, lineterminator="\n").writerows([[change(name) for name in rows[0]], *rows[1:]])
    return file.getvalue()


def essence(path: Path) -> list[object]:
    products, rejects = read(path)
    return [rejects.account(), *((p.id, p.title, p.brand, p.category, p.description, p.price) for p in products),
            *(p.attributes for p in products), *(p.extra.get("variants") for p in products)]  # fmt: skip


@pytest.mark.parametrize("text", [SHOPIFY, WOO, MAGENTO])
@pytest.mark.parametrize("change", [str.lower, str.upper, lambda name: name.lower().replace(" ", "_")])
def test_capitals_and_order_are_no_matter(text: str, change: object, tmp_path: Path) -> None:
    """What a program has made of the names does not change what is read."""
    (tmp_path / "a.csv").write_text(text)
    (tmp_path / "b.csv").write_text(with_head(text, change))
    turned = [list(reversed(row)) for row in csv.reader(io.StringIO(text))]
    with (tmp_path / "c.csv").open("w", newline="") as file:
        csv.writer(file).writerows(turned)
    assert essence(tmp_path / "a.csv") == essence(tmp_path / "b.csv") == essence(tmp_path / "c.csv")


@pytest.mark.parametrize("words", [GERMAN, FRENCH, SPANISH])
def test_woocommerce_in_other_languages(words: dict[str, str], tmp_path: Path) -> None:
    """The export of a shop in German, French or Spanish is the same as in English."""
    (tmp_path / "a.csv").write_text(WOO)
    (tmp_path / "b.csv").write_text(with_head(WOO, lambda name: words.get(name, name)), encoding="utf-8")
    assert essence(tmp_path / "a.csv") == essence(tmp_path / "b.csv")


def test_names_of_attributes_in_other_languages() -> None:
    """The number, and whether it is the name or the values, are found; other columns of an attribute are not."""
    for name in ("Attribut 12 Name", "Nome dell'attributo 12", "Naam attribuut 12", "Nazwa atrybutu 12"):
        assert own_name(name) == "Attribute 12 name"
    for name in ("Wert(e) des Attributs 12", "Valore dell'attributo 12", "Waarde(n) attribuut 12"):
        assert own_name(name) == "Attribute 12 value(s)"
    for name in ("Attribut 12 Sichtbar", "Attribute 1 default", "Meta: attribute_1", "Position"):
        assert own_name(name) == name


def test_columns_that_a_shopify_export_may_lack(tmp_path: Path) -> None:
    """An export with a part of the columns is known by those that only Shopify has."""
    path = tmp_path / "a.csv"
    path.write_text("Handle,Title,Variant SKU,Option1 Name,Option1 Value\ntee,Tee,T-R,Colour,red\ntee,,T-B,,blue\n")
    ((tee,), _) = read(path)
    assert (tee.id, tee.attributes, tee.extra["sku"]) == ("tee", {"Colour": "red, blue"}, ["T-R", "T-B"])


def test_a_file_with_some_of_the_names_is_nobodys(tmp_path: Path) -> None:
    """BigCommerce's rows of products, images and variants have WooCommerce's first names, and are not WooCommerce's."""
    path = tmp_path / "a.csv"
    path.write_text("Item,ID,Name,Type,SKU,Price\nProduct,112,Mug,physical,MUG,10\nVariant,80,,,MUG-R,\n")
    with pytest.raises(InputError, match="a product needs id"):
        read_products(path)


@pytest.mark.parametrize("name", FILES)
def test_a_map_overrides_an_owners_layout(name: str, tmp_path: Path) -> None:
    """Fields that a map names are read by it; all others, and the grouping of rows, stay the owner's."""
    path = tmp_path / name
    path.write_text(FILES[name][0])
    (before, _), _ = read(path)
    title = next(c for c in ("Title", "Name", "name", "title") if c in FILES[name][0])
    (tee, _), rejects = read(path, fields=FieldMap.parse(f"brand={title},category=,attributes.label={title}"))
    label = "Wool tee S, Wool tee M" if name.startswith("merchant") else before.title  # whose rows all are its own
    assert (tee.brand, tee.category, tee.attributes["label"]) == (before.title, "", label)
    assert (tee.id, tee.title, tee.price, tee.extra) == (before.id, before.title, before.price, before.extra)
    assert rejects.merged > 0
    (tee, _), _ = read(path, fields=FieldMap.parse("extra="))
    assert tee.extra == {}


def test_a_map_names_columns_as_the_file_does(tmp_path: Path) -> None:
    """A translated name may be used, too; a format that is asked for leaves the owner out."""
    path = tmp_path / "a.csv"
    path.write_text(with_head(WOO, lambda name: GERMAN.get(name, name)), encoding="utf-8")
    (tee, _), _ = read(path, fields=FieldMap.parse("brand=Artikelnummer"))
    assert tee.brand == "TEE"
    rows, rejects = read(path, format="csv", fields=FieldMap.parse("id=ID,title=Name"))
    assert (len(rows), rejects.merged) == (4, 0)


@pytest.mark.parametrize(("language", "titles"), [("", ["Wool tee", "Mug"]), ("de", ["Wollshirt", "Mug"])])
@pytest.mark.parametrize("first", [False, True])
def test_a_map_reads_the_language(language: str, titles: list[str], first: bool, tmp_path: Path) -> None:
    """Of a product's store views the mapped field is read in the one asked for, wherever its row is, else the
    default's."""
    head, *rows = MAGENTO.splitlines()
    view = rows.pop()
    (tmp_path / "a.csv").write_text("\n".join([head, *([view, *rows] if first else [*rows, view])]))
    fields = FieldMap.parse("title=name,attributes.label=name")
    products, _ = read(tmp_path / "a.csv", fields=fields, language=language)
    products = sorted(products, key=lambda product: product.id, reverse=True)
    assert [product.title for product in products] == titles
    assert [product.attributes["label"] for product in products] == titles


@pytest.mark.parametrize("map_", ["", "title=name"])
def test_a_language_that_no_store_view_has(map_: str, tmp_path: Path) -> None:
    """It is refused with those that there are."""
    (tmp_path / "a.csv").write_text(MAGENTO)
    with pytest.raises(InputError, match=r"no store view is in 'fr'; there are de\."):
        read(tmp_path / "a.csv", fields=FieldMap.parse(map_), language="fr")


def test_mapped_attributes_of_all_rows(tmp_path: Path) -> None:
    """The values of all variants are the product's; a column of values has its own name, and stays with the others."""
    (tmp_path / "a.csv").write_text(SHOPIFY)
    (before, mug), _ = read(tmp_path / "a.csv")
    for map_, more in (("attributes=Option1 Value", {}), ("attributes.cut=Option1 Value", {"cut": "S, M"}),
                       ("attributes=Variant SKU", {"Variant SKU": "TEE-S-RED, TEE-M-BLUE"})):  # fmt: skip
        products, _ = read(tmp_path / "a.csv", fields=FieldMap.parse(map_))
        assert products[0].attributes == {**before.attributes, **more}
        assert "Default Title" not in products[1].attributes.values()
    (tmp_path / "a.csv").write_text(MAGENTO)
    (tee, _), _ = read(tmp_path / "a.csv", fields=FieldMap.parse("attributes=additional_attributes,brand=sku"))
    assert (tee.brand, mug.attributes) == ("TEE", {})
