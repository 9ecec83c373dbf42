"""Queries that a person might type to find a given product, each with what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import TypeVar

import numpy as np

from endcap.distill.generate.product_parts import ProductParts
from endcap.distill.generate.vocabulary import Vocabulary
from endcap.index.product import CATEGORY_SEPARATOR, Product
from endcap.language.misspellings import misspell
from endcap.language.plurals import singular, singular_phrase
from endcap.language.quantities import quantities_in
from endcap.language.small_words import JOINING_WORDS, without_joining_ends
from endcap.language.text import has_digit

MOST_WORDS = 12
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class Draft:
    """A query, and what it asks for: a part that is empty is not asked for. ``attributes`` maps names to values."""

    query: str
    type: str = ""
    brand: str = ""
    model: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    quantity: str = ""
    negated: str = ""
    noise: str = ""

    def made_from(self, product: Product) -> dict[str, object]:
        """What ``queries.parquet`` says of where it came from."""
        parts = {"category": product.category.rpartition(CATEGORY_SEPARATOR)[2], **asdict(self)}
        return {"product": product.id, **{k: v for k, v in parts.items() if v and k != "query"}}


def drafts(product: Product, vocabulary: Vocabulary, rng: np.random.Generator) -> Iterator[Draft]:
    """Queries for a product, of every kind that it allows, spelt as the catalogue spells."""
    for draft in _all(ProductParts.of(product, vocabulary), vocabulary, rng):
        if draft is not None and draft.query and len(draft.query.split()) <= MOST_WORDS:
            yield draft


def misspelt_draft(draft: Draft, rng: np.random.Generator) -> Draft:
    """The draft with one slip in it, if it has a word that is long enough."""
    query, noise = misspell(draft.query, rng)
    return replace(draft, query=query, noise=noise)


def _all(parts: ProductParts, vocabulary: Vocabulary, rng: np.random.Generator) -> Iterator[Draft | None]:
    kind = _type(parts, vocabulary, rng)
    attribute = _pick(parts.attributes, rng)
    if kind:
        yield Draft(kind, type=kind)
        if parts.brand:
            first = rng.random() < 0.85
            yield Draft(f"{parts.brand} {kind}" if first else f"{kind} {parts.brand}", type=kind, brand=parts.brand)
        if attribute:
            yield _with(kind, [attribute], "", rng)
            yield _with(kind, [attribute], parts.brand, rng)
            second = _pick([f for f in parts.attributes if f != attribute], rng)
            if second:
                yield _with(kind, [attribute, second], parts.brand if rng.random() < 0.3 else "", rng)
        yield from _measured(kind, parts, attribute, rng)
        yield from _without(kind, parts, attribute, rng)
    if parts.brand:
        yield Draft(parts.brand, brand=parts.brand)
    yield from _models(kind, parts, rng)
    yield from _fragments(kind, parts, rng)


def _type(parts: ProductParts, vocabulary: Vocabulary, rng: np.random.Generator) -> str:
    if not parts.types:
        return ""
    name = parts.types[0] if rng.random() < 0.75 else str(rng.choice(list(parts.types)))
    words = name.split()
    # "toner cartridge" is also looked for as "cartridge", which is a type of its own.
    if len(words) > 1 and rng.random() < 0.25 and singular(words[-1]) in vocabulary.types:
        words = words[-1:]
    if rng.random() < 0.35:
        words[-1] = _other_number(words[-1], vocabulary)
    return " ".join(words)


def _other_number(word: str, vocabulary: Vocabulary) -> str:
    """The plural of a singular or the other way round, where the catalogue knows such a word."""
    forms = [form for form in (singular(word), word[:-1], f"{word}s", f"{word}es") if form != word]
    return next((form for form in forms if form in vocabulary.words and singular(form) == singular(word)), word)


def _with(kind: str, pairs: list[tuple[str, str]], brand: str, rng: np.random.Generator) -> Draft | None:
    kind_words = singular_phrase(kind).split()
    new = [(name, value) for name, value in pairs if singular(value) not in kind_words and value not in kind]
    if not new:
        return None
    words = [brand, *(value for _, value in new), kind]
    if rng.random() < 0.2:
        words[-2:] = kind, words[-2]
    attributes = {name or "title": value for name, value in new}
    return Draft(" ".join(filter(None, words)), type=kind, brand=brand, attributes=attributes)


def _measured(
    kind: str, parts: ProductParts, attribute: tuple[str, str] | None, rng: np.random.Generator
) -> Iterator[Draft | None]:
    quantity = _pick(parts.quantities, rng)
    if quantity is None:
        return
    spellings = ((quantity.conversion() if rng.random() < 0.1 else None) or quantity).spellings()
    spelling = spellings[0] if rng.random() < 0.6 else str(rng.choice(spellings))
    base = quantity.in_base_unit()
    yield Draft(f"{spelling} {kind}" if rng.random() < 0.5 else f"{kind} {spelling}", type=kind, quantity=base)
    if parts.brand:
        yield Draft(f"{parts.brand} {kind} {spelling}", type=kind, brand=parts.brand, quantity=base)
    if attribute and attribute[1] not in kind and rng.random() < 0.5:
        name, value = attribute
        yield Draft(f"{value} {kind} {spelling}", type=kind, attributes={name or "title": value}, quantity=base)


def _without(
    kind: str, parts: ProductParts, attribute: tuple[str, str] | None, rng: np.random.Generator
) -> Iterator[Draft]:
    part = _pick([part for part in parts.lacking if part not in kind], rng)
    if part is None:
        return
    wording = rng.random()
    query = (
        f"{kind} without {part}" if wording < 0.7 else f"{kind} no {part}" if wording < 0.85 else f"{part} free {kind}"
    )
    attributes = {}
    if attribute and attribute[1] not in query and rng.random() < 0.3:
        query, attributes = f"{attribute[1]} {query}", {attribute[0] or "title": attribute[1]}
    yield Draft(query, type=kind, attributes=attributes, negated=part)


def _models(kind: str, parts: ProductParts, rng: np.random.Generator) -> Iterator[Draft]:
    model = _pick(parts.models, rng)
    if model is None:
        return
    spelling = model.replace("-", "" if rng.random() < 0.5 else " ") if rng.random() < 0.25 else model
    yield Draft(spelling, model=model)
    if parts.brand:
        yield Draft(f"{parts.brand} {spelling}", brand=parts.brand, model=model)
        if kind:
            yield Draft(f"{parts.brand} {spelling} {kind}", type=kind, brand=parts.brand, model=model)
    if kind:
        yield Draft(f"{spelling} {kind}", type=kind, model=model)


def _fragments(kind: str, parts: ProductParts, rng: np.random.Generator) -> Iterator[Draft | None]:
    """Pieces of the title: its beginning, what stands before the type in it, its series, what it is for."""
    title = list(parts.title)
    for series in parts.series[:2]:
        yield _fragment([series], parts)
        yield _fragment([parts.brand, series], parts)
        if kind:
            yield _fragment([series, *kind.split()], parts, kind)
    yield _fragment(_rounded(title[: int(rng.integers(2, 5))], parts), parts)
    yield _fragment(_rounded(title[: int(rng.integers(4, 9))], parts), parts)
    if kind:
        yield from _type_fragments(kind, parts, rng)
    else:
        start = 0 if parts.brand else int(rng.integers(0, max(len(title) - 2, 1)))
        yield _fragment(_rounded(title[start : start + int(rng.integers(2, 5))], parts), parts)


def _type_fragments(kind: str, parts: ProductParts, rng: np.random.Generator) -> Iterator[Draft | None]:
    """The type with words that stand before it, with what it is for, and with all at once."""
    title = parts.title
    before = _before(kind, title)
    names = [word for word in before if not has_digit(word) and word not in JOINING_WORDS]
    for words in (names, before):
        if words:
            count = int(rng.integers(1, min(len(words), 4) + 1))
            yield _fragment([*without_joining_ends(words[-count:]), *kind.split()], parts, kind)
    if len(names) > 2:
        chosen = sorted(rng.choice(len(names), 2, replace=False))
        yield _fragment([*(names[i] for i in chosen), *kind.split()], parts, kind)
    if parts.purpose:
        yield _fragment([*kind.split(), "for", *parts.purpose.split()], parts, kind)
        yield _fragment([*parts.purpose.split(), *kind.split()], parts, kind)
        attribute = _pick(parts.attributes, rng)
        if attribute:
            yield _fragment([*attribute[1].split(), *kind.split(), "for", *parts.purpose.split()], parts, kind)
    more = [word for word in title if word in parts.series or word in names or word in {v for _, v in parts.attributes}]
    if len(more) > 2:
        # All at once, as those type who know exactly what they want.
        chosen = sorted(rng.choice(len(more), min(len(more), int(rng.integers(3, 6))), replace=False))
        yield _fragment([parts.brand, *(more[i] for i in chosen), *kind.split()], parts, kind)


def _rounded(words: list[str], parts: ProductParts) -> list[str]:
    """Words without numbers that stand alone, single letters and joining words at either end."""
    while words and not _can_end(words[-1], parts):
        words = words[:-1]
    while words and not _can_end(words[0], parts):
        words = words[1:]
    return without_joining_ends(words)


def _can_end(word: str, parts: ProductParts) -> bool:
    return word in parts.models or (len(word) > 1 and word not in JOINING_WORDS and any(map(str.isalpha, word)))


def _before(kind: str, title: Sequence[str]) -> list[str]:
    """At most six words of the title before the type in it."""
    singulars, type_words = [singular(word) for word in title], singular_phrase(kind).split()
    for at in range(len(singulars) - len(type_words) + 1):
        if singulars[at : at + len(type_words)] == type_words:
            return list(title[max(at - 6, 0) : at])
    return []


def _fragment(words: list[str], parts: ProductParts, kind: str = "") -> Draft | None:
    words = list(dict.fromkeys(" ".join(words).split()))
    if not words or (len(words) == 1 and words[0] not in parts.series):
        return None
    query = f" {' '.join(words)} "
    brand = parts.brand if parts.brand and f" {parts.brand} " in query else ""
    singulars = f" {singular_phrase(query)} "
    kind = kind or next((name for name in parts.types if f" {singular_phrase(name)} " in singulars), "")
    attributes = {name or "title": value for name, value in parts.attributes if f" {value} " in query and value != kind}
    model = next((model for model in parts.models if model in words), "")
    quantity = next((amount.in_base_unit() for amount in quantities_in(query)), "")
    return Draft(query.strip(), kind, brand, model, attributes, quantity)


def _pick(items: Sequence[Item], rng: np.random.Generator) -> Item | None:
    return items[int(rng.integers(len(items)))] if items else None
