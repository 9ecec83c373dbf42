"""Re-ranks candidates: the student's runtime, what was read in advance, and the middleware around a search engine."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from endcap.plugin.model.student import Student
    from endcap.plugin.search.reranker import Reranker
    from endcap.plugin.search.workers import Workers

__all__ = ["Reranker", "Student", "Workers"]

_HOMES = {
    "Reranker": "endcap.plugin.search.reranker",
    "Student": "endcap.plugin.model.student",
    "Workers": "endcap.plugin.search.workers",
}


def __getattr__(name: str) -> Any:
    # Importing a small module of this room should not load the model's runtime.
    if name in _HOMES:
        return getattr(import_module(_HOMES[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
