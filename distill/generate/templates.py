"""Queries that a person might type to find a given product, each with what it asks for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

import numpy as np

from endcap.distill.generate.misspellings import misspell
from endcap.distill.generate.product_parts import Told, told
from endcap.distill.generate.units import quantities
from endcap.distill.generate.vocabulary import Vocabulary
from endcap.distill.generate.words import HAS_DIGIT, SMALL, root, roots, trimmed
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


def drafts(product: Product, vocabulary: Vocabulary, rng: np.random.Generator) -> Iterator[Draft]:
    """Queries for a product, of every kind that it allows, spelt as the catalogue spells."""
    for draft in _all(told(product, vocabulary), vocabulary, rng):
        if draft is not None and draft.query and len(draft.query.split()) <= MOST_WORDS:
            yield draft


def misspelt(draft: Draft, rng: np.random.Generator) -> Draft:
    """The draft with one slip in it, if it has a word that is long enough."""
    query, noise = misspell(draft.query, rng)
    return replace(draft, query=query, noise=noise)


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
    forms = [single] if single != word else [word + "s", word + "es"] if len(word) > 2 else []
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
    """Pieces of the title: its beginning, what stands before the type in it, its series, what it is for."""
    title = list(known.title)
    for series in known.series[:2]:
        yield _fragment([series], known)
        yield _fragment([known.brand, series], known)
        if kind:
            yield _fragment([series, *kind.split()], known, kind)
    yield _fragment(_rounded(title[: int(rng.integers(2, 5))], known), known)
    yield _fragment(_rounded(title[: int(rng.integers(4, 9))], known), known)
    if not kind:
        start = 0 if known.brand else int(rng.integers(0, max(len(title) - 2, 1)))
        yield _fragment(_rounded(title[start : start + int(rng.integers(2, 5))], known), known)
        return
    before = _before(kind, title)
    plain = [word for word in before if not HAS_DIGIT.search(word) and word not in SMALL]
    for words in (plain, before):
        if words:
            count = int(rng.integers(1, min(len(words), 4) + 1))
            yield _fragment([*trimmed(words[-count:]), *kind.split()], known, kind)
    if len(plain) > 2:
        chosen = sorted(rng.choice(len(plain), 2, replace=False))
        yield _fragment([*(plain[i] for i in chosen), *kind.split()], known, kind)
    if known.purpose:
        yield _fragment([*kind.split(), "for", *known.purpose.split()], known, kind)
        yield _fragment([*known.purpose.split(), *kind.split()], known, kind)
        facet = _pick(known.facets, rng)
        if facet:
            yield _fragment([*facet[1].split(), *kind.split(), "for", *known.purpose.split()], known, kind)
    more = [word for word in title if word in known.series or word in plain or word in {v for _, v in known.facets}]
    if len(more) > 2:
        # All at once, as those type who know exactly what they want.
        chosen = sorted(rng.choice(len(more), min(len(more), int(rng.integers(3, 6))), replace=False))
        yield _fragment([known.brand, *(more[i] for i in chosen), *kind.split()], known, kind)


def _rounded(words: list[str], known: Told) -> list[str]:
    """Words without numbers that stand alone, single letters and joining words at either end."""
    while words and not _can_end(words[-1], known):
        words = words[:-1]
    while words and not _can_end(words[0], known):
        words = words[1:]
    return trimmed(words)


def _can_end(word: str, known: Told) -> bool:
    return word in known.models or (len(word) > 1 and word not in SMALL and any(map(str.isalpha, word)))


def _before(kind: str, title: Sequence[str]) -> list[str]:
    """At most six words of the title before the type in it."""
    stems, wanted = [root(word) for word in title], roots(kind).split()
    for at in range(len(stems) - len(wanted) + 1):
        if stems[at : at + len(wanted)] == wanted:
            return list(title[max(at - 6, 0) : at])
    return []


def _fragment(words: list[str], known: Told, kind: str = "") -> Draft | None:
    words = list(dict.fromkeys(word for part in words for word in part.split()))
    if not words or (len(words) == 1 and words[0] not in known.series):
        return None
    said = f" {' '.join(words)} "
    brand = known.brand if known.brand and f" {known.brand} " in said else ""
    kind = kind or next((name for name in known.types if f" {roots(name)} " in f" {roots(said.strip())} "), "")
    attributes = {name or "title": value for name, value in known.facets if f" {value} " in said and value != kind}
    model = next((each for each in known.models if each in words), "")
    quantity = next((amount.base() for amount in quantities(said)), "")
    return Draft(said.strip(), kind, brand, model, attributes, quantity)


def _pick(items: Sequence[T], rng: np.random.Generator) -> T | None:
    return items[int(rng.integers(len(items)))] if items else None
