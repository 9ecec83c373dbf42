"""What the embedded engine keeps of a product: text fields for BM25, keywords for filters, and the whole document."""

from contextvars import ContextVar
from functools import lru_cache

import orjson
import tantivy

from endcap.index.embedded.word_boundaries import WORD
from endcap.index.product import Product, attribute_text
from endcap.index.stemming import ENGLISH, STEMMING

SEARCHED_AS = {
    "title": "title",
    "brand": "brand",
    "category": "category",
    "attributes": "attribute_text",
    "attribute_text": "attribute_text",
    "description": "description",
}
"""The names that a query may use for a text field, and the schema's own."""

KEYWORD_FIELDS = {"_id": "id", "id": "id", "brand.keyword": "brand_keyword", "category.keyword": "category_keyword"}
"""The same for the fields that are matched as a whole; ``attributes.NAME`` is one, too."""

FACET_FIELDS = {name: field for name, field in KEYWORD_FIELDS.items() if name.endswith(".keyword")}
"""The fields whose values can be counted."""

PAIR = "attribute_pair"
PAIR_SEPARATOR = "\x1f"
ORDER = "load_order"
SOURCE = "source"
TEXT_ANALYSER = "endcap_english"
KEYWORD_ANALYSER = "raw"

_MAX_TOKEN_BYTES = 255


@lru_cache(maxsize=1)
def schema() -> tantivy.Schema:
    """The schema of every embedded catalogue."""
    builder = tantivy.SchemaBuilder()
    for name in sorted(set(SEARCHED_AS.values())):
        builder.add_text_field(name, tokenizer_name=TEXT_ANALYSER, index_option="freq")
    for name in (*sorted(set(KEYWORD_FIELDS.values())), PAIR):
        counted = name in FACET_FIELDS.values()
        builder.add_text_field(name, tokenizer_name=KEYWORD_ANALYSER, index_option="basic", fast=counted)
    builder.add_float_field("price", indexed=True, fast=True)
    builder.add_unsigned_field(ORDER, fast=True)
    builder.add_bytes_field(SOURCE, stored=True)
    return builder.build()


LANGUAGE = ContextVar("LANGUAGE", default=ENGLISH)
"""Of the catalogue that is searched or loaded now: text clauses, deep in a query, ask for its analyser."""


def analyser() -> tantivy.TextAnalyzer:
    """Text into terms: words, lower case, without accents, stems of the language in which the catalogue is."""
    return _analyser(LANGUAGE.get())


@lru_cache
def _analyser(language: str) -> tantivy.TextAnalyzer:
    return (
        tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.regex(WORD))
        .filter(tantivy.Filter.remove_long(_MAX_TOKEN_BYTES))
        .filter(tantivy.Filter.lowercase())
        # German umlauts and the like are part of what a stemmer knows; English has none.
        .filter(
            tantivy.Filter.ascii_fold() if language == ENGLISH else tantivy.Filter.stemmer(STEMMING[language].embedded)
        )
        .filter(
            tantivy.Filter.stemmer(STEMMING[language].embedded) if language == ENGLISH else tantivy.Filter.ascii_fold()
        )
        .build()
    )


def register(index: tantivy.Index) -> tantivy.Index:
    """The index, knowing its analyser; must be done each time that one is opened."""
    index.register_tokenizer(TEXT_ANALYSER, analyser())
    return index


def tantivy_document(product: Product, order: int) -> tantivy.Document:
    """A product as tantivy's document; ``order`` is its place in the catalogue, which breaks ties of score."""
    document = tantivy.Document()
    document.add_text("id", product.id)
    for name in ("title", "brand", "category", "description"):
        if text := getattr(product, name):
            document.add_text(name, text)
            if name in ("brand", "category"):
                document.add_text(f"{name}_keyword", text)
    if text := attribute_text(product):
        document.add_text("attribute_text", text)
    for name, value in product.attributes.items():
        document.add_text(PAIR, name + PAIR_SEPARATOR + value)
    if product.price is not None:
        document.add_float("price", product.price)
    document.add_unsigned(ORDER, order)
    document.add_bytes(SOURCE, orjson.dumps(product.to_mapping(), default=str, option=orjson.OPT_NON_STR_KEYS))
    return document
