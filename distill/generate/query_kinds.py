"""What kind a query is of, told by a catalogue's vocabulary, and the mix of kinds and lengths that people type."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from endcap.distill.generate.title_pieces import LONGEST_TYPE
from endcap.distill.generate.vocabulary import Vocabulary
from endcap.language.model_numbers import is_model_number
from endcap.language.negations import has_negation
from endcap.language.plurals import singular
from endcap.language.quantities import quantities_out
from endcap.language.text import normalised, tokens

KINDS = ("type", "brand", "series", "brand-type", "attribute", "words", "model", "unit", "negation")
"""A type alone; a brand alone; a series ("thinkpad"); a brand and more; a type and more; other words; a model number; a
number with its unit; something that must not be. The last that fits is a query's kind."""

LONGEST = 10
"""Longer queries count as queries of so many words."""

Cell = tuple[str, int]
"""A kind and a length in words, 1 to ``LONGEST``."""

_GUESS = (0.2, 0.08, 0.03, 0.15, 0.22, 0.12, 0.08, 0.07, 0.05)
PRIOR: Mapping[str, float] = dict(zip(KINDS, _GUESS, strict=True))
_TWO_WORDS = ("brand-type", "attribute", "negation")
PRIOR_LENGTHS = (0.14, 0.28, 0.25, 0.15, 0.09, 0.05, 0.02, 0.01, 0.005, 0.005)
PRIOR_WEIGHT = 20.0
"""What is believed before any query was seen counts as so many queries."""


def kind_of(query: str, vocabulary: Vocabulary) -> str:
    """The kind of a query, one of ``KINDS``."""
    if has_negation(query):
        return "negation"
    words = tokens(query)
    quantities, _ = quantities_out(normalised(query))
    if any(is_model_number(word) for word in words) and not quantities:
        return "model"
    if quantities:
        return "unit"
    singulars = [singular(word) for word in words]
    spans = {" ".join(singulars[i : i + n]) for n in range(1, 5) for i in range(len(singulars) - n + 1)}
    whole = " ".join(singulars)
    if spans & vocabulary.brands.keys():
        return "brand" if whole in vocabulary.brands else "brand-type"
    if whole in vocabulary.types:
        return "type"
    if whole in vocabulary.series:
        return "series"
    short = {span for span in spans if span.count(" ") < LONGEST_TYPE}
    return "attribute" if short & vocabulary.types.keys() else "words"


def cell_of(query: str, vocabulary: Vocabulary) -> Cell:
    """The kind and the length of a query."""
    return kind_of(query, vocabulary), max(1, min(len(query.split()), LONGEST))


def mix(own: Iterable[Cell], others: Iterable[Cell] = ()) -> dict[Cell, float]:
    """The shares of cells, which sum to 1: those of a shop's own queries.

    The fewer these are, the nearer the shares come to those of other shops' queries, and so on to any shop's.
    """
    believed = {
        (kind, n): share * part
        for kind, share in PRIOR.items()
        for n, part in enumerate(PRIOR_LENGTHS, 1)
        if n > 1 or kind not in _TWO_WORDS
    }
    return _shrunk(Counter(own), _shrunk(Counter(others), _normed(believed)))


def _shrunk(counts: Counter[Cell], towards: Mapping[Cell, float]) -> dict[Cell, float]:
    cells = {**towards, **counts}
    return _normed({cell: counts.get(cell, 0) + PRIOR_WEIGHT * towards.get(cell, 0.0) for cell in cells})


def _normed(shares: Mapping[Cell, float]) -> dict[Cell, float]:
    total = sum(shares.values())
    return {cell: share / total for cell, share in shares.items()}
