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
from endcap.plugin.faults import LOG


class Status(StrEnum):
    """How much of the window the student ordered."""

    RERANKED = "reranked"
    """All of it."""
    PARTIAL = "partial"
    """A part: the other products count as the mean of the student's scores, the reason says why."""
    SKIPPED = "skipped"
    """Nothing, on purpose: this search is not one to re-rank. The engine's reply."""
    FALLBACK = "fallback"
    """Nothing, because something went wrong. The engine's order."""


class Reason(StrEnum):
    """Why a search was not, or not wholly, re-ranked; or why a page may not fit the one before it."""

    # skipped
    SORTED = "sorted"
    """The body sorts by something else than the score."""
    SIZE_ZERO = "size_zero"
    """No hits are asked for."""
    ONE_HIT = "one_hit"
    """There is one candidate: nothing to order."""
    EMPTY_WINDOW = "empty_window"
    """The engine found nothing."""
    SEARCH_AFTER = "search_after"
    """The body goes on after a hit of the engine's order."""
    SCROLL = "scroll"
    """The search is a scroll, or a slice of one."""
    NO_QUERY_TEXT = "no_query_text"
    """No clause of the body searches for a text, and ``ext.rerank`` gives none."""
    SEVERAL_QUERY_TEXTS = "several_query_texts"
    """The body searches for different texts, and ``ext.rerank`` does not say which one counts."""
    BEYOND_WINDOW = "beyond_window"
    """The page starts after the last re-ranked candidate."""
    URL_QUERY = "url_query"
    """The query, or a filter of the reply, is given as a URL parameter (``q``, ``source``, ``filter_path``)."""
    UNKNOWN_MODEL = "unknown_model"
    """``ext.rerank.model`` names a model that is not the one that is loaded."""
    BAD_REQUEST = "bad_request"
    """``ext.rerank``, ``from`` or ``size`` is not what it should be; ``detail`` says what."""
    NO_SCORES = "no_scores"
    """The engine's hits carry no score to begin with."""
    # fallback and partial
    DEADLINE = "deadline"
    """The time was over."""
    MODEL_ERROR = "model_error"
    """The student failed, or gave something that is not a score."""
    BAD_TEXT = "bad_text"
    """The query text can't be read: it is not valid Unicode."""
    NO_PRODUCT_TEXT = "no_product_text"
    """The hits hold none of the fields that the student reads (is the field mapping right, is ``_source`` kept?)."""
    WINDOW_ERROR = "window_error"
    """The engine refused the window's request, so it got the body as it was."""
    PAGE_ERROR = "page_error"
    """The page's hits could not be fetched after the window, so the engine got the body as it was."""
    INTERNAL_ERROR = "internal_error"
    """A fault of endcap itself; ``detail`` says which. Please report it."""
    # with any status but skipped
    OUT_OF_STEP = "out_of_step"
    """The index has changed since an earlier page was shown: this page may repeat or lack a product."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What ``ext.rerank`` of a reply says, but for the times."""

    status: Status
    reason: Reason | None = None
    scored: int = 0
    detail: str = ""
    blend: str = ""
    """Which blend has ordered the window, ``learnt`` or ``plain``."""

    def to_mapping(self) -> dict[str, Any]:
        """As plain data; ``blend`` and ``detail`` only where there is one."""
        record: dict[str, Any] = {
            "status": str(self.status),
            "reason": None if self.reason is None else str(self.reason),
            "scored": self.scored,
        }
        return record | {name: text for name in ("blend", "detail") if (text := getattr(self, name))}


class Outcomes(Mapping[str, int]):
    """How often what happened since the start.

    Reads like a dictionary, ``{"reranked": 7, "fallback:deadline": 1}``; what never happened is not in it.
    """

    def __init__(self) -> None:
        self._counts: Counter[tuple[Status, Reason | None]] = Counter()
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


def log_outcome(outcome: Outcome, elapsed_ms: float) -> None:
    """One line per search: a warning where re-ranking failed, else for those who look for it."""
    if outcome.status is Status.FALLBACK or outcome.reason in _MISTAKES:
        level = logging.WARNING
    else:
        level = logging.INFO if outcome.status is Status.PARTIAL else logging.DEBUG
    LOG.log(level, "%s, reason %s, %.1f ms. %s", outcome.status, outcome.reason, elapsed_ms, outcome.detail)


def raise_failure(outcome: Outcome) -> None:
    """Raise where a search was to be re-ranked and could not be: its ``allow_rerank_failures`` is false."""
    if outcome.status is Status.FALLBACK or outcome.reason in _MISTAKES:
        kind = InputError if outcome.reason in _MISTAKES else ModelError
        detail = f": {outcome.detail}" if outcome.detail else ""
        raise kind(f"The search was not re-ranked ({outcome.reason}{detail}), and allow_rerank_failures is false.")
