"""The bodies of requests as frozen records, checked. What they hold beside that is for other servers, and ignored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from endcap.serve.api.documents import Documents
from endcap.serve.api.refusals import malformed, too_large

FORMATS = ("float", "base64")
TYPES = {
    "document": "document",
    "query": "query",
    "passage": "document",
    "search_document": "document",
    "search_query": "query",
}
"""What an embedded text is; Cohere's and others' words, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RerankRequest:
    """A query, documents, and what the reply is to hold."""

    query: str
    documents: Documents
    top_n: int | None = None
    with_documents: bool = False
    raw_scores: bool = False
    may_cut: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingsRequest:
    """Documents, or queries, whose vectors are asked for; ``states``: also as documents of an index keep them."""

    documents: Documents
    queries: bool
    base64: bool
    states: bool
    dimensions: int | None


def read_object(raw: bytes) -> Mapping[str, Any]:
    """The body's object. Raises ``Refusal``."""
    try:
        body = orjson.loads(raw)
    except ValueError as error:
        raise malformed(f"the body is no JSON: {error}.") from None
    if not isinstance(body, dict):
        raise malformed("the body must be an object.")
    return body


def read_tei(body: Mapping[str, Any], most: int) -> RerankRequest:
    """The body of ``/rerank``, as TEI has it; with ``documents`` in place of ``texts``, too."""
    name = "documents" if "texts" not in body and "documents" in body else "texts"
    return RerankRequest(
        query=_query(body),
        documents=Documents(_list(body, name, most), name),
        top_n=_count(body, "top_n"),
        with_documents=_flag(body, "return_text", False),
        raw_scores=_flag(body, "raw_scores", False),
        may_cut=_flag(body, "truncate", True),
    )


def read_cohere(body: Mapping[str, Any], most: int) -> RerankRequest:
    """The body of ``/v1/rerank`` and ``/v2/rerank``, as Cohere and Jina have it."""
    _text_or_none(body, "model")
    rank_fields = body.get("rank_fields")
    if rank_fields is not None and not (
        isinstance(rank_fields, list) and rank_fields and all(isinstance(field, str) for field in rank_fields)
    ):
        raise malformed("rank_fields must be a list of names, or left out.")
    return RerankRequest(
        query=_query(body),
        documents=Documents(_list(body, "documents", most), "documents", rank_fields),
        top_n=_count(body, "top_n"),
        with_documents=_flag(body, "return_documents", False),
    )


def read_embeddings(body: Mapping[str, Any], most: int) -> EmbeddingsRequest:
    """The body of ``/v1/embeddings``, as OpenAI has it; ``input_type`` says whether these are queries."""
    _text_or_none(body, "model")
    given = body.get("input")
    items = _list(body, "input", most) if isinstance(given, list) else [given]
    if not items:
        raise malformed("input must be a text, or a list with at least one.")
    encoding = "float" if body.get("encoding_format") is None else body["encoding_format"]
    if encoding not in FORMATS:
        raise malformed(f"encoding_format is {encoding!r:.80}; it must be one of {', '.join(FORMATS)}.")
    kind = "document" if body.get("input_type") is None else body["input_type"]
    if not isinstance(kind, str) or kind not in TYPES:
        raise malformed(f"input_type is {kind!r:.80}; it must be one of {', '.join(TYPES)}.")
    return EmbeddingsRequest(
        documents=Documents(items, "input"),
        queries=TYPES[kind] == "query",
        base64=encoding == "base64",
        states=_flag(body, "endcap", False),
        dimensions=_count(body, "dimensions"),
    )


def _query(body: Mapping[str, Any]) -> str:
    query = body.get("query")
    if not isinstance(query, str) or not query:
        raise malformed(f"query is {query!r:.80}; it must be a text that is not empty.")
    return query


def _list(body: Mapping[str, Any], name: str, most: int) -> list[Any]:
    items = body.get(name)
    if not isinstance(items, list):
        raise malformed(f"{name} must be a list." if name in body else f"{name} is missing.")
    if len(items) > most:
        raise too_large(f"{name} has {len(items):,} items; at most {most:,} are read at once. Send them in parts.")
    return items


def _count(body: Mapping[str, Any], name: str) -> int | None:
    value = body.get(name)
    if value is None:
        return None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 1:
        raise malformed(f"{name} is {value!r:.80}; it must be a whole number from 1 on, or left out.")
    return value


def _flag(body: Mapping[str, Any], name: str, default: bool) -> bool:
    value = body.get(name)
    if value is None:
        return default
    if not isinstance(value, bool):
        raise malformed(f"{name} is {value!r:.80}; it must be true or false.")
    return value


def _text_or_none(body: Mapping[str, Any], name: str) -> None:
    if not isinstance(body.get(name), str | None):
        raise malformed(f"{name} is {body[name]!r:.80}; it must be a text, or left out.")
