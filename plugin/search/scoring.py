"""The student's part of a search: states by key, what has none encoded while there is time, then scores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from endcap.errors import ModelError
from endcap.index.product import Product
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.content_memory import Records
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import warn
from endcap.plugin.protocols import Scorer, States
from endcap.plugin.search.status import Reason
from endcap.plugin.source_keys import SourceKeys
from endcap.plugin.states.document_states import NAME, state_in
from endcap.plugin.tracing import span
from endcap.plugin.unread_source import UnreadSource

MAX_QUERY_CHARACTERS = 2_000
"""More than any student reads of a query; what is longer is cut, so that splitting it into tokens costs no time."""

LATE_MS = 2.0
"""How long past the deadline a search may prepare what is read after it."""


@dataclass(slots=True)
class Scored:
    """The student's scores of a window, float64 (n,), NaN where there is none, and why there is none."""

    scores: FloatArray
    reason: Reason | None = None
    detail: str = ""
    """What of the products' text is missing, where that is the reason."""
    states: list[bytes | None] = field(default_factory=list)
    """The hits' states, as far as there are any."""
    fresh: list[tuple[bytes, bytes]] = field(default_factory=list)
    """(key, state) pairs that were encoded for this search: to be kept."""
    late: list[tuple[bytes, Product]] = field(default_factory=list)
    """(key, product) pairs that were not encoded in time: to be encoded after the reply."""
    stages: dict[str, float] = field(default_factory=dict)
    """Milliseconds by stage."""


def score_hits(
    student: Scorer,
    states: States | None,
    sources: SourceKeys,
    text: str,
    hits: Sequence[Mapping[str, Any]],
    deadline: Deadline,
    records: Records | None = None,
) -> Scored:
    """Score hits for a query text within the deadline. ``records`` are what is kept of their keys.

    Raises what the student raises, and ``ModelError`` where it gives something that is no score.
    """
    scored = Scored(np.full(len(hits), np.nan), states=[None] * len(hits))
    began_ms = deadline.elapsed_ms()
    # Look up the states of all hits that have a key.
    # A large document takes a while to look through.
    documents = [hit.get("_source") or {} for hit in hits]
    keys = sources.values(documents, records, deadline.expired)
    if len(keys) < len(hits):
        scored.reason = Reason.DEADLINE
    elif detail := sources.missing_text(hits, keys):
        scored.reason, scored.detail = Reason.NO_PRODUCT_TEXT, detail
    key_of = {position: key for position, key in enumerate(keys) if key is not None}
    stored = key_of
    if any([type(document) is not UnreadSource and NAME in document for document in documents]):  # noqa: C419 (quick)
        _bring(student, scored, hits, key_of)
        stored = {position: key for position, key in key_of.items() if scored.states[position] is None}
    with span("endcap.states"):
        found = _stored(student, states, list(stored.values()))
    if len(found) == len(hits):
        scored.states = found
    else:
        for position, state in zip(stored, found, strict=True):
            scored.states[position] = state
    states_ms = deadline.elapsed_ms()
    # Encode what has none.
    missing = [position for position in key_of if scored.states[position] is None] if None in scored.states else []
    if missing:
        with span("endcap.encode"):
            _encode(student, scored, sources, hits, {position: key_of[position] for position in missing}, deadline)
    encode_ms = deadline.elapsed_ms()
    # Score what has one now.
    with span("endcap.score"):
        _score(student, scored, text, deadline)
    score_ms = deadline.elapsed_ms() - encode_ms
    scored.stages.update(states_ms=states_ms - began_ms, encode_ms=encode_ms - states_ms, score_ms=score_ms)
    return scored


def _bring(student: Scorer, scored: Scored, hits: Sequence[Mapping[str, Any]], key_of: Mapping[int, bytes]) -> None:
    """Take the states that hits bring with them: those of this model, and of the text that the document has now."""
    for position, key in key_of.items():
        source = hits[position].get("_source") or {}
        if NAME in source:
            try:
                scored.states[position] = state_in(student.info, source, key)
            except Exception as error:  # the document may hold anything there: that costs time, never a search
                warn("brought", "what a document brings as %s could not be read, encoding instead: %r", NAME, error)
                return


def _stored(student: Scorer, states: States | None, keys: Sequence[bytes]) -> list[bytes | None]:
    """What the store has; a state that is not of the model's length is none, so that it is made and kept again."""
    if states is None or not keys:
        return [None] * len(keys)
    length = getattr(student.info, "state_bytes", None)  # None: of a cross-encoder, of any length
    try:
        found = list(states.get(keys))
        if len(found) != len(keys):
            raise ValueError(f"the store gave {len(found)} states for {len(keys)} keys")
        return [state if state is not None and length in (None, len(state)) else None for state in found]
    except Exception as error:  # a broken store costs time, never a search
        warn("states", "states could not be read, encoding instead: %s", error)
        return [None] * len(keys)


def _encode(
    student: Scorer,
    scored: Scored,
    sources: SourceKeys,
    hits: Sequence[Mapping[str, Any]],
    missing: Mapping[int, bytes],
    deadline: Deadline,
) -> None:
    """Encode the hits at the positions of ``missing`` (position: key); what there is no time for becomes ``late``."""
    began_ms = deadline.elapsed_ms()
    products = _products(sources, [hits[position] for position in missing], deadline)
    states = _encoded(student, products, deadline, deadline.elapsed_ms() - began_ms)
    for (position, key), product, state in zip(missing.items(), products, states, strict=False):
        scored.states[position] = state
        if state is None:
            scored.late.append((key, product))
        else:
            scored.fresh.append((key, state))
    if len(scored.fresh) < len(missing):
        scored.reason, scored.detail = Reason.DEADLINE, ""


def _products(sources: SourceKeys, hits: Sequence[Mapping[str, Any]], deadline: Deadline) -> list[Product]:
    """The products of the first hits: of all that there is time for, and a little longer, so that what is not read now
    can be read after the reply."""
    products = list[Product]()
    for hit in hits:
        products.append(sources.product(hit.get("_source") or {}, str(hit.get("_id", ""))))
        if deadline.left_ms() <= -LATE_MS:
            break
    return products


def _encoded(
    student: Scorer, products: Sequence[Product], deadline: Deadline, products_ms: float
) -> list[bytes | None]:
    """The products' states, None for those that there was no time for; building them took ``products_ms``."""
    states: list[bytes | None] = [None] * len(products)
    # Their texts are built before the first is encoded, which takes about as long as the products did.
    if deadline.left_ms() <= products_ms:
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


def _score(student: Scorer, scored: Scored, text: str, deadline: Deadline) -> None:
    """Score the hits that have a state, as far as there is time."""
    states = [state for state in scored.states if state is not None]
    if not states:
        return
    if deadline.expired() and not scored.fresh:
        scored.reason, scored.detail = Reason.DEADLINE, ""
        return
    hit_positions = np.asarray([position for position, state in enumerate(scored.states) if state is not None])
    done = np.zeros(len(states), dtype=bool)
    for batch, scores in student.score_batches(text[:MAX_QUERY_CHARACTERS], states):
        scored.scores[hit_positions[batch]] = _checked(scores, np.shape(batch))
        done[batch] = True
        if deadline.expired():
            break
    if not done.all():
        if not deadline.expired():
            raise ModelError(f"the student scored {int(done.sum())} of {len(states)} products")
        scored.reason, scored.detail = Reason.DEADLINE, ""


def _checked(scores: Any, shape: tuple[int, ...]) -> FloatArray:
    """Scores as float64; ``ModelError`` where their shape is another one, or one is no finite number."""
    values = np.asarray(scores, dtype=np.float64)
    if values.shape != shape:
        raise ModelError(f"the student gave {values.shape} scores for {shape} products")
    if not np.isfinite(values).all():
        raise ModelError("the student gave a score that is not a finite number")
    return values
