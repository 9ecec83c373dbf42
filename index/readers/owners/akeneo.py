"""Akeneo's export of products: columns by attribute, locale and channel; each locale is a view of the product."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.product import words
from endcap.index.readers.format_records import OwnerFormat
from endcap.index.readers.localised import is_code
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, texts

_COLUMN = re.compile(r"([^-]+)(?:-([A-Za-z]{2,3}_[A-Za-z]{2,4}(?:_[A-Za-z]{2})?))?(?:-(.+))?")
_KEPT = ("family", "groups", "enabled", "parent", "family_variant", "uuid")
_IDS = ("sku", "identifier", "code", "uuid")
_TITLES = ("name", "label", "title", "product_name", "erp_name")
_DESCRIPTIONS = ("short_description", "description", "long_description")
_IMAGES = ("image", "picture", "main_image", "images")


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """None: each row is a product."""
    return "", ()


def family(records: Sequence[Record]) -> Family:
    """A product, and in the views what it says in each locale; columns without one are said in all."""
    row = texts(records)[0]
    plain: dict[str, str] = {}
    views: dict[str, dict[str, str]] = {}
    for name, value in row.items():
        if name.endswith("-unit"):
            continue  # of a measure: it stands with its value
        value = f"{value} {row[f'{name}-unit']}" if f"{name}-unit" in row else value
        found = _COLUMN.fullmatch(name)
        attribute, locale = (found[1], found[2] or "") if found else (name, "")
        if locale and is_code(locale):
            views.setdefault(locale, {}).setdefault(attribute, value)
        else:
            plain.setdefault(attribute, value)
    shared = {
        **{name: plain[name] for name in _KEPT if name in plain},
        "id": next((plain[name] for name in _IDS if name in plain), ""),
        "category": plain.get("categories", "").partition(",")[0],
        "categories": plain.get("categories", ""),
        **_said(plain, {}),
    }
    if len(views) == 1:
        return Family({**shared, **_said(plain, next(iter(views.values())))})
    return Family(shared, (), {locale: _said(plain, said) for locale, said in views.items()})


def _said(plain: Mapping[str, str], local: Mapping[str, str]) -> dict[str, Any]:
    """What a product says in the words of a locale."""
    said = {**plain, **local}
    read = ("sku", "identifier", "code", "categories", "brand", "price", *_TITLES, *_DESCRIPTIONS, *_IMAGES, *_KEPT)
    found = {
        "title": next((said[name] for name in _TITLES if name in said), ""),
        "description": "\n".join(said[name] for name in _DESCRIPTIONS if name in said),
        "brand": said.get("brand", ""),
        "price": said.get("price", ""),
        "image": next((said[name] for name in _IMAGES if name in said), ""),
        "attributes": {name: words(value) for name, value in said.items() if name not in read},
    }
    return {name: value for name, value in found.items() if value}


_REST = "categories enabled family groups"
FORMATS = (
    OwnerFormat(
        "akeneo",
        marks=(f"sku {_REST}", f"identifier {_REST}", f"uuid {_REST}", "code family_variant parent categories"),
        order=87,
        family=family,
        key=key,
    ),
)
