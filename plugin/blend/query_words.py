"""What the blend's features read of a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from endcap.language.amounts import PART, Amount, amounts_out
from endcap.language.languages import ENGLISH, Codes, stop_words
from endcap.language.model_numbers import model_numbers_in
from endcap.language.negations import lacking_in, negations_out, prefixes_joined
from endcap.language.text import normalised, words_in
from endcap.plugin.blend.document_words import DocumentWords
from endcap.plugin.blend.window_names import WindowNames

MAX_QUERY_WORDS = 32
"""So many of a query's words are compared; a longer one is no query."""


@dataclass(frozen=True, slots=True)
class QueryWords:
    """What a query asks for."""

    words: tuple[str, ...]
    text: str
    """All its words between blanks, stop words too."""
    pairs: tuple[str, ...]
    models: frozenset[str]
    negations: tuple[tuple[str, ...], ...]
    amounts: tuple[Amount, ...]

    @property
    def is_exact(self) -> bool:
        """Whether it says a number, an amount or a denial, of which a product has it or has it not."""
        return bool(self.models or self.negations or self.amounts)  # a number may be read as an amount

    @classmethod
    def from_text(cls, query: str, products: Sequence[DocumentWords] = (), languages: Codes = ENGLISH) -> QueryWords:
        """The words of a query as a shopper typed it in these languages, for the products of its window.

        How products are called decides where a word can be read in two ways: ``WindowNames``.
        """
        text, small = prefixes_joined(normalised(query[:2_000]), languages), stop_words(languages)
        names = WindowNames(products, tuple(word for word in words_in(text, languages) if word not in small))
        negations, positive = negations_out(text, languages, names.denied)
        amounts, rest = amounts_out(positive, languages, limits=True, keep=names.is_name)
        words = [word for word in words_in(rest, languages) if word not in small][:MAX_QUERY_WORDS]
        # "sugarless" denies sugar, and is a word of its own.
        lacking = [(word,) for word in sorted(lacking_in(positive, languages))]
        return cls(
            words=tuple(dict.fromkeys(words)),
            text=f" {' '.join(words_in(positive, languages))} ",
            pairs=tuple(f" {one} {two} " for one, two in pairwise(words)),
            models=model_numbers_in(rest),
            negations=tuple(dict.fromkeys([*negations, *lacking])),
            amounts=tuple(amount for amount in amounts if amount.share != PART),
        )
