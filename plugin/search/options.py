"""``ext.rerank`` of a request: what one search may ask of the re-ranker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from endcap.errors import InputError
from endcap.plugin.blend.limits import checked_weight, checked_window, is_finite
from endcap.plugin.search.searched_text import text_at


@dataclass(frozen=True, slots=True)
class Options:
    """How one search is re-ranked: the re-ranker's settings, and what ``ext.rerank`` changes of them."""

    window: int
    blend_weight: float
    min_score: float | None = None
    """On the student's scale; candidates below it are not shown."""
    allow_failures: bool = True
    """Whether a search that could not be re-ranked comes in the engine's order (or raises)."""
    model: str | None = None
    text: str | None = None
    """The text to score for; None: the one that the body searches for."""
    learnt: bool = False
    """Whether the model's learnt blend is used; where false, the plain one at ``blend_weight``."""
    keep_first: int = 0
    """How many of the engine's first hits stay where they are."""
    tiers: tuple[Any, ...] = ()
    """What the body puts above or below."""
    explain: bool = False
    """Whether each hit says what its score is made of."""


def without_rerank(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as the engine may see it: without ``ext.rerank``, which it would reject. The caller's stays as it is."""
    ext = body.get("ext")
    if not isinstance(ext, Mapping) or "rerank" not in ext:
        return dict(body)
    other_ext = {name: value for name, value in ext.items() if name != "rerank"}
    other_keys = {name: value for name, value in body.items() if name != "ext"}
    return {**other_keys, "ext": other_ext} if other_ext else other_keys


def search_options(body: Mapping[str, Any], defaults: Options) -> Options:
    """The options of one search; ``InputError`` names what in ``ext.rerank`` is unknown or not what it should be."""
    request = _rerank_request(body)
    if request is None:
        return defaults
    if not isinstance(request, Mapping):
        raise InputError(f"ext.rerank is {request!r}; it should be an object.")
    changes: dict[str, Any] = {}
    for name, value in request.items():
        changes |= _change(body, name, value)
    return replace(defaults, **changes)


def failures_allowed(body: Mapping[str, Any]) -> bool:
    """False only where ``ext.rerank`` says in so many words that failing is better than the engine's order."""
    request = _rerank_request(body)
    return not (isinstance(request, Mapping) and request.get("allow_rerank_failures") is False)


def _rerank_request(body: Mapping[str, Any]) -> Any:
    ext = body.get("ext")
    return ext.get("rerank") if isinstance(ext, Mapping) else None


def _change(body: Mapping[str, Any], name: str, value: Any) -> dict[str, Any]:
    """What one key of ``ext.rerank`` changes of the options."""
    match name:
        case "query_context":
            return {"text": _text(body, value)}
        case "rank_window_size":
            return {"window": checked_window(value, "ext.rerank.rank_window_size")}
        case "blend_weight":
            # Who names a weight wants what it weighs.
            return {"blend_weight": checked_weight(value, "ext.rerank.blend_weight"), "learnt": False}
        case "min_score":
            if not is_finite(value):
                raise InputError(f"ext.rerank.min_score is {value!r}; it should be a number on the student's scale.")
            return {"min_score": float(value)}
        case "allow_rerank_failures" | "explain":
            if not isinstance(value, bool):
                raise InputError(f"ext.rerank.{name} is {value!r}; it should be true or false.")
            return {"explain" if name == "explain" else "allow_failures": value}
        case "model":
            if not isinstance(value, str):
                raise InputError(f"ext.rerank.model is {value!r}; it should be a model's name.")
            return {"model": value}
    raise InputError(
        f"ext.rerank.{name} is not known; there are query_context, rank_window_size, blend_weight, min_score, "
        "allow_rerank_failures, explain and model."
    )


def _text(body: Mapping[str, Any], context: Any) -> str:
    """The text that ``query_context`` gives, or points to."""
    if not isinstance(context, Mapping) or len(context) != 1 or not set(context) <= {"query_text", "query_text_path"}:
        raise InputError(
            f"ext.rerank.query_context is {context!r}; it should hold either query_text or query_text_path."
        )
    ((name, value),) = context.items()
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"ext.rerank.query_context.{name} is {value!r}; it should be a text.")
    text = value if name == "query_text" else text_at(body, value)
    if text is None:
        raise InputError(f"ext.rerank.query_context.query_text_path is {value!r}; the body has no text there.")
    return text
