"""The demo shop in another language: the same products with the same facts, so the same grades, in other words.

A language is a file, ``translations/CODE.toml``. A product's title names what it is and each fact that a reader of the
English shop can know; so a grade that follows from the facts can be seen in the words.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache

from endcap.demo.catalogue import items, product_types
from endcap.demo.data_file import FOLDER, read_data
from endcap.demo.example_searches import EXAMPLE_SEARCHES
from endcap.demo.item import Item
from endcap.demo.judge import Query, grade_all
from endcap.demo.product_type import ProductType
from endcap.demo.queries import demo_queries, judgments
from endcap.demo.stock import FREE_OF
from endcap.demo.wording import Draw, tidy
from endcap.errors import InputError
from endcap.index.judgments.judgments import GRADES, Judgments
from endcap.index.product import CATEGORY_SEPARATOR, Product

ENGLISH = "en"
NOUN_FACTS = ("_noun", "_kind", "_style", "_sort", "_piece", "_part")
"""Facts whose value says what a product is, where its type has no noun."""
UNTOLD = ("brand", "model", "cents", "_aside", "_organic word", "_dim", "_who plain")
MORE_IN_TITLE = 2
"""So many of the facts that the attributes show stand in the title, too."""
_DECIMAL = re.compile(r"(\d)\.(\d)")
_INCHES = re.compile(r'(\d)"')


@dataclass(frozen=True, slots=True)
class Translation:
    """The tables of a language's file, which says what each of them holds."""

    titles: Sequence[str]
    sentences: Sequence[str]
    fits: str
    fits_in_title: str
    inch: str
    decimal_comma: bool
    nouns: Mapping[str, str]
    plain_nouns: Mapping[str, str]
    values: Mapping[str, str]
    wishes: Mapping[str, str]
    attributes: Mapping[str, str]
    categories: Mapping[str, str]
    queries: Mapping[str, str]

    def value(self, product_type: ProductType, fact: str, value: str) -> str:
        """A fact's value in words; the empty text where it is a yes, a no or a none that nothing is said for."""
        if (wish := self.wishes.get(f"{fact}={value}")) is not None:
            return wish
        spelling = next((v.spellings[0] for v in product_type.values.get(fact, ()) if v.fact == value), value)
        for key in (f"{product_type.key}.{fact}:{value}", f"{fact}:{value}", spelling, value):
            if key in self.values:
                return self.values[key]
        return "" if value in ("yes", "no", "none") else self.number(spelling)

    def number(self, text: str) -> str:
        """A text with its numbers as they are written in this language."""
        text = _INCHES.sub(rf"\1 {self.inch}", text)
        return _DECIMAL.sub(r"\1,\2", text) if self.decimal_comma else text


def languages() -> list[str]:
    """The codes of the languages that the shop can be had in."""
    return [ENGLISH, *sorted(path.stem for path in (FOLDER / "translations").glob("*.toml"))]


@cache
def translation(language: str) -> Translation:
    """A language's file. Raises InputError where there is none."""
    if language not in languages()[1:]:
        raise InputError(f"the demo shop is not there in {language!r}. Use one of {', '.join(languages())}.")
    return Translation(**read_data(f"translations/{language}.toml"))


@cache
def translated_items(language: str) -> tuple[Item, ...]:
    """The products of all types that the language has words for, in the order of the English shop."""
    told = translation(language)
    types = {
        key: kind for key, kind in product_types().items() if set(kind.category.split(" > ")) <= set(told.categories)
    }
    return tuple(_translated(told, types[item.type], item) for item in items() if item.type in types)


@cache
def translated_queries(language: str) -> tuple[Query, ...]:
    """The searches in this language, with what the English ones mean."""
    told = translation(language).queries
    by_text = {
        told[query.text]: replace(query, text=told[query.text]) for query in demo_queries() if query.text in told
    }
    return tuple(by_text.values())


def translated_judgments(language: str) -> Judgments:
    """The grades of all searches of a language, by the rules of ``judge``."""
    grades = grade_all(translated_queries(language), translated_items(language))
    return Judgments(f"demo-{language}", grades, "rules", {str(grade): grade for grade in GRADES})


@dataclass(frozen=True, slots=True)
class ToldShop:
    """The demo shop in one language."""

    language: str = ENGLISH

    @property
    def index(self) -> str:
        """What its index is called."""
        return "demo" if self.language == ENGLISH else f"demo-{self.language}"

    @property
    def items(self) -> tuple[Item, ...]:
        """Its products, with the facts behind them."""
        return items() if self.language == ENGLISH else translated_items(self.language)

    @property
    def queries(self) -> tuple[Query, ...]:
        """Its searches, with what they mean."""
        return demo_queries() if self.language == ENGLISH else translated_queries(self.language)

    def judgments(self) -> Judgments:
        """The grades of all its searches."""
        return judgments() if self.language == ENGLISH else translated_judgments(self.language)

    def products(self) -> Iterator[Product]:
        """Its products."""
        return (item.product for item in self.items)

    def examples(self) -> dict[str, str]:
        """The searches that are shown, with what makes each of them hard."""
        texts = None if self.language == ENGLISH else translation(self.language).queries
        shown = {query if texts is None else texts.get(query, ""): note for query, note in EXAMPLE_SEARCHES.items()}
        return {query: note for query, note in shown.items() if query}


def _translated(told: Translation, kind: ProductType, item: Item) -> Item:
    draw = Draw(f"endcap demo translation {item.product.id}")
    product = item.product
    noun_fact = next((f for f in NOUN_FACTS if kind.key not in told.nouns and f in item.facts), "")
    names = told.nouns.get(kind.key) or told.plain_nouns.get(kind.key, "")
    noun = told.value(kind, noun_fact, item.facts[noun_fact]) if noun_fact else draw.pick(names.split("~"))
    target = " ".join(filter(None, (item.facts.get("for brand", ""), item.facts.get("for model", ""))))
    hidden = [name for name in item.facts if name.startswith("_") and name not in (*UNTOLD, noun_fact or "_noun")]
    shown = [name for name in product.attributes if name in item.facts and name not in UNTOLD]
    named = [*hidden, *draw.some(shown, MORE_IN_TITLE)]
    facts = [text for name in named if (text := told.value(kind, name, item.facts[name]))]
    # What a reader must know of facts that are a yes or a no, and what it is made for.
    facts += [
        told.wishes[key]
        for name in item.facts
        if (key := f"{name}={item.facts[name]}") in told.wishes and name not in named
    ]
    facts += [told.fits_in_title.format_map({"for": target})] if target else []
    words = {
        "brand": product.brand,
        "model": item.facts["model"],
        "noun": noun,
        "facts": ", ".join(text for text in dict.fromkeys(facts) if text != noun),
    }
    path = [told.categories[part] for part in product.category.split(CATEGORY_SEPARATOR)]
    sentences = [line.format(**words, leaf=path[-1]) for line in draw.some(told.sentences, 2)]
    sentences += [told.fits.format_map({"for": target})] if target else []
    return replace(
        item,
        product=replace(
            product,
            title=tidy(draw.pick(told.titles).format(**words)),
            category=CATEGORY_SEPARATOR.join(path),
            description=" ".join(sentences),
            attributes=dict(_attributes(told, kind, item)),
        ),
    )


def _attributes(told: Translation, kind: ProductType, item: Item) -> Iterator[tuple[str, str]]:
    """The English product's attributes in this language."""
    for name, value in item.product.attributes.items():
        if name == "free from":
            free = [word for fact, word in FREE_OF.values() if word in value.split(", ")]
            yield told.attributes[name], ", ".join(told.attributes.get(word, word) for word in dict.fromkeys(free))
        elif name == "compatible with":
            yield told.attributes[name], value
        else:
            yield told.attributes[name], told.value(kind, name, value) or told.attributes[value]
