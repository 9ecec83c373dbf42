"""BigCommerce's export of products: a row a product; the rows of its SKUs and rules follow it, and are left out."""

from collections.abc import Mapping
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.image_addresses import addresses
from endcap.index.prices import asked_price
from endcap.index.product import Product, words
from endcap.index.readers.format_records import OwnerFormat

_FIELDS = FieldMap.parse(
    "id=Product ID,title=Product Name,brand=Brand Name,category=Category,description=Product Description,"
    "price=asked|Calculated Price"
)


def bigcommerce(record: Mapping[str, Any]) -> Product:
    """A product of its row; of several categories the first is its own."""
    row = {name: value for name, value in record.items() if words(value).strip()}
    images = [
        address for name in row if "Image URL" in name or "Image File" in name for address in addresses(row[name])
    ]
    code = words(row.pop("Product Code/SKU", ""))
    category = words(row.get("Category")).split(";")[0]
    path = " > ".join(part.strip() for part in category.replace(">", "/").split("/") if part.strip())
    asked = asked_price(row.pop("Sale Price", None), row.pop("Price", None))
    return _FIELDS.product({**row, "asked": asked, "sku": code, "Category": path, "image": images})


def is_product(record: Mapping[str, Any]) -> bool:
    """Whether a row is a product's own."""
    return words(record.get("Item Type")).strip().casefold() == "product"


FORMATS = (
    OwnerFormat(
        "bigcommerce",
        bigcommerce,
        ("Item_Type Product_ID Product_Name",),
        88,
        holds=is_product,
    ),
)
