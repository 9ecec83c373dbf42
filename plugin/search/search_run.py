"""One search's way through the middleware, as a coroutine that serves sync and asyncio alike.

plan -> window -> states by key -> scores -> blend and order -> page -> ``ext.rerank``
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

import numpy as np

from endcap.plugin.blend.denied import behind_the_others
from endcap.plugin.blend.plain import FloatArray, order
from endcap.plugin.blend.window import Blended, blend_window
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import LOG, log_fault
from endcap.plugin.search.dense import DenseSearch, Nearest, joined, with_added, with_candidates
from endcap.plugin.search.dense_support import DenseSupport
from endcap.plugin.search.document_parts import asks_for_states, hide_states
from endcap.plugin.search.options import without_rerank
from endcap.plugin.search.page_memory import HitKey, PageMemory, RankedWindow, memory_key
from endcap.plugin.search.reply import (
    Arrangement,
    Hit,
    arranged,
    engine_scores,
    engine_window,
    hide_extras,
    hit_key,
    hits_of,
    page_hits,
    page_places,
    ranked_window,
    with_ext,
    with_hits,
)
from endcap.plugin.search.request import SearchPlan, page_request
from endcap.plugin.search.scoring import MAX_QUERY_CHARACTERS, Scored, score_hits
from endcap.plugin.search.search_model import SearchModel
from endcap.plugin.search.shop_run import ShopRun
from endcap.plugin.search.status import Outcome, Outcomes, Reason, Status, log_outcome, raise_failure
from endcap.plugin.search.target import Target, is_answer
from endcap.plugin.states.background import BackgroundStates
from endcap.plugin.tiers.decided import decided_order
from endcap.plugin.tiers.effects import Effects, rule_effects
from endcap.plugin.tiers.named_queries import asks_for_scores, without_names
from endcap.plugin.tiers.sort_keys import sort_groups
from endcap.plugin.tiers.window_order import in_tiers, rules_note, tier_numbers

Reply = dict[str, Any]


class _Fallback(Exception):
    """Re-ranking ends here with this outcome, and the engine gets the body as it was."""

    def __init__(self, reason: Reason, detail: object) -> None:
        self.outcome = Outcome(Status.FALLBACK, reason, detail=" ".join(str(detail).split())[:500])


@dataclass(slots=True)
class SearchRun:
    """One search: what it uses, its deadline, and how long its stages took. ``reply`` runs it, once."""

    target: Target
    model: SearchModel
    memory: PageMemory
    background: BackgroundStates
    dense_support: DenseSupport
    outcomes: Outcomes
    index: Any
    deadline: Deadline
    shop: ShopRun
    stages: dict[str, float] = field(default_factory=dict)
    """Milliseconds by stage."""
    nearest: Nearest = field(default_factory=Nearest)
    """The candidates by meaning."""

    async def reply(self, body: Any, params: Mapping[str, Any]) -> Any:
        """The engine's reply to the body, re-ranked where it can be. Raises what the engine raises."""
        plan = self._plan(body, params)
        if plan.outcome is not None:
            return await self._passed_through(plan, plan.outcome)
        self._prepare(plan.text)
        window = await self._window(plan)
        if isinstance(window, Outcome):
            return await self._passed_through(plan, window)
        try:
            reply, outcome = await self._reranked(plan, window)
        except _Fallback as fallback:
            return await self._passed_through(plan, fallback.outcome)
        except Exception as error:  # a fault of ours must not cost the search
            log_fault("re-ranking failed", error)
            return await self._passed_through(plan, _Fallback(Reason.INTERNAL_ERROR, repr(error)).outcome)
        return self._with_ext(reply, plan, outcome)  # not in the try: it raises where the caller wants failures raised

    def _plan(self, body: Any, params: Mapping[str, Any]) -> SearchPlan:
        model = self.model
        if body is not None and not isinstance(body, Mapping):
            detail = f"the body is of type {type(body).__name__}; only a mapping is re-ranked"
            return SearchPlan(body, params, model.options, Outcome(Status.SKIPPED, Reason.BAD_REQUEST, detail=detail))
        try:
            return self.shop.plan(body or {}, params)
        except Exception as error:  # a fault of ours must not cost the search
            log_fault("a request could not be read", error)
            outcome = _Fallback(Reason.INTERNAL_ERROR, repr(error)).outcome
            return SearchPlan(without_rerank(body or {}), params, model.options, outcome)

    def _prepare(self, text: str) -> None:
        """Let the student encode the query while the engine searches."""
        try:
            self.model.student.prepare(text[:MAX_QUERY_CHARACTERS])
        except Exception as error:  # it fails again, and is told, when it should score
            LOG.debug("the query could not be prepared: %r", error)

    async def _passed_through(self, plan: SearchPlan, outcome: Outcome) -> Any:
        """The engine's reply to the caller's body."""
        began_ms = self.deadline.elapsed_ms()
        reply = await self.target.search(self.index, plan.body, plan.params)
        engine_ms = self.deadline.elapsed_ms() - began_ms
        self.stages["engine_ms"] = self.stages.get("engine_ms", 0.0) + engine_ms
        if plan.options.min_score is not None and outcome.reason is Reason.BEYOND_WINDOW and hits_of(reply):
            reply["hits"]["hits"] = []
        return self._with_ext(reply, plan, outcome)

    async def _window(self, plan: SearchPlan) -> Reply | Outcome:
        """The window's reply, or an outcome where the engine refuses it: the caller's own body it may take."""
        body, params = plan.window_body, plan.other_params
        if plan.rules is not None:
            body, params = self.target.naming_scores(body, params)
        try:
            window: Reply
            if plan.options.dense:
                search = DenseSearch(
                    self.target, self.model, self.dense_support, self.index, self.deadline, self.stages
                )
                window, self.nearest = await search.window(replace(plan, window_body=body, other_params=params))
            else:
                window = await self.target.search(self.index, body, params)
        except Exception as error:
            if not is_answer(error):
                raise
            return _Fallback(Reason.WINDOW_ERROR, error).outcome
        finally:
            self.stages["engine_ms"] = self.deadline.elapsed_ms() - self.stages.get("query_ms", 0.0)
        return window if hits_of(window) is not None else _Fallback(Reason.WINDOW_ERROR, "a reply without hits").outcome

    async def _reranked(self, plan: SearchPlan, window: Reply) -> tuple[Reply, Outcome]:
        """The reply with the page in its new order."""
        own = hits_of(window) or []
        hits = await self.shop.variants(plan, own)
        # The window's order: that of an earlier page, or a new one.
        words = f"{self.model.fingerprint} {plan.options}{self.shop.memory_words(plan)}"
        key = memory_key(self.index, plan.body, plan.params, words)
        earlier = self.memory.get(key) if plan.start > 0 else None
        ranked, joined = earlier, dict[HitKey, Hit]()
        if ranked is None:
            shards = window.get("_shards", {}).get("total", 0)
            ranked = await self._ranked(plan, hits, one_shard=shards == 1)
            ranked, joined = await self.shop.ruled(plan, ranked, own, [*hits, *self.nearest.hits])
            self.memory.put(key, ranked)
        if plan.rules is not None:
            without_names(hits, plan.rules.names, asks_for_scores(plan.full_body, plan.other_params))
        # What stands on the page.
        hits, behind = await self.shop.behind(plan, ranked, hits, self._window)
        places, in_step = page_places(ranked, own, plan.start, plan.stop, earlier is not None, behind)
        keys = [ranked.keys[place] if isinstance(place, int) else place for place in places]
        # Its hits: the window's own, those that were added or have joined for a pin, or those of a second request.
        window_hits = {hit_key(hit): hit for hit in (*self.nearest.hits, *hits)}
        if absent := [id for _, id, _ in (ranked.joined & set(keys)) - joined.keys()]:
            joined = await self.shop.pinned(plan, absent)
        hide_extras(list(joined.values()), plan.source, plan.hide_ids)
        others = [key for key in keys if key not in ranked.joined]
        incomplete = not plan.hide_ids and any(key not in window_hits for key in others)
        fetched = await self._page(plan, others, ranked.added) if others and (plan.two_requests or incomplete) else None
        page = page_hits(ranked, places, window_hits | joined, None if fetched is None else fetched | joined)
        if fetched is None:
            hide_extras([hit for hit in page if hit_key(hit) not in joined], plan.source, plan.hide_ids)
        outcome = ranked.outcome
        if plan.start >= plan.options.window and not any(isinstance(place, int) for place in places):
            outcome = Outcome(Status.SKIPPED, Reason.BEYOND_WINDOW)
        if not in_step or (earlier is not None and len(page) < len(keys)):
            outcome = replace(outcome, reason=Reason.OUT_OF_STEP)
        return with_hits(window, page, by_score=not plan.sort_tiers), outcome

    async def _ranked(self, plan: SearchPlan, hits: list[Hit], one_shard: bool) -> RankedWindow:
        """The window in its best order, or in the engine's with the reason why."""
        own = hits[: plan.options.window]
        collapse = plan.full_body.get("collapse")
        added = joined(own, self.nearest, collapse)
        candidates, n_own = [*own, *added], len(own)
        own_scores = engine_scores(own, plan.sort_tiers)
        asked = partial(with_candidates, asked=plan.options.dense, nearest=self.nearest)
        # What needs no student.
        if own_scores is None:
            return engine_window(own, asked(Outcome(Status.SKIPPED, Reason.NO_SCORES)))
        if len(own) < 2 and not added:
            reason = Reason.ONE_HIT if own else Reason.EMPTY_WINDOW
            return engine_window(own, asked(Outcome(Status.SKIPPED, reason)))
        groups = sort_groups(own, plan.sort_tiers) if plan.sort_tiers else []
        if groups is None or (len(own) > 1 and len(set(groups)) == len(own)):
            return engine_window(own, asked(Outcome(Status.SKIPPED, Reason.SORTED)))
        if self.deadline.expired():
            return engine_window(own, asked(Outcome(Status.FALLBACK, Reason.DEADLINE)))
        foreign = await self.target.run(lambda: self._foreign(plan, candidates))
        if foreign is not None:
            return engine_window(own, asked(foreign))
        # What the body's rules have made of the text's scores.
        effects = None if plan.rules is None or not own else rule_effects(plan.rules, own, own_scores)
        unknown = "" if effects is None else ", ".join(effects.where)[:500]
        if effects is not None and effects.unknown.all():
            return engine_window(own, asked(Outcome(Status.SKIPPED, Reason.RULES_UNKNOWN, detail=unknown)))
        # Scores, and the blend with the engine's.
        engine = with_added(own_scores, len(added))
        try:
            scored, blended = await self.target.run(lambda: self._scores(plan, candidates, engine, effects))
        except Exception as error:
            log_fault("the student failed", error)
            return engine_window(own, asked(_Fallback(Reason.MODEL_ERROR, repr(error)).outcome))
        self.stages.update(scored.stages)
        self.shop.states = {hit_key(hit): state for hit, state in zip(candidates, scored.states, strict=True)}
        count = int(np.isfinite(scored.scores).sum())
        if count == 0:
            return engine_window(own, asked(Outcome(Status.FALLBACK, scored.reason, detail=scored.detail)))
        # The order. What was added and not scored is not shown: neither the engine nor the student speaks for it.
        why = scored.reason or (Reason.RULES_UNKNOWN if unknown else None)
        status, detail = Status.RERANKED if scored.reason is None else Status.PARTIAL, scored.detail or unknown
        # Behind a rescored window the engine may have higher scores than in it.
        lowest = float(own_scores.min()) if own else 0.0
        floor = max([lowest, *(hit.get("_score") or 0.0 for hit in hits[plan.options.window :])])
        arrangement = arranged(blended.scores, engine, floor)
        if effects is not None and plan.rules is not None:
            rescored = plan.rules.rescored_hits if one_shard else None
            decided = decided_order(effects, own_scores, blended.scores[:n_own], rescored)
            scores = np.maximum(np.concatenate([decided.scores, np.full(len(added), floor)]), floor)
            notes = {"rules": lambda i: rules_note(effects, decided, engine, i) if i < n_own else None}
            # What the rules make of products that the engine did not find is not known: they come behind the others.
            behind = (i for i in arrangement.positions if i >= n_own)
            arrangement = Arrangement((*decided.positions, *behind), scores, notes=notes)
        keep_first = min(plan.options.keep_first, n_own)
        groups = [*groups, *[max(groups) + 1] * len(added)] if groups else []
        numbers = tier_numbers(candidates, groups, plan.options.tiers or ())
        positions = in_tiers(arrangement.positions, numbers, keep_first)
        arrangement = replace(arrangement, positions=positions, groups=tuple(groups), tiers=numbers)
        limit = -np.inf if plan.options.min_score is None else plan.options.min_score
        shown = (
            i
            for i in arrangement.positions
            if i < keep_first or (not scored.scores[i] < limit and (i < n_own or np.isfinite(scored.scores[i])))
        )
        arrangement = replace(arrangement, positions=tuple(shown))
        n_added = sum(i >= n_own for i in arrangement.positions)
        outcome = asked(
            Outcome(status, why, count, detail, blend=blended.kind),
            n_own=n_own,
            n_added=n_added,
            page=plan.stop - plan.start,
        )
        return ranked_window(candidates, engine, scored.scores, blended, arrangement, plan.options, outcome, collapse)

    def _foreign(self, plan: SearchPlan, hits: list[Hit]) -> Outcome | None:
        """Why the search is not one for this student: its language. None where it is, or where that can't be said."""
        model = self.model
        if model.noticed is None:
            return None
        began_ms = self.deadline.elapsed_ms()
        try:
            detail = model.noticed.foreign(
                self.index, plan.text, plan.options.language, hits, model.languages, self.deadline
            )
        except Exception as error:  # a fault of ours must not cost the re-ranking
            log_fault("the language could not be told", error)
            return None
        self.stages["language_ms"] = self.deadline.elapsed_ms() - began_ms
        return Outcome(Status.SKIPPED, Reason.LANGUAGE, detail=detail) if detail else None

    def _scores(
        self, plan: SearchPlan, hits: list[Hit], engine: FloatArray, effects: Effects | None
    ) -> tuple[Scored, Blended]:
        """The student's scores, and their blend with the engine's, float64 (n,): where there are rules, its text's."""
        model, deadline = self.model, self.deadline
        scored = score_hits(model.student, self.background.states, model.sources, plan.text, hits, deadline)
        if scored.fresh or scored.late:
            self.background.add(model.student, [*scored.fresh, *scored.late])
        began_ms = deadline.elapsed_ms()
        if effects is not None:
            engine = np.concatenate([effects.text, np.full(len(hits) - len(effects.text), effects.text.min())])
        # A blend reads hits in the order of their scores, which rules have changed.
        in_order = range(len(hits)) if effects is None else order(engine)
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
        )
        if effects is not None:
            blended = blended.taken(np.argsort(in_order))
        if plan.denied and model.words and (plan.options.learnt or plan.options.blend_weight):
            blended = behind_the_others(blended, plan.denied, hits, model.words, deadline)
        blended = self.shop.with_signals(blended, hits)
        scored.stages["blend_ms"] = deadline.elapsed_ms() - began_ms
        return scored, blended

    async def _page(self, plan: SearchPlan, keys: Sequence[HitKey], added: Set[HitKey]) -> dict[HitKey, Hit]:
        """The page's hits by key, as the caller's body shows them."""
        body, params = page_request(plan, keys, not added.isdisjoint(keys))
        began_ms = self.deadline.elapsed_ms()
        try:
            reply = await self.target.search(self.index, body, params)
        except Exception as error:
            raise _Fallback(Reason.PAGE_ERROR, error) from error
        finally:
            self.stages["page_ms"] = self.deadline.elapsed_ms() - began_ms
        page = {hit_key(hit): hit for hit in hits_of(reply) or []}
        if not page.keys() & set(keys):
            raise _Fallback(Reason.PAGE_ERROR, "none of the page's hits is in the index any more")
        return page

    def _with_ext(self, reply: Any, plan: SearchPlan, outcome: Outcome) -> Any:
        """The reply with ``ext.rerank``; the outcome is counted and logged, or raised where the caller wants that."""
        if self.shop.notes:
            outcome = replace(outcome, detail="; ".join(filter(None, [outcome.detail, *self.shop.notes])))
        if not asks_for_states(plan.body if isinstance(plan.body, Mapping) else {}, plan.params):
            hide_states(reply)
        self.outcomes.add(outcome)
        log_outcome(outcome, self.deadline.elapsed_ms())
        if not plan.options.allow_failures:
            raise_failure(outcome)
        if not isinstance(reply, dict):
            return reply
        record = {
            **outcome.to_mapping(),
            "model": self.model.student.info.name,
            "window": plan.options.window,
            "took_ms": round(self.deadline.elapsed_ms(), 3),
            "stages": {name: round(value, 3) for name, value in self.stages.items()},
        }
        return with_ext(reply, record)
