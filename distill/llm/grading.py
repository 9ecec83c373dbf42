"""Class probabilities from what an LLM answers: from its tokens' log-probabilities, or from several answers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from endcap.distill.labels.logit import FloatArray
from endcap.distill.llm.grade_words import read_grade
from endcap.distill.llm.reply import Alternatives, Choice
from endcap.index.judgments.judgments import GRADES

LOGPROBS, SAMPLES, NOTHING = "logprobs", "samples", "nothing"

LEAST_MASS = 0.5
"""Where digits have less of the mass than this, the token was no answer."""

PSEUDO_ANSWERS = 1.0
"""Laplace smoothing of samples: so many answers more, in equal parts for all grades."""

MOST_UNGRADED = 0.05
"""The share of pairs that the model may leave without a grade, once there are more than ``FEW_UNGRADED`` of them."""

FEW_UNGRADED = 10


@dataclass(frozen=True, slots=True)
class Grading:
    """Class probabilities, float64 (4,) (None: no answer was a grade), what they were read from, and the answers."""

    probabilities: FloatArray | None
    source: str
    answers: tuple[str, ...] = ()


def too_many(ungraded: int, pairs: int) -> bool:
    """Whether a model leaves so many of the pairs without a grade that it is none to learn from."""
    return ungraded > max(FEW_UNGRADED, MOST_UNGRADED * pairs)


def from_logprobs(choice: Choice) -> FloatArray | None:
    """Class probabilities, float64 (4,), at the token that gives the answer's grade; None where there is none.

    A grade's probability is the sum over the tokens that write it ("3", " 3"). A grade that is not among the listed
    alternatives has at most the probability of the last of these, and at most its part of what is not listed. It gets
    half the smaller one. The sum is then brought to 1, which gives the mass of tokens that are no grade to the grades
    in proportion.
    """
    grade = choice_grade(choice)
    digits = [(digit, top) for token, top in choice.tokens if (digit := _digit(token)) is not None]
    # Of several digits the last is the answer's, as its last statement is.
    if grade is None or not digits or digits[-1][0] != grade:
        return None
    return _distribution(digits[-1][1])


def _distribution(alternatives: Alternatives) -> FloatArray | None:
    mass = np.zeros(len(GRADES))
    listed = [math.exp(value) for value in alternatives.values()]
    for token, value in alternatives.items():
        digit = _digit(token)
        if digit is not None:
            mass[digit] += math.exp(value)
    if mass.sum() < LEAST_MASS:
        return None
    missing = mass == 0
    if missing.any():
        unlisted = max(1.0 - sum(listed), 0.0) / missing.sum()
        mass[missing] = max(min(unlisted, min(listed)) / 2, 1e-6)
    return np.asarray(mass / mass.sum(), dtype=np.float64)


def from_answers(choices: Sequence[Choice]) -> FloatArray | None:
    """Class probabilities, float64 (4,), from answers, by Laplace smoothing; None where none of them is a grade."""
    grades = [grade for grade in map(choice_grade, choices) if grade is not None]
    if not grades:
        return None
    counts = np.bincount(grades, minlength=len(GRADES)) + PSEUDO_ANSWERS / len(GRADES)
    return np.asarray(counts / counts.sum(), dtype=np.float64)


def choice_grade(choice: Choice) -> int | None:
    """The grade that a whole answer states, or None."""
    return read_grade(choice.text) if choice.whole else None


def _digit(token: str) -> int | None:
    token = token.strip().lstrip("▁Ġ").strip()  # a blank, as some servers write it
    return int(token) if token in ("0", "1", "2", "3") else None
