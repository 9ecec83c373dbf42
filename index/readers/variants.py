"""One product over several rows: a parent and its variants, put together as one, or as a product for each variant."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from endcap.errors import InputError
from endcap.index.image_addresses import addresses
from endcap.index.prices import price
from endcap.index.product import Product, words
from endcap.index.readers.record import Record

WAYS = ("merge", "each")
"""What becomes of variants: one product of all, or a product for each, with its parent's texts."""


@dataclass(frozen=True, slots=True)
class Variant:
    """What one variant has of its own. ``options`` maps a name ("size") to a value; ``id`` is the shop's for it.

    One without a row of its own is only named by its parent, and never a product.
    """

    id: str
    sku: str = ""
    options: Mapping[str, str] = field(default_factory=dict)
    price: Any = None
    images: tuple[str, ...] = ()
    title: str = ""
    numbers: Mapping[str, str] = field(default_factory=dict)
    has_row: bool = True

    def kept(self) -> dict[str, Any]:
        """What ``extra`` says about it."""
        own: dict[str, Any] = {"id": self.id, "sku": self.sku, **self.numbers, "options": dict(self.options)}
        own |= {"title": self.title, "price": price(self.price), "images": list(self.images)}
        return {name: value for name, value in own.items() if value not in ("", None, {}, [])}


@dataclass(frozen=True, slots=True)
class Family:
    """A product of several rows: what all share, in the names of ``Product``, its variants, and other views' texts."""

    shared: Mapping[str, Any]
    variants: Sequence[Variant] = ()
    views: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def in_language(self, language: str) -> Family:
        """The same with the texts of the view whose code names the language, as "de" and "shop_de" do.

        Raises ``InputError`` where it has texts in views alone, and none of them is in the language.
        """
        codes = (code for code in self.views if is_of_language(code, language))
        code = next(codes, "")
        if not code and self.views and not self.shared.get("title"):
            raise InputError(
                f"the texts are in {', '.join(sorted(self.views)[:20])}"
                + (f", and not in {language!r}" if language else "")
                + f". Say which to read, as in --language {next(iter(self.views))}."
            )
        view = self.views.get(code, {})
        return Family({**self.shared, **view}, self.variants)


_OWN_COLUMNS = ("brand", "category", "description", "price", "image")


def with_own_columns(family: Family, records: Sequence[Record]) -> Family:
    """What a shop has added to its owner's columns under a product's name, where the layout says nothing of this
    field; in several views the texts are theirs."""
    shared = dict(family.shared)
    priced = any(variant.price not in (None, "") for variant in family.variants)
    for name in _OWN_COLUMNS:
        if family.views or shared.get(name) not in (None, "", [], {}) or (priced and name == "price"):
            continue
        cells = ((column, row.value[column]) for row in records for column in row.value)
        own = ((c, v) for c, v in cells if c.strip().casefold() == name and isinstance(v, (str, int, float)))
        column, value = next(((c, v) for c, v in own if words(v).strip()), ("", None))
        if column:
            shared.pop(column, None)
            shared[name] = value
    return Family(shared, family.variants, family.views)


def is_of_language(code: str, language: str) -> bool:
    """Whether a store view's code names a language: "de", "shop_de" and "de_de" do "de", the last "de-DE", too."""
    code, language = code.lower().replace("-", "_"), language.lower().replace("-", "_")
    return bool(language) and (code == language or language in code.split("_"))


def products(family: Family, product: Any, way: str) -> Iterator[Product]:
    """The products of a family; ``product`` makes one of a record of ``Product``'s names."""
    own = [variant for variant in family.variants if variant.has_row]
    if way == "each" and own:
        for variant in own:
            yield product(_of_variant(family.shared, variant))
    else:
        yield product(_merged(family))


def _of_variant(shared: Mapping[str, Any], variant: Variant) -> dict[str, Any]:
    own: dict[str, Any] = {"id": variant.id, "parent_id": shared["id"], "sku": variant.sku, **variant.numbers}
    own["title"] = variant.title or shared["title"]
    own["price"] = shared.get("price") if variant.price in (None, "") else variant.price
    own["image"] = _images([*variant.images, *addresses(shared.get("image"))])
    own["attributes"] = {**shared.get("attributes", {}), **variant.options}
    return {**shared, **{name: value for name, value in own.items() if value not in ("", None, {}, [])}}


def _merged(family: Family) -> dict[str, Any]:
    shared, variants = dict(family.shared), family.variants
    if not variants:
        return shared
    attributes = dict(shared.get("attributes", {}))
    for name in dict.fromkeys(name for variant in variants for name in variant.options):
        values = dict.fromkeys(variant.options[name] for variant in variants if variant.options.get(name))
        values |= dict.fromkeys(filter(None, attributes.get(name, "").split(", ")))
        attributes[name] = ", ".join(values)
    for name in ("sku", *dict.fromkeys(name for variant in variants for name in variant.numbers)):
        found = [variant.sku if name == "sku" else variant.numbers.get(name, "") for variant in variants]
        numbers = [number for number in dict.fromkeys([words(shared.get(name)), *found]) if number]
        shared[name] = numbers[0] if len(numbers) == 1 else numbers
    prices = [amount for variant in variants if (amount := price(variant.price)) is not None]
    shared["price"] = min(prices) if prices else shared.get("price")
    shared["image"] = _images([*addresses(shared.get("image")), *(i for variant in variants for i in variant.images)])
    shared["attributes"] = attributes
    if len(variants) > 1 or variants[0].options:
        shared["variants"] = [variant.kept() for variant in variants]
    return {name: value for name, value in shared.items() if value not in ("", None, {}, [])}


def _images(images: Sequence[str]) -> Any:
    several = list(dict.fromkeys(images))
    return several[0] if len(several) == 1 else several


def objects(value: Any) -> list[Mapping[str, Any]]:
    """The objects of a record's list; none where it is no list."""
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, list) else []


def texts(records: Sequence[Record]) -> list[dict[str, str]]:
    """The rows as texts without their empty cells."""
    return [{name: text for name, value in r.value.items() if (text := words(value).strip())} for r in records]
