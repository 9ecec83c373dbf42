"""The products of the Shopping Queries Data Set (ESCI), and OpenSearch's e-commerce sample, which comes from it."""

from collections.abc import Mapping
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import Product, paragraphs
from endcap.index.readers.format_records import OwnerFormat

_ESCI = FieldMap.parse(
    "id=product_id,title=product_title,description=text,brand=product_brand,attributes.color=product_color,attributes="
)
_SAMPLE = FieldMap.parse("id=asin|_id,description=text,attributes.color=color,attributes=")


def esci(record: Mapping[str, Any]) -> Product:
    """A product of the Shopping Queries Data Set; bullet points go before the description."""
    return _ESCI.product(_with_text(record, "product_bullet_point", "product_description"))


def opensearch_ecommerce(record: Mapping[str, Any]) -> Product:
    """A product of the e-commerce sample of the OpenSearch project; bullet points go before the description."""
    values = _with_text(record, "bullet_points", "description")
    if values.get("_id") == values.get("asin"):
        values.pop("_id", None)
    return _SAMPLE.product(values)


def _with_text(record: Mapping[str, Any], *parts: str) -> dict[str, Any]:
    """The record with one ``text`` in the place of these fields."""
    rest = {name: value for name, value in record.items() if name not in parts}
    return {**rest, "text": paragraphs(record, *parts)}


_MARKS = ("product_id product_title",)
_SAMPLE_MARKS = ("asin title bullet_points", "asin title is_book")
FORMATS = (
    OwnerFormat("opensearch-ecommerce", opensearch_ecommerce, _SAMPLE_MARKS, 20),
    OwnerFormat("esci", esci, _MARKS, 30, option="product_locale", option_name="locale", option_example="us"),
)
