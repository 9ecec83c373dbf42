"""Titles cut into pieces: which words and phrases name what a product is, and which only describe it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from endcap.index.product import CATEGORY_SEPARATOR, Product
from endcap.language.plurals import singular
from endcap.language.small_words import JOINING_WORDS, without_joining_ends
from endcap.language.text import TITLE_WORD, has_digit, tokens

LONGEST_TYPE = 3
NO_BRAND = frozenset({"generic", "unknown", "n/a", "na", "none", "unbranded", "no brand", "other", "-", ""})


def leaf_names(category: str) -> Iterator[str]:
    """The names in a category's leaf: "Tops, Tees & Blouses" holds three."""
    leaf = category.rpartition(CATEGORY_SEPARATOR)[2].lower()
    for piece in leaf.replace("&", ",").replace(" and ", ",").replace("/", ",").split(","):
        name = " ".join(without_joining_ends(tokens(piece)))
        if len(name) > 2 and not has_digit(name) and 1 <= len(name.split()) <= LONGEST_TYPE:
            yield name


def brand_name(brand: str) -> str:
    """A brand in lower case, without a web address's ending; empty where it names none."""
    name = " ".join(tokens(brand)).removesuffix(".com").removesuffix(".")
    return "" if name in NO_BRAND or len(name.split()) > 4 else name


@dataclass(frozen=True, slots=True)
class Pieces:
    """How often phrases are in pieces of titles, and end them; how they are spelt, and under which brands. Phrases are
    singular."""

    counts: Counter[str]
    ends: Counter[str]
    spelt: Mapping[str, Counter[str]]
    brands: Mapping[str, set[str]]

    def is_head(self, phrase: str) -> bool:
        """Whether a phrase ends pieces as often as what a product is does; what only describes it mostly does not."""
        return self.ends[phrase] >= 0.3 * self.counts[phrase]


def count_pieces(products: Sequence[Product], titles: Sequence[list[str]], values: frozenset[str]) -> Pieces:
    """All phrases of the products' titles, which are given as tokens."""
    counts, ends, spelt = Counter[str](), Counter[str](), defaultdict[str, Counter[str]](Counter)
    brands = defaultdict[str, set[str]](set)
    for product, title in zip(products, titles, strict=True):
        brand = brand_name(product.brand)
        for piece in pieces(title, values, set(brand.split())):
            singulars = [singular(word) for word in piece]
            for n in range(1, LONGEST_TYPE + 1):
                for at in range(len(piece) - n + 1):
                    phrase = " ".join(singulars[at : at + n])
                    counts[phrase] += 1
                    if at + n == len(piece):
                        ends[phrase] += 1
                        spelt[phrase][" ".join(piece[at:])] += 1
                        if len(brands[phrase]) < 5:
                            brands[phrase].add(brand)
    return Pieces(counts, ends, spelt, brands)


def pieces(title: Sequence[str], values: frozenset[str], brand: set[str]) -> Iterator[list[str]]:
    """Runs of plain words in a title: what is between numbers, small words, values of attributes and the brand."""
    run: list[str] = []
    for word in (*title, ""):
        if not word or word in JOINING_WORDS or word in values or word in brand or has_digit(word):
            if run:
                yield run
            run = []
        else:
            run.append(word)


def nouns_of(
    products: Sequence[Product],
    titles: Sequence[list[str]],
    leaves: Mapping[str, int],
    in_lower_case: Mapping[str, float],
) -> set[str]:
    """Singular words that may name a type; no units, which stand after numbers.

    Where most products have a category, these are the words that end one. Else they are found in singular and plural,
    where the language has such an ``s``, and not only with a capital, where titles have both.
    """
    counted, measured = Counter[str](), Counter[str]()
    for title in titles:
        counted.update(title)
        measured.update(word for before, word in pairwise(title) if before[-1:].isdigit())
    units = {singular(word) for word, count in measured.items() if count > 0.4 * counted[word]}
    if sum(leaves.values()) > 0.5 * len(products):
        return {name.rpartition(" ")[2] for name in leaves} - units
    for product in products:
        counted.update(tokens(product.description[:300]))
    forms = defaultdict[str, Counter[str]](Counter)
    for word, count in counted.items():
        forms[singular(word)][word] += count
    both = {r for r, counts in forms.items() if len(counts) > 1 and min(counts.values()) > 0.01 * max(counts.values())}
    nouns = both if len(products) > 300 and len(both) > 0.05 * len(forms) else set(forms)
    return {word for word in nouns if in_lower_case.get(word, 1.0) >= 0.15} - units


def lower_case_shares(products: Sequence[Product]) -> dict[str, float]:
    """The share of a word's places in titles in which it has no capital, by its singular.

    Catalogues that write both tend to write what a product is without a capital, and what it is called with one. Empty
    where titles are in one case or have none.
    """
    lower, counted = Counter[str](), Counter[str]()
    for product in products:
        # The first word has a capital whatever it is.
        for word in TITLE_WORD.findall(product.title)[1:]:
            if word.replace("-", "").isalpha():
                counted[singular(word.lower())] += 1
                lower[singular(word.lower())] += word == word.lower()
    if not 0.05 < lower.total() / max(counted.total(), 1) < 0.6:
        return {}
    return {word: lower[word] / count for word, count in counted.items()}
