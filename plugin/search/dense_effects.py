"""What a body decides about products that its words do not find: its rules, and its ``sort``.

A rule often works on a text's score (``function_score``, ``boosting``), so the engine asks it of what matches alone.
The search for neighbours therefore brings the body's own query along, unscored, in which every product matches each
text with a score of 1. Named parts of it (``plugin/tiers/parts.py``) tell what the rules make of that:

    function_score(match "headset", .1 where sold out)   ->   function_score(match_all, .1 where sold out)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cmp_to_key, partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from endcap.index.rescore_modes import MODES
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.search.body_filters import Clause
from endcap.plugin.search.page_memory import HitKey
from endcap.plugin.search.reply import Hit, hit_key
from endcap.plugin.tiers.clauses import listed, names_in
from endcap.plugin.tiers.decided import SURE, Decided, Held, decided_order, held_by_number
from endcap.plugin.tiers.effects import Effects, rule_effects
from endcap.plugin.tiers.parts import BodyRules, Kind, Part
from endcap.plugin.tiers.sort_keys import sort_groups

_ANY: Clause = {"match_all": {}}


def unscored(clause: Any) -> Clause:
    """A filter that all products pass: it adds nothing, but the engine tells the clause's names, highlights and the
    like of each hit. No weight of 0 would do: some functions ignore it."""
    return {"bool": {"must": [_ANY], "should": [clause]}}


@dataclass(frozen=True, slots=True)
class AskedRules:
    """A body's rules as the search for neighbours asks for them."""

    clauses: tuple[Clause, ...]
    root: str
    """The name of the whole query's score."""
    rescores: tuple[tuple[str, Mapping[str, Any]], ...] = ()
    """The name of each rescorer's score, and the ``query`` of that rescorer."""

    def scored(self, hits: Sequence[Hit]) -> dict[HitKey, float]:
        """What the rules make of a text's score of 1, by hit; no value where the query excludes a product.

        Takes the names out of the hits again.
        """
        found: dict[HitKey, float] = {}
        for hit in hits:
            names = hit.get("matched_queries")
            if isinstance(names, Mapping):
                if self.root in names:
                    found[hit_key(hit)] = self._rescored(names)
                hit["matched_queries"] = {name: names[name] for name in names if not name.startswith(self.root)}
            elif names is not None:  # an engine that gives no scores
                hit["matched_queries"] = [name for name in names if not name.startswith(self.root)]
        return found

    def _rescored(self, names: Mapping[str, Any]) -> float:
        score = float(names[self.root])
        for name, options in self.rescores:
            score *= float(options.get("query_weight", 1.0))
            if name in names:
                second = float(options.get("rescore_query_weight", 1.0)) * float(names[name])
                mode = str(options.get("score_mode", "total")).lower()
                score = MODES.get(mode, MODES["total"])(score, second)
        return score


def asked_rules(rules: BodyRules, body: Mapping[str, Any], window: int) -> AskedRules:
    """What the search for neighbours asks for. ``body`` is the window's, and has ``window`` hits.

    Where a body rescores its first hits alone, a product that is not among them is not rescored.
    """
    root = "_rerank_all"
    while any(name.startswith(root) for name in names_in(body.get("query"))):
        root += "_"
    texts = {part.name for part in _parts(rules.root) if part.kind is Kind.TEXT and part.name}
    clauses = [_named(_with_any(rules.query, texts), root)]
    rescores = []
    if rules.rescore is not None and not rules.rescore.text and rules.rescore.window >= window:
        for position, each in enumerate(listed(body.get("rescore"))):
            rescores.append((f"{root}{position}", each["query"]))
            clauses.append(_named(each["query"]["rescore_query"], f"{root}{position}"))
    return AskedRules(tuple(map(unscored, clauses)), root, tuple(rescores))


def _named(clause: Any, name: str) -> Clause:
    return {"bool": {"must": [clause], "_name": name}}


def _parts(part: Part) -> Iterator[Part]:
    yield part
    for inner in part.parts:
        yield from _parts(inner)


def _with_any(clause: Any, texts: set[str]) -> Any:
    """The clause with a match of everything in the place of the texts of these names; what is named in them is told."""
    if isinstance(clause, Mapping):
        options = clause.get("bool")
        if isinstance(options, Mapping) and options.get("_name") in texts:
            return {"bool": {"must": [_ANY], "filter": [unscored(options["must"][0])], "_name": options["_name"]}}
        return {name: _with_any(value, texts) for name, value in clause.items()}
    return [_with_any(each, texts) for each in clause] if isinstance(clause, (list, tuple)) else clause


@dataclass(frozen=True, slots=True)
class JointEffects:
    """What a body's rules do to a window of n hits, the engine's own first, and behind them the added ones."""

    effects: Effects
    """By position in the window."""
    scores: FloatArray
    """float64 (n,): the scores with rules, of an added hit as if it matched like the window's poorest."""
    n_own: int
    rescored: int | None
    """How many hits of one shard are rescored by rules."""
    held: Held
    """What a number in the rules decides of the engine's own hits."""

    def decided(self, blended: FloatArray, one_shard: bool) -> Decided:
        """The order by these blended scores (n,), as far as the rules leave it to them.

        What stays above all others as it was rescored is known where there is ``one_shard``.
        """
        least = self.rescored if one_shard and self.rescored is not None and self.rescored < self.n_own else None
        order = self._engine_order(least or 0)
        back = np.argsort(order)
        effects = replace(
            self.effects,
            text=self.effects.text[order],
            applied=lambda text: self.effects.applied(text[back])[order],
            tiers=self.effects.tiers[order],
            unknown=self.effects.unknown[order],
        )
        found = decided_order(effects, self.scores[order], blended[order], least, self.held.levels[order])
        positions = tuple(int(order[place]) for place in found.positions)
        segments = tuple(found.segments[place] for place in back)
        return Decided(positions, found.scores[back], found.text[back], segments)

    def behind(self) -> npt.NDArray[np.bool_]:
        """Added hits (n,) that rules put below the engine's last one: its like may go on behind the window."""
        n, last = len(self.scores), self.n_own - 1
        if last < 0:
            return np.zeros(n, dtype=bool)
        typical = np.quantile(self.effects.text[: self.n_own], np.linspace(0.05, 0.95, 5))
        samples = np.stack([self.effects.applied(np.full(n, value)) for value in typical])
        wins = (samples[:, last][:, None, None] > samples[None, :, :]).mean(axis=(0, 1))
        below: npt.NDArray[np.bool_] = (wins >= SURE) | self.effects.unknown
        below[: self.n_own] = False
        return below

    def _engine_order(self, least: int) -> npt.NDArray[np.intp]:
        """Positions (n,) as the engine would have them: its own hits in their order, the others between by score, but
        behind the first ``least``."""
        own, added = self.scores[: self.n_own], self.scores[self.n_own :]
        at_least = own[None, :] >= added[:, None]
        above = np.where(at_least.any(axis=1), self.n_own - at_least[:, ::-1].argmax(axis=1), 0) if len(own) else 0
        places = np.maximum(above, least) - 0.5
        return np.lexsort((-self.scores, np.concatenate([np.arange(self.n_own), np.broadcast_to(places, added.shape)])))


def joint_effects(
    rules: BodyRules, own: Sequence[Hit], scores: FloatArray, added: Sequence[Hit], ruled: Mapping[HitKey, float]
) -> JointEffects:
    """The effects on the engine's hits with these scores, float64 (m,), and on added ones, whose scores for a text of 1
    are in ``ruled``. Where that has none, it is not known what the rules do."""
    n_own, keys = len(own), [hit_key(hit) for hit in added]
    for_one = np.array([ruled.get(key, 0.0) for key in keys], dtype=np.float64)
    effects = rule_effects(rules, [*own, *added], np.concatenate([scores, for_one]))
    text, unknown = effects.text.copy(), effects.unknown.copy()
    if n_own:
        text[n_own:] = np.where(text[n_own:] > 0, text[:n_own].min(), 0.0)
    if rules.root.kind is not Kind.RULE:
        unknown[n_own:] |= np.array([key not in ruled for key in keys], dtype=bool)
    effects = replace(effects, text=text, unknown=unknown)
    all_scores = np.concatenate([scores, effects.applied(text)[n_own:]])
    return JointEffects(effects, all_scores, n_own, rules.rescored_hits, held_by_number(effects, all_scores, n_own))


def joint_groups(own: Sequence[Hit], added: Sequence[Hit], falling: Sequence[bool]) -> list[int] | None:
    """The groups of a ``sort``, whose keys before the score are ``falling`` or not: a number for each hit, the first
    group 0; None where a hit of the engine's has no sort values.

    An added hit is put where its values belong; last where these can't be compared with the engine's.
    """
    groups = sort_groups(own, len(falling))
    if groups is None or not added:
        return groups
    values = dict(zip(groups, (hit["sort"] for hit in own), strict=True))
    for missing_last in (True, False):
        in_order = cmp_to_key(partial(_compared, falling=falling, missing_last=missing_last))
        known = [in_order(values[group]) for group in range(len(values))]
        try:
            # The engine's groups are in its order. Between them come those that added hits alone have.
            if all(before < after for before, after in pairwise(known)):
                others = [in_order(hit["sort"]) for hit in added]
                return _numbers([*(known[group] for group in groups), *others])
        except (KeyError, IndexError, TypeError, ValueError):
            continue
    return [*groups, *[len(values)] * len(added)]


def _compared(a: Sequence[Any], b: Sequence[Any], falling: Sequence[bool], missing_last: bool) -> int:
    """Below 0 where the sort values ``a`` come before ``b``, 0 where they are equal."""
    for position, falls in enumerate(falling):
        x, y = a[position], b[position]
        if x is None or y is None:
            found = ((x is None) - (y is None)) * (1 if missing_last else -1)
        else:
            if not (isinstance(x, str) and isinstance(y, str)):
                x, y = float(x), float(y)  # an engine writes "Infinity" for a missing number
            found = ((x > y) - (x < y)) * (-1 if falls else 1)
        if found:
            return found
    return 0


def _numbers(keys: Sequence[Any]) -> list[int]:
    """A number for each key, the same for equal ones, the smallest 0."""
    distinct: list[Any] = []
    numbers = [0] * len(keys)
    for position in sorted(range(len(keys)), key=lambda i: keys[i]):
        if not distinct or distinct[-1] < keys[position]:
            distinct.append(keys[position])
        numbers[position] = len(distinct) - 1
    return numbers
