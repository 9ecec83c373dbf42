"""What is compared of a product where a grade is known by construction, in the words of ``plugin/shop_words.py``."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from endcap.distill.generate.title_pieces import NO_BRAND
from endcap.distill.generate.units import QUANTITY, quantities
from endcap.distill.generate.words import HAS_DIGIT
from endcap.index.product import CATEGORY_SEPARATOR, Product
from endcap.plugin.blend.document_words import MAX_CHARS, main_part, words_of
from endcap.plugin.shop_words import STOP, plain, words_in

LONGEST_BRAND = 4
RARELY_A_WORD = 0.05
"""A word of titles is a brand, and no common word ("blue"), if so many of those products are of that brand."""
MOST = 0.5
"""So many of the products of a noun stand on one shelf where that shelf is theirs."""
KEPT = 50_000
"""Products whose facts are remembered, at some 12 KB each."""
_SAYS = {"y": "yes", "true": "yes", "n": "no", "false": "no", "none": "no"}
_PACK_OF = re.compile(r"(?<![^\W_])(?:pack|set|box) of (\d+)", re.IGNORECASE)
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
    """By the noun of what titles say a product is: the shelf that holds most such products, and their share."""

    @classmethod
    def of(cls, products: Iterable[Product]) -> CatalogueWords:
        """From a whole catalogue, read once."""
        made, titles, fits = Counter[str](), Counter[str](), set[tuple[str, ...]]()
        shelves = defaultdict[str, Counter[str]](Counter)
        for product in products:
            titles.update(set(words_in(_title(product))))
            if noun := _noun(_main(product), _wishes(product)):
                shelves[noun][shelf_of(product)] += 1
            made[brand_words(product.brand)] += 1
            fits.update(map(tuple, _fits(product)))
        brands = frozenset(name for name, count in made.items() if name and count >= RARELY_A_WORD * titles[name])
        tops = {noun: (counts.most_common(1)[0], counts.total()) for noun, counts in shelves.items()}
        nouns = {noun: (shelf, count / total) for noun, ((shelf, count), total) in tops.items()}
        catalogue = cls(brands, frozenset(), frozenset(titles), nouns)
        names = {word for said in fits if catalogue.named_in(said) for word in said}
        return replace(catalogue, names=frozenset(names - STOP))

    def in_words(self, words: Sequence[str]) -> set[str]:
        """The brands among some words."""
        spans = (" ".join(words[i : i + n]) for n in range(1, LONGEST_BRAND + 1) for i in range(len(words) - n + 1))
        return {span for span in spans if span in self.brands}

    def on_one_shelf(self, noun: str) -> bool:
        """Whether most products that are called so stand on one shelf, so that another shelf holds something else."""
        shelf, share = self.nouns.get(noun, ("", 0.0))
        return bool(shelf) and share >= MOST

    def named_in(self, words: Sequence[str]) -> bool:
        """Whether some words name a product: by a brand or a number."""
        return any(map(HAS_DIGIT.search, words)) or bool(self.in_words(words))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is compared of a product."""

    id: str
    shelf: str
    """The leaf of its category's path."""
    brand: str
    noun: str
    """The last word of what its title says it is."""
    head: frozenset[str]
    """Words that say what it is: the title's up to "for" or "with", and the shelf's."""
    title: frozenset[str]
    said: frozenset[str]
    """Words of all fields but the description, which tells of other products, too."""
    words: frozenset[str]
    """All words, but of what the attributes and the description say that it is without."""
    denied: frozenset[str]
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
    amounts: frozenset[str]
    """Numbers with units, in the smallest unit."""

    @classmethod
    def of(cls, product: Product, catalogue: CatalogueWords) -> Facts:
        """From a product and its catalogue's names; total."""
        product = replace(product, attributes={name: _yes_or_no(value) for name, value in product.attributes.items()})
        read = words_of(product)
        has = {name: value for name, value in product.attributes.items() if value != "no"}
        values = [words_in(plain(value)) for value in has.values()]
        title, shelf, brand = read.title.split(), read.category.split(), brand_words(product.brand)
        named = [*title, *shelf, *(word for value in values for word in value)]
        codes = (word for name, value in has.items() if _MODEL.search(name) for word in words_in(plain(value)))
        told = [words for words in _fits(product) if catalogue.named_in(words)]
        fits = frozenset(frozenset(words) - STOP for words in told)
        main, wishes = _main(product), tuple(_wishes(product))
        return cls(
            id=product.id,
            shelf=shelf_of(product),
            brand=brand,
            noun=_noun(main, wishes),
            head=frozenset([*main, *shelf]),
            title=frozenset(title),
            said=frozenset([*named, *brand.split(), *words_in(plain(" ".join(has)))]),
            words=frozenset([*named, *read.rest.split()]),
            denied=read.denied,
            fits=fits,
            fits_brands=frozenset(
                word for words in told for brand in catalogue.in_words(words) for word in brand.split()
            ),
            goes_with=frozenset(_goes_with(product, fits, catalogue)),
            codes=frozenset(word for word in codes if HAS_DIGIT.search(word)),
            values=wishes,
            amounts=frozenset(amounts_in((product.title, *product.attributes.values()))),
        )


class FactsMemory:
    """The facts of a shop's products, remembered."""

    def __init__(self, catalogue: CatalogueWords, product: Callable[[str], Product]) -> None:
        """``product`` gives the product of an id."""
        self.catalogue = catalogue
        self._product = product
        self._known: dict[str, Facts] = {}

    def __getitem__(self, id: str) -> Facts:
        if id not in self._known:
            if len(self._known) >= KEPT:
                self._known.clear()
            self._known[id] = Facts.of(self._product(id), self.catalogue)
        return self._known[id]


def shelf_of(product: Product) -> str:
    """The leaf of a product's category, plain."""
    return plain(product.category.rpartition(CATEGORY_SEPARATOR)[2])


def noun_of(words: Sequence[str]) -> str:
    """The last word that may name a thing, or the empty text: a "hair mask" is a mask."""
    return next((word for word in reversed(words) if len(word) > 1 and not HAS_DIGIT.search(word)), "")


def brand_words(brand: str) -> str:
    """A brand's words between blanks, without a web address's ending; empty where it names none."""
    name = plain(brand[: MAX_CHARS["brand"]]).strip()
    return "" if name in NO_BRAND else " ".join(words_in(_WEB.sub("", without_possessive(name))))


def without_possessive(plain_text: str) -> str:
    """A text whose "women's" are "women"."""
    return _POSSESSIVE.sub("", plain_text)


def amounts_in(texts: Iterable[str]) -> Iterator[str]:
    """Numbers with units, in the smallest unit."""
    for text in texts:
        yield from (amount.base() for amount in quantities(packs_first(text)))


def packs_first(text: str) -> str:
    """A text whose "pack of 6" is a "6 pack": a number with its unit."""
    return _PACK_OF.sub(r"\1 pack", text)


def _yes_or_no(value: str) -> str:
    """Shops say it in several ways; here only "yes" and "no" are known."""
    said = plain(value).strip()
    return _SAYS.get(said, said if said in ("yes", "no") else value)


def _title(product: Product) -> str:
    return plain(" ".join(product.title[: MAX_CHARS["title"]].split()))


def _main(product: Product) -> list[str]:
    """The words of a title's main part; a brand that stands before a comma or a dash is not all of it."""
    title, brand = _title(product), plain(product.brand).strip()
    if brand and title.startswith(brand):
        after = re.match(r"\s*[-\u2013\u2014,:|]\s*", title[len(brand) :])
        title = title[len(brand) + after.end() :] if after else title
    return words_in(main_part(title))


def _wishes(product: Product) -> Iterator[tuple[str, ...]]:
    shelf = set(words_in(shelf_of(product)))
    for name, value in product.attributes.items():
        words = tuple(words_in(plain(value)))
        if words and value not in ("yes", "no") and not _KIND.fullmatch(name) and shelf.isdisjoint(words):
            yield words


def _noun(main: Sequence[str], wishes: Iterable[Sequence[str]]) -> str:
    """The noun of a title's main part, which no wish is: a "frying pan red" is a pan."""
    wished = {word for words in wishes for word in words}
    return noun_of([word for word in main if word not in wished]) or noun_of(main)


def _goes_with(product: Product, fits: Iterable[frozenset[str]], catalogue: CatalogueWords) -> Iterator[str]:
    told = set[str]().union(*fits)
    yield from told
    title = QUANTITY.sub(" ", _title(product))
    tails = [words_in(said) for said in _TAIL.findall(title)]
    said, own = words_in(title), brand_words(product.brand)
    if not told and catalogue.in_words(said) - {own}:  # "Mira 4 case", by another maker
        tails.append([word for word in said if word not in own.split()])
    for words in tails:
        if catalogue.named_in(words):
            brands = {word for brand in catalogue.in_words(words) for word in brand.split()}
            yield from (word for word in words if word in brands or word in catalogue.names or HAS_DIGIT.search(word))


def _fits(product: Product) -> Iterator[list[str]]:
    for name, value in product.attributes.items():
        if _FITS.search(name):
            yield from filter(None, map(words_in, _BETWEEN_FITS.split(plain(value))))
