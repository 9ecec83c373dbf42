"""Evidence as a member: whether a product is what the query asks for, by words, brand, type and attributes.

What a generated query asks for is known by construction (``made_from``); of a judged one it is read from its words with
the catalogue's lexicon, so that the weights that judgments teach hold for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from endcap.distill.teacher.pairs import FloatArray, Pairs
from endcap.distill.teacher.shop_lexicon import Lexicon, words
from endcap.distill.work.files import read_json
from endcap.index.product import CATEGORY_SEPARATOR, Product
from endcap.plugin.blend.document_words import DocumentWords, words_of
from endcap.plugin.blend.features import FEATURES, features
from endcap.plugin.blend.query_words import QueryWords

LEXICON = "lexicon.json"
BY_WORDS = ("phrase", "head", "model", "quantity", "negation")
"""Features of the learnt blend that do not depend on the other products of the window."""
COLUMNS = ("title", "anywhere", "brand", "type", "attributes", *BY_WORDS)
KEPT = 50_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What a query asks for, in the lexicon's words; what is empty is not asked for."""

    brand: str = ""
    type: str = ""
    category: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def made_from(self, said: Mapping[str, Any]) -> Asked:
        """The same, but what a generated query was made from is known, and need not be read from its words."""
        known = {
            name: words(str(said.get(name) or "")) or getattr(self, name) for name in ("brand", "type", "category")
        }
        told = said.get("attributes")
        attributes = {str(k): words(str(v)) for k, v in told.items()} if isinstance(told, Mapping) else {}
        return Asked(**known, attributes={k: v for k, v in attributes.items() if v} or self.attributes)

    @classmethod
    def by_words(cls, query: QueryWords, lexicon: Lexicon) -> Asked:
        """From a query's words."""
        brand = lexicon.phrase(query.words, lexicon.brands)
        rest = tuple(word for word in query.words if word not in brand.split())
        values = {lexicon.values[word]: word for word in rest if word in lexicon.values}
        return cls(brand, lexicon.phrase(rest, lexicon.types), "", values)


@dataclass(slots=True)
class EvidenceMember:
    """Its signals: shares of the query's words, rare ones counting more, in the title and anywhere in the product (all
    attributes, the whole category path, the beginning of the description); and from -1 (asked for, and otherwise) over
    0 (not asked for, or not known) to 1 (as asked): brand, type, attributes, model, quantity, negation."""

    name: str
    folder: Path
    _lexicon: Lexicon | None = None
    _read: dict[int, tuple[Product, DocumentWords]] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """``COLUMNS``."""
        return tuple(f"{self.name} {column}" for column in COLUMNS)

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, columns); the same for all folds."""
        if self._lexicon is None:
            self._lexicon = Lexicon.from_mapping(read_json(self.folder / LEXICON))
        rows: dict[str, list[int]] = {}
        for i, query in enumerate(pairs.queries):
            rows.setdefault(query, []).append(i)
        result = np.zeros((len(pairs), len(COLUMNS)))
        for query, of in rows.items():
            result[of] = self._of_query(query, [pairs.products[i] for i in of], pairs.made_from.get(query))
        return result

    def _of_query(self, query: str, products: Sequence[Product], made_from: Mapping[str, Any] | None) -> FloatArray:
        assert self._lexicon is not None
        said, lexicon = QueryWords.of(query), self._lexicon
        asked = Asked.by_words(said, lexicon)
        asked = asked.made_from(made_from) if made_from else asked
        read = [self._words(product) for product in products]
        nothing = np.zeros(len(products))
        by_words = features(query, read, nothing, nothing)[:, [FEATURES.index(name) for name in BY_WORDS]]
        found = [[*shares(said, r, lexicon), *told(asked, p, r)] for p, r in zip(products, read, strict=True)]
        return np.column_stack([np.array(found), by_words])

    def _words(self, product: Product) -> DocumentWords:
        known = self._read.get(id(product))
        if known is None or known[0] is not product:
            if len(self._read) >= KEPT:
                self._read.clear()
            known = self._read[id(product)] = (product, words_of(product))
        return known[1]


def shares(said: QueryWords, read: DocumentWords, lexicon: Lexicon) -> tuple[float, float]:
    """Shares of the query's words in the title, and anywhere; 0..1, weighted by rarity in the catalogue."""
    weights = [(f" {word} ", lexicon.weight(word)) for word in said.words]
    total = sum(weight for _, weight in weights)
    if not total:
        return 0.0, 0.0
    title = sum(weight for needle, weight in weights if needle in read.title)
    anywhere = sum(weight for needle, weight in weights if needle in read.title or needle in read.rest)
    return title / total, anywhere / total


def told(asked: Asked, product: Product, read: DocumentWords) -> tuple[float, float, float]:
    """Brand, type and attributes, each -1..1."""
    brand = kind = 0.0
    if asked.brand:
        brand = 1.0 if asked.brand == read.brand or f" {asked.brand} " in read.title else -1.0 if read.brand else 0.0
    if asked.type or asked.category:
        kind = _type(asked, product, read)
    each = [_attribute(name, value, product, read) for name, value in asked.attributes.items()]
    return brand, kind, sum(each) / len(each) if each else 0.0


def _type(asked: Asked, product: Product, read: DocumentWords) -> float:
    if asked.category and asked.category == words(product.category.rpartition(CATEGORY_SEPARATOR)[2]):
        return 1.0
    if asked.type and any(f" {asked.type} " in text for text in (read.main, read.category)):
        return 1.0
    # Further back in the title it may be what the product goes with: a case for a phone.
    return 0.0 if asked.type and f" {asked.type} " in read.title else -1.0


def _attribute(name: str, value: str, product: Product, read: DocumentWords) -> float:
    has = words(product.attributes.get(name, ""))
    if f" {value} " in f" {has} " or f" {value} " in read.title or (value == words(name) and has == "yes"):
        return 1.0
    return -1.0 if has else 0.5 if f" {value} " in read.rest else 0.0
