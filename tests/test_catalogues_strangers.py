"""Files of programs that nobody here has heard of: read where that is sure, and otherwise refused with what to do."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from endcap.cli.check import command
from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.readers.likely_fields import likely_map
from endcap.index.readers.rejects import Rejects
from endcap.index.written_values import written_value

HEADS = {
    "Product ID;Name;Category;Price (tax)": "id=Product ID,title=Name,price=Price (tax)",
    "Artikelnummer;Bezeichnung;Hersteller;Warengruppe;Preis": "id=Artikelnummer,title=Bezeichnung,brand=Hersteller,"
    "category=Warengruppe,price=Preis",
    "handle;name;image_url": "id=handle,title=name,image=image_url",
    "seller-sku;item-name;item-description;price": "id=seller-sku,title=item-name,description=item-description",
    "sku;A=b name": "id=sku,title=A\\=b name",
}
AMAZON = """TemplateType=fptcustom\tVersion=2021.1\tThe top 3 rows are for Amazon.com use only.
Seller SKU\tProduct Name\tStandard Price
item_sku\titem_name\tstandard_price
A-1\tMug\t9.50
"""
AKENEO = """sku;name-en_US;name-de_DE;description-en_US-web;description-de_DE-print;price-EUR
A1;Mug;Tasse;Nice;Schön;9.50
"""
ANVIL = {"@context": "https://schema.org/", "@type": "Product", "name": "Anvil", "sku": "0446",
         "image": ["https://x/1.jpg"],
         "brand": {"@type": "Brand", "name": "ACME"}, "color": "black",
         "offers": [{"@type": "Offer", "priceCurrency": "USD", "price": "119.99"}],
         "additionalProperty": [{"@type": "PropertyValue", "name": "Weight", "value": 5, "unitText": "kg"}],
         }  # fmt: skip


def read(path: Path, **given: Any) -> tuple[list[Product], Rejects]:
    rejects = Rejects()
    return list(read_products(path, on_error="skip", rejects=rejects, **given)), rejects


@pytest.mark.parametrize(("head", "map_"), HEADS.items())
def test_a_refusal_gives_the_map_that_will_do(head: str, map_: str, tmp_path: Path) -> None:
    """Where the columns have other names, the likely map is named; given so, the file is read."""
    path = tmp_path / "a.csv"
    path.write_text(f"{head}\n{';'.join(str(n) for n in range(head.count(';') + 1))}\n")
    with pytest.raises(InputError) as refused:
        read(path)
    assert f'--fields "{map_}"' in str(refused.value)
    (product,), _ = read(path, fields=FieldMap.parse(map_))
    assert product.title.isdecimal()


def test_where_no_record_has_a_title(tmp_path: Path) -> None:
    """JSON whose records have an id and are called otherwise: the same advice, at the end."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "name": "Mug", "brands": ["Acme"]}\n')
    with pytest.raises(InputError, match=r'fields are id, name, brands\. It may be --fields "title=name,brand=brands"'):
        read(path)


def test_check_says_which_field_may_be_another(tmp_path: Path) -> None:
    """A field that no product has, and another that is called like it."""
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "title": "Mug", "manufacturer": "Acme", "weight": 3}\n')
    said = CliRunner().invoke(command, [str(path)], catch_exceptions=False).output
    assert '0% of the products; perhaps --fields "brand=manufacturer"' in said
    assert said.count("perhaps") == 1


def test_schema_org(tmp_path: Path) -> None:
    """A page's JSON-LD, alone and in a graph."""
    listed = {"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "position": 1, "item": ANVIL}]}
    for whole in (ANVIL, {"@context": "https://schema.org", "@graph": [ANVIL]}, listed):
        (tmp_path / "a.json").write_text(json.dumps(whole))
        (anvil,), _ = read(tmp_path / "a.json")
        assert (anvil.id, anvil.title, anvil.brand, anvil.price) == ("0446", "Anvil", "ACME", 119.99)
        assert (anvil.attributes, anvil.image) == ({"Weight": "5 kg", "color": "black"}, "https://x/1.jpg")


@pytest.mark.parametrize("count", [1, 3])
def test_a_page_of_schema_org_tells_of_others(count: int, tmp_path: Path) -> None:
    """What a page says of its path, its shop and itself is no product, and is counted as not asked for."""
    path = {"@type": "BreadcrumbList", "itemListElement": [{"@type": "ListItem", "position": 1, "name": "Home"}]}
    others = [path, {"@type": "Organization", "name": "Acme", "@id": "#shop"}, {"@type": "WebPage", "name": "Anvil"}]
    for order in ([*others[:count], ANVIL], [ANVIL, *others[:count]]):
        (tmp_path / "a.json").write_text(json.dumps({"@context": "https://schema.org", "@graph": order}))
        (anvil,), rejects = read(tmp_path / "a.json")
        assert (anvil.id, anvil.title, rejects.counts, rejects.left_out) == ("0446", "Anvil", {}, count)


def test_no_map_is_advised_that_loses_products(tmp_path: Path) -> None:
    """Where records hold a list, it may be the products; where a text can't be read, its encoding goes first."""
    categories = [{"id": n, "name": "Mugs", "products": [{"id": 7, "title": "Mug"}]} for n in (1, 2)]
    for whole in (categories, {"data": categories}, {"name": "Shop", "id": "s", "products": [{"id": 7, "title": "M"}]},
                  [{"code": 1, "name": "Mugs", "items": [{"id": 7}]}]):  # fmt: skip
        (tmp_path / "a.json").write_text(json.dumps(whole))
        with pytest.raises(InputError, match=r"has a list '(products|items)'") as refused:
            read(tmp_path / "a.json")
        assert "--fields" not in str(refused.value)
    rows = "Handle;Title;Vendor;Variant SKU\nmug;Größe Mug;Acme;M-R\nmug;;;M-B\n"
    (tmp_path / "a.csv").write_bytes(rows.encode("cp1252"))
    with pytest.raises(InputError, match="--encoding cp1252") as refused:
        read(tmp_path / "a.csv")
    assert "--fields" not in str(refused.value)
    assert read(tmp_path / "a.csv", encoding="cp1252")[0][0].title == "Größe Mug"


def test_amazons_three_heads(tmp_path: Path) -> None:
    """The third line names the columns, and the owner's layout is known by them."""
    path = tmp_path / "a.txt"
    path.write_text(AMAZON)
    (mug,), _ = read(path)
    assert (mug.id, mug.title, mug.price) == ("A-1", "Mug", 9.5)


@pytest.mark.parametrize(("language", "title", "description"), [("en", "Mug", "Nice"), ("de_DE", "Tasse", "Schön")])
def test_columns_with_country_and_channel(language: str, title: str, description: str, tmp_path: Path) -> None:
    """Akeneo's columns are found by the language, with or without the country."""
    path = tmp_path / "a.csv"
    path.write_text(AKENEO, encoding="utf-8")
    fields = FieldMap.parse("id=sku,title=name,price=price-EUR")
    (mug,), _ = read(path, fields=fields, language=language)
    assert (mug.title, mug.description, mug.price) == (title, description, 9.5)
    with pytest.raises(InputError, match="titles are in en_us, de_de"):
        read(path, fields=fields)


def test_ids_that_excel_has_shortened(tmp_path: Path) -> None:
    """Two products' numbers look alike then: they are rejected with the reason, and not taken for one."""
    path = tmp_path / "a.csv"
    path.write_text(
        "id;title\n4,00638E+12;Mug\n4,00638E+12;Cup\n4.00638E+12;Pot\n4006381333931;Pan\n1E5;Jug\n\\N;Tin\n"
    )
    products, rejects = read(path)
    assert [product.id for product in products] == ["4006381333931", "1E5"]
    assert rejects.counts == {"shortened id": 3, "missing id": 1}


def test_lists_in_the_cells_of_pandas(tmp_path: Path) -> None:
    """A list that Python or JSON wrote into a cell is a list; a text in brackets is a text."""
    path = tmp_path / "a.csv"
    path.write_text("""id,title,category,attributes,image
1,Mug,"['Home', 'Mugs']","{'Colour': 'red', 'Size': nan}","['https://x/1.jpg', 'https://x/2.jpg']"
2,[Sample] Cup,"[""Home"", ""Cups""]",[],[]
3,['90s],[Home],[red],
""")
    (mug, cup, third), _ = read(path)
    assert (mug.category, mug.attributes, mug.image) == ("Home > Mugs", {"Colour": "red"}, "https://x/1.jpg")
    assert (cup.title, cup.category, cup.attributes, cup.image) == ("[Sample] Cup", "Home > Cups", {}, "")
    assert (third.title, third.category, third.attributes) == ("['90s]", "[Home]", {"": "[red]"})


@given(st.text(st.sampled_from("[]{}'\",:x1 nan-")))
def test_any_text_is_read(text: str) -> None:
    """A text is a list, an object, or itself."""
    value = written_value(text)
    assert value == text or isinstance(value, (list, dict))


@given(st.lists(st.text(max_size=12)))
def test_any_columns_give_a_map(columns: list[str]) -> None:
    """The map that is named can be parsed, and names columns of the file."""
    fields = FieldMap.parse(likely_map([column for column in columns if column.strip() == column]))
    assert {path for _, paths in fields.paths for path in paths} <= {*columns}


TAGS = st.sampled_from(["item", "entry", "product", "g:id", "id", "title", "g:price", "offers", "a"])
PARTS = st.one_of(
    TAGS.map(lambda tag: f"<{tag}>"), TAGS.map(lambda tag: f"</{tag}>"),
    TAGS.map(lambda tag: f'<{tag} id="7">x</{tag}>'),
    st.sampled_from(["x", "&amp;", "&", "<![CDATA[<b>]]>", "<!-- -->", "<", "\\n", "<id>1</id><title>T</title>"]),
)  # fmt: skip
HEADS_XML = st.sampled_from(["", '<?xml version="1.0"?>', '<rss xmlns:g="u"><channel>', "<products>"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(HEADS_XML, st.lists(PARTS, max_size=25), st.sampled_from(["", "</channel></rss>", "</products>"]))
def test_any_xml(tmp_path: Path, head: str, parts: list[str], end: str) -> None:
    """Whatever XML holds: no crash, and each item that was found is a product, rejected or merged."""
    path = tmp_path / "a.xml"
    path.write_text(head + "".join(parts) + end, encoding="utf-8")
    rejects = Rejects()
    products: list[Product] = []
    with suppress(InputError):  # there may be no product at all
        products.extend(read_products(path, on_error="skip", rejects=rejects))
    assert rejects.rows == len(products) + rejects.counts.total() + rejects.merged


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(st.booleans(), min_size=1, max_size=8))
def test_no_item_of_xml_is_lost(tmp_path: Path, titled: list[bool]) -> None:
    """As many items as the file has are accounted for."""
    items = [f"<item><g:id>{n}</g:id>{'<title>T</title>' * has}</item>" for n, has in enumerate(titled)]
    path = tmp_path / "a.xml"
    path.write_text(f'<rss xmlns:g="u"><channel>{"".join(items)}</channel></rss>')
    rejects = Rejects()
    try:
        products = list(read_products(path, on_error="skip", rejects=rejects))
    except InputError:
        products = []
    assert (rejects.rows, len(products)) == (len(titled), sum(titled))
