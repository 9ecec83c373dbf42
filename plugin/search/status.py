"""What became of a search: the words of ``ext.rerank`` in a reply, each defined here and nowhere else."""

from __future__ import annotations

import logging
import threading
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from endcap.errors import InputError, ModelError
from endcap.plugin.faults import LOG, WARNING_EVERY_S, Quoting, warn
from endcap.rates import Rate


class Status(StrEnum):
    """How much of the window the student ordered."""

    RERANKED = "reranked"  # all of it
    PARTIAL = "partial"  # a part of the products, or by a part of their text; the others count as the mean score
    SKIPPED = "skipped"  # nothing, on purpose: this search is not one to re-rank; the engine's reply
    FALLBACK = "fallback"  # nothing, because something went wrong; the engine's order
    FAILED = "failed"  # there is no reply: counted in ``outcomes`` alone


class Reason(StrEnum):
    """Why a search was not, or not wholly, re-ranked; or why a page may not fit the one before it."""

    # skipped
    SORTED = "sorted"  # the body sorts by something else than the score
    SIZE_ZERO = "size_zero"  # no hits are asked for
    ONE_HIT = "one_hit"  # there is one candidate: nothing to order
    EMPTY_WINDOW = "empty_window"  # the engine found nothing
    SEARCH_AFTER = "search_after"  # the body goes on after a hit of the engine's order
    SCROLL = "scroll"  # the search is a scroll, or a slice of one
    NO_QUERY_TEXT = "no_query_text"  # no clause of the body searches for a text, and ``ext.rerank`` gives none
    SEVERAL_QUERY_TEXTS = "several_query_texts"  # the body searches for different texts, ``ext.rerank`` gives none
    QUERY_SYNTAX = "query_syntax"  # the text of a ``query_string`` is not in its syntax; ``detail`` says where
    BEYOND_WINDOW = "beyond_window"  # the page starts after the last re-ranked candidate
    URL_QUERY = "url_query"  # a URL parameter gives the query (``q``, ``source``) or a ``filter_path``
    UNKNOWN_MODEL = "unknown_model"  # ``ext.rerank.model`` names a model that is not the one that is loaded
    BAD_REQUEST = "bad_request"  # ``ext.rerank``, ``from`` or ``size`` is not what it should be; ``detail`` says what
    LANGUAGE = "language"  # the products or the query are in a language that the student was not taught
    NOT_KEPT = "not_kept"  # a part of the body would come out otherwise where more hits are asked for; see ``detail``
    CUT_WINDOW = "cut_window"  # the engine's page has not as many hits as the window's: a search pipeline cuts
    NO_SCORES = "no_scores"  # the engine's hits carry no score to begin with
    # skipped, or reranked but for the hits in question
    RULES_DECIDE = (
        "rules_decide"  # a number in the body's rules orders the hits: the text has little say; see ``detail``
    )
    RULES_UNKNOWN = "rules_unknown"  # what the body's rules do can't be told: the engine's order stays; see ``detail``
    # fallback and partial
    DEADLINE = "deadline"  # the time was over
    BUSY = "busy"  # so many other searches compute that this one could not have been done in its time
    MODEL_ERROR = "model_error"  # the student failed, or gave something that is not a score
    BAD_TEXT = "bad_text"  # the query text can't be read: it is not valid Unicode
    NO_PRODUCT_TEXT = "no_product_text"  # hits lack what the student reads, or half of them a title (wrong map?)
    WINDOW_ERROR = "window_error"  # the engine refused the window's request, so it got the body as it was
    PAGE_ERROR = "page_error"  # the page's hits could not be fetched, so the engine got the body as it was
    SHARDS_FAILED = "shards_failed"  # shards failed at the window's or the page's request, so the engine got the body
    INTERNAL_ERROR = "internal_error"  # a fault of endcap itself; ``detail`` says which; please report it
    # partial
    PLAIN_BLEND = "plain_blend"  # there was no time to compare all products' words: by scores alone; see ``detail``
    # failed
    ENGINE_ERROR = "engine_error"  # the engine refused the search, or could not be reached; its error was passed on
    CANCELLED = "cancelled"  # nobody waited for it any more
    # with any status but skipped
    NEAREST = "nearest"  # the engine found less than a page: the products nearest in meaning are shown, too
    OUT_OF_STEP = "out_of_step"  # the index has changed since an earlier page: this one may repeat or lack a product


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ``ext.rerank`` of a reply says, but for the times."""

    status: Status
    reason: Reason | None = None
    scored: int = 0
    detail: str = ""
    blend: str = ""
    """Which blend has ordered the window, ``learnt`` or ``plain``."""
    added: int | None = None
    """How many products have joined the window by meaning; None where none was asked for."""
    rules: tuple[str, ...] = ()
    """The shop's rules that hold for the search, by name."""

    def to_mapping(self) -> dict[str, Any]:
        """As plain data; ``added``, ``blend``, ``detail`` and ``rules`` only where there is one."""
        record: dict[str, Any] = {
            "status": str(self.status),
            "reason": None if self.reason is None else str(self.reason),
            "scored": self.scored,
        }
        if self.added is not None:
            record["added"] = self.added
        record |= {name: text for name in ("blend", "detail") if (text := getattr(self, name))}
        return record | ({"rules": list(self.rules)} if self.rules else {})


def failed(reason: Reason, detail: object) -> Outcome:
    """The outcome of a search that something has gone wrong with."""
    return Outcome(Status.FALLBACK, reason, detail=" ".join(str(detail).split())[:500])


class Outcomes(Mapping[str, int]):
    """How often what happened since the start.

    Reads like a dictionary, ``{"reranked": 7, "fallback:deadline": 1}``; what never happened is not in it.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[Status, Reason | None]] = Counter()
        self.warnings = Rate(WARNING_EVERY_S)
        """How often a warning of one reason is logged."""
        self._lock = threading.Lock()

    def add(self, outcome: Outcome) -> None:
        """Count one search."""
        with self._lock:
            self._counts[outcome.status, outcome.reason] += 1

    def counts(self) -> dict[tuple[Status, Reason | None], int]:
        """The counts by status and reason."""
        return dict(self._counts)

    def __getitem__(self, name: str) -> int:
        return self._counts_by_name()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts_by_name())

    def __len__(self) -> int:
        return len(self._counts)

    def __repr__(self) -> str:
        return f"Outcomes({dict(self)})"

    def _counts_by_name(self) -> dict[str, int]:
        return {f"{status}:{reason}" if reason else str(status): n for (status, reason), n in self.counts().items()}


_MISTAKES = (Reason.BAD_REQUEST, Reason.UNKNOWN_MODEL)
"""Reasons to skip a search that its author should hear of."""


def log_outcome(outcome: Outcome, elapsed_ms: float, warnings: Rate) -> None:
    """One line per search: where re-ranking failed a warning, of each reason one in ten seconds; the others are for
    those who look for them."""
    text, values = "%s, reason %s, %.1f ms. %s", (outcome.status, outcome.reason, elapsed_ms, Quoting(outcome.detail))
    if outcome.status is Status.FALLBACK or outcome.reason in _MISTAKES:
        warn((outcome.status, outcome.reason), text, *values, rate=warnings)
    else:
        LOG.log(logging.INFO if outcome.status is Status.PARTIAL else logging.DEBUG, text, *values)


def raise_failure(outcome: Outcome) -> None:
    """Raise where a search was to be re-ranked and could not be: its ``allow_rerank_failures`` is false."""
    if outcome.status is Status.FALLBACK or outcome.reason in _MISTAKES:
        kind = InputError if outcome.reason in _MISTAKES else ModelError
        detail = f": {outcome.detail}" if outcome.detail else ""
        raise kind(f"The search was not re-ranked ({outcome.reason}{detail}), and allow_rerank_failures is false.")
