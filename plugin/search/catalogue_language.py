"""A catalogue's language, by a sample of its products: what is said when it is loaded, and before it is measured."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from endcap.index.product import Product
from endcap.language.detection import evidence, in_words
from endcap.plugin.model.folder import ModelInfo
from endcap.plugin.search.languages import checked_languages, text_of
from endcap.plugin.search.seen_languages import Seen

FIRST = 100
"""So many of the first products are looked at,"""
EVERY = 100
"""then each hundredth,"""
MOST = 1_000
"""and so many in all."""


@dataclass(slots=True)
class CatalogueSample:
    """What languages the products that went by are in."""

    texts: list[str] = field(default_factory=list)
    _went_by: int = 0

    def watch(self, products: Iterable[Product]) -> Iterator[Product]:
        """The same products."""
        for product in products:
            if (self._went_by < FIRST or self._went_by % EVERY == 0) and len(self.texts) < MOST:
                self.texts.append(text_of(product.title, product.description))
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
        seen = Seen(is_sample=True)
        if known:
            seen.add(evidence(self.texts, known))
        if not seen.language:
            return None
        return (
            f"most products are in {seen.language}, and {info.name} knows {in_words(known)}: such searches keep "
            "the engine's order (reason 'language'). docs/languages.md says how to teach a student that language, and "
            "how to leave this check out."
        )
