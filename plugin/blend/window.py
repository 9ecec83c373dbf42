"""The window's blended scores, by the model's learnt blend or by the plain one, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from endcap.language.languages import ENGLISH, Codes
from endcap.language.text import has_digit
from endcap.plugin.blend.document_words import DocumentWords, WordsMemory, compact, with_number
from endcap.plugin.blend.features import FEATURES, features
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.plain import FloatArray, blend, standardise
from endcap.plugin.blend.query_words import QueryWords
from endcap.plugin.blend.signals import Signal, deviation_of, signal_parts
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import log_fault

LEARNT, PLAIN = "learnt", "plain"
SIGNAL = "signal: "
"""Before a signal's name in an explanation."""


@dataclass(frozen=True, slots=True)
class Blended:
    """Blended scores, float64 (n,), which blend they are of, and one explanation a product."""

    scores: FloatArray
    kind: str
    values: FloatArray
    """float64 (n, k): the features."""
    adds: FloatArray
    """float64 (n, k): what each has added; a row's sum is the score."""
    names: tuple[str, ...]

    def taken(self, positions: npt.NDArray[np.intp]) -> Blended:
        """The products at these positions (n,), in that order."""
        return replace(self, scores=self.scores[positions], values=self.values[positions], adds=self.adds[positions])

    def explanation(self, position: int) -> dict[str, Any]:
        """What a product's score is made of, JSON-ready: parts that add something, the largest first."""
        adds = self.adds[position]
        parts = [
            {"feature": self.names[i], "value": float(self.values[position, i]), "adds": float(adds[i])}
            for i in np.argsort(-np.abs(adds), kind="stable")
            if adds[i]
        ]
        return {"blend": self.kind, "score": float(self.scores[position]), "parts": parts}


def plain_blend(student: FloatArray, engine: FloatArray, weight: float) -> Blended:
    """The plain blend; see ``plugin/blend/plain.py``."""
    scores = blend(student, engine, weight)
    z = np.stack([standardise(student), standardise(engine)], axis=1)
    return Blended(scores, PLAIN, z, z * [weight, 1 - weight], ("student", "engine"))


Vectors = npt.NDArray[np.float32] | None
"""Products' unit vectors (n, d), zeros where there is none; None for a student without."""


def learnt_blend(
    query: str,
    words: Sequence[DocumentWords],
    student: FloatArray,
    engine: FloatArray,
    learnt: LearntBlend,
    vectors: Vectors = None,
    languages: Codes = ENGLISH,
) -> Blended:
    """The learnt blend of products in the engine's order, with what is exact; ``student`` has NaN where there is no
    score."""
    return _by_terms(LEARNT, query, words, student, engine, learnt.with_exact(), vectors, languages)


def exact_blend(
    query: str,
    words: Sequence[DocumentWords],
    student: FloatArray,
    engine: FloatArray,
    weight: float,
    languages: Codes = ENGLISH,
) -> Blended:
    """The plain blend of products in the engine's order, with what is exact in query and products."""
    return _by_terms(PLAIN, query, words, student, engine, LearntBlend.plain(weight), None, languages)


def _by_terms(
    kind: str,
    query: str,
    words: Sequence[DocumentWords],
    student: FloatArray,
    engine: FloatArray,
    terms: LearntBlend,
    vectors: Vectors,
    languages: Codes,
) -> Blended:
    values = features(query, words, student, engine, vectors, languages)
    adds = terms.contributions(values)
    return Blended(adds.sum(axis=1), kind, values, adds, FEATURES)


def with_signals(blended: Blended, signals: Sequence[Signal], numbers: FloatArray) -> Blended:
    """A blend to which signals are added, from the products' numbers, float64 (n, k), NaN where there is none."""
    adds = signal_parts(signals, numbers, deviation_of(blended.scores))
    return Blended(
        blended.scores + adds.sum(axis=1),
        blended.kind,
        np.concatenate([blended.values, np.nan_to_num(numbers)], axis=1),
        np.concatenate([blended.adds, adds], axis=1),
        (*blended.names, *(f"{SIGNAL}{signal.name}" for signal in signals)),
    )


def blend_window(
    query: str,
    hits: Sequence[Mapping[str, Any]],
    student: FloatArray,
    engine: FloatArray,
    weight: float,
    learnt: LearntBlend | None,
    memory: WordsMemory | None,
    deadline: Deadline,
    vectors: Callable[[], Vectors] = lambda: None,
) -> Blended:
    """The learnt blend where there is one, else the plain one, both with what is exact where there is time for the
    products' words. A plain ``weight`` of 0 is the engine's order, of 1 the
    student's. ``vectors`` is asked only where they are read.

    What was made of the products' words until the deadline is remembered, so the next search has time for more.
    """
    alone = weight in (0, 1) or memory is None or not QueryWords.from_text(query, (), memory.languages).is_exact
    if memory is None or (learnt is None and alone):
        return plain_blend(student, engine, weight)
    try:
        words = list(_words(query, hits, memory, deadline))
        if len(words) == len(hits) and learnt is not None:
            seen = vectors() if learnt.reads("near") else None
            return learnt_blend(query, words, student, engine, learnt, seen, memory.languages)
        if len(words) == len(hits):
            return exact_blend(query, words, student, engine, weight, memory.languages)
    except Exception as error:  # a fault of ours must not cost more than what words say
        log_fault("the products' words could not be compared, the plain blend is used", error)
    return plain_blend(student, engine, weight)


def _words(
    query: str, hits: Sequence[Mapping[str, Any]], memory: WordsMemory, deadline: Deadline
) -> Iterator[DocumentWords]:
    said = compact(query) if has_digit(query) else ""
    for hit in hits:
        if deadline.expired():
            return
        words, identifier = memory.value(hit.get("_source") or {}), str(hit.get("_id", ""))
        is_said = said and has_digit(identifier) and compact(identifier) in said
        yield with_number(words, identifier) if is_said else words
