"""What keeps an index from being searched by vectors: said in a sentence, and remembered so that few searches ask."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from endcap.plugin.deadline import Clock
from endcap.plugin.faults import LOG

REMEMBERED_S, FLOORS_REMEMBERED_S = 60.0, 3600.0
MAX_REMEMBERED = 1_000
T = TypeVar("T")

_NONE = "No product was added by meaning: "
_WRITE = "Write them with 'endcap warm --vectors' or 'endcap index --vectors'."
# What an engine's refusal says, and what that means.
_LASTING = (
    (
        re.compile(r"unknown (?:query|field) \[knn\]|know the query clause 'knn'", re.I),
        "the engine has no k-NN, so it can't search by vectors. Install OpenSearch's k-NN plugin.",
    ),
    (
        re.compile(r"is not knn_vector type|no vectors for|no mapping found for", re.I),
        f"the index has no vectors in endcap.vector. {_WRITE}",
    ),
    (
        re.compile(r"invalid dimension|needs a vector of \d+ numbers|dimension should be", re.I),
        f"the vectors in endcap.vector have another length than the model's: they are another model's. {_WRITE}",
    ),
)


_OURS = re.compile("knn|vector|endcap|msearch|cancel_after", re.I)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why there are no neighbours, as a sentence, and whether it will be so for the next searches, too."""

    words: str
    lasts: bool
    may_be_ours: bool = True
    """Whether the search for neighbours may be to blame where two searches were refused together."""


def trouble(error: Any) -> Trouble:
    """What an error means: an exception, or the reply that a search of an ``_msearch`` has in the place of its hits."""
    status, reason = _status(error), _reason(error)
    for sign, meaning in _LASTING:
        if sign.search(reason):
            return Trouble(_NONE + meaning, True)
    if isinstance(error, Exception) and status in (401, 403, 404, 405):
        return Trouble(f"{_NONE}the engine does not allow _msearch ({status}): {_line(reason)}", True)
    ours = not (isinstance(status, int) and (status == 429 or status >= 500))
    if status == 400:  # one of the two could not be read
        ours = _OURS.search(str(reason)) is not None
    return Trouble(f"{_NONE}the search by vectors failed: {_line(reason)}", False, ours)


def shards_failed(reply: Mapping[str, Any]) -> str:
    """The sentence for a search for neighbours that has failed in a part of the index; "" where it has not."""
    shards = reply.get("_shards") or {}
    failures = shards.get("failures") or [{}]
    if not shards.get("failed"):
        return ""
    reason = failures[0].get("reason") or {}
    cause = (reason.get("caused_by") or reason) if isinstance(reason, Mapping) else {}
    where = f"{shards['failed']} of {shards.get('total')} shards"
    return f"The search by vectors failed on {where}: {_line(str(cause.get('reason') or cause.get('type')))}"


def no_models_vectors(model: str) -> str:
    """The sentence for an index that has no vectors of the loaded model."""
    return f"{_NONE}the index has no vectors of this model ({model}) in endcap.vector. {_WRITE}"


def others_vectors(model: str, models: Sequence[Any]) -> str:
    """The sentence for a window of which some products have vectors of other models, as far as that is known."""
    n_others = sum(isinstance(other, str) and other != model for other in models)
    if not n_others:
        return ""
    have = f"{n_others} of the {len(models)} products that the engine found {'have' if n_others > 1 else 'has'}"
    return f"{have} another model's vector, and those like them are not found by meaning. {_WRITE}"


TOO_FAR = f"{_NONE}the nearest is no nearer than products are to words without a meaning."


def outdated(n_outdated: int, n_left: int) -> str:
    """The sentence for neighbours whose vectors were made from another text than they have now; "" where none was."""
    if not n_outdated:
        return ""
    were = f"{n_outdated} of the nearest {'were' if n_outdated > 1 else 'was'} left out"
    check = "" if n_left else " Is the field map the one that they were written with?"
    return f"{were}: the text has changed since the vector was written. {_WRITE}{check}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What is known of an index: why it can't be searched by vectors, where it can't, and the filter of its alias.

    An alias's filter is applied to the neighbours that were found, so it has to be among their own filters, too.
    """

    reason: str = ""
    clause: Mapping[str, Any] | None = None


class Remembered(Generic[T]):
    """Values by key, forgotten after ``remembered_s`` seconds. Safe between threads."""

    def __init__(self, remembered_s: float, clock: Clock) -> None:
        self._remembered_s, self._clock = remembered_s, clock
        self._known: dict[str, tuple[float, T]] = {}
        self._lock = threading.Lock()

    def get(self, key: str) -> T | None:
        """The value of a key; None where there is none of late."""
        found = self._known.get(key)
        return found[1] if found is not None and self._clock() - found[0] < self._remembered_s else None

    def put(self, key: str, value: T) -> T:
        """Remember a value; gives it back."""
        with self._lock:
            if len(self._known) >= MAX_REMEMBERED:
                self._known.clear()
            self._known[key] = (self._clock(), value)
        return value


class DenseSupport:
    """What is known of indexes, by a key of index and model.

    What keeps one from being searched by vectors is logged as a warning when it is first met.
    """

    def __init__(self, remembered_s: float = REMEMBERED_S, clock: Clock = time.monotonic) -> None:
        self._scopes = Remembered[Scope](remembered_s, clock)
        self.floors = Remembered[float](FLOORS_REMEMBERED_S, clock)
        """The likeness up to which products are near to anything (``dense_floor.py``)."""
        self._warned: set[tuple[str, str]] = set()

    def scope(self, key: str) -> Scope | None:
        """What was found of an index of late; None where nobody has looked."""
        return self._scopes.get(key)

    def remember(self, key: str, scope: Scope) -> Scope:
        """Remember what was found; gives it back."""
        warning = (key, scope.reason)
        if scope.reason and warning not in self._warned and len(self._warned) < MAX_REMEMBERED:
            self._warned.add(warning)
            LOG.warning("%s (index %s)", scope.reason, key.rpartition(" ")[0])
        return self._scopes.put(key, scope)


def _status(error: Any) -> Any:
    cause = getattr(error, "__cause__", None)
    return getattr(error, "status_code", getattr(cause, "status_code", None))


def _reason(error: Any) -> str:
    """All that an error says, the root cause first."""
    cause = getattr(error, "__cause__", None) or error
    info = getattr(cause, "info", cause if isinstance(cause, dict) else None)
    about = info.get("error") if isinstance(info, dict) else None
    if isinstance(about, dict):
        roots = about.get("root_cause") or [about]
        root = roots[0] if isinstance(roots[0], dict) else about
        return str(root.get("reason") or about.get("reason") or root.get("type"))
    return str(about or error)


def _line(text: str) -> str:
    line = " ".join(text.split())
    return (line if len(line) <= 300 else line[:297] + "...").rstrip(".") + "."
