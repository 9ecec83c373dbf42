"""What is compared of a product where a grade is known by construction, in the words of ``language/text.py``."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from endcap.distill.generate.title_pieces import NO_BRAND
from endcap.index.product import CATEGORY_SEPARATOR, Product
from endcap.language.quantities import quantities_in, quantities_out
from endcap.language.small_words import STOP_WORDS
from endcap.language.text import has_digit, normalised, words_in
from endcap.plugin.blend.document_words import MAX_CHARS, main_part, words_of

LONGEST_BRAND = 4
RARELY_A_WORD = 0.05
"""A word of titles is a brand, and no common word ("blue"), if so many of those products are of that brand."""
MOST = 0.5
"""So many of the products of a noun are of one type where that type is theirs."""
KEPT = 50_000
"""Products whose facts are remembered, at some 12 KB each."""
_YES_OR_NO = {"y": "yes", "true": "yes", "n": "no", "false": "no", "none": "no"}
_POSSESSIVE = re.compile(r"(?<=[^\W_])'s(?![^\W_])")
_WEB = re.compile(r"\.(?:com|net|org|de|co\.uk)\s*$")
_TAIL = re.compile(
    r"(?<![^\W_])(?:for|fits?|compatible with|suitable for)(?![^\W_])(.*?)"
    r"(?:$|[,(\[]|\s[-\u2013\u2014]\s|(?<![^\W_])(?:with|by|in)(?![^\W_]))"
)
_FITS = re.compile(r"(?<![^\W_])(?:compatib\w*|fits|suitable|suits|works with)(?![^\W_])", re.IGNORECASE)
_BETWEEN_FITS = re.compile(r"[,;/|\n]|(?<![^\W_])(?:and|or)(?![^\W_])")
_KIND = re.compile(r"(?:(?:product|item) )?(?:type|kind|category|typ|art|tipo|produktart|produkttyp)", re.IGNORECASE)
_MODEL = re.compile(r"(?<![^\W_])(?:model|mpn|oem|sku|part|item|article|code)(?![^\W_])", re.IGNORECASE)
Values = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class CatalogueWords:
    """Words by which a catalogue names its products, and what they go with."""

    brands: frozenset[str]
    names: frozenset[str]
    """Of values such as "compatible with", where they name a brand or a number."""
    titles: frozenset[str]
    """All words of titles."""
    nouns: Mapping[str, tuple[str, float]]
    """By the noun of what titles say a product is: the type of most such products, and their share."""

    @classmethod
    def of(cls, products: Iterable[Product]) -> CatalogueWords:
        """From a whole catalogue, read once."""
        counts, titles, fits = Counter[str](), Counter[str](), set[tuple[str, ...]]()
        types = defaultdict[str, Counter[str]](Counter)
        for product in products:
            titles.update(set(words_in(_title(product))))
            if noun := _noun(_main(product), _values(product)):
                types[noun][type_of(product)] += 1
            counts[brand_words(product.brand)] += 1
            fits.update(map(tuple, _fits(product)))
        brands = frozenset(name for name, count in counts.items() if name and count >= RARELY_A_WORD * titles[name])
        tops = {noun: (count_of.most_common(1)[0], count_of.total()) for noun, count_of in types.items()}
        nouns = {noun: (top, count / total) for noun, ((top, count), total) in tops.items()}
        catalogue = cls(brands, frozenset(), frozenset(titles), nouns)
        names = {word for words in fits if catalogue.named_in(words) for word in words}
        return replace(catalogue, names=frozenset(names - STOP_WORDS))

    def in_words(self, words: Sequence[str]) -> set[str]:
        """The brands among some words."""
        spans = (" ".join(words[i : i + n]) for n in range(1, LONGEST_BRAND + 1) for i in range(len(words) - n + 1))
        return {span for span in spans if span in self.brands}

    def is_of_one_type(self, noun: str) -> bool:
        """Whether most products that are called so are of one type, so that another type is something else."""
        product_type, share = self.nouns.get(noun, ("", 0.0))
        return bool(product_type) and share >= MOST

    def named_in(self, words: Sequence[str]) -> bool:
        """Whether some words name a product: by a brand or a number."""
        return any(map(has_digit, words)) or bool(self.in_words(words))


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """What is compared of a product."""

    id: str
    product_type: str
    """The leaf of its category's path."""
    brand: str
    noun: str
    """The last word of what its title says it is."""
    head: frozenset[str]
    """Words that say what it is: the title's up to "for" or "with", and the type's."""
    title: frozenset[str]
    field_words: frozenset[str]
    """Words of all fields but the description, which tells of other products, too."""
    words: frozenset[str]
    """All words, but of what the attributes and the description say that it is without."""
    absent: frozenset[str]
    """Words for what it is said to be without."""
    fits: frozenset[frozenset[str]]
    """What its attributes say that it is made for, each by its words."""
    fits_brands: frozenset[str]
    """The words of brands among those."""
    goes_with: frozenset[str]
    """Of a product that is made for another one: the words that name that one."""
    codes: frozenset[str]
    """Words with digits in attributes that tell a model or a part's number."""
    values: Values
    """Attributes' values that may be wished for: none that says what the product is, and not yes and no."""
    quantities: frozenset[str]
    """Numbers with units, in the smallest unit."""

    @classmethod
    def of(cls, product: Product, catalogue: CatalogueWords) -> ProductFacts:
        """From a product and its catalogue's names; total."""
        product = replace(product, attributes={name: _yes_or_no(value) for name, value in product.attributes.items()})
        document = words_of(product)
        has = {name: value for name, value in product.attributes.items() if value != "no"}
        attributes = {name: words_in(normalised(value)) for name, value in has.items()}
        title, leaf, brand = document.title.split(), document.category.split(), brand_words(product.brand)
        facts = [*title, *leaf, *(word for value in attributes.values() for word in value)]
        codes = (word for name, value in attributes.items() if _MODEL.search(name) for word in value)
        fits = [words for words in _fits(product) if catalogue.named_in(words)]
        fit_sets = frozenset(frozenset(words) - STOP_WORDS for words in fits)
        fits_brands = {name for words in fits for name in catalogue.in_words(words)}
        main, values = _main(product), tuple(_values(product))
        return cls(
            id=product.id,
            product_type=type_of(product),
            brand=brand,
            noun=_noun(main, values),
            head=frozenset([*main, *leaf]),
            title=frozenset(title),
            field_words=frozenset([*facts, *brand.split(), *words_in(normalised(" ".join(has)))]),
            words=frozenset([*facts, *document.rest.split()]),
            absent=document.absent,
            fits=fit_sets,
            fits_brands=frozenset(word for name in fits_brands for word in name.split()),
            goes_with=frozenset(_goes_with(product, fit_sets, catalogue)),
            codes=frozenset(filter(has_digit, codes)),
            values=values,
            quantities=frozenset(base_quantities([product.title, *product.attributes.values()])),
        )


class FactsMemory:
    """The facts of a shop's products, remembered."""

    def __init__(self, catalogue: CatalogueWords, product: Callable[[str], Product]) -> None:
        """``product`` gives the product of an id."""
        self.catalogue = catalogue
        self._product = product
        self._facts: dict[str, ProductFacts] = {}

    def __getitem__(self, id: str) -> ProductFacts:
        if id not in self._facts:
            if len(self._facts) >= KEPT:
                self._facts.clear()
            self._facts[id] = ProductFacts.of(self._product(id), self.catalogue)
        return self._facts[id]


def type_of(product: Product) -> str:
    """A product's type: the leaf of its category, normalised."""
    return normalised(product.category.rpartition(CATEGORY_SEPARATOR)[2])


def noun_of(words: Sequence[str]) -> str:
    """The last word that may name a thing, or the empty text: a "hair mask" is a mask."""
    return next((word for word in reversed(words) if len(word) > 1 and not has_digit(word)), "")


def brand_words(brand: str) -> str:
    """A brand's words between blanks, without a web address's ending; empty where it names none."""
    name = normalised(brand[: MAX_CHARS["brand"]]).strip()
    return "" if name in NO_BRAND else " ".join(words_in(_WEB.sub("", without_possessive(name))))


def without_possessive(normalised_text: str) -> str:
    """A text whose "women's" are "women"."""
    return _POSSESSIVE.sub("", normalised_text)


def base_quantities(texts: Iterable[str]) -> Iterator[str]:
    """Numbers with units, in the smallest unit."""
    for text in texts:
        yield from (quantity.in_base_unit() for quantity in quantities_in(text))


def _yes_or_no(value: str) -> str:
    """Shops say it in several ways; here only "yes" and "no" are known."""
    word = normalised(value).strip()
    return _YES_OR_NO.get(word, word if word in ("yes", "no") else value)


def _title(product: Product) -> str:
    return normalised(" ".join(product.title[: MAX_CHARS["title"]].split()))


def _main(product: Product) -> list[str]:
    """The words of a title's main part; a brand that stands before a comma or a dash is not all of it."""
    title, brand = _title(product), normalised(product.brand).strip()
    if brand and title.startswith(brand):
        after = re.match(r"\s*[-\u2013\u2014,:|]\s*", title[len(brand) :])
        title = title[len(brand) + after.end() :] if after else title
    return words_in(main_part(title))


def _values(product: Product) -> Iterator[tuple[str, ...]]:
    type_words = set(words_in(type_of(product)))
    for name, value in product.attributes.items():
        words = tuple(words_in(normalised(value)))
        if words and value not in ("yes", "no") and not _KIND.fullmatch(name) and type_words.isdisjoint(words):
            yield words


def _noun(main: Sequence[str], values: Iterable[Sequence[str]]) -> str:
    """The noun of a title's main part, which no attribute's value is: a "frying pan red" is a pan."""
    described = {word for words in values for word in words}
    return noun_of([word for word in main if word not in described]) or noun_of(main)


def _goes_with(product: Product, fits: Iterable[frozenset[str]], catalogue: CatalogueWords) -> Iterator[str]:
    fit_words = set[str]().union(*fits)
    yield from fit_words
    title = quantities_out(_title(product))[1]
    tails = [words_in(tail) for tail in _TAIL.findall(title)]
    words, own = words_in(title), brand_words(product.brand)
    if not fit_words and catalogue.in_words(words) - {own}:  # "Mira 4 case", by another maker
        tails.append([word for word in words if word not in own.split()])
    for tail in tails:
        if catalogue.named_in(tail):
            brands = {word for brand in catalogue.in_words(tail) for word in brand.split()}
            yield from (word for word in tail if word in brands or word in catalogue.names or has_digit(word))


def _fits(product: Product) -> Iterator[list[str]]:
    for name, value in product.attributes.items():
        if _FITS.search(name):
            yield from filter(None, map(words_in, _BETWEEN_FITS.split(normalised(value))))
