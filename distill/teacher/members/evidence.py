"""Evidence as a member: whether a product is what the query asks for, by words, brand, type and attributes.

What a generated query asks for is known by construction (``made_from``). Of a judged one it is read from its words with
the catalogue's lexicon, so that the weights that judgments teach hold for both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from endcap.distill.labels.logit import FloatArray
from endcap.distill.teacher.member import FitData, Member
from endcap.distill.teacher.pairs import Pairs, ProductMemo
from endcap.distill.teacher.shop_lexicon import Lexicon, compared_words, learn_lexicon
from endcap.distill.work.files import read_json, write_json
from endcap.index.product import CATEGORY_SEPARATOR, Product
from endcap.plugin.blend.document_words import DocumentWords, words_of
from endcap.plugin.blend.features import FEATURES, features
from endcap.plugin.blend.query_words import QueryWords

LEXICON = "lexicon.json"
BY_WORDS = ("phrase", "head", "model", "quantity", "negation")
"""Features of the learnt blend that do not depend on the other products of the window."""


@dataclass(frozen=True, slots=True)
class Requirements:
    """What a query asks for, in the lexicon's words; what is empty is not asked for."""

    brand: str = ""
    type: str = ""
    category: str = ""
    attributes: Mapping[str, str] = field(default_factory=dict)

    def with_origin(self, origin: Mapping[str, Any]) -> Requirements:
        """The same, but what a generated query was made from is known, and need not be read from its words."""
        names = ("brand", "type", "category")
        values = {name: compared_words(str(origin.get(name) or "")) or getattr(self, name) for name in names}
        attributes = origin.get("attributes")
        attributes = attributes if isinstance(attributes, Mapping) else {}
        attributes = {str(k): words for k, v in attributes.items() if (words := compared_words(str(v)))}
        return Requirements(**values, attributes=attributes or self.attributes)

    @classmethod
    def by_words(cls, query: QueryWords, lexicon: Lexicon) -> Requirements:
        """From a query's words."""
        brand = lexicon.phrase(query.words, lexicon.brands)
        rest = tuple(word for word in query.words if word not in brand.split())
        values = {lexicon.values[word]: word for word in rest if word in lexicon.values}
        return cls(brand, lexicon.phrase(rest, lexicon.types), "", values)


@dataclass(slots=True)
class EvidenceMember(Member):
    """Its first two signals are shares of the query's words, rare ones counting more: in the title, and anywhere in the
    product (all attributes, the whole category path, the beginning of the description).

    The others go from -1 (asked for, and otherwise) over 0 (not asked for, or not known) to 1 (as asked).
    """

    signal_names = ("title", "anywhere", "brand", "type", "attributes", *BY_WORDS)
    _lexicon: Lexicon | None = None
    _words: ProductMemo[DocumentWords] = field(default_factory=lambda: ProductMemo(words_of))

    def fit(self, data: FitData) -> None:
        """Learn the lexicon of all products."""
        path = self.spec.folder / LEXICON
        if not path.exists():
            write_json(path, learn_lexicon(data.products).to_mapping())

    def signals(self, pairs: Pairs, fold: int) -> FloatArray:
        """float64 (n, columns); the same for all folds."""
        self._lexicon = self._lexicon or Lexicon.from_mapping(read_json(self.spec.folder / LEXICON))
        result = np.zeros((len(pairs), len(self.signal_names)))
        for query, rows in pairs.rows_by_query().items():
            products, origin = [pairs.products[i] for i in rows], pairs.made_from.get(query)
            result[rows] = self._query_signals(query, products, origin, self._lexicon)
        return result

    def _query_signals(
        self, query: str, products: Sequence[Product], origin: Mapping[str, Any] | None, lexicon: Lexicon
    ) -> FloatArray:
        query_words = QueryWords.from_text(query)
        required = Requirements.by_words(query_words, lexicon)
        required = required.with_origin(origin) if origin else required
        documents = [self._words[product] for product in products]
        nothing = np.zeros(len(products))
        by_words = features(query, documents, nothing, nothing)[:, [FEATURES.index(name) for name in BY_WORDS]]
        rows = [
            [*word_shares(query_words, words, lexicon), *matches(required, product, words)]
            for product, words in zip(products, documents, strict=True)
        ]
        return np.column_stack([np.array(rows), by_words])


def word_shares(query: QueryWords, product: DocumentWords, lexicon: Lexicon) -> tuple[float, float]:
    """Shares of the query's words in the title, and anywhere; 0..1, weighted by rarity in the catalogue."""
    weights = [(f" {word} ", lexicon.weight(word)) for word in query.words]
    total = sum(weight for _, weight in weights)
    if not total:
        return 0.0, 0.0
    title = sum(weight for needle, weight in weights if needle in product.title)
    anywhere = sum(weight for needle, weight in weights if needle in product.title or needle in product.rest)
    return title / total, anywhere / total


def matches(required: Requirements, product: Product, words: DocumentWords) -> tuple[float, float, float]:
    """Brand, type and attributes, each -1..1."""
    brand = kind = 0.0
    if required.brand:
        is_brand = required.brand == words.brand or f" {required.brand} " in words.title
        brand = 1.0 if is_brand else -1.0 if words.brand else 0.0
    if required.type or required.category:
        kind = _type_match(required, product, words)
    attributes = [_attribute_match(name, value, product, words) for name, value in required.attributes.items()]
    return brand, kind, sum(attributes) / len(attributes) if attributes else 0.0


def _type_match(required: Requirements, product: Product, words: DocumentWords) -> float:
    leaf = product.category.rpartition(CATEGORY_SEPARATOR)[2]
    if required.category and required.category == compared_words(leaf):
        return 1.0
    if required.type and any(f" {required.type} " in text for text in (words.main, words.category)):
        return 1.0
    # Further back in the title it may be what the product goes with: a case for a phone.
    return 0.0 if required.type and f" {required.type} " in words.title else -1.0


def _attribute_match(name: str, value: str, product: Product, words: DocumentWords) -> float:
    actual = compared_words(product.attributes.get(name, ""))
    is_flag = actual == "yes" and value == compared_words(name)
    if is_flag or f" {value} " in f" {actual} " or f" {value} " in words.title:
        return 1.0
    return -1.0 if actual else 0.5 if f" {value} " in words.rest else 0.0


MEMBER = EvidenceMember
