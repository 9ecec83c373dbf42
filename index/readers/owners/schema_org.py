"""Products as web pages describe them to search engines: schema.org's ``Product`` in JSON-LD."""

from collections.abc import Mapping
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import Product, words
from endcap.index.readers.format_records import OwnerFormat

_OFFER = "offers.price|offers.lowPrice|offers.priceSpecification.price"
_FIELDS = FieldMap.parse(
    "id=productID|sku|mpn|gtin13|gtin|@id|url,title=name,brand=brand.name|brand|manufacturer.name,"
    f"category=category.name|category,price={_OFFER},attributes=additionalProperty,"
    "attributes.color=color,attributes.size=size,attributes.material=material,image=image"
)


def schema_org(record: Mapping[str, Any]) -> Product:
    """A product of its record; of several offers the first is its price."""
    offers = record.get("offers")
    first = offers[0] if isinstance(offers, list) and offers else offers
    if isinstance(first, Mapping) and isinstance(first.get("priceSpecification"), list):
        first = {**first, "priceSpecification": next(iter(first["priceSpecification"]), {})}
    return _FIELDS.product({**record, "offers": first} if "offers" in record else record)


def is_product(record: Mapping[str, Any]) -> bool:
    """Whether a page's record is a product, and not its path, its shop, or the page itself."""
    return "Product" in words(record.get("@type")) or not set(_PRODUCTS).isdisjoint(record)


_PRODUCTS = ("offers", "sku", "productID", "gtin13", "mpn")
_MARKS = tuple(f"@type name {other}" for other in _PRODUCTS)
FORMATS = (OwnerFormat("schema-org", schema_org, _MARKS, 95, holds=is_product),)
