"""PrestaShop's list of products as it is exported, and the file that it imports: a row a product."""

import re
from collections.abc import Mapping
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.image_addresses import addresses
from endcap.index.product import Product, words
from endcap.index.readers.format_records import OwnerFormat

_SIDE = re.compile(r"\s*(?:\(.*?\)|[*#])")
"""What the columns of the import say besides: ``Name *``, ``Categories (x,y,z...)``, ``Reference #``."""
_FIELDS = FieldMap.parse(
    "id=Product ID|ID,title=Name,brand=Manufacturer|Brand,category=Category,price=Price,"
    "description=Description,image=Image"
)
_PRICES = ("price (tax incl.)", "price tax included", "final price", "price (tax excl.)", "price tax excluded", "price")


def prestashop(record: Mapping[str, Any]) -> Product:
    """A product of its row: the price with its tax goes first, the first of several categories is its own."""
    written = {name.strip().casefold(): value for name, value in record.items()}
    row = {_SIDE.sub("", name).strip(): value for name, value in record.items() if words(value).strip()}
    row["Price"] = next((written[name] for name in _PRICES if words(written.get(name)).strip()), row.get("Price"))
    row["Description"] = "\n".join(words(row[n]) for n in ("Summary", "Short description", "Description") if n in row)
    row["sku"] = row.pop("Reference", "")
    several = words(row.pop("Categories", "") or row.get("Category")).split(",")
    row["Category"] = several[0].strip()
    row["Image"] = addresses(row.pop("Image URLs", None) or row.get("Image"))
    said = (part.split(":") for part in words(row.pop("Feature", "")).split(","))
    attributes = {part[0].strip(): part[1].strip() for part in said if len(part) > 1 and part[1].strip()}
    named = {**row, "attributes": attributes} if attributes else row
    return _FIELDS.product(
        {name: value for name, value in named.items() if name not in ("Summary", "Short description")}
    )


FORMATS = (
    OwnerFormat(
        "prestashop",
        prestashop,
        (
            "Product ID Name Reference Category",
            "Product_ID Name Reference Category",
            "Product_ID Name_* Reference_#",
            "Product_ID Name* Reference_#",
            "ID Name_* Reference_#",
        ),
        86,
    ),
)
