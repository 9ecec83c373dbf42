"""The window's blended scores, by the model's learnt blend or by the plain one, and what they are made of."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from endcap.language.languages import ENGLISH, Codes
from endcap.language.text import has_digit
from endcap.plugin.blend.document_words import DocumentWords, WordsMemory, compact, with_said_id
from endcap.plugin.blend.features import DENIED, FEATURES, features
from endcap.plugin.blend.learnt import EXACT_NAMES, LearntBlend
from endcap.plugin.blend.number_alone import may_be_number_alone
from endcap.plugin.blend.plain import FloatArray, standardise, student_share
from endcap.plugin.blend.query_words import MAX_QUERY_CHARACTERS, QueryWords
from endcap.plugin.blend.signals import Signal, deviation_of, signal_parts
from endcap.plugin.content_memory import Records
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import log_fault

LEARNT, PLAIN = "learnt", "plain"
SIGNAL, RULE = "signal: ", "rule: "
"""Before the name of a signal, or of a rule with a boost, in an explanation."""


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
    lacking: str = ""
    """What is not in the scores though it was asked for, and why, as a sentence; "" where nothing is."""

    @property
    def unit(self) -> float:
        """A deviation of what grades all products: without what is exact or denied, which sets a few of them far apart,
        and without what the shop adds. So a strength means the same in each search; 1 where that grades none."""
        return deviation_of(self._graded((SIGNAL, RULE)))

    def relevance(self) -> FloatArray:
        """The scores (n,) in that unit, less the best one that a product has without what is exact."""
        best = float(self._graded().max(initial=-np.inf))
        relevance: FloatArray = (self.scores - best) / self.unit
        return relevance

    def _graded(self, without: tuple[str, ...] = ()) -> FloatArray:
        left_out = {DENIED, *EXACT_NAMES}
        columns = [i for i, name in enumerate(self.names) if name not in left_out and not name.startswith(without)]
        graded: FloatArray = self.adds[:, columns].sum(axis=1)
        return graded

    def with_parts(self, names: Sequence[str], values: FloatArray, adds: FloatArray) -> Blended:
        """The same with further parts: their names, and their values and what they add, float64 (n, k)."""
        return replace(
            self,
            scores=self.scores + adds.sum(axis=1),
            values=np.concatenate([self.values, np.nan_to_num(values)], axis=1),
            adds=np.concatenate([self.adds, adds], axis=1),
            names=(*self.names, *names),
        )

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
    z_student, z_engine = standardise(student), standardise(engine)
    scores, z = weight * z_student + (1.0 - weight) * z_engine, np.stack([z_student, z_engine], axis=1)
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
    names = [f"{SIGNAL}{signal.name}" for signal in signals]
    return blended.with_parts(names, numbers, signal_parts(signals, numbers, blended.unit))


def with_boosts(blended: Blended, rules: Sequence[str], strengths: FloatArray) -> Blended:
    """A blend to which boosts of rules with these names are added: ``strengths``, float64 (n, k), in deviations."""
    return blended.with_parts([f"{RULE}{name}" for name in rules], strengths, strengths * blended.unit)


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
    records: Records | None = None,
) -> Blended:
    """The learnt blend where there is one, else the plain one, both with what is exact where there is time for the
    products' words. A plain ``weight`` of 0 is the engine's order, of 1 the student's; in between, short queries have
    less of the student (``student_share``). ``vectors`` is asked only where they are read. ``records`` are what is kept
    of the products' words.

    What was made of the products' words until the deadline is remembered, so the next search has time for more. A blend
    without them says so: ``lacking``; and a query that may be a number alone has the engine's order then.
    """
    weight = student_share(query, weight)
    if memory is None:
        return plain_blend(student, engine, weight)
    asked = _asked(query[:MAX_QUERY_CHARACTERS], memory.languages)
    if learnt is None and (weight in (0, 1) or not asked.is_exact):
        return plain_blend(student, engine, weight)
    lacking = "a fault, which is logged, left the products' words out of the blend"
    try:
        words = _words(query, hits, memory, deadline, records)
        if len(words) == len(hits) and learnt is not None:
            seen = vectors() if learnt.reads("near") else None
            return learnt_blend(query, words, student, engine, learnt, seen, memory.languages)
        if len(words) == len(hits):
            return exact_blend(query, words, student, engine, weight, memory.languages)
        lacking = words_lacking(len(words), len(hits))
    except Exception as error:  # a fault of ours must not cost more than what words say
        log_fault("the products' words could not be compared, the plain blend is used", error)
    # Which product a number is the number of, the student does not know, and the engine may.
    if may_be_number_alone(asked):
        weight = 0.0
    return replace(plain_blend(student, engine, weight), lacking=lacking)


@lru_cache(maxsize=1_000)
def _asked(query: str, languages: Codes) -> QueryWords:
    """What a query asks for, whatever it finds. Most searches of a shop are of few queries."""
    return QueryWords.from_text(query, (), languages)


def words_lacking(count: int, n: int) -> str:
    """What is said where there was time for the words of so many of n products."""
    return f"there was time to compare the words of {count} of {n} products"


def _words(
    query: str,
    hits: Sequence[Mapping[str, Any]],
    memory: WordsMemory,
    deadline: Deadline,
    records: Records | None,
) -> list[DocumentWords]:
    """The words of the first hits, of as many as there is time for."""
    said = compact(query) if has_digit(query) else ""
    words = memory.values([hit.get("_source") or {} for hit in hits], records, deadline.expired)
    return [with_said_id(each, str(hit.get("_id", "")), said) for each, hit in zip(words, hits, strict=False)]
