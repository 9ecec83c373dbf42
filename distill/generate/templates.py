"""Queries that a person might type to find a given product, each with what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from endcap.distill.generate.noise import misspell
from endcap.distill.generate.units import Quantity, quantities
from endcap.distill.generate.vocabulary import Vocabulary, model_numbers, parts_named
from endcap.distill.generate.words import HAS_DIGIT, SMALL, root, roots, tokens, trimmed
from endcap.index.product import CATEGORY_SEPARATOR, Product

MOST_WORDS = 12
T = TypeVar("T")


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
        parts = {name: getattr(self, name) for name in _PARTS}
        leaf = product.category.rpartition(CATEGORY_SEPARATOR)[2]
        return {"product": product.id, **({"category": leaf} if leaf else {}), **{k: v for k, v in parts.items() if v}}


_PARTS = ("type", "brand", "model", "attributes", "quantity", "negated", "noise")


@dataclass(frozen=True, slots=True)
class Told:
    """What there is to ask for in a product, each as people say it."""

    types: Sequence[str]
    brand: str
    models: Sequence[str]
    facets: Sequence[tuple[str, str]]
    """Attributes' names and values; a name alone ("wireless") where the value is yes."""
    amounts: Sequence[Quantity]
    absent: Sequence[str]
    title: Sequence[str]
    others: Sequence[str]
    """Runs of words of the title that are neither brand, number nor small word."""


def told(product: Product, vocabulary: Vocabulary) -> Told:
    """What a product has to be asked for."""
    brand = vocabulary.brand_of(product)
    title = tokens(product.title)
    types = vocabulary.types_of(product)
    inside = f" {roots(' '.join(title))} "
    facets = []
    for name, share in vocabulary.asked.items():
        value = " ".join(tokens(product.attributes.get(name, "")))
        if (
            value
            and len(value) <= 25
            and len(value.split()) <= 3
            and not value.isdigit()
            and value not in ("yes", "no")
        ):
            if share > 0.3 or f" {roots(value)} " in inside:
                facets.append((name, value))
    facets += [("", word) for word in title if word in vocabulary.values and word not in {v for _, v in facets}]
    mentioned = set(parts_named(product))
    absent = [name for name, value in product.attributes.items() if value == "no" and len(name.split()) <= 2]
    for kind in types[:1]:
        for part in vocabulary.parts.get(roots(kind), {}):
            if part not in mentioned and not any(f" {root(word)} " in inside for word in part.split()):
                absent.append(part)
    skip = set(brand.split())
    others = [word for word in title if word not in skip and not HAS_DIGIT.search(word) and word not in SMALL]
    amounts = list(dict.fromkeys(quantities(product.title)))
    return Told(types, brand, model_numbers(product), facets, amounts, absent, title, others)


def drafts(product: Product, vocabulary: Vocabulary, rng: np.random.Generator, errors: float = 0.05) -> Iterator[Draft]:
    """Queries for a product, of every kind that it allows; ``errors`` is the share that is misspelt."""
    known = told(product, vocabulary)
    for draft in _all(known, vocabulary, rng):
        if draft is None or not draft.query or len(draft.query.split()) > MOST_WORDS:
            continue
        if rng.random() < errors:
            query, noise = misspell(draft.query, rng)
            draft = replace(draft, query=query, noise=noise)
        yield draft


def _all(known: Told, vocabulary: Vocabulary, rng: np.random.Generator) -> Iterator[Draft | None]:
    kind = _type(known, vocabulary, rng)
    facet = _pick(known.facets, rng)
    if kind:
        yield Draft(kind, type=kind)
        if known.brand:
            first = rng.random() < 0.85
            yield Draft(f"{known.brand} {kind}" if first else f"{kind} {known.brand}", type=kind, brand=known.brand)
        if facet:
            yield _with(kind, [facet], "", rng)
            yield _with(kind, [facet], known.brand, rng)
            second = _pick([f for f in known.facets if f != facet], rng)
            if second:
                yield _with(kind, [facet, second], known.brand if rng.random() < 0.3 else "", rng)
        yield from _measured(kind, known, facet, rng)
        yield from _without(kind, known, facet, rng)
    if known.brand:
        yield Draft(known.brand, brand=known.brand)
    yield from _models(kind, known, rng)
    yield from _fragments(kind, known, rng)


def _type(known: Told, vocabulary: Vocabulary, rng: np.random.Generator) -> str:
    if not known.types:
        return ""
    name = known.types[0] if rng.random() < 0.75 else str(rng.choice(list(known.types)))
    words = name.split()
    # "toner cartridge" is also looked for as "cartridge", which is a type of its own.
    if len(words) > 1 and rng.random() < 0.25 and root(words[-1]) in vocabulary.types:
        words = words[-1:]
    if rng.random() < 0.35:
        words[-1] = _other_number(words[-1], vocabulary)
    return " ".join(words)


def _other_number(word: str, vocabulary: Vocabulary) -> str:
    """The plural of a singular or the other way round, where the catalogue knows such a word."""
    single = root(word)
    forms = [single] if single != word else [word + "s", word + "es"]
    return next((form for form in forms if form in vocabulary.words), word)


def _with(kind: str, facets: list[tuple[str, str]], brand: str, rng: np.random.Generator) -> Draft | None:
    new = [(name, value) for name, value in facets if root(value) not in roots(kind).split() and value not in kind]
    if not new:
        return None
    before = [value for _, value in new]
    after: list[str] = []
    if rng.random() < 0.2:
        after.append(before.pop())
    words = [brand, *before, kind, *after]
    return Draft(
        " ".join(filter(None, words)),
        type=kind,
        brand=brand,
        attributes={name or "title": value for name, value in new},
    )


def _measured(
    kind: str, known: Told, facet: tuple[str, str] | None, rng: np.random.Generator
) -> Iterator[Draft | None]:
    amount = _pick(known.amounts, rng)
    if amount is None:
        return
    said = amount.converted() if rng.random() < 0.1 else None
    spellings = (said or amount).spellings()
    spelt = spellings[0] if rng.random() < 0.6 else str(rng.choice(spellings))
    yield Draft(f"{spelt} {kind}" if rng.random() < 0.5 else f"{kind} {spelt}", type=kind, quantity=amount.base())
    if known.brand:
        yield Draft(f"{known.brand} {kind} {spelt}", type=kind, brand=known.brand, quantity=amount.base())
    if facet and facet[1] not in kind and rng.random() < 0.5:
        yield Draft(
            f"{facet[1]} {kind} {spelt}", type=kind, attributes={facet[0] or "title": facet[1]}, quantity=amount.base()
        )


def _without(kind: str, known: Told, facet: tuple[str, str] | None, rng: np.random.Generator) -> Iterator[Draft]:
    part = _pick([part for part in known.absent if part not in kind], rng)
    if part is None:
        return
    how = rng.random()
    said = f"{kind} without {part}" if how < 0.7 else f"{kind} no {part}" if how < 0.85 else f"{part} free {kind}"
    attributes = {}
    if facet and facet[1] not in said and rng.random() < 0.3:
        said, attributes = f"{facet[1]} {said}", {facet[0] or "title": facet[1]}
    yield Draft(said, type=kind, attributes=attributes, negated=part)


def _models(kind: str, known: Told, rng: np.random.Generator) -> Iterator[Draft]:
    model = _pick(known.models, rng)
    if model is None:
        return
    spelt = model.replace("-", "" if rng.random() < 0.5 else " ") if rng.random() < 0.25 else model
    yield Draft(spelt, model=model)
    if known.brand:
        yield Draft(f"{known.brand} {spelt}", brand=known.brand, model=model)
        if kind:
            yield Draft(f"{known.brand} {spelt} {kind}", type=kind, brand=known.brand, model=model)
    if kind:
        yield Draft(f"{spelt} {kind}", type=kind, model=model)


def _fragments(kind: str, known: Told, rng: np.random.Generator) -> Iterator[Draft | None]:
    """Pieces of the title, as they stand or with words left out."""
    title = known.title
    if len(title) > 1:
        for length in (int(rng.integers(2, 4)), int(rng.integers(3, 8))):
            start = 0 if rng.random() < 0.5 else int(rng.integers(0, len(title)))
            yield _fragment(trimmed(list(title[start : start + length])), known)
    if len(known.others) > 1:
        size = min(len(known.others), int(rng.integers(1, 5)))
        chosen = sorted(rng.choice(len(known.others), size, replace=False))
        words = [known.others[i] for i in chosen]
        yield _fragment(words, known)
        if kind:
            head = [word for word in words if root(word) not in roots(kind).split()][:3]
            yield _fragment([*head, *kind.split()], known, kind)


def _fragment(words: list[str], known: Told, kind: str = "") -> Draft | None:
    words = list(dict.fromkeys(words))
    if not words or (len(words) == 1 and (len(words[0]) < 3 or HAS_DIGIT.match(words[0]))):
        return None
    said = f" {' '.join(words)} "
    brand = known.brand if known.brand and f" {known.brand} " in said else ""
    kind = kind or next((name for name in known.types if f" {roots(name)} " in f" {roots(said.strip())} "), "")
    return Draft(said.strip(), type=kind, brand=brand, model=next((m for m in known.models if m in words), ""))


def _pick(items: Sequence[T], rng: np.random.Generator) -> T | None:
    return items[int(rng.integers(len(items)))] if items else None
