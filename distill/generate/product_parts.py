"""What there is to ask for in a product, in the words that people use."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from endcap.distill.generate.title_pieces import brand_name
from endcap.distill.generate.vocabulary import Vocabulary, is_part, is_searchable, model_numbers, parts_named
from endcap.index.product import Product
from endcap.language.plurals import singular_phrase
from endcap.language.quantities import Quantity, quantities_in
from endcap.language.small_words import JOINING_WORDS
from endcap.language.text import has_digit, tokens
from endcap.language.units import UNIT_BY_SPELLING

_PIECES = frozenset(spelling for spelling, unit in UNIT_BY_SPELLING.items() if unit.symbol == "pack")


@dataclass(frozen=True, slots=True)
class ProductParts:
    """What there is to ask for in a product, as people type it."""

    types: Sequence[str]
    brand: str
    models: Sequence[str]
    attributes: Sequence[tuple[str, str]]
    """Names and values; a name is empty where only the title has the value."""
    quantities: Sequence[Quantity]
    lacking: Sequence[str]
    """Parts that others of its type have."""
    title: Sequence[str]
    series: Sequence[str]
    purpose: str
    """What the title says that the product is for: "women", "laptops"."""

    @classmethod
    def of(cls, product: Product, vocabulary: Vocabulary) -> ProductParts:
        """From a product and its catalogue's vocabulary; total."""
        brand = brand_name(product.brand)
        title = _typed_title(tokens(product.title), brand)
        types = vocabulary.types_of(product)
        return cls(
            types=types,
            brand=brand,
            models=model_numbers(product),
            attributes=list(_attributes(product, title, brand, vocabulary)),
            quantities=list(dict.fromkeys(quantities_in(product.title))),
            lacking=list(_lacking(product, title, types, vocabulary)),
            title=title,
            series=[word for word in title if word in vocabulary.series],
            purpose=_purpose(title),
        )


def _typed_title(title: list[str], brand: str) -> list[str]:
    """The words of a title as people type them: the brand without its web address, no "1 piece"."""
    words = [brand if brand and word.rpartition(".")[0] == brand else word for word in title]
    one = {at for at in range(len(words) - 1) if words[at] == "1" and words[at + 1] in _PIECES}
    return [word for at, word in enumerate(words) if at not in one and at - 1 not in one]


def _attributes(
    product: Product, title: Sequence[str], brand: str, vocabulary: Vocabulary
) -> Iterator[tuple[str, str]]:
    """Attributes whose values may be typed: those that titles mostly tell, else where this title does."""
    inside = f" {singular_phrase(' '.join(title))} "
    values = set[str]()
    for name, share in vocabulary.attributes.items():
        value = " ".join(tokens(product.attributes.get(name, "")))
        typed = share > 0.3 or f" {singular_phrase(value)} " in inside
        if value and value != brand and is_searchable(value) and typed:
            values.add(value)
            yield name, value
    yield from (("", word) for word in title if word in vocabulary.values and word not in values)


def _lacking(product: Product, title: Sequence[str], types: Sequence[str], vocabulary: Vocabulary) -> Iterator[str]:
    """Attributes that are "no", and parts of the type that neither title, attributes nor description mention."""
    names = {name: " ".join(tokens(name)) for name in product.attributes}
    yield from (names[name] for name, value in product.attributes.items() if value == "no" and is_part(name))
    mentioned = {*parts_named(product), *(names[name] for name, value in product.attributes.items() if value != "no")}
    text = f" {singular_phrase(' '.join([*title, *tokens(product.description[:2000])]))} "
    for part in vocabulary.parts.get(singular_phrase(types[0]), ()) if types else ():
        if part not in mentioned and not any(f" {word} " in text for word in singular_phrase(part).split()):
            yield part


def _purpose(title: Sequence[str]) -> str:
    """Up to two words after "for"."""
    for at, word in enumerate(title[:-1]):
        if word in ("for", "für", "para", "pour", "per", "voor"):
            following = title[at + 1 : at + 3]
            return " ".join(takewhile(lambda word: word not in JOINING_WORDS and not has_digit(word), following))
    return ""
