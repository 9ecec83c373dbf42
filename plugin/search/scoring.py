"""The student's part of a search: states by key, what has none encoded while there is time, then scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from endcap.errors import ModelError
from endcap.index.product import Product
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import LOG
from endcap.plugin.protocols import Scorer, States
from endcap.plugin.search.source_keys import SourceKeys
from endcap.plugin.search.status import Reason

MAX_QUERY_CHARACTERS = 2_000
"""More than any student reads of a query; what is longer is cut, so that splitting it into tokens costs no time."""

LATE_MS = 2.0
"""How long past the deadline a search may prepare what is read after it."""


@dataclass(slots=True)
class Scored:
    """The student's scores of a window, float64 (n,), NaN where there is none, and why there is none."""

    scores: FloatArray
    reason: Reason | None = None
    states: list[bytes | None] = field(default_factory=list)
    """The hits' states, as far as there are any."""
    fresh: list[tuple[bytes, bytes]] = field(default_factory=list)
    """(key, state) pairs that were encoded for this search: to be kept."""
    late: list[tuple[bytes, Product]] = field(default_factory=list)
    """(key, product) pairs that were not encoded in time: to be encoded after the reply."""
    states_ms: float = 0.0
    encode_ms: float = 0.0
    score_ms: float = 0.0
    blend_ms: float = 0.0


def score_hits(
    student: Scorer,
    states: States | None,
    sources: SourceKeys,
    text: str,
    hits: Sequence[Mapping[str, Any]],
    deadline: Deadline,
) -> Scored:
    """Score hits for a query text within the deadline.

    Raises what the student raises, and ``ModelError`` where it gives something that is no score.
    """
    result = Scored(np.full(len(hits), np.nan))
    began = deadline.elapsed_ms()
    every = list[bytes | None]()
    for hit in hits:
        every.append(sources.key(hit.get("_source") or {}))
        if deadline.expired():  # a large document takes a while to look through
            break
    readable = [i for i, key in enumerate(every) if key is not None]
    if len(readable) < len(hits):
        result.reason = Reason.NO_PRODUCT_TEXT if len(every) == len(hits) else Reason.DEADLINE
    keys = [key for key in every if key is not None]
    found = _stored(states, keys)
    result.states_ms = deadline.elapsed_ms() - began
    missing = [n for n, state in enumerate(found) if state is None]
    if missing:
        products = _products(sources, [hits[readable[n]] for n in missing], deadline)
        spent_ms = deadline.elapsed_ms() - began - result.states_ms
        made = _encoded(student, products, deadline, spent_ms)
        for n, product, state in zip(missing, products, made, strict=False):
            found[n] = state
            if state is None:
                result.late.append((keys[n], product))
            else:
                result.fresh.append((keys[n], state))
        if len(result.fresh) < len(missing):
            result.reason = Reason.DEADLINE
    result.encode_ms = deadline.elapsed_ms() - began - result.states_ms
    result.states = [None] * len(hits)
    for n, state in zip(readable, found, strict=True):
        result.states[n] = state
    known = [n for n, state in enumerate(found) if state is not None]
    if known:
        _score(student, result, text, [found[n] for n in known], [readable[n] for n in known], deadline)
    result.score_ms = deadline.elapsed_ms() - began - result.states_ms - result.encode_ms
    return result


def _stored(states: States | None, keys: Sequence[bytes]) -> list[bytes | None]:
    if states is None or not keys:
        return [None] * len(keys)
    try:
        return list(states.get(keys))
    except Exception as error:  # a broken store costs time, never a search
        LOG.warning("states could not be read, encoding instead: %s", error)
        return [None] * len(keys)


def _products(sources: SourceKeys, hits: Sequence[Mapping[str, Any]], deadline: Deadline) -> list[Product]:
    """The products of the first hits: of all that there is time for, and a little longer, so that what is not read now
    can be read after the reply."""
    products = list[Product]()
    for hit in hits:
        products.append(sources.product(hit.get("_source") or {}, str(hit.get("_id", ""))))
        if deadline.left_ms() <= -LATE_MS:
            break
    return products


def _encoded(student: Scorer, products: Sequence[Product], deadline: Deadline, spent_ms: float) -> list[bytes | None]:
    """The products' states, None for those that there was no time for; building them took ``spent_ms``."""
    states: list[bytes | None] = [None] * len(products)
    # Their texts are built before the first is encoded, which takes about as long as the products did.
    if deadline.left_ms() <= spent_ms:
        return states
    slowest_ms, before_ms = 0.0, deadline.elapsed_ms()
    for batch in student.encode_batches(products):
        for position, state in batch:
            states[position] = state
        now_ms = deadline.elapsed_ms()
        slowest_ms, before_ms = max(slowest_ms, now_ms - before_ms), now_ms
        # The next batch holds longer products than this one: it takes at least as long.
        if deadline.left_ms() <= slowest_ms:
            break
    return states


def _score(
    student: Scorer,
    result: Scored,
    text: str,
    states: Sequence[bytes | None],
    positions: Sequence[int],
    deadline: Deadline,
) -> None:
    if deadline.expired() and not result.fresh:
        result.reason = Reason.DEADLINE
        return
    where = np.asarray(positions)
    done = np.zeros(len(states), dtype=bool)
    for batch, scores in student.score_batches(text[:MAX_QUERY_CHARACTERS], states):
        values = np.asarray(scores, dtype=np.float64)
        if values.shape != np.shape(batch):
            raise ModelError(f"the student gave {values.shape} scores for {np.shape(batch)} products")
        if not np.isfinite(values).all():
            raise ModelError("the student gave a score that is not a finite number")
        result.scores[where[batch]] = values
        done[batch] = True
        if deadline.expired():
            break
    if not done.all():
        if not deadline.expired():
            raise ModelError(f"the student scored {int(done.sum())} of {len(states)} products")
        result.reason = Reason.DEADLINE
