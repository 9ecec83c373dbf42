"""One search's way through the middleware, as a coroutine that serves sync and asyncio alike.

plan -> window -> states by key -> scores -> blend and order -> page -> ``ext.rerank``
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import LOG, log_fault, without_panic
from endcap.plugin.search.bodies import MAX_DEPTH, is_deep
from endcap.plugin.search.dense import DenseSearch, Nearest, asked_for, with_candidates
from endcap.plugin.search.dense_support import DenseSupport
from endcap.plugin.search.document_parts import asks_for_states, hide_states, hits_in
from endcap.plugin.search.engine_errors import WindowLimits, may_ask_again
from endcap.plugin.search.number_search import NumberSearch
from endcap.plugin.search.options import without_rerank
from endcap.plugin.search.page_fetch import Fallback, Refused, fetched_page
from endcap.plugin.search.page_memory import HitKey, PageMemory, memory_key
from endcap.plugin.search.reply import (
    Hit,
    engine_window,
    hide_extras,
    hit_key,
    hits_of,
    page_hits,
    page_places,
    with_ext,
    with_hits,
)
from endcap.plugin.search.request import SearchPlan
from endcap.plugin.search.scoring import MAX_QUERY_CHARACTERS
from endcap.plugin.search.search_model import SearchModel
from endcap.plugin.search.shop_run import ShopRun
from endcap.plugin.search.status import Outcome, Outcomes, Reason, Status, failed, log_outcome, raise_failure
from endcap.plugin.search.target import ComesLater, Target
from endcap.plugin.search.whole_reply import failed_part, may_be_cut, odd_part
from endcap.plugin.search.window_ranking import WindowRanking
from endcap.plugin.search.workers import Workers
from endcap.plugin.states.background import BackgroundStates
from endcap.plugin.tiers.named_queries import without_names
from endcap.plugin.tracing import note, span

Reply = dict[str, Any]


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
    workers: Workers
    limits: WindowLimits
    principal: str = ""
    """Who asks."""
    stages: dict[str, float] = field(default_factory=dict)  # milliseconds by stage
    nearest: Nearest = field(default_factory=Nearest)  # the candidates by meaning
    counted: bool = False
    """Whether its outcome has been counted."""

    async def reply(self, body: Any, params: Mapping[str, Any]) -> Any:
        """The engine's reply to the body, re-ranked where it can be. Raises what the engine raises."""
        with span("endcap.search"):
            try:
                return await self._reply(body, params)
            except BaseException as error:
                if not self.counted and not isinstance(error, ComesLater):
                    reason = Reason.ENGINE_ERROR if isinstance(error, Exception) else Reason.CANCELLED
                    self.outcomes.add(Outcome(Status.FAILED, reason))
                raise

    async def _reply(self, body: Any, params: Mapping[str, Any]) -> Any:
        plan = self._plan(body, params)
        if plan.outcome is not None:
            return await self._passed_through(plan, plan.outcome)
        if plan.options.budget_ms is not None:
            self.deadline.budget_ms = plan.options.budget_ms
        if self._is_too_busy(plan):
            outcome = Outcome(Status.FALLBACK, Reason.BUSY)
            self.memory.put(self._memory_key(plan), engine_window([], outcome))  # the next page goes on in that order
            return await self._passed_through(plan, outcome)
        self._prepare(plan.text)
        with span("endcap.window"), self.workers.expected():
            window = await self._window(plan)
        if isinstance(window, Outcome):
            return await self._passed_through(plan, window)
        if (uncut := await self._uncut(plan, window)) is not None:
            return self._with_ext(uncut, plan, Outcome(Status.SKIPPED, Reason.CUT_WINDOW))
        try:
            reply, outcome = await self._reranked(plan, window)
        except Fallback as fallback:
            reply = await self._passed_through(plan, fallback.outcome)
            if fallback.order is not None:  # not where the engine refuses the body: another one may have the same order
                self.memory.put(self._memory_key(plan), fallback.order)
            return reply
        except Refused as refused:
            raise refused.error from refused.error.__cause__
        except Exception as error:  # a fault of ours must not cost the search
            log_fault("re-ranking failed", error)
            return await self._passed_through(plan, failed(Reason.INTERNAL_ERROR, repr(error)))
        return self._with_ext(reply, plan, outcome)  # not in the try: it raises where the caller wants failures raised

    def _is_too_busy(self, plan: SearchPlan) -> bool:
        """Whether the engine's page will do, and a window that nobody has time for would only cost the engine."""
        options = plan.options
        is_plain = not (self.shop.search or options.tiers or options.keep_first or options.min_score is not None)
        return is_plain and plan.start == 0 and self.workers.is_full(self.deadline.left_ms())

    def _memory_key(self, plan: SearchPlan) -> bytes | None:
        words = f"{self.model.fingerprint} {plan.options}{self.shop.memory_words(plan)}"
        return memory_key(self.index, plan.full_body, plan.other_params, words, self.principal)

    def _plan(self, body: Any, params: Mapping[str, Any]) -> SearchPlan:
        model = self.model
        if body is not None and not isinstance(body, Mapping):
            detail = f"the body is of type {type(body).__name__}; only a mapping is re-ranked"
            return SearchPlan(body, params, model.options, Outcome(Status.SKIPPED, Reason.BAD_REQUEST, detail=detail))
        if is_deep(body or {}):
            outcome = Outcome(Status.SKIPPED, Reason.BAD_REQUEST, detail=f"the body has more than {MAX_DEPTH} levels")
            return SearchPlan(without_rerank(body or {}), params, model.options, outcome)
        try:
            return self.shop.plan(body or {}, params)
        except Exception as error:  # a fault of ours must not cost the search
            log_fault("a request could not be read", error)
            outcome = failed(Reason.INTERNAL_ERROR, repr(error))
            return SearchPlan(without_rerank(body or {}), params, model.options, outcome)

    def _prepare(self, text: str) -> None:
        """Let the student encode the query while the engine searches."""
        try:
            without_panic(lambda: self.model.student.prepare(text[:MAX_QUERY_CHARACTERS]))
        except Exception as error:  # it fails again, and is told, when it should score
            LOG.debug("the query could not be prepared: %r", error)

    async def _passed_through(self, plan: SearchPlan, outcome: Outcome) -> Any:
        """The engine's reply to the caller's body."""
        began_ms = self.deadline.elapsed_ms()
        cut = plan.options.min_score is not None and outcome.reason is Reason.BEYOND_WINDOW
        ask = self.target.search if cut else self.target.search_unread
        reply = await ask(self.index, plan.body, plan.params)
        engine_ms = self.deadline.elapsed_ms() - began_ms
        self.stages["engine_ms"] = self.stages.get("engine_ms", 0.0) + engine_ms
        if cut and hits_of(reply):
            reply["hits"]["hits"] = []
        return self._with_ext(reply, plan, outcome)

    async def _window(self, plan: SearchPlan) -> Reply | Outcome:
        """The window's reply, or an outcome where the engine refuses it: the caller's own body it may take."""
        body, params = plan.window_body, plan.other_params
        size = int(body["size"])
        if refusal := self.limits.refusal(self.index, size):
            return failed(Reason.WINDOW_ERROR, refusal)
        if plan.body_rules is not None:
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
            if not may_ask_again(error, self.deadline):
                raise
            self.limits.learn(self.index, size, error)
            return failed(Reason.WINDOW_ERROR, error)
        finally:
            self.stages["engine_ms"] = self.deadline.elapsed_ms() - self.stages.get("query_ms", 0.0)
        if detail := failed_part(window):
            return failed(Reason.SHARDS_FAILED, f"at the window's request, {detail}")
        if detail := odd_part(window):
            return failed(Reason.WINDOW_ERROR, detail)
        if plan.options.numbers and self.model.words is not None:
            self.nearest = self.nearest.behind(await self._of_number(plan, window))
        return window

    async def _uncut(self, plan: SearchPlan, window: Reply) -> Any:
        """The engine's reply to the caller's body, where its page has not as many hits as the window's; else None."""
        if not may_be_cut(window, plan.full_body, plan.start, plan.stop, int(plan.window_body["size"])):
            return None
        began_ms = self.deadline.elapsed_ms()
        reply = await self.target.search(self.index, plan.body, plan.params)
        self.stages["engine_ms"] += self.deadline.elapsed_ms() - began_ms
        n_here = len((hits_of(window) or [])[plan.start : plan.stop])
        return reply if len(hits_of(reply) or []) != n_here else None

    async def _of_number(self, plan: SearchPlan, window: Reply) -> Nearest:
        """The products of the query's number, where the window has none."""
        began_ms = self.deadline.elapsed_ms()
        found = await NumberSearch(self.target, self.model, self.index, self.deadline).found(
            plan, hits_of(window) or [], self.nearest.hits
        )
        self.stages["number_ms"] = self.deadline.elapsed_ms() - began_ms
        return found

    async def _reranked(self, plan: SearchPlan, window: Reply) -> tuple[Reply, Outcome]:
        """The reply with the page in its new order."""
        own = hits_of(window) or []
        hits = await self.shop.variants(plan, own)
        if self.nearest.hits:
            self.nearest = self.nearest.shown_as(await self.shop.variants(plan, list(self.nearest.hits)))
        # The window's order: that of an earlier page, or a new one.
        key = self._memory_key(plan)
        earlier = self.memory.get(key) if plan.start > 0 else None
        ranked, joined = earlier, dict[HitKey, Hit]()
        if ranked is None:
            shards = window.get("_shards", {}).get("total", 0)
            ranking = WindowRanking(
                self.target,
                self.model,
                self.background,
                self.shop,
                self.index,
                self.deadline,
                self.stages,
                self.nearest,
            )
            ranked = await ranking.ranked(plan, hits, one_shard=shards == 1)
            ranked, joined = await self.shop.ruled(plan, ranked, own, [*hits, *self.nearest.hits])
            n_added, size = len(ranked.added and ranked.added & set(ranked.keys)), plan.stop - plan.start
            told = with_candidates(ranked.outcome, asked_for(plan, self.nearest), self.nearest, len(own), n_added, size)
            ranked = ranked if told is ranked.outcome else replace(ranked, outcome=told)
            self.memory.put(key, ranked)
        # What stands on the page.
        deeper = plan
        if plan.options.dense or plan.options.numbers:  # the nearest are known already
            deeper = replace(plan, options=replace(plan.options, dense=0, numbers=False))
        hits, behind = await self.shop.behind(deeper, ranked, hits, self._window)
        if plan.body_rules is not None:
            asked = self.target.asks_for_scores(plan.full_body, plan.other_params)
            without_names([*hits_in(window), *hits, *self.nearest.hits], plan.body_rules.names, asked)
        places, in_step = page_places(ranked, own, plan.start, plan.stop, earlier is not None, behind)
        keys = [ranked.keys[place] if isinstance(place, int) else place for place in places]
        # Its hits: the window's own, those that were added or have joined for a pin, or those of a second request.
        ids = {key[1] for key in keys}
        window_hits = {hit_key(hit): hit for hit in (*self.nearest.hits, *hits) if str(hit.get("_id", "")) in ids}
        if absent := [id for _, id, _ in (ranked.joined & set(keys)) - joined.keys()]:
            joined = await self.shop.pinned(plan, absent)
        hide_extras(list(joined.values()), plan.source, plan.hide_ids)
        others = [key for key in keys if key not in ranked.joined]
        incomplete = not plan.hide_ids and any(key not in window_hits for key in others)
        outcome = ranked.outcome
        if plan.start >= plan.options.window and not any(isinstance(place, int) for place in places):
            outcome = replace(outcome, status=Status.SKIPPED, reason=Reason.BEYOND_WINDOW, scored=0)
        if not keys and len(own) <= plan.start and (plan.two_requests or plan.start):
            raise Fallback(outcome)  # it has not seen all of the body yet, and may refuse what is left
        fetched = None
        if others and (plan.two_requests or incomplete):
            try:
                fetched = await fetched_page(
                    self.target, self.index, plan, others, ranked.added, window_hits, self.deadline, self.stages
                )
            except Fallback as fallback:
                if earlier is None:  # the next pages are to fit the engine's
                    fallback.order = engine_window(own[: plan.options.window], fallback.outcome)
                raise
        page = page_hits(ranked, places, window_hits | joined, None if fetched is None else fetched | joined)
        if fetched is None:
            hide_extras([hit for hit in page if hit_key(hit) not in joined], plan.source, plan.hide_ids)
        if not in_step or (earlier is not None and len(page) < len(keys)):
            outcome = replace(outcome, reason=Reason.OUT_OF_STEP)
        # In the engine's own order its highest score stays, which may be an earlier page's.
        reordered = bool(ranked.outcome.scored or ranked.outcome.rules)
        return with_hits(window, page, by_score=reordered and not plan.sort_tiers), outcome

    def _with_ext(self, reply: Any, plan: SearchPlan, outcome: Outcome) -> Any:
        """The reply with ``ext.rerank``; the outcome is counted and logged, or raised where the caller wants that."""
        if self.shop.notes:
            outcome = replace(outcome, detail="; ".join(filter(None, [outcome.detail, *self.shop.notes])))
        if not asks_for_states(plan.body if isinstance(plan.body, Mapping) else {}, plan.params):
            hide_states(reply)
        self.outcomes.add(outcome)
        self.counted = True
        log_outcome(outcome, self.deadline.elapsed_ms(), self.outcomes.warnings)
        note(status=str(outcome.status), reason=str(outcome.reason or ""), window=plan.options.window)
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
