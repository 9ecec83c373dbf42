"""What the blend's features read of a query."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from endcap.language.model_numbers import model_numbers_in
from endcap.language.negations import negations_out
from endcap.language.quantities import fitted_quantities_out
from endcap.language.small_words import STOP_WORDS
from endcap.language.text import normalised, words_in

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
    quantities: tuple[tuple[str, float], ...]
    """Dimensions and values."""

    @property
    def is_exact(self) -> bool:
        """Whether it says a number, an amount or a denial, of which a product has it or has it not."""
        return bool(self.models or self.negations or self.quantities)  # a number may be read as an amount

    @classmethod
    def from_text(cls, query: str) -> QueryWords:
        """The words of a query as a shopper typed it."""
        negations, positive = negations_out(normalised(query[:2_000]))
        quantities, rest = fitted_quantities_out(positive)
        words = [word for word in words_in(rest) if word not in STOP_WORDS][:MAX_QUERY_WORDS]
        return cls(
            words=tuple(dict.fromkeys(words)),
            text=f" {' '.join(words_in(positive))} ",
            pairs=tuple(f" {one} {two} " for one, two in pairwise(words)),
            models=model_numbers_in(rest),
            negations=tuple(negations),
            quantities=tuple((quantity.dimension, quantity.value) for quantity in quantities),
        )
