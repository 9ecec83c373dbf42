"""What the API takes and gives, as OpenAPI 3.1."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from endcap import __version__
from endcap.serve.api.bodies import FORMATS, TYPES
from endcap.serve.api_settings import ApiSettings

Schema = dict[str, Any]
TEXT: Schema = {"type": "string"}
QUERY: Schema = {"type": "string", "minLength": 1}
COUNT: Schema = {"type": ["integer", "null"], "minimum": 1}
FLAG: Schema = {"type": ["boolean", "null"]}
PRODUCT: Schema = {
    "type": "object",
    "description": "Its text is read; else, where it has a title, the fields of a product; else all its values.",
}
MODEL: Schema = {"type": ["string", "null"], "description": "Any name; the reply says which model has answered."}
WORDS = {
    400: "The body breaks off, or can't be unpacked.",
    401: "A key is needed, or this one is not known.",
    408: "The body has not come in time.",
    413: "Longer, or more, than is read at once.",
    415: "The body is not sent as JSON.",
    422: "The body is not what it should be.",
    429: "Too much to do now, or the deadline has passed.",
    500: "A fault of the server or of the model.",
}


def openapi(settings: ApiSettings) -> Schema:
    """The specification."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "endcap",
            "version": __version__,
            "description": "Re-ranks documents for a query with a small student model, on a CPU.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{}, {"key": []}],
        "paths": _paths(settings.max_documents),
        "components": {
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
            "schemas": _schemas(),
        },
    }


def _paths(most: int) -> Schema:
    reranked = _response("RerankReply", "The documents, best first.")
    return {
        "/rerank": _post("Re-rank texts, as Text Embeddings Inference has it", _tei(most), _tei_reply(), "TeiError"),
        "/v1/rerank": _post("Re-rank documents, as Cohere (v1) and Jina have it", _cohere(most), reranked),
        "/v2/rerank": _post("Re-rank documents, as Cohere (v2) has it", _cohere(most), reranked),
        "/v1/embeddings": _post(
            "Vectors of products or queries, as OpenAI has it",
            _embeddings(most),
            _response("EmbeddingsReply", "A vector for each input, of unit length."),
        ),
        "/v1/models": _get("The model in use", _json({"$ref": "#/components/schemas/Models"}, "The models.")),
        "/info": _get("The model and the limits", _json({"type": "object"}, "What is known.")),
        "/health": _get("Whether the server answers", _json({"type": "object"}, "It does."), is_open=True),
        "/ready": _ready(),
        "/metrics": _get(
            "The metrics of Prometheus",
            {"description": "In its text format.", "content": {"text/plain": {"schema": TEXT}}},
        ),
        "/openapi.json": _get("This specification", _json({"type": "object"}, "OpenAPI 3.1."), is_open=True),
        "/docs": _get(
            "This specification as a page",
            {"description": "A page that loads nothing from elsewhere.", "content": {"text/html": {"schema": TEXT}}},
            is_open=True,
        ),
    }


def _ready() -> Schema:
    asked = _get("Whether more should be sent here", _json({"type": "object"}, "It should."), is_open=True)
    asked["get"]["responses"]["503"] = _json({"type": "object"}, "The server is being stopped.")
    return asked


def _tei(most: int) -> Schema:
    return _object(
        ["query", "texts"],
        query=QUERY,
        texts=_documents(most),
        top_n=COUNT,
        truncate=FLAG | {"description": "false: a text that is longer than the model reads is refused."},
        raw_scores=FLAG | {"description": "The student's own scores; else s becomes 1 / (1 + exp(-s))."},
        return_text=FLAG,
    )


def _cohere(most: int) -> Schema:
    return _object(
        ["query", "documents"],
        model=MODEL,
        query=QUERY,
        documents=_documents(most),
        top_n=COUNT,
        return_documents=FLAG,
        rank_fields={
            "type": ["array", "null"],
            "items": TEXT,
            "minItems": 1,
            "description": "The fields that are read of objects.",
        },
    )


def _embeddings(most: int) -> Schema:
    return _object(
        ["input"],
        model=MODEL,
        input={"anyOf": [TEXT, PRODUCT, _documents(most) | {"minItems": 1}]},
        input_type={"enum": [*TYPES, None], "description": "Else they are documents."},
        encoding_format={"enum": [*FORMATS, None]},
        endcap=FLAG | {"description": "Also the object endcap that a product's document in an index keeps."},
        user={"description": "Not read."},
    )


def _documents(most: int) -> Schema:
    """More of them are answered 413, which is no fault of the form."""
    return {"type": "array", "items": {"anyOf": [TEXT, PRODUCT]}, "description": f"At most {most:,}."}


def _tei_reply() -> Schema:
    result = _object(["index", "score"], index={"type": "integer"}, score={"type": "number"}, text={})
    return _json({"type": "array", "items": result}, "The texts, best first.")


def _schemas() -> Schema:
    number, whole = {"type": "number"}, {"type": "integer"}
    result = _object(
        ["index", "relevance_score"],
        index=whole,
        relevance_score=number | {"minimum": 0, "maximum": 1},
        document={"type": "object"},
    )
    usage = _object(["total_tokens"], prompt_tokens=whole, total_tokens=whole)
    vector = {"anyOf": [{"type": "array", "items": number}, TEXT | {"description": "float32, base64"}]}
    embedding = _object(
        ["object", "index", "embedding"], object=TEXT, index=whole, embedding=vector, endcap={"type": "object"}
    )
    error = _object(["message", "type", "code"], message=TEXT, type=TEXT, code=whole)
    model = _object(["id", "object"], id=TEXT, object=TEXT, created=whole, owned_by=TEXT)
    return {
        "RerankReply": _object(
            ["id", "model", "results"],
            id=TEXT,
            model=TEXT,
            results={"type": "array", "items": result},
            usage=usage,
            meta={"type": "object"},
        ),
        "EmbeddingsReply": _object(
            ["object", "data", "model", "usage"],
            object=TEXT,
            data={"type": "array", "items": embedding},
            model=TEXT,
            usage=usage,
        ),
        "Models": _object(["object", "data"], object=TEXT, data={"type": "array", "items": model}),
        "Error": _object(["message", "error"], message=TEXT, error=error),
        "TeiError": _object(["error", "error_type"], error=TEXT, error_type=TEXT),
    }


def _post(summary: str, body: Schema, reply: Schema, error: str = "Error") -> Schema:
    refused = {str(status): _response(error, words) for status, words in WORDS.items()}
    refused["401"]["headers"] = {"WWW-Authenticate": {"schema": TEXT}}
    refused["429"]["headers"] = {"Retry-After": {"schema": {"type": "string"}, "description": "Seconds."}}
    request = {"required": True, "content": {"application/json": {"schema": body}}}
    return {"post": {"summary": summary, "requestBody": request, "responses": {"200": reply, **refused}}}


def _get(summary: str, reply: Schema, is_open: bool = False) -> Schema:
    refused = {} if is_open else {"401": _response("Error", WORDS[401])}
    security: Schema = {"security": []} if is_open else {}
    return {"get": {"summary": summary, **security, "responses": {"200": reply, **refused}}}


def _object(required: list[str], **properties: Mapping[str, Any]) -> Schema:
    return {"type": "object", "required": required, "properties": properties}


def _response(name: str, words: str) -> Schema:
    return _json({"$ref": f"#/components/schemas/{name}"}, words)


def _json(schema: Schema, words: str) -> Schema:
    return {"description": words, "content": {"application/json": {"schema": schema}}}
