"""A short memory of how a window was ordered, so that the next pages fit the first."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from hashlib import blake2b
from typing import Any

import orjson

from endcap.plugin.deadline import Clock
from endcap.plugin.search.status import Outcome

HitKey = tuple[str, str, str]
"""What names a hit: its index, id and routing. Ids alone are not unique where a search spans indexes."""


@dataclass(frozen=True, slots=True)
class RankedWindow:
    """The candidates of one window, best first, with all that the reply says of them. All tuples have one length."""

    keys: tuple[HitKey, ...]
    scores: tuple[float | None, ...]
    """The final scores, never rising but where the body's ``sort`` has tiers; None for a hit that had none."""
    engine_scores: tuple[float | None, ...]
    """None where the engine did not find the product: it was added by meaning, or has joined for a pin."""
    student_scores: tuple[float | None, ...]
    """None where the student did not score."""
    outcome: Outcome
    depth: int
    """How many hits of the engine's order this window took up; more than ``keys`` where ``min_score`` dropped some."""
    explanations: tuple[Mapping[str, Any], ...] = ()
    """What each score is made of, where that was asked for."""
    unit: float = 0.0
    """A deviation of the blend, in its own unit; 0: the engine's order, which has none."""
    relevance: tuple[float, ...] = ()
    """Blended scores in that unit, less the best; none where they were not blended."""
    segments: tuple[int, ...] = ()
    """What the body's rules have put apart has different numbers; none where they put none apart."""
    tiers: tuple[int, ...] = ()
    """Hits of different tiers are not mixed, the best is 0; none where there are no tiers."""
    by_sort: bool = False
    """Whether a ``sort`` makes tiers, so that scores may rise from one to the next."""
    engine_keys: frozenset[HitKey] = frozenset()
    """The engine's window, where other hits than those are shown: some are hidden, or have joined for a pin."""
    added: frozenset[HitKey] = frozenset()
    """Products that were added by meaning."""
    joined: frozenset[HitKey] = frozenset()
    """Products that have joined for a pin."""
    groups: frozenset[str] = frozenset()
    """Groups of a collapsed search that have an added or joined hit, and so no other."""

    def window_keys(self) -> frozenset[HitKey]:
        """The engine's window."""
        return self.engine_keys or frozenset(self.keys) - self.added


_BODY_OF_A_PAGE = frozenset(
    (
        *("from", "size", "_source", "fields", "docvalue_fields", "stored_fields", "script_fields", "highlight"),
        *("explain", "version", "seq_no_primary_term", "aggs", "aggregations", "suggest", "track_total_hits"),
        *("profile", "stats", "timeout", "include_named_queries_score", "verbose_pipeline"),
    )
)
"""What of a body shapes a page or a reply, and not the order of the window."""
_PARAMS_OF_A_REQUEST = frozenset(
    (
        *(
            "request_timeout",
            "opaque_id",
            "headers",
            "http_auth",
            "api_key",
            "ignore",
            "human",
            "pretty",
            "error_trace",
        ),
        *("timeout", "cancel_after_time_interval", "batched_reduce_size", "max_concurrent_shard_requests", "params"),
        *("pre_filter_shard_size", "request_cache", "phase_took", "typed_keys", "rest_total_hits_as_int", "source"),
        *("suggest_field", "suggest_mode", "suggest_size", "suggest_text", "filter_path", "format"),
        *_BODY_OF_A_PAGE,
    )
)
"""What goes with a request alone. Who asks is told by ``principal.py``."""


def memory_key(
    index: Any, body: Mapping[str, Any], params: Mapping[str, Any], model: str, principal: str = ""
) -> bytes | None:
    """The key of a search whatever its page, 16 bytes; None where the body is no JSON, and so can't be remembered.

    ``principal`` is who asks: nobody is given a page of what another one may see.
    """
    rest = {name: value for name, value in body.items() if name not in _BODY_OF_A_PAGE}
    others = {name: value for name, value in params.items() if name not in _PARAMS_OF_A_REQUEST}
    try:
        text = orjson.dumps([index, rest, others, model, principal], default=_plain, option=_AS_JSON)
    except TypeError:
        return None
    return blake2b(text, digest_size=16).digest()  # a body may be long, and a thousand are kept


_AS_JSON = orjson.OPT_SORT_KEYS | orjson.OPT_NON_STR_KEYS | orjson.OPT_SERIALIZE_NUMPY


def _plain(value: Any) -> Any:
    """What clients write as JSON though it is none."""
    if isinstance(value, Decimal):
        return str(value)
    raise TypeError(f"{type(value).__name__} is no JSON")


class PageMemory:
    """Ranked windows by key, each for ``ttl_s`` seconds, and no more than ``max_hits`` hits in all: the oldest go.

    An empty window counts as one hit.
    """

    def __init__(self, ttl_s: float = 60.0, max_hits: int = 100_000, clock: Clock = time.monotonic) -> None:
        self._ttl_s, self._max_hits, self._clock = ttl_s, max_hits, clock
        self._entries: OrderedDict[bytes, tuple[float, RankedWindow]] = OrderedDict()
        self._hits = 0
        self._lock = threading.Lock()

    def get(self, key: bytes | None) -> RankedWindow | None:
        """The window that was put under the key, if that was not too long ago."""
        with self._lock:
            self._forget()
            entry = self._entries.get(key) if key is not None else None
        return entry[1] if entry else None

    def put(self, key: bytes | None, window: RankedWindow) -> None:
        """Remember a window, in the place of an older one."""
        if key is None or len(window.keys) > self._max_hits:
            return
        with self._lock:
            self._drop(key)
            self._entries[key] = (self._clock(), window)
            self._hits += max(1, len(window.keys))
            self._forget()

    def __len__(self) -> int:
        return len(self._entries)

    def _forget(self) -> None:
        oldest = self._clock() - self._ttl_s
        while self._entries:
            key, (put_at, _) = next(iter(self._entries.items()))
            if put_at > oldest and self._hits <= self._max_hits:
                return
            self._drop(key)

    def _drop(self, key: bytes) -> None:
        entry = self._entries.pop(key, None)
        if entry:
            self._hits -= max(1, len(entry[1].keys))
