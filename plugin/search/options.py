"""``ext.rerank`` of a request: what one search may ask of the re-ranker."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any

from endcap.errors import InputError
from endcap.plugin.blend.limits import checked_dense, checked_weight, checked_window, is_finite
from endcap.plugin.search.languages import ANY, checked_languages
from endcap.plugin.search.query_syntax import SearchedText
from endcap.plugin.search.searched_text import text_at
from endcap.plugin.search.status import Outcome, Reason, Status
from endcap.plugin.tiers.clauses import names_in
from endcap.plugin.tiers.named_tiers import Tier, read_keep_first, read_tiers


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
    text: SearchedText | Outcome | None = None
    """The text to score for, or why there is none; None: the one that the body searches for."""
    learnt: bool = False
    """Whether the model's learnt blend is used; where false, the plain one at ``blend_weight``."""
    explain: bool = False
    """Whether each hit says what its score is made of."""
    tiers: tuple[Tier, ...] | None = None
    """Tiers that are named, the most important first; none at all where empty; None: those that the body makes."""
    keep_first: int = 0
    """How many of the engine's first hits stay where they are."""
    dense: int = 0
    """So many products nearest to the query's vector join the window."""
    numbers: bool = False
    """Whether a model's number that the engine does not find is searched for in its other spellings."""
    budget_ms: float | None = None
    """What the search may take beside the engine; None: what the re-ranker says."""
    language: str | None = None
    """The language of query and products, "any" for none to be looked for; None: it is found out."""


def without_rerank(body: Mapping[str, Any]) -> dict[str, Any]:
    """The body as the engine may see it: without ``ext.rerank``, which it would reject. The caller's stays as it is."""
    ext = body.get("ext")
    if not isinstance(ext, Mapping) or "rerank" not in ext:
        return dict(body)
    other_ext = {name: value for name, value in ext.items() if name != "rerank"}
    other_keys = {name: value for name, value in body.items() if name != "ext"}
    return {**other_keys, "ext": other_ext} if other_ext else other_keys


def search_options(body: Mapping[str, Any], defaults: Options, read_paths: Collection[str] = ()) -> Options:
    """The options of one search; ``InputError`` names what in ``ext.rerank`` is unknown or not what it should be.

    ``read_paths`` are the source paths that the student reads.
    """
    request = _rerank_request(body)
    if request is None:
        return defaults
    if not isinstance(request, Mapping):
        raise InputError(f"ext.rerank is {request!r}; it should be an object.")
    changes: dict[str, Any] = {}
    for name, value in request.items():
        changes |= {"text": _text(body, value, read_paths)} if name == "query_context" else _change(body, name, value)
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
        case "rank_window_size":
            return {"window": checked_window(value, "ext.rerank.rank_window_size")}
        case "dense":
            return {"dense": checked_dense(value, "ext.rerank.dense")}
        case "blend_weight":
            # Who names a weight wants what it weighs.
            return {"blend_weight": checked_weight(value, "ext.rerank.blend_weight"), "learnt": False}
        case "min_score":
            if not is_finite(value):
                raise InputError(f"ext.rerank.min_score is {value!r}; it should be a number on the student's scale.")
            return {"min_score": float(value)}
        case "budget_ms":
            if not is_finite(value) or value <= 0:
                raise InputError(f"ext.rerank.budget_ms is {value!r}; it should be a number of milliseconds above 0.")
            return {"budget_ms": float(value)}
        case "allow_rerank_failures" | "explain" | "numbers":
            if not isinstance(value, bool):
                raise InputError(f"ext.rerank.{name} is {value!r}; it should be true or false.")
            return {"allow_failures" if name == "allow_rerank_failures" else name: value}
        case "tiers":
            return {"tiers": read_tiers(value, "ext.rerank.tiers", set(names_in(body.get("query"))))}
        case "keep_first":
            return {"keep_first": read_keep_first(value, "ext.rerank.keep_first")}
        case "model":
            if not isinstance(value, str):
                raise InputError(f"ext.rerank.model is {value!r}; it should be a model's name.")
            return {"model": value}
        case "language":
            return {"language": (*checked_languages([value], "ext.rerank.language"), ANY)[0]}
    raise InputError(
        f"ext.rerank.{name} is not known; there are query_context, rank_window_size, blend_weight, min_score, "
        "allow_rerank_failures, explain, tiers, keep_first, dense, numbers, budget_ms, language and model."
    )


def _text(body: Mapping[str, Any], context: Any, read_paths: Collection[str]) -> SearchedText | Outcome:
    """The text that ``query_context`` gives, or points to."""
    if not isinstance(context, Mapping) or len(context) != 1 or not set(context) <= {"query_text", "query_text_path"}:
        raise InputError(
            f"ext.rerank.query_context is {context!r}; it should hold either query_text or query_text_path."
        )
    ((name, value),) = context.items()
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"ext.rerank.query_context.{name} is {value!r}; it should be a text.")
    # What is given is what somebody has typed; what is pointed to may be in a clause's syntax.
    text = SearchedText(value) if name == "query_text" else text_at(body, value, read_paths)
    if text is None:
        raise InputError(f"ext.rerank.query_context.query_text_path is {value!r}; the body has no text there.")
    if isinstance(text, SearchedText) and not text.text.strip():
        return Outcome(Status.SKIPPED, Reason.NO_QUERY_TEXT)
    return text
