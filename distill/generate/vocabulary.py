"""What a catalogue talks about: its brands, types of product and attributes, learnt from the products alone.

No list of words is needed, so that any shop in any language is served. A *type* is the leaf of a category. Where there
is none, it is a phrase that ends pieces of titles of several brands ("toner cartridge"). Buyers ask for an attribute if
sellers put its value into titles.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice, takewhile

from endcap.distill.generate.title_pieces import (
    LONGEST_TYPE,
    Pieces,
    brand_name,
    count_pieces,
    leaf_names,
    lower_case_shares,
    nouns_of,
)
from endcap.index.product import CATEGORY_SEPARATOR, Product
from endcap.language.model_numbers import is_model_number
from endcap.language.plurals import singular, singular_phrase
from endcap.language.quantities import quantities_out
from endcap.language.small_words import JOINING_WORDS
from endcap.language.text import TITLE_WORD, has_digit, normalised, tokens

LEARNT = 60_000
"""At most so many products are read, evenly from the whole catalogue."""

LEVELS = 3
"""So many names at the end of a category's path may name a product's type."""


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Counts are of products. ``types`` and ``brands`` are keyed by their singular, and give the commonest spelling."""

    words: Mapping[str, int]
    brands: Mapping[str, str]
    types: Mapping[str, str]
    attributes: Mapping[str, float]
    """Those that buyers ask for, and how often a title has their value: from 0 to 1."""
    values: frozenset[str]
    """Words that are values of those attributes."""
    series: frozenset[str]
    """Words of titles that nearly always stand with the same brand ("thinkpad")."""
    parts: Mapping[str, tuple[str, ...]]
    """By a type's singular: what such products are said to come with, or to lack."""

    def types_of(self, product: Product) -> list[str]:
        """What a product may be called, the surest first; empty where the catalogue does not tell."""
        words = [singular(word) for word in tokens(product.title)]
        title = f" {' '.join(words)} "
        path = product.category.split(CATEGORY_SEPARATOR)
        levels = [list(leaf_names(name)) for name in path[: -LEVELS - 1 : -1]]
        # A leaf such as "Flat Front" names no type, but what is above it does.
        named = next((names for names in levels if any(singular_phrase(n) in self.types for n in names)), levels[0])
        inside = [name for name in named if f" {singular_phrase(name)} " in title]
        spans = [(at, n) for n in range(LONGEST_TYPE, 0, -1) for at in range(len(words) - n + 1)]
        phrases = list(dict.fromkeys(p for at, n in spans if (p := " ".join(words[at : at + n])) in self.types))
        longest = [p for p in phrases if not any(p != q and f" {p} " in f" {q} " for q in phrases)]
        heads = {singular_phrase(name).rpartition(" ")[2] for name in named}
        alike = [self.types[p] for p in longest if not heads or p.rpartition(" ")[2] in heads]
        return list(dict.fromkeys([*inside, *alike[:2]] or named))


def learn(products: Sequence[Product]) -> Vocabulary:
    """The vocabulary of a catalogue. An empty one gives an empty vocabulary."""
    sample = list(islice(products, 0, None, max(1, len(products) // LEARNT)))
    titles = [tokens(product.title) for product in sample]
    words = Counter(word for title in titles for word in set(title))
    attributes, values = _attributes(sample, titles, words)
    brands = _brands(sample, words)
    leaves = Counter(singular_phrase(name) for product in sample for name in leaf_names(product.category))
    made_by = {part for name in brands for part in name.split()}
    # A value that is the name of a category, too ("notebook"), says what a product is.
    values = frozenset(value for value in values if leaves[singular(value)] < 3 and singular(value) not in made_by)
    pieces = count_pieces(sample, titles, values)
    in_lower_case = lower_case_shares(sample)
    types = _types(sample, pieces, nouns_of(sample, titles, leaves, in_lower_case), brands, leaves)
    series = _series(sample, titles, in_lower_case) - made_by
    vocabulary = Vocabulary(words, brands, types, attributes, values, series, {})
    return replace(vocabulary, parts=_parts(sample, vocabulary, pieces))


def _brands(products: Iterable[Product], words: Mapping[str, int]) -> dict[str, str]:
    """Brands of two products and more, but for those that are mostly used as another word ("white")."""
    counts = Counter(brand_name(product.brand) for product in products)
    return {
        singular_phrase(name): name
        for name, count in counts.most_common()
        if name and (count > 1 or len(counts) < 20) and count >= 0.2 * words.get(name, 0)
    }


def _attributes(
    products: Sequence[Product], titles: Sequence[list[str]], words: Mapping[str, int]
) -> tuple[dict[str, float], frozenset[str]]:
    """Attributes whose values titles tell, and the single words among those values."""
    having, titled, values = Counter[str](), Counter[str](), Counter[str]()
    for product, title in zip(products, titles, strict=True):
        text = f" {' '.join(title)} "
        for name, raw in product.attributes.items():
            value = " ".join(tokens(raw))
            if name and is_searchable(value):
                having[name] += 1
                if f" {value} " in text:
                    titled[name] += 1
                    values[value] += 1
    least = 3 if len(products) > 300 else 1
    shares = {name: count / having[name] for name, count in titled.items() if count >= least}
    single = {
        value
        for value, count in values.items()
        if " " not in value and not has_digit(value) and count >= max(least, 0.2 * words.get(value, 0))
    }
    return {name: share for name, share in shares.items() if share > 0.1}, frozenset(single)


def is_searchable(value: str) -> bool:
    """Whether an attribute's value is short enough to be typed, and more than a number without its unit."""
    return value not in ("yes", "no") and len(value) <= 25 and len(value.split()) <= 3 and any(map(str.isalpha, value))


def _types(
    products: Sequence[Product], pieces: Pieces, nouns: set[str], brands: Mapping[str, str], leaves: Mapping[str, int]
) -> dict[str, str]:
    """Phrases that end pieces of titles, again and again, and under several brands."""
    branded = sum(1 for product in products if brand_name(product.brand)) > 0.5 * len(products)
    least = 1 if len(products) < 30 else 2 if len(products) < 1000 else 4
    repeated = {
        phrase
        for phrase, count in pieces.ends.items()
        if count >= least
        and pieces.is_head(phrase)
        and len(phrase) > 2
        and "/" not in phrase
        and len(set(phrase.split())) == len(phrase.split())
        and (not branded or len(pieces.brands[phrase]) >= min(least, 3))
        and phrase not in brands
        and phrase.rpartition(" ")[2] in nouns
    }
    # A longer phrase is a type of its own only if its last word is often written with just these words before it.
    ends = pieces.ends
    sure = {p for p in repeated if " " not in p or ends[p] >= max(least, 0.02 * ends[p.rpartition(" ")[2]])}
    named = {name for name in leaves if pieces.counts[name] and ends[name] >= 0.15 * pieces.counts[name]}
    spelt = defaultdict[str, Counter[str]](Counter)
    for product in products:
        for name in leaf_names(product.category):
            spelt[singular_phrase(name)][name] += 1
    leaf_spellings = {name: spelt[name].most_common(1)[0][0] for name in sorted(named)}
    return {p: pieces.spelt[p].most_common(1)[0][0] for p in sorted(sure, key=lambda p: (-ends[p], p))} | leaf_spellings


def _series(
    products: Sequence[Product], titles: Sequence[list[str]], in_lower_case: Mapping[str, float]
) -> frozenset[str]:
    """Words that stand with one brand, far more than its size explains, and that texts do not use as a common word."""
    of_brand = defaultdict[str, Counter[str]](Counter)
    common = {word for product in products for word in TITLE_WORD.findall(product.description[:600])}
    sizes = Counter(brand_name(product.brand) for product in products)
    for product, title in zip(products, titles, strict=True):
        if brand := brand_name(product.brand):
            for word in set(title) - set(brand.split()):
                if len(word) > 3 and word.isalpha():
                    of_brand[word][brand] += 1
    least = 2 if len(products) < 1000 else 4
    series = set()
    for word, counts in of_brand.items():
        [(brand, most)] = counts.most_common(1)
        by_chance = (sizes[brand] / len(products)) ** most
        sure = most >= least and most >= 0.9 * counts.total() and by_chance < 1e-4
        if sure and in_lower_case.get(singular(word), 0.0) < 0.1 and word not in common:
            series.add(word)
    return frozenset(series)


def _parts(products: Sequence[Product], vocabulary: Vocabulary, pieces: Pieces) -> dict[str, tuple[str, ...]]:
    parts = defaultdict[str, Counter[str]](Counter)
    for product in products:
        names = {
            part
            for part in parts_named(product)
            if pieces.is_head(singular(part.split()[-1])) and vocabulary.values.isdisjoint(part.split())
        }
        for kind in vocabulary.types_of(product)[:1] if names else ():
            parts[singular_phrase(kind)].update(names)
    least = 2 if len(products) > 300 else 1
    return {
        kind: tuple(sorted(part for part, count in counts.items() if count >= least)) for kind, counts in parts.items()
    }


def parts_named(product: Product) -> Iterator[str]:
    """What a title says that the product comes with or without, one or two words each, and attributes that it lacks."""
    title = tokens(product.title)
    for at, word in enumerate(title[:-1]):
        if word in _WITH:
            phrase = [*takewhile(lambda word: word not in _NO_PART and not has_digit(word), title[at + 1 : at + 4])]
            if 1 <= len(phrase) <= 2:
                yield " ".join(phrase)
                yield phrase[-1]
    for name, value in product.attributes.items():
        if value == "no" and is_part(name):
            yield " ".join(tokens(name))


def is_part(name: str) -> bool:
    """Whether an attribute's name may name a part: one or two words, no number."""
    return 1 <= len(name.split()) <= 2 and not has_digit(name)


_WITH = frozenset(("with", "without", "mit", "ohne", "avec", "sans", "con", "sin"))
_NO_PART = JOINING_WORDS | _WITH


def model_numbers(product: Product) -> list[str]:
    """Words of the title that look like model numbers, and are no numbers with units."""
    words = filter(is_model_number, tokens(product.title))
    return [word for word in words if quantities_out(normalised(word))[1].strip()]
