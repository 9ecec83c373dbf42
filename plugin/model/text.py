"""The text that a student reads: one code for training and serving.

A model folder's ``model.json`` holds the recipe (``TextRecipe``); nothing else decides what a product looks like to the
model. Everything here is pure and total: any product gives a text, and the same product the same text everywhere.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from endcap.index.product import CATEGORY_SEPARATOR, MAX_ATTRIBUTES, Product, attribute_words, field_words

TEXT_FIELDS = ("title", "brand", "category", "attributes", "description")
SEPARATOR = ". "
INVISIBLE = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of control characters and the like."""


@dataclass(frozen=True, slots=True)
class TextRecipe:
    """How a product and a query become the model's input.

    ``fields`` are parts of a product in the order in which they are read. ``max_chars`` bounds each part: a 10 MB
    description costs no more than a long one. The tokenizer cuts the whole at ``max_product_tokens``. Parts named in
    ``whole`` (description, attributes) are not cut but left out where they are longer than their bound. A short
    description says what the product is; the beginning of a long one mostly praises it, and so with a data sheet.
    """

    fields: tuple[str, ...] = TEXT_FIELDS
    max_chars: Mapping[str, int] = field(default_factory=dict)
    whole: tuple[str, ...] = ()
    max_product_tokens: int = 96
    max_query_tokens: int = 64
    product_prefix: str = ""
    query_prefix: str = ""

    def limit(self, name: str) -> int:
        """The most characters that are read of a field."""
        return self.max_chars.get(name, 1000)


def product_text(product: Product | Mapping[str, Any] | str, recipe: TextRecipe) -> str:
    """The canonical text of a product: its parts, cleaned, bounded, joined by ". ", after the recipe's prefix.

    A plain string is taken as a title. A brand that the title already names is not said twice. Markup is no text, and
    what stands for a missing value is none.
    """
    if isinstance(product, str):
        return recipe.product_prefix + clean(field_words("title", product), recipe.limit("title"))
    parts = (part.rstrip(". ") for part in _text_parts(product, recipe))
    return recipe.product_prefix + SEPARATOR.join(filter(None, parts))


def query_text(query: str, recipe: TextRecipe) -> str:
    """The canonical text of a query, after the recipe's prefix."""
    return recipe.query_prefix + clean(query, 16 * recipe.max_query_tokens)


def clean(text: str, max_chars: int) -> str:
    """At most ``max_chars`` characters of a text, in NFKC, with single spaces and without control characters."""
    # NFKC can lengthen a text 18-fold and blanks can be many, so the text is bounded before and after.
    text = unicodedata.normalize("NFKC", text[: 4 * max_chars])
    text = "".join(" " if unicodedata.category(c) in INVISIBLE else c for c in text) if not text.isprintable() else text
    return " ".join(text.split())[:max_chars].rstrip()


def _text_parts(product: Product | Mapping[str, Any], recipe: TextRecipe) -> Iterator[str]:
    get = product.get if isinstance(product, Mapping) else lambda name: getattr(product, name)
    title = clean(field_words("title", get("title")), recipe.limit("title"))
    for name in recipe.fields:
        limit = recipe.limit(name)
        if name == "title":
            yield title
        elif name == "brand":
            brand = clean(field_words("brand", get("brand")), limit)
            yield "" if brand.casefold() in title.casefold() else brand
        elif name == "category":
            # Only the leaf: the path above it says what the shop is like, not what the product is.
            yield clean(field_words("category", get("category")).rpartition(CATEGORY_SEPARATOR)[2], limit)
        elif name == "attributes":
            yield _within_limit(_attribute_text(get("attributes"), limit), limit, name in recipe.whole)
        elif name == "description":
            yield _within_limit(field_words("description", get("description")), limit, name in recipe.whole)


def _within_limit(text: str, limit: int, whole: bool) -> str:
    """A part of at most ``limit`` characters: cut, or left out where it may only be read ``whole``."""
    if not whole:
        return clean(text, limit)
    text = clean(text, limit + 1)
    return "" if len(text) > limit else text


def _attribute_text(value: Any, limit: int) -> str:
    """Attributes as "name value", up to some way past the limit; a "yes" is its name alone, a "no" is left out.

    In the order of their names: a search engine gives an object's fields back in whatever order it likes, and the text
    must not depend on that.
    """
    parts: list[str] = []
    length = 0
    for name, item in sorted(islice(attribute_words(value).items(), MAX_ATTRIBUTES)):
        if item == "no":
            continue
        parts.append(clean(name if item == "yes" else f"{name} {item}", 200))
        length += len(parts[-1]) + 2
        if length > limit + 2:
            break
    return ", ".join(filter(None, parts))
