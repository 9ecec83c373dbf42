"""The products of the Shopping Queries Data Set."""

from collections.abc import Mapping
from typing import Any

from endcap.index.fields import FieldMap
from endcap.index.product import Product, paragraphs
from endcap.index.readers.format_records import OwnerFormat

_FIELDS = FieldMap.parse(
    "id=product_id,title=product_title,description=text,brand=product_brand,attributes.color=product_color,attributes="
)


def esci(record: Mapping[str, Any]) -> Product:
    """A product of the Shopping Queries Data Set; bullet points go before the description."""
    parts = ("product_bullet_point", "product_description")
    rest = {name: value for name, value in record.items() if name not in parts}
    return _FIELDS.product({**rest, "text": paragraphs(record, *parts)})


_MARKS = ("product_id product_title",)
FORMATS = (OwnerFormat("esci", esci, _MARKS, 30, option="product_locale", option_name="locale", option_example="us"),)
