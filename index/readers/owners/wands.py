"""The products of Wayfair's WANDS."""

import re
from collections.abc import Mapping
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import CATEGORY_SEPARATOR, Product, words
from endcap.index.readers.format_records import OwnerFormat

_FIELDS = FieldMap.parse(
    "id=product_id,title=product_name,description=product_description,category=path|product_class,attributes=features"
)


def wands(record: Mapping[str, Any]) -> Product:
    """A product of WANDS: its features ``a:b|c:d`` are attributes, its category hierarchy ``a / b`` is the category."""
    own = ("product_features", "category hierarchy", "category_hierarchy")
    rest = {name: value for name, value in record.items() if name not in own}
    hierarchy = words(record.get(own[1]) or record.get(own[2]))
    path = CATEGORY_SEPARATOR.join(filter(None, (part.strip() for part in re.split(r"\s*/\s+|\s+/\s*", hierarchy))))
    features = []
    for feature in words(record.get("product_features")).split("|"):
        name, _, value = feature.partition(":")
        features.append({"name": name.strip(), "value": value.strip()})
    return _FIELDS.product({**rest, "path": path, "features": features})


FORMATS = (OwnerFormat("wands", wands, ("product_id product_name product_class",), 40, has_stray_quotes=True),)
