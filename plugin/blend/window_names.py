"""What the products of a window are called, where a word of the query may be a name or something else."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from endcap.language.amounts import Amount, match
from endcap.plugin.blend.document_words import DocumentWords

SOUGHT = 0.5
"""What so large a share of the window's titles says is what was searched for."""


@dataclass(frozen=True, slots=True)
class WindowNames:
    """The names in a window. Looked at only for a query that needs it: one that says "no bake", or "3m"."""

    products: Sequence[DocumentWords]

    def denied(self, word: str, phrase: tuple[str, ...]) -> int:
        """How many of the words behind ``word`` are denied; see ``negations_out``.

        None where it is a brand ("No Frills"). One where titles have both as a name ("no-bake"), or where most titles have
        the second: that is what is searched for.
        """
        if not phrase or not self.products:
            return len(phrase)
        name = f" {word} {phrase[0]} "
        if any(name in f" {product.brand} " for product in self.products):
            return 0
        joined = f" {word}{phrase[0]} "
        titles = [product.title for product in self.products]
        if len(phrase) == 1 or any(name in title or joined in title for title in titles):
            return 1
        having = sum(f" {phrase[1]} " in title for title in titles)
        return 1 if having >= SOUGHT * len(titles) else len(phrase)

    def is_name(self, said: str, amount: Amount) -> bool:
        """Whether a number with a unit in one word ("3m", "43l") is a brand, or begins a model's number: where at least as
        many products have it as such as have that amount."""
        named = measured = 0
        for product in self.products:
            if _names(product, said):
                named += 1
            elif match(amount, product.amounts) == 1.0:
                measured += 1
        return named > 0 and named >= measured


def _names(product: DocumentWords, said: str) -> bool:
    if product.brand:
        is_brand = f" {said} " in f" {product.brand} "
    else:
        is_brand = product.title.startswith(f" {said} ")
    return is_brand or any(model.startswith(said) for model in product.models)
