"""What the products of a window are called, where a word of the query may be a name or something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endcap.language.amounts import Amount, match
from endcap.plugin.blend.document_words import DocumentWords


@dataclass(frozen=True, slots=True)
class WindowNames:
    """The names in a window. Looked at only for a query that needs it: one that says "no bake", or "3m"."""

    products: Sequence[DocumentWords]
    words: Sequence[str] = ()
    """The query's, singular."""

    def denied(self, word: str, phrase: tuple[str, ...], may_be_name: bool) -> int:
        """How many of the words behind ``word`` are denied; see ``negations_out``.

        None where it is a brand ("No Frills"). One where titles have both as a name ("no-bake"), or where most products
        that have the second word have it elsewhere than behind the first: a "dress without sleeves black" is black.
        """
        if not self.products:
            return len(phrase)
        name, joined = f" {word} {phrase[0]} ", f" {word}{phrase[0]} "
        if may_be_name and any(name in f" {product.brand} " for product in self.products):
            return 0
        if len(phrase) == 1:
            return 1
        if may_be_name and any(name in product.title or joined in product.title for product in self.products):
            return 1
        both, second = f" {' '.join(phrase)} ", f" {phrase[1]} "
        texts = [text for product in self.products if second in (text := product.title + product.rest)]
        together = sum(both in text for text in texts)
        return len(phrase) if 2 * together >= len(texts) else 1

    def is_name(self, said: str, amount: Amount) -> bool:
        """Whether a number with a unit in one word ("3m", "43l") is a brand, or begins a model's number.

        A brand, where more products are of it than have that amount, or as many, and the query begins with it; a
        model's number, where more are. Products that have other words of the query say so, if there are any.
        """
        others = [f" {word} " for word in self.words if word != said]
        having = [product for product in self.products if any(word in product.title for word in others)]
        brands = models = measured = 0
        for product in having or self.products:
            if _is_of_brand(product, said):
                brands += 1
            elif any(model.startswith(said) for model in product.models):
                models += 1
            elif match(amount, product.amounts) == 1.0:
                measured += 1
        leads = self.words[:1] == (said,)
        return brands > measured or (leads and brands == measured > 0) or models > measured


def _is_of_brand(product: DocumentWords, said: str) -> bool:
    named = f" {product.brand} " if product.brand else product.title[: len(said) + 2]
    return f" {said} " in named
