"""What the blend's features read of a query."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise

from endcap.language.amounts import PART, Amount, amounts_out, says_ounces
from endcap.language.languages import ENGLISH, Codes, stop_words
from endcap.language.model_numbers import model_numbers_in
from endcap.language.negations import lacking_in, negations_out, prefixes_joined
from endcap.language.small_words import measure_words
from endcap.language.text import normalised, plain_words, words_in
from endcap.plugin.blend.document_words import DocumentWords
from endcap.plugin.blend.window_names import WindowNames

MIN_DIGITS = 5
"""Of a number that is one of a thing by itself."""
_MINUS = re.compile(r"(?<=[^\W_])\s+-([^\W\d_][\w-]*[^\W_])(?!\S)")
"""As in a search engine's syntax: "headphones -wireless"."""
_PRICE = re.compile(
    r"[$€£¥]\s?(\d+)|(?<![\w.,])(\d+)(?:[.,]\d+)?\s?(?:[$€£¥]|(?:dollars?|bucks|euros?|eur|usd|gbp)(?![^\W_]))",
    re.IGNORECASE,
)
"""No size and no number of a thing: "under 20 dollars"."""
MAX_QUERY_WORDS = 32
MAX_QUERY_CHARACTERS = 2_000
"""So many of a query's words are compared; a longer one is no query."""


@dataclass(frozen=True, slots=True)
class QueryWords:
    """What a query asks for."""

    words: tuple[str, ...]
    text: str
    """All its words between blanks, stop words too."""
    said: str
    """The same words as they were typed: plurals stay, which a number's letters may look like ("bxsts-100p")."""
    pairs: tuple[str, ...]
    models: frozenset[str]
    negations: tuple[tuple[str, ...], ...]
    amounts: tuple[Amount, ...]
    excluded: tuple[tuple[str, ...], ...] = ()
    """What is denied by a minus; each is one of ``negations``, too."""
    barred: tuple[Amount, ...] = ()
    """Amounts that are denied; each is one of ``negations``, too."""
    before: Mapping[str, str] = field(default_factory=dict)
    """The word without which a short number says nothing: an "iphone 8" is nothing else with an 8, nor a "size 8"."""
    names: frozenset[str] = frozenset()
    """Numbers that are a name with the word before them."""
    sizes: frozenset[str] = frozenset()
    """Words and numbers that are a size, an age or a part: "size 10"."""

    @property
    def is_exact(self) -> bool:
        """Whether it says a number, an amount or a denial, of which a product has it or has it not."""
        return bool(self.models or self.negations or self.amounts)  # a number may be read as an amount

    @classmethod
    def from_text(cls, query: str, products: Sequence[DocumentWords] = (), languages: Codes = ENGLISH) -> QueryWords:
        """The words of a query as a shopper typed it in these languages, for the products of its window.

        How products are called decides where a word can be read in two ways: ``WindowNames``.
        """
        small = stop_words(languages)
        minus = [tuple(words_in(normalised(word), languages)) for word in _MINUS.findall(query[:MAX_QUERY_CHARACTERS])]
        text = prefixes_joined(normalised(_MINUS.sub(" ", query[:MAX_QUERY_CHARACTERS])), languages)
        names = WindowNames(products, tuple(word for word in words_in(text, languages) if word not in small))
        negations, positive = negations_out(text, languages, names.denied, partial(names.frees, languages=languages))
        amounts, rest = amounts_out(positive, languages, limits=True, keep=names.is_name)
        barred = [amount for said in negations if len(said) == 1 for amount in amounts_out(said[0], languages)[0]]
        words = [word for word in words_in(rest, languages) if word not in small][:MAX_QUERY_WORDS]
        # "sugarless" denies sugar, and is a word of its own.
        lacking = [(word,) for word in sorted(lacking_in(positive, languages))]
        lacking += [(word,) for word in names.misspelt_lacking(rest.split(), languages)]
        if says_ounces(positive, languages):
            amounts = list(names.of_liquids(amounts, words))
        said, sizes, before = words_in(rest, languages), measure_words(languages), dict[str, str]()
        for word, number in pairwise(said):
            if _is_short(number) and (word in sizes or names.makes_name(word, number)):
                before[number] = word
        # "tv 55" are 55 inches.
        joined, prices = model_numbers_in(rest), {a or b for a, b in _PRICE.findall(query[:MAX_QUERY_CHARACTERS])}
        bare = [number for number in said if _is_short(number) and number not in before]
        bare = [number for number in bare if number not in prices and not names.is_end_of(joined, number)]
        with_unit = {number: amount for number in bare if (amount := names.with_unit(number))}
        return cls(
            words=tuple(dict.fromkeys(words)),
            text=f" {' '.join(words_in(positive, languages))} ",
            said=f" {' '.join(plain_words(positive))} ",
            pairs=tuple(f" {one} {two} " for one, two in pairwise(words)),
            models=joined - with_unit.keys(),
            negations=tuple(dict.fromkeys([*minus, *negations, *lacking])),
            amounts=tuple(a for a in (*amounts, *with_unit.values()) if a.share != PART),
            excluded=tuple(minus),
            barred=tuple(barred),
            before=before,
            names=frozenset(number for number, word in before.items() if word not in sizes),
            sizes=frozenset(part for pair in before.items() if pair[1] in sizes for part in pair),
        )


def _is_short(word: str) -> bool:
    """Whether a word is a number that says nothing alone."""
    return word.isascii() and word.isdigit() and len(word) < MIN_DIGITS
