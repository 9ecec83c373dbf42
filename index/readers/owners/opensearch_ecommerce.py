"""The e-commerce sample of the OpenSearch project."""

from collections.abc import Mapping
from typing import Any

from endcap.index.fields import FieldMap
from endcap.index.product import Product, paragraphs
from endcap.index.readers.format_records import OwnerFormat

_FIELDS = FieldMap.parse("id=asin|_id,description=text,attributes.color=color,attributes=")


def opensearch_ecommerce(record: Mapping[str, Any]) -> Product:
    """A product of the e-commerce sample of the OpenSearch project; bullet points go before the description."""
    rest = {name: value for name, value in record.items() if name not in ("bullet_points", "description")}
    if rest.get("_id") == rest.get("asin"):
        rest.pop("_id", None)
    return _FIELDS.product({**rest, "text": paragraphs(record, "bullet_points", "description")})


FORMATS = (
    OwnerFormat("opensearch-ecommerce", opensearch_ecommerce, ("asin title bullet_points", "asin title is_book"), 20),
)
