"""commercetools' products and product projections, whose names and descriptions are in the project's languages."""

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.index.image_addresses import addresses
from endcap.index.product import CATEGORY_SEPARATOR, words
from endcap.index.readers.format_records import OwnerFormat
from endcap.index.readers.localised import is_code
from endcap.index.readers.record import Record
from endcap.index.readers.variants import Family, Variant, objects

_READ = ("name", "description", "masterVariant", "variants", "categories", "masterData", "productType", "slug")


def key(row: Mapping[str, Any]) -> tuple[str, tuple[str, ...]]:
    """None: each record is a whole product."""
    return "", ()


def family(records: Sequence[Record]) -> Family:
    """A product with its variants; each language is a view of it."""
    row = records[0].value
    master = row.get("masterData")
    data = (master.get("current") or master.get("staged")) if isinstance(master, Mapping) else row
    data = data if isinstance(data, Mapping) else {}
    sold = [v for v in (data.get("masterVariant"), *objects(data.get("variants"))) if isinstance(v, Mapping)]
    languages = list(dict.fromkeys(
        code for text in (data.get("name"), data.get("description")) if isinstance(text, Mapping) for code in text
    ))  # fmt: skip
    views = {code: _said(data, sold, code) for code in languages}
    shared = {
        **{name: value for name, value in {**row, **data}.items() if name not in _READ},
        "id": words(row.get("id")),
        "image": [image for variant in sold[:1] for image in addresses(variant.get("images"))],
        "price": _price(sold[0]) if sold else None,
        **(next(iter(views.values())) if len(views) == 1 else {}),
    }
    return Family(shared, [_variant(variant) for variant in sold], views)


def _said(data: Mapping[str, Any], sold: Sequence[Mapping[str, Any]], code: str) -> dict[str, Any]:
    """What the product says in a language."""
    names = [_text(category.get("name"), code) for category in _categories(data)]
    own = sold[0].get("attributes") if sold else None
    pairs = ((words(a.get("name")), _text(a.get("value"), code)) for a in objects(own))
    said = {
        "title": _text(data.get("name"), code),
        "description": _text(data.get("description"), code),
        "category": CATEGORY_SEPARATOR.join(filter(None, names)),
        "attributes": {name: value for name, value in pairs if name and value},
    }
    return {name: value for name, value in said.items() if value}


def _categories(data: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """The first category with those above it, where they are expanded."""
    first = next((c.get("obj") for c in objects(data.get("categories"))), None)
    if not isinstance(first, Mapping):
        return []
    above = (a.get("obj") for a in objects(first.get("ancestors")))
    return [*(each for each in above if isinstance(each, Mapping)), first]


def _text(value: Any, code: str) -> str:
    """The words of a value in a language: of an enumeration its label, of several all."""
    if isinstance(value, list):
        return words([_text(item, code) for item in value])
    if not isinstance(value, Mapping):
        return words(value)
    if "label" in value:
        return _text(value["label"], code)
    if value and all(is_code(str(name)) for name in value):
        return words(value.get(code))
    return _text(value["name"], code) if "name" in value else words(_amount(value))


def _variant(row: Mapping[str, Any]) -> Variant:
    sku = words(row.get("sku"))
    own = objects(row.get("attributes"))
    plain = {words(a.get("name")): a.get("value") for a in own if isinstance(a.get("value"), (str, int, float))}
    options = {name: words(value) for name, value in plain.items() if name}
    return Variant(sku or words(row.get("id")), sku, options, _price(row), tuple(addresses(row.get("images"))))


def _price(row: Mapping[str, Any]) -> Any:
    prices = row.get("prices")
    first = row.get("price") or (prices[0] if isinstance(prices, list) and prices else None)
    return _amount(first.get("value")) if isinstance(first, Mapping) else None


def _amount(money: Any) -> Any:
    """A sum of money in whole units; what is none stays as it is."""
    if not isinstance(money, Mapping) or not isinstance(money.get("centAmount"), int):
        return money
    digits = money.get("fractionDigits", 2)
    return money["centAmount"] / 10 ** (digits if isinstance(digits, int) and 0 <= digits <= 20 else 2)


FORMATS = (
    OwnerFormat("commercetools", marks=("id masterData", "id name masterVariant"), order=84, family=family, key=key),
)
