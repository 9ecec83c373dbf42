"""What the blend's features read of a product, made once for each content and remembered."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from dataclasses import fields as fields_of
from functools import lru_cache, partial

import orjson

from endcap.index.field_map import FieldMap
from endcap.index.own_numbers import with_own_numbers
from endcap.index.product import CATEGORY_SEPARATOR, Product
from endcap.language.accessories import fitted_in, is_of_compatibility, misfits_out, names_accessory, parts_by_fit
from endcap.language.amounts import Amount, amounts_out
from endcap.language.languages import ENGLISH, Codes
from endcap.language.model_numbers import model_numbers_in
from endcap.language.negations import lacking_in, negations_out, prefixes_joined
from endcap.language.text import has_digit, normalised, words_in
from endcap.plugin.content_memory import ContentMemory, Packing
from endcap.plugin.reading_version import reading_version

READ = ("title", "brand", "category", "attributes", "description")
"""The fields of a product that the features read."""
MAX_DOCUMENTS = 20_000
"""Documents remembered, at some 3 KB each."""
MAX_CHARS: Mapping[str, int] = {"title": 300, "brand": 80, "category": 200, "attributes": 1_000, "description": 600}
"""What is read of a field; a long page costs no more than a short one."""
MAX_NAME = 200
"""What is read of an attribute's name."""

_AFTER_MAIN = re.compile(
    r"(?<![^\W_])(?:for|with|compatible|fits?|suitable|includ\w+|w)(?![^\W_])|[(\[|/]|,\s|\s[-\u2013\u2014]\s"
)
_BETWEEN_NUMBERS = re.compile(r"(?<=[^\W_])[/,](?=[^\W_])")

_IDENTIFIER = re.compile(
    r"(?:(?:manufacturer|item|part|product|article|style|catalog(?:ue)?|mfr)[\s_.-]*)*"
    r"(?:mpn|ean|gtin|upc|isbn|asin|sku|id|model|modell|modelo|mod[eè]le|reference|referencia|r[eé]f[eé]rence|number|no|nr|num|"
    r"code|artikelnummer|artikel-?nr|teilenummer|herstellernummer|modellnummer|bestellnummer)"
    r"[\s_.-]*(?:number|no|nr|num|name|code|13|14|12|8|id)?\.?",
    re.IGNORECASE,
)
"""Names of attributes that hold a product's own number."""
_WORD_PART = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class DocumentWords:
    """A product's words. Texts are words between blanks, also before the first and after the last one: ``" w " in
    title`` finds a word, and takes a fraction of a set's memory."""

    title: str
    main: str
    """The title up to the first "for", "with", bracket or dash: what the product is, not what it goes with."""
    category: str
    """The leaf of the category's path."""
    rest: str
    """All that is said of the product, but what it is said to be without."""
    brand: str
    models: frozenset[str]
    absent: frozenset[str]
    """Words for what it is said to be without."""
    amounts: tuple[Amount, ...]
    length: int
    """Words in the title."""
    own: str = ""
    """The title up to what the product fits, brackets and all."""
    numbers: frozenset[str] = frozenset()
    """Its own numbers as its attributes say them (part number, EAN), joined."""
    fitted: str = ""
    """What it is said to fit: the title behind "for", attributes of compatibility, words of the description."""
    is_accessory: bool = False
    """Whether its words are those of a thing that fits another."""


_NAMES = tuple(field.name for field in fields_of(DocumentWords))


def words_of(product: Product, languages: Codes = ENGLISH) -> DocumentWords:
    """A product's words, as these languages write them; total, and the same for the same content."""
    title = prefixes_joined(normalised(product.title[: MAX_CHARS["title"]]), languages)
    brand = normalised(product.brand[: MAX_CHARS["brand"]])
    category = normalised(product.category[-MAX_CHARS["category"] :])
    attributes, lacking = _attributes(product, languages)
    description = prefixes_joined(normalised(product.description[: MAX_CHARS["description"]]), languages)
    facts = misfits_out(f"{title}\n{attributes}\n{description}")
    # "Nike Free Run" is not without Nike.
    negations, positive = negations_out(facts, languages, frees=lambda word, _: word not in brand.split())
    # "3M" is no three metres where it is the brand.
    amounts, rest_of_facts = amounts_out(f"{title}\n{attributes}", languages, keep=lambda said, _: said == brand)
    title_words = words_in(title, languages)
    before, title_after = parts_by_fit(product.title[: MAX_CHARS["title"]])
    own = prefixes_joined(normalised(before), languages)
    main = words_in(main_part(own or title), languages)
    # Of several numbers ("C-EXV11/12 drum unit") what kind of thing it is stands behind the last.
    kind = words_in(main_part(_BETWEEN_NUMBERS.sub(" ", own or title)), languages)
    leaf = words_in(category.rpartition(CATEGORY_SEPARATOR)[2], languages)
    absent = lacking | lacking_in(positive, languages) | {word for phrase in negations for word in phrase}
    return DocumentWords(
        title=_joined(title_words),
        main=_joined(main),
        category=_joined(leaf),
        rest=_joined(dict.fromkeys(words_in(f"{brand}\n{category}\n{positive}", languages))),
        brand=" ".join(words_in(brand, languages)),
        models=model_numbers_in(rest_of_facts),
        absent=absent,
        amounts=tuple(dict.fromkeys(amounts)),
        length=len(title_words),
        own=_joined(words_in(own, languages)),
        numbers=_own_numbers(product),
        fitted=_joined(words_in(normalised(_fitted(product, title_after)), languages)),
        is_accessory=names_accessory([word for word in kind if word not in absent]) or names_accessory(leaf),
    )


def packed(words: DocumentWords) -> bytes:
    """A product's words as a store keeps them, some 800 bytes."""
    values = [getattr(words, name) for name in _NAMES]
    return orjson.dumps([[*value] if isinstance(value, frozenset) else value for value in values], default=list)


def unpacked(record: bytes) -> DocumentWords:
    """The words that were packed; raises where these are none. It takes a hundredth of the time of making them."""
    title, main, category, rest, brand, models, absent, amounts, length, own, numbers, fitted, accessory = orjson.loads(
        record
    )
    return DocumentWords(
        title,
        main,
        category,
        rest,
        brand,
        frozenset(models),
        frozenset(absent),
        tuple([Amount(*amount) for amount in amounts]),
        length,
        own,
        frozenset(numbers),
        fitted,
        accessory,
    )


def main_part(normalised_title: str) -> str:
    """A title up to the first "for", "with", bracket or dash."""
    cut = _AFTER_MAIN.search(normalised_title, 3)
    return normalised_title[: cut.start()] if cut else normalised_title


def _fitted(product: Product, title_after: str) -> str:
    """What a product is said to fit."""
    texts = [value for name, value in product.attributes.items() if is_of_compatibility(name[:MAX_NAME])]
    return "\n".join((title_after, *texts, *fitted_in(product.description[: MAX_CHARS["description"]])))[:1_000]


def _own_numbers(product: Product) -> frozenset[str]:
    """Numbers that attributes give as the product's own, without what joins their parts."""
    texts = [value for name, value in product.attributes.items() if len(name) <= MAX_NAME and _is_identifier(name)]
    parts = [part for text in texts for part in re.split(r"[,;|\n]", text[:200])]
    return frozenset(number for part in parts if (number := compact(part)))


@lru_cache(maxsize=10_000)
def _is_identifier(name: str) -> bool:
    """Whether an attribute of this name holds a product's own number."""
    return _IDENTIFIER.fullmatch(name.strip()) is not None


def with_said_id(words: DocumentWords, identifier: str, said: str) -> DocumentWords:
    """The words of a product whose own number its document's id is as well, where a query says it.

    ``said`` is the query without what joins its parts, "" where it has no digit.
    """
    if not said or not has_digit(identifier) or compact(identifier) not in said:
        return words
    return replace(words, numbers=words.numbers | {compact(identifier)})


def compact(number: str) -> str:
    """A number without what joins its parts: "WH-1000 XM4" is "wh1000xm4"."""
    return "".join(_WORD_PART.findall(normalised(number)))


def _joined(words: Iterable[str]) -> str:
    return f" {' '.join(words)} "


def _attributes(product: Product, languages: Codes) -> tuple[str, frozenset[str]]:
    """What the product has, as one text, and the single words that an attribute says "no" to."""
    texts, lacking, length = list[str](), set[str](), 0
    for name, value in sorted(product.attributes.items()):
        if value == "no":
            lacking.update(words_in(normalised(name[:80]), languages) if len(name.split()) == 1 else ())
            continue
        texts.append(name if value == "yes" else f"{name} {value}")
        length += len(texts[-1]) + 1
        if length > MAX_CHARS["attributes"]:
            break
    text = normalised("\n".join(texts)[: MAX_CHARS["attributes"]])
    return prefixes_joined(text, languages), frozenset(lacking)


class WordsMemory(ContentMemory[DocumentWords]):
    """The words of documents in ``languages``, which name their fields as ``fields`` says, or where that is None as
    ``Product`` does."""

    def __init__(self, fields: FieldMap | None = None, languages: Codes = ENGLISH) -> None:
        make = partial(words_of, languages=languages)
        packing = Packing(lambda: f"words {reading_version()} {languages}", packed, unpacked)
        super().__init__(with_own_numbers(fields or FieldMap()), READ, make, MAX_DOCUMENTS, packing)
        self.languages = languages
        self._map, self._others = fields, dict[Codes, WordsMemory]()

    def in_languages(self, languages: Codes) -> WordsMemory:
        """What is remembered of the same documents in other languages: best the one that an index is in, alone."""
        if languages == self.languages:
            return self
        return self._others.setdefault(languages, WordsMemory(self._map, languages))
