"""Which product a model, part or article number is the number of, and which ones only fit it.

A query that is a number ("WH-1000XM4", "wh1000 xm4", "sony wh1000xm4", "iphone 12") means the thing that has it. What
goes with that thing carries the number as well, is sold in more kinds, and looks more like the rest of the window.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from endcap.language.accessories import is_accessory_word
from endcap.language.small_words import BUYING_WORDS, STOP_WORDS
from endcap.language.text import has_digit, words_in
from endcap.plugin.blend.document_words import DocumentWords
from endcap.plugin.blend.number_forms import goes_on, in_full, is_sure, joined_anyhow, read_as_amounts
from endcap.plugin.blend.query_words import MIN_DIGITS, QueryWords
from endcap.plugin.blend.window_names import MAX_RUN, WindowNames, runs

OWN, VARIANT, UNBRANDED, NAMED, FITTED, BEGUN, SHARED = 1.0, 0.8, 0.7, 0.6, 0.3, 0.1, 0.05
"""A product of the number: by an identifier or the title's main part; there, but followed by a variant's name ("x12
pro") that the query does not say; in a title without any brand, where others have one; further back in the title, as
in brackets; or though its words are those of an accessory, so that it only stands before what says outright that it
fits another. Where there is none of these, one whose number goes on behind that one. Last, a thing of a number that
is one of a kind ("gu10 bulb", "4k tv")."""
MAKERS = 3
"""So many brands have things of a number that is one of a kind."""
VARIANTS = frozenset(
    words_in("air duo fe flip fold lite max mini neo note plus prime pro se ultra xl slim twin nc go edge ii iii iv")
)
SETS = ("bundle", "combo")
"""What is a thing with its parts."""
_SIZE = re.compile(rf"\d{{1,{MIN_DIGITS - 1}}}|\d+x\d+(?:x\d+)?|\d+in\d+|\d{{2,}}000|\d+[^\W\d_]{{5,}}")
"""What is the number of no thing: one that says nothing alone, lengths ("90x200"), "3in1", and so many of something
("15000", "1000-staple")."""
_SIZE_OF_A_KIND = re.compile(r"\d{1,2}")
"""Behind a word this is more often a size than a part of a number: "tv 55"."""
MAX_NAME_WORDS = 5
"""A query with more words beside the number is more than a number."""


@dataclass(frozen=True, slots=True)
class AskedNumber:
    """The number that a query asks for, and the words beside it."""

    pattern: re.Pattern[str]
    """Finds the number in words between blanks, however its parts are joined."""
    compact: str
    brand: str
    """That of a product in the window, in words; empty where none is named."""
    name: tuple[str, ...]
    """Words that are neither the number nor a brand: a series ("galaxy s21"), or what is wanted of it ("x12 case")."""
    sure: bool
    """Whether it can hardly be anything but the number of a thing; "iphone 12" and "ps4" are more than one thing."""
    kind: tuple[str, ...] = ()
    """Words of the name that say what kind of thing it is: "gu10 bulb", but no "galaxy s21"."""
    brands: frozenset[str] = frozenset()
    """Those of the window's products, single words."""

    @classmethod
    def of(cls, query: QueryWords, products: Sequence[DocumentWords]) -> AskedNumber | None:
        """The number in a query's words, None where there is none, or two."""
        words, said, brands = query.text.split(), query.said.split(), brands_of(products)
        told = {*query.models, *_told_as_one(said, products)} - brands
        numbers = {number for number in told if not _SIZE.fullmatch(number)}
        found = _runs(said, {*numbers, *query.names, *read_as_amounts(words, brands)})
        if len(found) != 1:
            return None
        start, end = found[0]
        compact = "".join(said[start:end])
        # "hl 2030" is "hl2030" as well: a word before the number may be a part of it.
        before = words[start - 1] if start and words[start - 1] not in STOP_WORDS else ""
        rest = [word for word in (*words[:start], *words[end:]) if word in query.words and word not in BUYING_WORDS]
        rest = [word for word in rest if word not in query.sizes]
        brand = brand_in(rest, brands)
        name = [word for word in rest if word not in brand.split()]
        if len(name) > MAX_NAME_WORDS or (compact.isdigit() and len(compact) < MIN_DIGITS and not before):
            return None
        is_part = before not in brand.split() or compact.isdigit()
        whole = said[start - 1] + compact if is_part and goes_on(before, compact) else compact
        pattern = re.compile(rf" (?:{joined_anyhow(whole)}(?:st|nd|rd|th)?{in_full(whole)}) ")
        name = [word for word in name if whole == compact or word != before]
        is_series = before in name and WindowNames(products).makes_name(before, compact)
        kind = [word for word in name if word not in VARIANTS and not (is_series and word == before)]
        of_brands = frozenset(word for each in brands for word in each.split())
        kind = [
            word for word in kind if is_accessory_word(word) or not (word in of_brands or _is_maker(word, products))
        ]
        sure = (whole == compact or not compact.isdigit()) and is_sure(compact)
        return cls(pattern, whole, brand, tuple(name), sure, tuple(kind), of_brands)

    @property
    def wants_accessory(self) -> bool:
        """Whether the words beside the number ask for something that fits it."""
        return any(map(is_accessory_word, self.name))

    def is_alone(self, products: Sequence[DocumentWords], levels: Sequence[float]) -> bool:
        """Whether nothing is asked for but a number, with its brand, series and variant: what kind of thing it is, the
        query does not say. No number of a thing is one that is short, and that several makers' products have alike."""
        best = max(levels, default=0.0)
        makers = {_maker(each) for each, level in zip(products, levels, strict=True) if level == best > 0}
        return not self.kind and (self.sure or len(makers) < MAKERS)

    def ownerships(self, products: Sequence[DocumentWords]) -> list[float]:
        """How far each product is the one of that number: ``OWN``, ``VARIANT``, ``NAMED``, ``FITTED``,
        ``BEGUN``, or 0; ``SHARED`` where several brands have such a thing.

        What the words call an accessory only fits the thing of that number. Where there is no such thing, the number is
        its own: a toner's, which printers name as well.
        """
        levels = [self._ownership(product) for product in products]
        if self.name and (max(levels, default=0.0) >= NAMED or any(map(self._is_main_in, products))):
            levels = [level if level >= NAMED else 0.0 for level in levels]
        is_there = any(levels) or any(self.compact in product.models for product in products)
        if not is_there and not self.wants_accessory:
            return [BEGUN if self._is_begun(product) else 0.0 for product in products]
        owners = {_maker(product) for product, level in zip(products, levels, strict=True) if level >= NAMED}
        if self.kind and len(owners) >= MAKERS:
            return [SHARED if level >= NAMED else 0.0 for level in levels]
        if any(self._is_thing(product, level) for product, level in zip(products, levels, strict=True)):
            return self._with_its_like(products, levels)
        own = [level == FITTED and self._is_own_part(product) for level, product in zip(levels, products, strict=True)]
        return [OWN if is_own else level for is_own, level in zip(own, levels, strict=True)]

    def is_carried_by(self, product: DocumentWords) -> bool:
        """Whether a product says the number anywhere; with the words beside it, where the number says little."""
        text = product.title + product.rest
        said = (
            self.compact in product.models or self.compact in product.numbers or self.pattern.search(text) is not None
        )
        return said and (self.sure or all(f" {word} " in text for word in (*self.name, *self.brand.split())))

    def _is_main_in(self, product: DocumentWords) -> bool:
        """Whether a product is a thing of that number, by whatever word for its kind."""
        return not product.is_accessory and self.pattern.search(product.main) is not None

    def _with_its_like(self, products: Sequence[DocumentWords], levels: list[float]) -> list[float]:
        """The levels, where what has the category of the number's thing is none of its accessories, whatever its words
        ("Headphones with head-band"), and what says no brand stands behind what does: "Tamper X12", "Verrix X12"."""
        pairs = list(zip(products, levels, strict=True))
        brands = brands_of(products) | {word for product in products if (word := self._maker_told(product))}
        kinds = {product.category for product, level in pairs if level == OWN and product.category.strip()}
        said = {brand for brand in brands if any(level == OWN and f" {brand} " in each.own for each, level in pairs)}
        # The maker is the brand that products of others name; by its own maker's products each brand is named.
        there = [product for product in products if self.pattern.search(product.title + product.rest)]
        named = {brand: sum(p.brand != brand and f" {brand} " in p.title + p.rest for p in there) for brand in brands}
        most = max((named[brand] for brand in said), default=0)
        said = {brand for brand in said if named[brand] == most}
        pairs = [
            (p, self._without_brand(p, level, said) if named.get(p.brand, 0) < most else level) for p, level in pairs
        ]
        likes = [
            level == FITTED and product.category in kinds and self._is_own_part(product) for product, level in pairs
        ]
        return [OWN if is_like else level for is_like, (_, level) in zip(likes, pairs, strict=True)]

    def _maker_told(self, product: DocumentWords) -> str:
        """The word before the number, where something is said to fit that: "lid for Verrix X12"."""
        found = self.pattern.search(product.fitted)
        before = product.fitted[: found.start()].rpartition(" ")[2] if found else ""
        return before if before.isalpha() and before not in STOP_WORDS and len(before) > 1 else ""

    def _without_brand(self, product: DocumentWords, level: float, brands: Collection[str]) -> float:
        is_branded = product.brand in brands or any(f" {brand} " in product.own for brand in brands)
        return UNBRANDED if level == OWN and self.compact not in product.numbers and not is_branded else level

    def _is_thing(self, product: DocumentWords, level: float) -> bool:
        """Whether the product is the thing of that number: also one that names it further back, and no other."""
        found = self.pattern.search(product.own) if level == NAMED else None
        rest = "" if found is None else f"{product.own[: found.start()]} {product.own[found.end() :]}"
        return level >= VARIANT or (found is not None and not _has_number(rest, product.models))

    def _is_own_part(self, product: DocumentWords) -> bool:
        """Whether the number stands in the main part of a title that says of nothing that it fits."""
        return self.pattern.search(product.fitted) is None and self.pattern.search(product.main) is not None

    def _ownership(self, product: DocumentWords) -> float:
        if self.wants_accessory:
            return NAMED if self._is_wanted(product) else 0.0
        if not self._is_named(product):
            return 0.0
        fits = self.pattern.search(product.fitted) is not None
        if self.compact in product.numbers and not fits:
            return OWN
        found = self.pattern.search(product.own)
        if found is None:
            return 0.0
        if product.is_accessory or fits or self._is_behind_accessory(product.own[: found.start()]):
            return 0.0 if self.name and not self.sure else FITTED
        following = takewhile(VARIANTS.__contains__, product.own[found.end() :].split())
        if any(word not in self.name for word in following):
            return VARIANT
        if (
            self.sure
            and product.own == product.main.rstrip() + found[0]
            and not _has_number(product.main, product.models)
        ):
            return OWN  # "Phone (X12)"
        in_main = self.pattern.search(product.main)
        # Behind a number of its own, it is that of a part: "Printer HL-2140 TN-2110".
        return OWN if in_main and not _has_number(product.main[: in_main.start()], product.models) else NAMED

    def _is_begun(self, product: DocumentWords) -> bool:
        """Whether a number in the title goes on behind the one that is asked for: "43l", and 43LH5000."""
        begun = len(self.compact) > 2 and not self.compact.isdigit() and self._is_named(product)
        return begun and any(model.startswith(self.compact) for model in product.models) and not product.is_accessory

    def _is_wanted(self, product: DocumentWords) -> bool:
        """Whether the product is what is wanted of the number's thing, and not that with it ("TV with remote")."""
        text = product.title + product.rest
        if not product.is_accessory or self.pattern.search(text) is None or _is_of_sets(product, self.name):
            return False
        # The part itself stands in the title or category; the thing's series and brand may stand behind "for".
        parts = [word for word in self.kind if is_accessory_word(word)]
        others = [word for word in (self.kind if self.sure else self.name) if word not in parts]
        return all(f" {word} " in product.own or f" {word} " in product.category for word in parts) and all(
            f" {word} " in text for word in others
        )

    def _is_behind_accessory(self, text: str) -> bool:
        """Whether a text ends in an accessory, and then the number's brand and series: "Case Apple iPhone 12"."""
        series = {*self.name, *self.brand.split(), *self.brands}
        last = next((word for word in reversed(text.split()) if word not in series), "")
        return is_accessory_word(last)

    def _is_named(self, product: DocumentWords) -> bool:
        """Whether the product is called what the query says beside the number."""
        if self.brand and self.brand != product.brand and f" {self.brand} " not in product.title + product.rest:
            return False
        return all(f" {word} " in product.own or f" {word} " in product.category for word in self.name)


def _maker(product: DocumentWords) -> str:
    return product.brand or product.title.split(" ", 2)[1]


def _is_maker(word: str, products: Sequence[DocumentWords]) -> bool:
    """Whether a word may be a brand: titles of products whose brand is not known begin with it."""
    return any(not product.brand and product.title.startswith(f" {word} ") for product in products)


def _is_of_sets(product: DocumentWords, asked: Collection[str]) -> bool:
    """Whether a product is a thing together with its parts, where these are not asked for."""
    return any(f" {word} " in product.title for word in SETS if word not in asked)


def _has_number(text: str, models: Collection[str]) -> bool:
    """Whether words hold a number of a model, letters and at least two digits."""
    words = text.split()
    numbers = ("".join(words[start:end]) for start, end in _runs(words, models))
    return any(is_sure(number) and not number.isdigit() for number in numbers)


def brands_of(products: Sequence[DocumentWords]) -> frozenset[str]:
    """The brands of a window's products, in words."""
    return frozenset(product.brand for product in products if product.brand)


def _told_as_one(words: Sequence[str], products: Sequence[DocumentWords]) -> Iterator[str]:
    """Neighbouring words that are one number in some product: "boxdp 55wb" for "BOXDP55WB"."""
    for run in runs(words):
        joined = "".join(run)
        if any(has_digit(word) and not _SIZE_OF_A_KIND.fullmatch(word) for word in run) and any(
            joined in product.models for product in products
        ):
            yield joined


def _runs(words: Sequence[str], numbers: Collection[str]) -> list[tuple[int, int]]:
    """Where words that are a number stand, from and to: "wh 1000xm4" where that is one number, "wh1000 xm4" as well."""
    found, at = list[tuple[int, int]](), 0
    while at < len(words):
        ends = [end for end in range(min(len(words), at + MAX_RUN), at, -1) if "".join(words[at:end]) in numbers]
        if not ends or not any(map(has_digit, words[at : ends[0]])):
            at += 1
            continue
        if found and found[-1][1] == at:
            found[-1] = (found[-1][0], ends[0])
        else:
            found.append((at, ends[0]))
        at = ends[0]
    return found


def brand_in(words: Sequence[str], brands: Collection[str]) -> str:
    """The longest brand that words begin or end with."""
    for length in range(min(len(words), 4), 0, -1):
        for part in (words[:length], words[-length:]):
            if " ".join(part) in brands:
                return " ".join(part)
    return ""
