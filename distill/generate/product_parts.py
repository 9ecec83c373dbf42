"""What there is to ask for in a product, in the words that people use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endcap.distill.generate.units import UNIT_OF, Quantity, quantities
from endcap.distill.generate.vocabulary import Vocabulary, is_asked_for, model_numbers, parts_named
from endcap.distill.generate.words import HAS_DIGIT, SMALL, root, roots, tokens
from endcap.index.product import Product


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to ask for in a product, each as people say it."""

    types: Sequence[str]
    brand: str
    models: Sequence[str]
    facets: Sequence[tuple[str, str]]
    """Attributes' names and values; a name is empty where only the title says the value."""
    amounts: Sequence[Quantity]
    absent: Sequence[str]
    title: Sequence[str]
    series: Sequence[str]
    purpose: str
    """What the title says that the product is for: "women", "laptops"."""


def told(product: Product, vocabulary: Vocabulary) -> Told:
    """What a product has to be asked for."""
    brand = vocabulary.brand_of(product)
    title = _typed(tokens(product.title), brand)
    types = vocabulary.types_of(product)
    inside = f" {roots(' '.join(title))} "
    facets = [
        (name, value)
        for name, share in vocabulary.asked.items()
        if (value := " ".join(tokens(product.attributes.get(name, "")))) and is_asked_for(value)
        if value != brand and (share > 0.3 or f" {roots(value)} " in inside)
    ]
    facets += [("", word) for word in title if word in vocabulary.values and word not in {v for _, v in facets}]
    mentioned = set(parts_named(product))
    absent = [" ".join(tokens(name)) for name, value in product.attributes.items() if value == "no" and _is_part(name)]
    have = {" ".join(tokens(name)) for name, value in product.attributes.items() if value != "no"}
    said = f"{inside}{roots(' '.join(tokens(product.description[:2000])))} "
    for kind in types[:1]:
        for part in vocabulary.parts.get(roots(kind), ()):
            if part not in mentioned | have and not any(f" {root(word)} " in said for word in part.split()):
                absent.append(part)
    series = [word for word in title if word in vocabulary.series]
    amounts = list(dict.fromkeys(quantities(product.title)))
    return Told(types, brand, model_numbers(product), facets, amounts, absent, title, series, _purpose(title))


def _typed(title: list[str], brand: str) -> list[str]:
    """The words of a title as people type them: the brand without its web address, no "1 piece"."""
    words = [brand if brand and word.rpartition(".")[0] == brand else word for word in title]
    one = {at for at in range(len(words) - 1) if words[at] == "1" and UNIT_OF.get(words[at + 1]) == "pack"}
    return [word for at, word in enumerate(words) if at not in one and at - 1 not in one]


def _is_part(name: str) -> bool:
    return 1 <= len(name.split()) <= 2 and not HAS_DIGIT.search(name)


def _purpose(title: Sequence[str]) -> str:
    """Up to two words after "for"."""
    for at, word in enumerate(title[:-1]):
        if word in ("for", "für", "para", "pour", "per", "voor"):
            found = []
            for following in title[at + 1 : at + 3]:
                if following in SMALL or HAS_DIGIT.search(following):
                    break
                found.append(following)
            return " ".join(found)
    return ""
