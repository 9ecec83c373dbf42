"""What a catalogue's words are, so that it can be seen what a query asks for: brands, types, values of attributes."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from endcap.distill.generate.vocabulary import learn
from endcap.index.product import Product
from endcap.language.text import normalised, words_in
from endcap.plugin.blend.document_words import words_of

LONGEST = 4
"""Words of a phrase that is looked for in a query."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """``rarity`` is log(1 + N / df) of words that two products and more have; ``values`` maps a single word to the
    attribute of which it is a value. All in the words of ``language/text.py``."""

    products: int
    rarity: Mapping[str, float]
    brands: frozenset[str]
    types: frozenset[str]
    values: Mapping[str, str]

    def weight(self, word: str) -> float:
        """How much a word counts."""
        return self.rarity.get(word, math.log1p(self.products))

    def phrase(self, words: tuple[str, ...], phrases: frozenset[str]) -> str:
        """The longest known phrase among a query's words, the last of those equally long; or the empty text."""
        for n in range(min(LONGEST, len(words)), 0, -1):
            for start in range(len(words) - n, -1, -1):
                phrase = " ".join(words[start : start + n])
                if phrase in phrases:
                    return phrase
        return ""

    def to_mapping(self) -> dict[str, Any]:
        """As JSON."""
        return asdict(self) | {"brands": sorted(self.brands), "types": sorted(self.types)}

    @classmethod
    def from_mapping(cls, record: Mapping[str, Any]) -> Lexicon:
        """From JSON."""
        return cls(**{**record, "brands": frozenset(record["brands"]), "types": frozenset(record["types"])})


def compared_words(text: str) -> str:
    """A text in the words that are compared, blanks between."""
    return " ".join(words_in(normalised(text)))


def learn_lexicon(products: Iterable[Product]) -> Lexicon:
    """The lexicon of a catalogue."""
    catalogue = list(products)
    vocabulary = learn(catalogue)
    frequency, values = Counter[str](), dict[str, Counter[str]]()
    for product in catalogue:
        document = words_of(product)
        frequency.update({*document.title.split(), *document.rest.split()})
        for name in vocabulary.attributes:
            value = compared_words(product.attributes.get(name, ""))
            if value and " " not in value and not value.isdigit():
                values.setdefault(value, Counter())[name] += 1
    shared = [value for value in values if compared_words(value) in vocabulary.values]
    return Lexicon(
        len(catalogue),
        {word: round(math.log1p(len(catalogue) / n), 4) for word, n in frequency.items() if n > 1},
        frozenset(filter(None, map(compared_words, vocabulary.brands.values()))),
        frozenset(filter(None, map(compared_words, vocabulary.types.values()))),
        {value: values[value].most_common(1)[0][0] for value in shared},
    )
