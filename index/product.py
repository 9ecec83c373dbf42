"""A product, as every room of the house knows it."""

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from endcap.index.attribute_shapes import attribute_pairs
from endcap.index.image_addresses import first_address
from endcap.index.number_spellings import number_spellings, own_numbers
from endcap.index.plain_text import is_missing, plain_text

FIELDS = ("id", "title", "brand", "category", "description", "attributes", "price", "image")
CATEGORY_SEPARATOR = " > "
SEPARATORS = {"category": CATEGORY_SEPARATOR, "description": "\n"}
"""What joins the items of a list, where that is no comma."""
NAMED_THINGS = ("brand", "category")
"""Fields that other things than the product are in, which shops' programs write as objects with a name."""
MAX_ATTRIBUTES = 1_000
"""So many attributes of a product are read; all of them can be searched for."""


@dataclass(frozen=True, slots=True)
class Product:
    """One product of a catalogue. Where a document was read, its texts are without markup (``FieldMap.product``).

    ``category`` is a path, most general first, joined by ``" > "``. ``attributes`` maps a name to a value in words;
    ``price`` is in the catalogue's own currency; ``extra`` keeps whatever else the catalogue says.
    """

    id: str
    title: str
    brand: str = ""
    category: str = ""
    description: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)
    price: float | None = None
    image: str = ""
    extra: Mapping[str, Any] = field(default_factory=dict)

    def to_mapping(self) -> dict[str, Any]:
        """The product as plain JSON-ready data, without its empty fields; ``FieldMap().product`` gives it back."""
        values = {name: getattr(self, name) for name in (*FIELDS, "extra")}
        values["attributes"], values["extra"] = dict(self.attributes), dict(self.extra)
        return {name: value for name, value in values.items() if value not in ("", None, {})}


def words(value: Any, separator: str = ", ", read: Callable[[str], str] = str) -> str:
    """A value of any JSON type in words: ``True`` is "yes", ``8.0`` is "8", a list is its items, joined.

    Each text in it is put through ``read``.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return read(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        if not math.isfinite(value):
            return ""
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, Mapping):
        # Sorted, since a search engine may give an object's fields back in another order.
        pairs = ((name, words(item, read=read)) for name, item in sorted(value.items(), key=str))
        return separator.join(f"{name}: {text}" for name, text in pairs if text)
    if isinstance(value, Iterable):
        return separator.join(filter(None, (words(item, read=read) for item in value)))
    return str(value)


def field_words(name: str, value: Any) -> str:
    """What a document says in a field of ``Product``, in words: without markup, "" where it says that it has nothing.

    Lists are joined as the field has them: a category as a path, a description by lines. A brand or category that is an
    object is its name.
    """
    if name == "id":
        return words(value)
    if name == "image":
        return first_address(value)
    if name in NAMED_THINGS and type(value) is not str:
        value = thing_names(value)
    read = _READ.get(name, _read_field)
    return read(value) if type(value) is str else words(value, SEPARATORS.get(name, ", "), read)


def thing_names(value: Any) -> Any:
    """The value with the name of each object that has one in the object's place: ``{"id": 9, "name": "Acme"}``."""
    if isinstance(value, Mapping):
        named = (value[key] for key in ("name", "title") if key in value)
        return next((name for name in named if isinstance(name, (str, int)) and name != ""), value)
    return [thing_names(item) for item in value] if isinstance(value, (list, tuple)) else value


def _read_field(text: str, line_end: str = " ") -> str:
    if "<" in text or "&" in text:  # each document that is new to a process is read so: calls count
        text = plain_text(text, line_end)
    return "" if is_missing(text) or (len(text) < 10 and text.strip(" ()").lower() == "none") else text


def _read_text(text: str, line_end: str = " ") -> str:
    """The same where "NA" is no name, as it may be of a brand."""
    text = _read_field(text, line_end)
    return "" if len(text) < 10 and text.strip() in ("NA", "na") else text


def _read_attribute(text: str) -> str:
    """The same, but that something is "none" does say something."""
    text = plain_text(text)
    return "" if is_missing(text) else text


_READ: dict[str, Callable[[str], str]] = {
    "title": _read_text,
    "category": _read_text,
    "description": partial(_read_text, line_end="\n"),
    "attributes": _read_attribute,
}


def paragraphs(record: Mapping[str, Any], *names: str) -> str:
    """The fields of these names as one text, a paragraph each."""
    return "\n".join(filter(None, (words(record.get(name), "\n").strip() for name in names)))


def attribute_words(value: Any) -> dict[str, str]:
    """Attributes in words, from any of the shapes that ``attribute_pairs`` knows, or from a plain text."""
    pairs = ((plain_text(name), _attribute(item)) for name, item in attribute_pairs(value))
    joined: dict[str, str] = {}
    for name, item in pairs:
        if item:
            joined[name] = f"{joined[name]}, {item}" if name in joined else item
    return joined


def _attribute(value: Any) -> str:
    return field_words("attributes", value)


def attribute_text(product: Product) -> str:
    """The attributes as one text to search in, a line each, the product's own numbers, and the other spellings of the
    numbers in them and in the title; every engine indexes it."""
    lines = [f"{name} {value}".strip() for name, value in product.attributes.items()]
    lines += own_numbers(product.id, product.extra)
    texts = (product.title, "\n".join(lines))
    spellings = dict.fromkeys(spelling for text in texts for spelling in number_spellings(text))
    return "\n".join([*lines, *([" ".join(spellings)] if spellings else [])])


def number(value: Any) -> float | None:
    """A finite number, or None where there is none to be read."""
    try:
        result = float(value)
    except (TypeError, ValueError, OverflowError):
        return None
    return result if math.isfinite(result) else None
