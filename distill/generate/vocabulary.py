"""What a catalogue talks about: its brands, types of product and attributes, learnt from the products alone.

No list of words is needed, so that any shop in any language is served. A *type* is the leaf of a category, and where
there is none, a phrase that ends pieces of titles of several brands ("toner cartridge"); an attribute is one that
buyers ask for if sellers put its value into titles.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from endcap.distill.generate.units import QUANTITY
from endcap.distill.generate.words import HAS_DIGIT, SMALL, is_model_number, root, roots, tokens, trimmed
from endcap.index.product import CATEGORY_SEPARATOR, Product

LEARNT = 60_000
"""At most so many products are read, evenly from the whole catalogue."""

LONGEST_TYPE = 3
NO_BRAND = frozenset({"generic", "unknown", "n/a", "na", "none", "unbranded", "no brand", "other", "-", ""})


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Counts are of products. ``types`` and ``brands`` are keyed by their roots, and give the commonest spelling."""

    words: Mapping[str, int]
    brands: Mapping[str, str]
    types: Mapping[str, str]
    asked: Mapping[str, float]
    """Attributes and how often a title says their value: from 0 to 1."""
    values: frozenset[str]
    """Words that are values of attributes that are asked for."""
    parts: Mapping[str, Mapping[str, int]]
    """What products of a type are said to come with, or without."""

    def types_of(self, product: Product) -> list[str]:
        """What a product may be called, the surest first; empty where the catalogue does not tell."""
        said = tokens(product.title)
        title = f" {' '.join(map(root, said))} "
        leaf = [name for name in leaf_names(product.category)]
        inside = [name for name in leaf if f" {roots(name)} " in title]
        found = [(at, n) for n in range(LONGEST_TYPE, 0, -1) for at in range(len(said) - n + 1)]
        phrases = [roots(" ".join(said[at : at + n])) for at, n in found]
        known = list(dict.fromkeys(self.types[p] for p in phrases if p in self.types))
        longest = [p for p in known if not any(p != q and f" {p} " in f" {q} " for q in known)]
        return list(dict.fromkeys(inside or leaf or longest[:2])) + [p for p in longest if not leaf][2:3]

    def brand_of(self, product: Product) -> str:
        """The brand as people type it, or the empty text."""
        return brand_name(product.brand)


def learn(products: Sequence[Product]) -> Vocabulary:
    """The vocabulary of a catalogue. An empty one gives an empty vocabulary."""
    some = list(islice(products, 0, None, max(1, len(products) // LEARNT)))
    titles = [tokens(product.title) for product in some]
    words = Counter(word for title in titles for word in set(title))
    asked, values = _asked(some, titles, words)
    brands = _brands(some, words)
    leaves = Counter(roots(name) for product in some for name in leaf_names(product.category))
    values = frozenset(value for value in values if root(value) not in leaves)
    types = _types(some, titles, values, brands, leaves) | _spellings(some, leaves)
    learnt = Vocabulary(words, brands, types, asked, values, {})
    return Vocabulary(words, brands, types, asked, values, _parts(some, learnt))


def leaf_names(category: str) -> Iterator[str]:
    """The names in a category's leaf: "Tops, Tees & Blouses" holds three."""
    leaf = category.rpartition(CATEGORY_SEPARATOR)[2].lower()
    for piece in leaf.replace("&", ",").replace(" and ", ",").replace("/", ",").split(","):
        name = " ".join(trimmed(tokens(piece)))
        if len(name) > 2 and not HAS_DIGIT.search(name) and 1 <= len(name.split()) <= LONGEST_TYPE:
            yield name


def brand_name(brand: str) -> str:
    """A brand in lower case, without a web address's ending; empty where it names none."""
    name = " ".join(tokens(brand)).removesuffix(".com").removesuffix(".")
    return "" if name in NO_BRAND or len(name.split()) > 4 else name


def _brands(products: Iterable[Product], words: Mapping[str, int]) -> dict[str, str]:
    """Brands of two products and more, but for those that are mostly used as another word ("white")."""
    counts = Counter(brand_name(product.brand) for product in products)
    return {
        roots(name): name
        for name, count in counts.most_common()
        if name and (count > 1 or len(counts) < 20) and count >= 0.2 * words.get(name, 0)
    }


def _asked(
    products: Sequence[Product], titles: Sequence[list[str]], words: Mapping[str, int]
) -> tuple[dict[str, float], frozenset[str]]:
    """Attributes whose values titles tell, and the single words among those values."""
    there, told, valued = Counter[str](), Counter[str](), Counter[str]()
    for product, title in zip(products, titles, strict=True):
        text = f" {' '.join(title)} "
        for name, value in product.attributes.items():
            said = " ".join(tokens(value))
            if name and said and len(said.split()) <= 3 and said not in ("yes", "no") and not said.isdigit():
                there[name] += 1
                if f" {said} " in text:
                    told[name] += 1
                    valued[said] += 1
    least = 3 if len(products) > 300 else 1
    asked = {name: told[name] / there[name] for name in told if told[name] >= least and told[name] > 0.1 * there[name]}
    single = {
        value
        for value, count in valued.items()
        if " " not in value and not HAS_DIGIT.search(value) and count >= max(least, 0.2 * words.get(value, 0))
    }
    return asked, frozenset(single)


def _types(
    products: Sequence[Product],
    titles: Sequence[list[str]],
    values: frozenset[str],
    brands: Mapping[str, str],
    leaves: Mapping[str, int],
) -> dict[str, str]:
    """Phrases that end pieces of titles, again and again, and under several brands."""
    nouns = _nouns(products, titles, leaves)
    ends, seen, spelt = Counter[str](), Counter[str](), defaultdict[str, Counter[str]](Counter)
    of_brands = defaultdict[str, set[str]](set)
    for product, title in zip(products, titles, strict=True):
        brand = brand_name(product.brand)
        for piece in pieces(title, values, set(brand.split())):
            stems = [root(word) for word in piece]
            for n in range(1, LONGEST_TYPE + 1):
                for at in range(len(piece) - n + 1):
                    phrase = " ".join(stems[at : at + n])
                    seen[phrase] += 1
                    if at + n == len(piece):
                        ends[phrase] += 1
                        spelt[phrase][" ".join(piece[at:])] += 1
                        if len(of_brands[phrase]) < 5:
                            of_brands[phrase].add(brand)
    branded = sum(1 for product in products if brand_name(product.brand)) > 0.5 * len(products)
    least = 1 if len(products) < 30 else 2 if len(products) < 1000 else 4
    kept = {
        phrase
        for phrase, count in ends.items()
        if count >= least
        and count >= 0.3 * seen[phrase]
        and len(phrase) > 2
        and (not branded or len(of_brands[phrase]) >= min(least, 3))
        and phrase not in brands
        and phrase.rpartition(" ")[2] in nouns
    }
    # A longer phrase is a type of its own only if its last word is often said with just these words before it.
    sure = {p for p in kept if " " not in p or ends[p] >= max(least, 0.02 * ends[p.rpartition(" ")[2]])}
    return {phrase: spelt[phrase].most_common(1)[0][0] for phrase in sorted(sure, key=lambda p: -ends[p])}


def _nouns(products: Sequence[Product], titles: Sequence[list[str]], leaves: Mapping[str, int]) -> set[str]:
    """Roots of words that may name a type: those that end a category where most products have one, else those that
    are found in singular and plural, where the language has such an ``s``; no units, which stand after numbers."""
    counted, measured = Counter[str](), Counter[str]()
    for title in titles:
        counted.update(title)
        measured.update(word for before, word in zip(title, title[1:], strict=False) if before[-1:].isdigit())
    units = {root(word) for word, count in measured.items() if count > 0.4 * counted[word]}
    if sum(leaves.values()) > 0.5 * len(products):
        return {name.rpartition(" ")[2] for name in leaves} - units
    for product in products:
        counted.update(tokens(product.description[:300]))
    forms = defaultdict[str, Counter[str]](Counter)
    for word, count in counted.items():
        forms[root(word)][word] += count
    both = {r for r, found in forms.items() if len(found) > 1 and min(found.values()) > 0.01 * max(found.values())}
    return (both if len(products) > 300 and len(both) > 0.05 * len(forms) else set(forms)) - units


def _spellings(products: Iterable[Product], leaves: Mapping[str, int]) -> dict[str, str]:
    spelt = defaultdict[str, Counter[str]](Counter)
    for product in products:
        for name in leaf_names(product.category):
            spelt[roots(name)][name] += 1
    return {name: spelt[name].most_common(1)[0][0] for name in leaves}


def pieces(title: Sequence[str], values: frozenset[str], brand: set[str]) -> Iterator[list[str]]:
    """Runs of plain words in a title: what is between numbers, small words, values of attributes and the brand."""
    run: list[str] = []
    for word in (*title, ""):
        if not word or word in SMALL or word in values or word in brand or HAS_DIGIT.search(word):
            if run:
                yield run
            run = []
        else:
            run.append(word)


def _parts(products: Iterable[Product], vocabulary: Vocabulary) -> dict[str, dict[str, int]]:
    """By type: what titles name after "with" or "without", and attributes that are sometimes "no"."""
    parts = defaultdict[str, Counter[str]](Counter)
    for product in products:
        named = list(parts_named(product))
        if named:
            for kind in vocabulary.types_of(product)[:1]:
                parts[roots(kind)].update(named)
    return {kind: dict(counts) for kind, counts in parts.items()}


def parts_named(product: Product) -> Iterator[str]:
    """What a title says that the product comes with or without, one or two words each, and attributes that it lacks."""
    title = tokens(product.title)
    for at, word in enumerate(title[:-1]):
        if word in ("with", "without", "w", "mit", "ohne", "avec", "sans", "con", "sin"):
            phrase = []
            for following in title[at + 1 : at + 4]:
                if following in SMALL or HAS_DIGIT.search(following):
                    break
                phrase.append(following)
            if 1 <= len(phrase) <= 2:
                yield " ".join(phrase)
    for name, value in product.attributes.items():
        if value == "no" and 1 <= len(name.split()) <= 2 and not HAS_DIGIT.search(name):
            yield " ".join(tokens(name))


def model_numbers(product: Product) -> list[str]:
    """Words of the title that look like model numbers, without numbers with units."""
    units = {"".join(found).lower() for found in QUANTITY.findall(product.title)}
    return [word for word in tokens(product.title) if is_model_number(word) and word not in units]
