"""The replies: scores as every reader of JSON takes them, errors in the form of the API that was spoken."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

import numpy as np
import orjson
from aiohttp import web

from endcap.serve.api.bodies import RerankRequest
from endcap.serve.api.reading import Scored
from endcap.serve.api.refusals import Refusal

UNIT = 100
"""So many documents of one query are a search unit of Cohere's, a query without any is none."""


def score_text(score: float) -> bytes:
    """A finite score with seven significant digits and always a point: some readers take ``1`` for a whole number, and
    longer ones for a decimal of another type."""
    text = format(score, "#.7g")
    return (text + "0" if text.endswith(".") else text).encode()  # JSON wants a digit behind the point


def ranked(request: RerankRequest, scores: np.ndarray, name: str, document: str) -> list[dict[str, Any]]:
    """Results, best first, equal ones in the order in which they came; ``name`` and ``document`` are their keys."""
    results = []
    for index in np.argsort(-scores, kind="stable")[: request.top_n].tolist():
        score = float(scores[index])
        shown = score if request.raw_scores else 1 / (1 + math.exp(-max(-700.0, min(700.0, score))))
        result: dict[str, Any] = {"index": index, name: orjson.Fragment(score_text(shown))}
        if request.with_documents:
            result[document] = request.documents.sent[index]
        results.append(result)
    return results


def tei_reply(request: RerankRequest, scored: Scored) -> Any:
    """TEI's bare list."""
    return ranked(request, scored.scores, "score", "text")


def cohere_reply(request: RerankRequest, scored: Scored, model: str, version: str) -> Any:
    """Cohere's object, with Jina's ``usage``."""
    results = ranked(request, scored.scores, "relevance_score", "document")
    for result in results:
        if isinstance(result.get("document"), str):
            result["document"] = {"text": result["document"]}
    meta = {
        "api_version": {"version": version},
        "billed_units": {"search_units": math.ceil(len(request.documents) / UNIT)},
        "tokens": {"input_tokens": scored.tokens},
    }
    return {"id": str(uuid4()), "model": model, "results": results, "usage": usage(scored.tokens), "meta": meta}


def usage(tokens: int) -> dict[str, int]:
    """OpenAI's and Jina's count: all tokens are read, none is written."""
    return {"prompt_tokens": tokens, "total_tokens": tokens}


def embeddings_reply(vectors: Sequence[Any], model: str, tokens: int) -> Any:
    """OpenAI's list of vectors."""
    data = [{"object": "embedding", "index": place, "embedding": vector} for place, vector in enumerate(vectors)]
    return {"object": "list", "data": data, "model": model, "usage": usage(tokens)}


def json_response(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    """A reply as JSON."""
    body = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")


def refused(refusal: Refusal, form: str = "cohere") -> web.Response:
    """An error, in the form of TEI or of the others: OpenAI's clients read ``error.message``, Cohere's ``message``."""
    about: Any = {"error": refusal.message, "error_type": refusal.kind}
    if form != "tei":
        error = {"message": refusal.message, "type": refusal.kind, "param": None, "code": refusal.status}
        about = {"message": refusal.message, "error": error}
    return json_response(about, refusal.status, refusal.headers)


def malformed(status: int, why: str) -> web.Response:
    """The answer to what is no request by HTTP's rules: nobody knows for which path, so in the others' form."""
    return refused(Refusal(status, "bad_request", why))
