"""The index that endcap makes for a catalogue: its settings, its mapping, and a product as its document.

``_source`` is ``Product.to_mapping()``. One more field is indexed but not kept: ``attribute_text``, the attributes as
one text to search in (``attributes`` itself is a ``flat_object``, which is for filters: ``attributes.colour``).
"""

from collections.abc import Mapping
from typing import Any

import orjson

from endcap.index.product import Product, attribute_text
from endcap.index.state_field import NAME

ANALYSER = "endcap_english"

_TEXT = {"type": "text", "analyzer": ANALYSER}
_KEYWORD = {"type": "keyword", "ignore_above": 8191}  # Lucene's limit is 32,766 bytes, four for a character

_FILTERS = ["lowercase", "asciifolding", "endcap_stems"]
_MAPPING = {
    "dynamic": False,
    "_source": {"excludes": ["attribute_text"]},
    "properties": {
        "id": {"type": "keyword"},
        "title": _TEXT,
        "brand": {**_TEXT, "fields": {"keyword": _KEYWORD}},
        "category": {**_TEXT, "fields": {"keyword": _KEYWORD}},
        "description": _TEXT,
        "attributes": {"type": "flat_object"},
        "attribute_text": _TEXT,
        "price": {"type": "double"},
        "image": {"type": "keyword", "index": False, "doc_values": False},
        "extra": {"type": "object", "enabled": False},
    },
}


def index_body(meta: dict[str, Any], shards: int, replicas: int | None) -> dict[str, Any]:
    """The body of the request that creates the index; ``meta`` is endcap's own mark on it."""
    settings: dict[str, Any] = {
        "number_of_shards": shards,
        "refresh_interval": "-1",  # until the load has ended: nobody searches it yet
        "analysis": {
            "analyzer": {ANALYSER: {"type": "custom", "tokenizer": "standard", "filter": _FILTERS}},
            "filter": {"endcap_stems": {"type": "stemmer", "language": "porter2"}},
        },
    }
    if replicas is not None:
        settings["number_of_replicas"] = replicas
    return {"settings": {"index": settings}, "mappings": {"_meta": {"endcap": meta}, **_MAPPING}}


def bulk_lines(product: Product, state: Mapping[str, Any] | None = None) -> bytes:
    """The product as the two lines of a bulk request that index it, with its ``endcap`` where there is one.

    Raises ``TypeError`` or ``ValueError`` where the product holds what JSON can't say, such as half a surrogate pair.
    """
    body = product.to_mapping()
    if text := attribute_text(product):
        body["attribute_text"] = text
    if state is not None:
        body[NAME] = state
    action = orjson.dumps({"index": {"_id": product.id}})
    return action + b"\n" + orjson.dumps(body, default=str, option=orjson.OPT_NON_STR_KEYS) + b"\n"
