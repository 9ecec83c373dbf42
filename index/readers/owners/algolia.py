"""An index of Algolia's as it is exported: records with an ``objectID``, and what a search says about them."""

from collections.abc import Mapping
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.index.readers.format_records import OwnerFormat
from endcap.index.readers.names import any_case

_FIELDS = FieldMap.parse("id=objectID|id,title=title|name,image=image|image_url|images|thumbnail|picture")
_OF_A_SEARCH = ("_highlightResult", "_snippetResult", "_rankingInfo", "_distinctSeqID")
_read = any_case(_FIELDS)


def algolia(record: Mapping[str, Any]) -> Product:
    """A product of its record; of ``hierarchicalCategories`` the deepest level is its category."""
    value = {name: item for name, item in record.items() if name not in _OF_A_SEARCH}
    levels = value.get("hierarchicalCategories") or value.get("hierarchical_categories")
    if isinstance(levels, Mapping):
        deepest = levels[max(levels)] if levels else ""
        value["category"] = deepest[0] if isinstance(deepest, list) and deepest else deepest
    elif "category" not in value and "categories" in value:
        value["category"] = value.pop("categories")
    return _read(value)


FORMATS = (OwnerFormat("algolia", algolia, ("objectID name", "objectID title"), 98),)
