"""``ext.rerank`` of a request: what one search may ask of the re-ranker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from endcap.errors import InputError
from endcap.plugin.blend.limits import checked_weight, checked_window, is_finite
from endcap.plugin.search.query_text import text_at


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
    explain: bool = False
    """Whether each hit says what its score is made of."""


def without_rerank(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as the engine may see it: without ``ext.rerank``, which it would reject. The caller's stays as it is."""
    ext = body.get("ext")
    if not isinstance(ext, Mapping) or "rerank" not in ext:
        return dict(body)
    kept = {name: value for name, value in ext.items() if name != "rerank"}
    rest = {name: value for name, value in body.items() if name != "ext"}
    return {**rest, "ext": kept} if kept else rest


def asked_options(body: Mapping[str, Any], defaults: Options) -> Options:
    """The options of one search; ``InputError`` names what in ``ext.rerank`` is unknown or not what it should be."""
    ext = body.get("ext")
    asked = ext.get("rerank") if isinstance(ext, Mapping) else None
    if asked is None:
        return defaults
    if not isinstance(asked, Mapping):
        raise InputError(f"ext.rerank is {asked!r}; it should be an object.")
    changes: dict[str, Any] = {}
    for name, value in asked.items():
        if name == "query_context":
            changes["text"] = _text(body, value)
        elif name == "rank_window_size":
            changes["window"] = checked_window(value, "ext.rerank.rank_window_size")
        elif name == "blend_weight":
            changes["blend_weight"] = checked_weight(value, "ext.rerank.blend_weight")
            changes["learnt"] = False  # who names a weight wants what it weighs
        elif name == "min_score":
            if not is_finite(value):
                raise InputError(f"ext.rerank.min_score is {value!r}; it should be a number on the student's scale.")
            changes["min_score"] = float(value)
        elif name in ("allow_rerank_failures", "explain"):
            if not isinstance(value, bool):
                raise InputError(f"ext.rerank.{name} is {value!r}; it should be true or false.")
            changes["explain" if name == "explain" else "allow_failures"] = value
        elif name == "model":
            if not isinstance(value, str):
                raise InputError(f"ext.rerank.model is {value!r}; it should be a model's name.")
            changes["model"] = value
        else:
            raise InputError(
                f"ext.rerank.{name} is not known; there are query_context, rank_window_size, blend_weight, min_score, "
                "allow_rerank_failures, explain and model."
            )
    return replace(defaults, **changes)


def failures_allowed(body: Mapping[str, Any]) -> bool:
    """False only where ``ext.rerank`` says in so many words that failing is better than the engine's order."""
    ext = body.get("ext")
    asked = ext.get("rerank") if isinstance(ext, Mapping) else None
    return not (isinstance(asked, Mapping) and asked.get("allow_rerank_failures") is False)


def _text(body: Mapping[str, Any], context: Any) -> str:
    if not isinstance(context, Mapping) or len(context) != 1 or not set(context) <= {"query_text", "query_text_path"}:
        raise InputError(
            f"ext.rerank.query_context is {context!r}; it should hold either query_text or query_text_path."
        )
    ((name, value),) = context.items()
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"ext.rerank.query_context.{name} is {value!r}; it should be a text.")
    if name == "query_text":
        return value
    found = text_at(body, value)
    if found is None:
        raise InputError(f"ext.rerank.query_context.query_text_path is {value!r}; the body has no text there.")
    return found
