"""A catalogue's language, by a sample of its products: what is said when it is loaded, and before it is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from endcap.index.product import Product
from endcap.language.detection import CODES, in_words
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.model.folder import ModelInfo
from endcap.plugin.search.languages import checked_languages, shares_of, unknown_language

FIRST = 100
"""So many of the first products are looked at,"""
EVERY = 100
"""then each hundredth,"""
MOST = 1_000
"""and so many in all."""


@dataclass(slots=True)
class CatalogueSample:
    """What languages the products that went by are in."""

    seen: FloatArray = field(default_factory=lambda: np.zeros(len(CODES)))
    _went_by: int = 0
    _looked_at: int = 0

    def watch(self, products: Iterable[Product]) -> Iterator[Product]:
        """The same products."""
        for product in products:
            if (self._went_by < FIRST or self._went_by % EVERY == 0) and self._looked_at < MOST:
                self.seen += shares_of(product)
                self._looked_at += 1
            self._went_by += 1
            yield product

    def look(self, products: Iterable[Product]) -> CatalogueSample:
        """The sample, having watched all of these."""
        for _ in self.watch(products):
            pass
        return self

    def warning(self, info: ModelInfo, languages: str | Sequence[str] | None = None) -> str | None:
        """A sentence where most products are in a language that the student does not know; None where not.

        ``languages`` go before what the model says that it knows, as in ``Reranker``.
        """
        known = checked_languages(languages, "languages") if languages else info.languages
        found = unknown_language(self.seen, known) if known else None
        if found is None:
            return None
        return (
            f"most products are in {in_words([found])}, and {info.name} knows {in_words(known)}: such searches keep "
            "the engine's order (reason 'language'). docs/languages.md says how to teach a student that language, and "
            "how to leave this check out."
        )
