"""A window in its best order: what needs no student, scores and blend, what the body decides, what is shown."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from endcap.plugin.blend.denied import behind_the_others
from endcap.plugin.blend.plain import FloatArray, order
from endcap.plugin.blend.window import Blended, blend_window
from endcap.plugin.content_memory import Records
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import log_fault, without_panic
from endcap.plugin.search.dense import Nearest, joined, with_added
from endcap.plugin.search.dense_effects import JointEffects, joint_effects, joint_groups
from endcap.plugin.search.page_memory import RankedWindow
from endcap.plugin.search.reply import (
    Arrangement,
    Hit,
    arranged,
    engine_scores,
    engine_window,
    hit_key,
    ranked_window,
)
from endcap.plugin.search.request import SearchPlan
from endcap.plugin.search.scoring import Scored, score_hits
from endcap.plugin.search.search_model import SearchModel
from endcap.plugin.search.shop_run import ShopRun
from endcap.plugin.search.status import Outcome, Reason, Status, failed
from endcap.plugin.search.target import Target
from endcap.plugin.search.workers import NoPlace, NoTime
from endcap.plugin.states.background import BackgroundStates
from endcap.plugin.tiers.sort_keys import falling_keys, sort_groups
from endcap.plugin.tiers.window_order import in_tiers, rules_note, tier_numbers

FOR_LANGUAGE = 0.5
"""A first search waits so much of the time that it has left for a sample of the index."""


@dataclass(frozen=True, slots=True)
class Candidates:
    """What is to be ordered: the engine's hits with their scores, float64 (n,), and behind them what joins by meaning.

    ``groups`` are those that a ``sort`` puts apart, by position; none where it puts none apart.
    """

    own: list[Hit]
    added: list[Hit]
    scores: FloatArray
    groups: list[int] = field(default_factory=list)
    joint: JointEffects | None = None
    """What the body's rules make of the scores; None where there are no rules."""

    @property
    def hits(self) -> list[Hit]:
        """All of them."""
        return [*self.own, *self.added] if self.added else self.own

    @property
    def unknown(self) -> str:
        """The rules whose effect can't be told."""
        return "" if self.joint is None else ", ".join(self.joint.effects.where)[:500]

    @property
    def held(self) -> str:
        """What the body's rules decide by a number, in words."""
        held = None if self.joint is None else self.joint.held
        if held is None or not held.share:
            return ""
        of = "the pairs" if held.levels[: len(self.own)].all() else f"the pairs of {(held.levels > 0).sum()}"
        return f"the body's rules treat hardly two hits alike and have turned {held.share:.0%} of {of}: they order them"


@dataclass(slots=True)
class WindowRanking:
    """Ranks the window of one search."""

    target: Target
    model: SearchModel
    background: BackgroundStates
    shop: ShopRun
    index: Any
    deadline: Deadline
    stages: dict[str, float]
    nearest: Nearest
    """The candidates by meaning."""

    async def ranked(self, plan: SearchPlan, hits: list[Hit], one_shard: bool) -> RankedWindow:
        """The window in its best order, or in the engine's with the reason why."""
        own = hits[: plan.options.window]

        def as_it_was(outcome: Outcome) -> RankedWindow:
            return _as_it_was(plan, own, outcome)

        # What needs no student.
        candidates = self._candidates(plan, own)
        if isinstance(candidates, Outcome):
            return as_it_was(candidates)
        is_known = await self._is_sampled(plan, candidates.hits)
        # The language, then scores, and the blend with the engine's: in one thread, where there are threads.
        try:
            found = await self.target.run(
                lambda: without_panic(
                    lambda: self._foreign(plan, candidates.hits, is_known) or self._scores(plan, candidates)
                )
            )
        except NoPlace:
            return as_it_was(Outcome(Status.FALLBACK, Reason.BUSY))
        except NoTime:
            return as_it_was(Outcome(Status.FALLBACK, Reason.DEADLINE, detail=self.deadline.words()))
        except Exception as error:
            log_fault("the student failed", error)
            return as_it_was(failed(Reason.MODEL_ERROR, repr(error)))
        if isinstance(found, Outcome):
            return as_it_was(found)
        scored, blended = found
        self.stages.update(scored.stages)
        if self.shop.search is not None:
            self.shop.states = {hit_key(hit): state for hit, state in zip(candidates.hits, scored.states, strict=True)}
        if blended is None:
            return as_it_was(Outcome(Status.FALLBACK, scored.reason, detail=scored.detail))
        # The order. Behind a rescored window the engine may have higher scores than in it.
        lowest = float(candidates.scores[: len(own)].min(initial=np.inf)) if own else 0.0
        floor = max([lowest, *(hit.get("_score") or 0.0 for hit in hits[plan.options.window :])])
        arrangement = _arrangement(plan, candidates, blended, floor, one_shard)
        arrangement = _shown(plan, candidates, scored, arrangement)
        outcome, collapse = _outcome(candidates, scored, blended), plan.full_body.get("collapse")
        engine, student, has_rules = candidates.scores, scored.scores, self.shop.search is not None
        return ranked_window(
            candidates.hits, engine, student, blended, arrangement, plan.options, outcome, collapse, has_rules
        )

    def _candidates(self, plan: SearchPlan, own: list[Hit]) -> Candidates | Outcome:
        """What is to be ordered, or why nothing is."""
        scores = engine_scores(own, plan.sort_tiers)
        if scores is None:
            return Outcome(Status.SKIPPED, Reason.NO_SCORES)
        added = joined(own, self.nearest, plan.full_body.get("collapse"))
        if len(own) < 2 and not added:
            return Outcome(Status.SKIPPED, Reason.ONE_HIT if own else Reason.EMPTY_WINDOW)
        sort = plan.other_params.get("sort") or plan.full_body.get("sort")
        groups = joint_groups(own, added, falling_keys(sort, plan.sort_tiers)) if plan.sort_tiers else []
        if groups is None or (len(own) > 1 and len({*groups[: len(own)]}) == len(own)):
            return Outcome(Status.SKIPPED, Reason.SORTED)
        if self.deadline.expired():
            return Outcome(Status.FALLBACK, Reason.DEADLINE, detail=self.deadline.words())
        rules = plan.body_rules
        joint = None if rules is None else joint_effects(rules, own, scores, added, self.nearest.ruled)
        candidates = Candidates(own, added, with_added(scores, len(added)), groups, joint)
        if joint is not None and own and joint.effects.unknown[: len(own)].all():
            return Outcome(Status.SKIPPED, Reason.RULES_UNKNOWN, detail=candidates.unknown)
        if joint is not None and own and joint.held.levels[: len(own)].all():
            return Outcome(Status.SKIPPED, Reason.RULES_DECIDE, detail=candidates.held)
        return candidates

    async def _is_sampled(self, plan: SearchPlan, hits: list[Hit]) -> bool:
        """Whether it is known what language the hits' index is in; waits for the answer as long as there is time."""
        model = self.model
        if model.samples is None or plan.options.language is not None:
            return False
        began_ms = self.deadline.elapsed_ms()
        try:
            patience_ms = self.deadline.left_ms() * FOR_LANGUAGE
            return await model.samples.known(
                self.target, self.index, plan.other_params, hits, model.languages, patience_ms
            )
        except Exception as error:  # a fault of ours must not cost the re-ranking
            log_fault("the language of an index could not be asked", error)
            return False
        finally:
            self.stages["language_ms"] = self.deadline.elapsed_ms() - began_ms

    def _foreign(self, plan: SearchPlan, hits: list[Hit], is_known: bool) -> Outcome | None:
        """Why the search is not one for this student: its language. None where it is, or where that can't be said."""
        if (model := self.model).noticed is None:
            return None
        began_ms = self.deadline.elapsed_ms()
        try:
            detail = model.noticed.foreign(
                self.index, plan.text, plan.options.language, hits, model.languages, not is_known
            )
        except Exception as error:  # a fault of ours must not cost the re-ranking
            log_fault("the language could not be told", error)
            return None
        self.stages["language_ms"] = self.stages.get("language_ms", 0.0) + self.deadline.elapsed_ms() - began_ms
        return Outcome(Status.SKIPPED, Reason.LANGUAGE, detail=detail) if detail else None

    def _scores(self, plan: SearchPlan, candidates: Candidates) -> tuple[Scored, Blended | None]:
        """The student's scores, and their blend with the engine's, float64 (n,): where there are rules, its text's.
        No blend where there is no score."""
        model, deadline, states = self.model, self.deadline, self.background.remembered
        hits, engine, joint = candidates.hits, candidates.scores, candidates.joint
        records = Records(self.background.records)
        scored = score_hits(model.student, states, model.sources, plan.text, hits, deadline, records)
        if scored.fresh or scored.late:
            late = () if deadline.stopped else scored.late  # of searches that are cancelled no work is left over
            self.background.add(model.student, [*scored.fresh, *late])
        if scored.reason is Reason.DEADLINE:
            scored.detail = deadline.words()
        if not np.isfinite(scored.scores).any():
            return scored, None
        began_ms = deadline.elapsed_ms()
        if joint is not None:
            engine = with_added(joint.effects.text[: joint.n_own], len(candidates.added))
        # A blend reads hits in the order of their scores, which rules have changed.
        in_order = range(len(hits)) if joint is None else order(engine)
        blended = blend_window(
            plan.text,
            [hits[i] for i in in_order],
            scored.scores[in_order],
            engine[in_order],
            plan.options.blend_weight,
            model.learnt if plan.options.learnt else None,
            model.words,
            deadline,
            lambda: model.student.vectors([scored.states[i] for i in in_order]),
            records,
        )
        if joint is not None:
            blended = blended.taken(np.argsort(in_order))
        blended = self.shop.with_parts(blended, hits)
        if plan.denied and model.words and (plan.options.learnt or plan.options.blend_weight):
            blended = behind_the_others(blended, plan.denied, hits, model.words, deadline, records)
        if records.fresh:
            self.background.add(model.student, records.fresh)
        scored.stages["blend_ms"] = deadline.elapsed_ms() - began_ms
        return scored, blended


def _as_it_was(plan: SearchPlan, own: list[Hit], outcome: Outcome) -> RankedWindow:
    """The window in the engine's order, with the tiers that no student is needed for."""
    groups = sort_groups(own, plan.sort_tiers) if plan.sort_tiers else []
    numbers = tier_numbers(own, groups or [], plan.options.tiers or ())
    positions = in_tiers(range(len(own)), numbers, min(plan.options.keep_first, len(own)))
    window = engine_window([own[i] for i in positions], outcome)
    # What the body's rules have made of the scores is not looked for here: each hit stays where they have put it.
    segments = range(len(own)) if plan.body_rules is not None else ()
    known = [score for score in window.scores if score is not None]
    if not groups and len(known) == len(own) and positions != tuple(range(len(own))):
        falling = np.maximum.accumulate(np.asarray(known[::-1], dtype=np.float64))[::-1]
        window = replace(window, scores=tuple(map(float, falling)))
    tiers = [numbers[i] for i in positions] if numbers else ()
    return replace(window, tiers=tuple(tiers), segments=tuple(segments), by_sort=bool(groups))


def _arrangement(
    plan: SearchPlan, candidates: Candidates, blended: Blended, floor: float, one_shard: bool
) -> Arrangement:
    """The order by the blended scores, as far as the body leaves it to them."""
    n_own, engine, joint = len(candidates.own), candidates.scores, candidates.joint
    arrangement = arranged(blended.scores, engine, floor)
    if joint is not None:
        decided = joint.decided(blended.scores, one_shard)
        scores = np.maximum(decided.scores, floor)
        notes: dict[str, Callable[[int], Any]] = {
            "rules": lambda i: rules_note(joint.effects, decided, joint.scores, i)
        }
        arrangement = Arrangement(decided.positions, scores, notes=notes, segments=decided.segments)
    groups = candidates.groups
    numbers = tier_numbers(candidates.hits, groups, plan.options.tiers or ())
    if not groups and not numbers and not plan.options.keep_first:
        return arrangement
    positions = in_tiers(arrangement.positions, numbers, min(plan.options.keep_first, n_own))
    return replace(arrangement, positions=positions, groups=tuple(groups), tiers=numbers)


def _shown(plan: SearchPlan, candidates: Candidates, scored: Scored, arrangement: Arrangement) -> Arrangement:
    """The same without what is below ``min_score``, and of what was added without what was not scored (neither the
    engine nor the student speaks for that), or belongs behind the window: more of the engine's may come before it."""
    n_own, limit = len(candidates.own), plan.options.min_score
    if limit is None and not candidates.added:
        return arrangement
    keep_first = min(plan.options.keep_first, n_own)
    left_out = ~np.isfinite(scored.scores)
    if 0 < n_own == plan.options.window:
        if candidates.groups:
            left_out |= np.asarray(candidates.groups) > candidates.groups[n_own - 1]
        if candidates.joint is not None:
            left_out |= candidates.joint.behind()

    def is_shown(i: int) -> bool:
        low = limit is not None and bool(scored.scores[i] < limit)
        return i < keep_first or (not low and (i < n_own or not left_out[i]))

    return replace(arrangement, positions=tuple(filter(is_shown, arrangement.positions)))


def _outcome(candidates: Candidates, scored: Scored, blended: Blended) -> Outcome:
    """What became of the search."""
    short = scored.reason or (Reason.PLAIN_BLEND if blended.lacking else None)
    ruled = Reason.RULES_DECIDE if candidates.held else None
    reason = short or (Reason.RULES_UNKNOWN if candidates.unknown else ruled)
    status = Status.RERANKED if short is None else Status.PARTIAL
    detail = scored.detail or blended.lacking or candidates.unknown or candidates.held
    count = int(np.isfinite(scored.scores).sum())
    return Outcome(status, reason, count, detail, blend=blended.kind)
