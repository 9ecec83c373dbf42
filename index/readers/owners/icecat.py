"""The catalogue of Icecat as the Chorus project publishes it."""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.product import Product, words
from endcap.index.readers.format_records import OwnerFormat

_TYPE = "attr_t_product_type"
_FIELDS = FieldMap.parse(f"brand=supplier,description=short_description,image=img_500x500,category={_TYPE},price=")


def icecat(record: Mapping[str, Any]) -> Product:
    """A product of the Icecat catalogue as the Chorus project publishes it.

    ``attr_t_x`` (text), ``attr_n_x`` (number) and ``attr_b_x`` (yes or no) become attributes named ``x``. ``price`` is
    left out: it does not come from Icecat and has other owners.
    """
    attributes: dict[str, str] = {}
    rest: dict[str, Any] = {}
    for name, value in record.items():
        attribute = _attribute_name(name)
        if not attribute:
            rest[name] = value
        elif text := words(value):
            attributes[attribute] = f"{attributes[attribute]}, {text}" if attribute in attributes else text
    rest.pop("price", None)
    return _FIELDS.product({**rest, "attributes": attributes})


@lru_cache(maxsize=10_000)
def _attribute_name(name: str) -> str:
    """The readable name of an attribute; "" where the field is none."""
    match = re.fullmatch(r"attr_[tnb]_(.+)", name, re.DOTALL)
    if match is None or name == _TYPE:
        return ""
    return re.sub(r"[_\s]+", " ", match[1]).strip() or match[1]


_MARKS = ("id title supplier short_description", "id title supplier img_500x500")
FORMATS = (OwnerFormat("icecat", icecat, _MARKS, 10, never=("brand", "category", "description", "image")),)
