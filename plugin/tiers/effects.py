"""What a body's rules have made of a window's text scores, told from the scores of its named parts."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.tiers.parts import BodyRules, Kind, Part, Rescore

Flags = npt.NDArray[np.bool_]
_Function = Callable[[], FloatArray]

_ROUNDING, TEXT_ROUNDING = 5e-7, 1e-5
"""Engines' scores are 32-bit floats (6e-8 of a score), some of them sums of several. A text's score is rounded more: it
is the difference of numbers that may be many times as large (a boost around it changes that rounding)."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What the rules do to n hits."""

    text: FloatArray
    """The text's part of the scores, float64 (n,), as it were without the rules."""
    applied: Callable[[FloatArray], FloatArray]
    """Scores, float64 (n,), that the hits would have with these text scores, float64 (n,)."""
    tiers: npt.NDArray[np.intp]
    """A number (n,) for each hit, the same for those that the rules treat alike."""
    unknown: Flags
    """Hits (n,) for which it can't be told what the rules do."""
    where: tuple[str, ...] = ()
    """The clauses that it can't be told of."""


def rule_effects(rules: BodyRules, hits: Sequence[Mapping[str, Any]], scores: FloatArray) -> Effects:
    """The effects of a body's rules on hits, in the engine's order, with these scores, float64 (n,)."""
    tree = _Tree(rules, hits, scores)
    applied, neutral = tree.whole()
    text = np.maximum(neutral, 0.0)
    tree.share(text)

    def with_text(values: FloatArray) -> FloatArray:
        tree.now = values
        return applied()

    # The tree must say of the texts' own scores what the engine says.
    wrong = np.abs(with_text(text) - scores) > 1e-4 * np.maximum(np.abs(scores), text)
    if wrong.any():
        tree.where.append("the scores do not add up")
    return Effects(text, with_text, tree.tiers(), tree.unknown | wrong, tuple(dict.fromkeys(tree.where)))


def named_scores(hit: Mapping[str, Any]) -> Mapping[str, float] | None:
    """The scores of a hit's named queries; None where the engine gave names alone, or what is no number."""
    names = hit.get("matched_queries")
    if names is None:
        return {}
    if not isinstance(names, Mapping) or not all(math.isfinite(float(score)) for score in names.values()):
        return None
    return names


class _Tree:
    """The functions between texts' and hits' scores. ``now`` holds the text scores that they are applied to."""

    def __init__(self, rules: BodyRules, hits: Sequence[Mapping[str, Any]], scores: FloatArray) -> None:
        n = len(hits)
        self._rules, self._scores, self.now = rules, scores, np.zeros(n)
        self.unknown, self.where = np.zeros(n, dtype=bool), list[str]()
        told = [named_scores(hit) for hit in hits]
        if any(names is None for names in told):
            self._cannot_tell(np.array([names is None for names in told]), "the engine gives named queries no scores")
        self._named = {name: np.array([float((names or {}).get(name, 0.0)) for names in told]) for name in rules.names}
        self._signs = list[FloatArray]()
        self._leaves = list[FloatArray]()
        self._shares = list[FloatArray]()

    def whole(self) -> tuple[_Function, FloatArray]:
        """The function of a hit's whole score, and the text's part of it."""
        rules = self._rules
        outer = rules.rescore is not None or rules.scaled
        whole = self._named[rules.root.name] if outer and rules.root.name else self._scores
        function, neutral = self._part(rules.root, whole)
        if rules.rescore is not None:
            rescored = self._scores if not rules.scaled else whole
            if rules.scaled:
                self._cannot_tell(np.ones(len(whole), dtype=bool), "rescore with indices_boost")
            function, neutral = self._rescored(rules.rescore, function, neutral, whole, rescored)
        elif rules.scaled and rules.root.name:
            function = self._scale(function, whole, self._scores)
        return function, neutral

    def tiers(self) -> npt.NDArray[np.intp]:
        """Numbers (n,), the same for hits to which all rules do the same."""
        signs = np.stack([*self._signs, self.unknown.astype(float)], axis=1)
        return np.unique(signs, axis=0, return_inverse=True)[1].ravel()

    def share(self, text: FloatArray) -> None:
        """Say how the whole text score is made of the leaves'."""
        for position, leaf in enumerate(self._leaves):
            none = 1.0 if position == 0 else 0.0
            self._shares.append(np.divide(leaf, text, out=np.full(len(text), none), where=text > 0))

    def _value(self, part: Part) -> FloatArray:
        return self._named[part.name]

    def _part(self, part: Part, score: FloatArray) -> tuple[_Function, FloatArray]:
        """The function of a part that has scored ``score``, and the text's part of that."""
        inner = [self._part(each, self._value(each)) for each in part.parts]
        functions, neutrals = [f for f, _ in inner], [x for _, x in inner]
        scores = [self._value(each) for each in part.parts]
        zero = np.zeros(len(score))
        match part.kind:
            case Kind.TEXT:
                return self._leaf(score), score
            case Kind.RULE:
                self._signs.append(score)
                return (lambda: score), zero
            case Kind.SUM:
                total = part.slope * sum(scores, zero)
                # The engine tells the scores of texts in it also where its filters do not let a hit through.
                closed = (score == 0.0) & (total > 0.0)
                self._signs.append(closed.astype(float))
                added = self._even(np.where(closed, 0.0, score - total), _tolerance(score, total))
                if all(each.kind is Kind.TEXT for each in part.parts):  # a boost leaves some functions as they are
                    self._check(added >= -_tolerance(score, total), part)
                neutral = part.slope * sum(neutrals, zero)
                return (
                    lambda: np.where(closed, 0.0, part.slope * sum((f() for f in functions), zero) + added)
                ), neutral
            case Kind.BEST:
                return (lambda: _best(part, [f() for f in functions])), _best(part, neutrals)
        if not functions:
            self._check(score == 0.0, part)
            return (lambda: score), zero
        if part.kind is Kind.UNKNOWN:  # where it has changed nothing, it is known what it does
            self._check(_same(score, scores[0]), part)
        return self._changed(part.kind, part.slope, functions[0], scores[0], score), neutrals[0]

    def _changed(self, kind: Kind, slope: float, function: _Function, x: FloatArray, y: FloatArray) -> _Function:
        """The function of a part with score y by that of the one part in it, with score x."""
        if kind is Kind.SCALE:
            return self._scale(function, x, y)
        if kind is Kind.SHIFT:
            added = self._even(y - slope * x, _tolerance(y, x))
            return lambda: slope * function() + added
        differs = ~_same(y, slope * x)
        self._signs.append(np.where(differs, y, 0.0))
        if kind is Kind.LARGER:
            return lambda: np.where(differs, np.maximum(slope * function(), y), slope * function())
        if kind is Kind.SMALLER:
            return lambda: np.where(differs, np.minimum(slope * function(), y), slope * function())
        same = _same(y, x)
        return lambda: np.where(same, function(), y)

    def _scale(self, function: _Function, x: FloatArray, y: FloatArray) -> _Function:
        factor = np.divide(y, x, out=np.zeros(len(x)), where=x > 0)
        factor = self._even(factor, 2 * TEXT_ROUNDING * factor)
        return lambda: factor * function()

    def _even(self, values: FloatArray, tolerance: FloatArray) -> FloatArray:
        """What a rule has done to each hit, as it was before rounding."""
        self._signs.append(_even(values, tolerance))
        return self._signs[-1]

    def _leaf(self, score: FloatArray) -> _Function:
        position = len(self._leaves)
        self._leaves.append(score)
        return lambda: self._shares[position] * self.now

    def _rescored(
        self, rescore: Rescore, function: _Function, neutral: FloatArray, x: FloatArray, y: FloatArray
    ) -> tuple[_Function, FloatArray]:
        """The function of rescored hits. Those behind the rescorer's window have kept their scores."""
        same = _same(y, x)
        if rescore.kind is Kind.UNKNOWN:
            self._cannot_tell(~same, "rescore")
            return (lambda: np.where(same, function(), y)), neutral
        if rescore.text:
            rest = np.maximum(y - rescore.slope * x, 0.0)
            leaf = self._leaf(np.where(same, 0.0, rest))
            slope = np.where(same, 1.0, rescore.slope)
            self._signs.append(slope)
            return (lambda: slope * function() + leaf()), slope * neutral + np.where(same, 0.0, rest)
        changed = self._changed(rescore.kind, rescore.slope, function, x, y)
        return (lambda: np.where(same, function(), changed())), neutral

    def _check(self, is_known: Flags, part: Part) -> None:
        if not is_known.all():
            self._cannot_tell(~is_known, part.where)

    def _cannot_tell(self, of: Flags, where: str) -> None:
        if of.any():
            self.unknown |= of
            self.where.append(where)


def _best(part: Part, values: Sequence[FloatArray]) -> FloatArray:
    stacked = np.stack(values)
    best = stacked.max(axis=0)
    total: FloatArray = part.slope * (best + part.tie * (stacked.sum(axis=0) - best))
    return total


def _tolerance(scores: FloatArray, texts: FloatArray) -> FloatArray:
    """How far scores (n,) may be off by rounding, of which these (n,) are texts'."""
    tolerance: FloatArray = _ROUNDING * np.abs(scores) + TEXT_ROUNDING * np.abs(texts)
    return tolerance


def _same(scores: FloatArray, others: FloatArray) -> Flags:
    same: Flags = np.abs(scores - others) <= _tolerance(scores, others)
    return same


def _even(values: FloatArray, tolerances: FloatArray) -> FloatArray:
    """Values (n,) with those made one that differ by no more than these tolerances (n,): the surest of them.

    From the surest on, each becomes the nearest of those before it, if that is near enough: so no two sure ones that
    differ are made one by an unsure one between them.
    """
    even, known, slack = values.copy(), list[float](), list[float]()  # those that stay, rising, with their tolerances
    for i in np.argsort(tolerances, kind="stable").tolist():
        value, tolerance = float(values[i]), float(tolerances[i])
        place = bisect_left(known, value)
        beside = [n for n in (place - 1, place) if 0 <= n < len(known)]
        nearest = min(beside, key=lambda n: abs(known[n] - value), default=None)
        if nearest is not None and abs(known[nearest] - value) <= slack[nearest] + tolerance:
            even[i] = known[nearest]
        else:
            known.insert(place, value)
            slack.insert(place, tolerance)
    return even
