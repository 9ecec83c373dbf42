"""The middleware: a search engine's ``search`` with the first page put in a better order.

A search's way through is ``Reranker._line``: request -> deadline -> window -> states by key -> scores -> blend and
order -> page. It yields what it needs (a search of the engine, work of the student), so that one line serves the sync
and the asyncio way.
"""

from __future__ import annotations

import inspect
import time
import weakref
from collections.abc import Generator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from endcap.errors import EngineError, InputError
from endcap.index.fields import FieldMap
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.blend.window import Blended, blend_window
from endcap.plugin.deadline import Clock, Deadline
from endcap.plugin.faults import LOG, log_fault
from endcap.plugin.protocols import Scorer, States
from endcap.plugin.search import reply as replies
from endcap.plugin.search.drive import Ask, Steps, Work, drive, drive_async
from endcap.plugin.search.options import Options, without_rerank
from endcap.plugin.search.page_memory import PageMemory, RankedWindow, memory_key
from endcap.plugin.search.request import Plan, page_request, plan_search
from endcap.plugin.search.scoring import MAX_QUERY_CHARACTERS, Scored, score_hits
from endcap.plugin.search.search_model import Pin, Pinned
from endcap.plugin.search.status import Outcome, Outcomes, Reason, Status, log_outcome, raise_failure
from endcap.plugin.states.background import ReadAhead

Reply = dict[str, Any]
Stages = dict[str, float]


class _GiveUp(Exception):
    """Re-ranking ends here with this outcome, and the engine gets the body as it was."""

    def __init__(self, reason: Reason, detail: object = "") -> None:
        self.outcome = Outcome(Status.FALLBACK, reason, detail=" ".join(str(detail).split())[:500])


class Reranker:
    """Searches through an engine or a client, and puts the candidates of a window in the student's and its order.

    ``engine_or_client`` is an endcap engine, an ``opensearchpy.OpenSearch`` or an ``AsyncOpenSearch``; with the last
    one, ``search`` gives an awaitable. Safe to share between threads or tasks; the client's ``pool_maxsize`` should
    be as many as there are.

    ``window`` (candidates) and ``blend_weight`` (0 the engine's order, 1 the student's) are the model's own where None.
    ``fields`` says how the index names the fields of a product: a ``FieldMap`` or ``{"title": "name"}``; where None,
    as the engine knows them, or by ``Product``'s own names. ``states`` is the store of what was read in advance; where
    None, the one that ``endcap index`` and ``endcap warm`` fill.
    Raises ``InputError`` where an argument is not what it should be. ``outcomes`` counts how searches went.
    """

    def __init__(
        self,
        engine_or_client: Any,
        student: Scorer,
        window: int | None = None,
        deadline_ms: float = 100.0,
        blend_weight: float | None = None,
        fields: FieldMap | Mapping[str, Any] | None = None,
        states: States | None = None,
        *,
        memory: PageMemory | None = None,
        clock: Clock = time.perf_counter,
    ) -> None:
        if not callable(getattr(engine_or_client, "search", None)):
            raise InputError(f"{engine_or_client!r} has no search(); give an endcap engine or an OpenSearch client.")
        if isinstance(deadline_ms, bool) or not isinstance(deadline_ms, (int, float)) or not deadline_ms > 0:
            raise InputError(f"deadline_ms is {deadline_ms!r}; it should be a number of milliseconds above 0.")
        if getattr(student, "info", None) is None:
            raise InputError(f"student is {student!r}; give a Student, as Student.load() gives.")
        if states is not None and not (
            callable(getattr(states, "get", None)) and callable(getattr(states, "put", None))
        ):
            raise InputError(f"states is {states!r}; give a store, as StateStore.open(folder) gives, or leave it out.")
        self.student, self.deadline_ms, self.outcomes = student, float(deadline_ms), Outcomes()
        self._target = engine_or_client
        self._async = inspect.iscoroutinefunction(inspect.unwrap(engine_or_client.search))
        known = getattr(engine_or_client, "fields", None) if fields is None else fields
        self._pin = Pin(student, window, blend_weight, known)
        self._clock, self._memory = clock, PageMemory() if memory is None else memory
        self._ahead = ReadAhead(states)
        self._ahead.states()  # opening the store takes a while: not out of the first search's time
        weakref.finalize(self, self._ahead.close)

    @property
    def options(self) -> Options:
        """Window and blend weight of the search that would begin now."""
        return self._pin.now().options

    def search(self, index: Any = None, body: Any = None, **params: Any) -> Any:
        """The reply to a ``_search`` body, re-ranked, with ``ext.rerank`` saying what was done and why.

        ``index``, ``body`` and ``params`` are those of the client's ``search``; the body may carry ``ext.rerank``.
        Raises what the engine raises, and nothing else, unless ``ext.rerank.allow_rerank_failures`` is false.
        """
        steps = self._line(index, body, params)
        return (drive_async if self._async else drive)(
            steps, lambda ask: self._target.search(index=index, body=ask.body, **ask.params)
        )

    def wait(self, timeout_s: float = 60.0) -> bool:
        """Wait until the products that searches had no time for are read; False where that takes longer."""
        return self._ahead.wait(timeout_s)

    def close(self) -> None:
        """End the background work. The engine, the student and the states are the caller's, and stay open."""
        self._ahead.close()

    def _line(self, index: Any, body: Any, params: Mapping[str, Any]) -> Steps:
        deadline, stages = Deadline.start(self.deadline_ms, self._clock), dict[str, float]()
        pinned = self._pin.now()
        plan = self._plan(body, params, pinned)
        outcome = plan.passed
        if outcome is None:
            _prepare(pinned.student, plan.text)
            window = yield from self._window(plan, deadline, stages)
            try:
                if isinstance(window, _GiveUp):
                    raise window
                reply, outcome = yield from self._reranked(index, plan, pinned, window, deadline, stages)
                return self._told(reply, plan, pinned, outcome, deadline, stages)
            except _GiveUp as end:
                outcome = end.outcome
            except Exception as error:  # a fault of ours must not cost the search
                log_fault("re-ranking failed", error)
                outcome = _GiveUp(Reason.INTERNAL_ERROR, repr(error)).outcome
        began = deadline.elapsed_ms()
        reply = yield Ask(plan.body, plan.params)
        stages["engine_ms"] = stages.get("engine_ms", 0.0) + deadline.elapsed_ms() - began
        if plan.options.min_score is not None and outcome.reason is Reason.BEYOND_WINDOW and replies.hits_of(reply):
            reply["hits"]["hits"] = []
        return self._told(reply, plan, pinned, outcome, deadline, stages)

    def _plan(self, body: Any, params: Mapping[str, Any], pinned: Pinned) -> Plan:
        if body is not None and not isinstance(body, Mapping):
            detail = f"the body is of type {type(body).__name__}; only a mapping is re-ranked"
            return Plan(body, params, pinned.options, Outcome(Status.SKIPPED, Reason.BAD_REQUEST, detail=detail))
        try:
            return plan_search(body or {}, params, pinned.options, pinned.student.info.name, pinned.paths)
        except Exception as error:  # a fault of ours must not cost the search
            log_fault("a request could not be read", error)
            outcome = _GiveUp(Reason.INTERNAL_ERROR, repr(error)).outcome
            return Plan(without_rerank(body or {}), params, pinned.options, outcome)

    def _window(self, plan: Plan, deadline: Deadline, stages: Stages) -> Generator[Ask | Work, Any, Any]:
        """The window's reply, or ``_GiveUp`` where the engine refuses what it may not refuse the caller."""
        try:
            window = yield Ask(plan.window_body, plan.other_params)
        except Exception as error:
            if not _is_an_answer(error):
                raise
            return _GiveUp(Reason.WINDOW_ERROR, error)
        finally:
            stages["engine_ms"] = deadline.elapsed_ms()
        return _GiveUp(Reason.WINDOW_ERROR, "a reply without hits") if replies.hits_of(window) is None else window

    def _reranked(
        self, index: Any, plan: Plan, pinned: Pinned, window: Reply, deadline: Deadline, stages: Stages
    ) -> Generator[Ask | Work, Any, tuple[Reply, Outcome]]:
        """The reply with the page in its new order."""
        hits = replies.hits_of(window) or []
        key = memory_key(index, plan.body, plan.params, f"{pinned.mark} {plan.options}")
        known = self._memory.get(key) if plan.start > 0 else None
        ranked = known
        if ranked is None:
            ranked = yield from self._ranked(plan, pinned, hits, deadline, stages)
            self._memory.put(key, ranked)
        places, in_step = replies.page_places(
            ranked, hits, plan.start, plan.stop, remembered=known is not None, tail=plan.options.min_score is None
        )
        by_key = {replies.hit_key(hit): hit for hit in hits}
        wanted = [ranked.keys[place] if isinstance(place, int) else place for place in places]
        moved = not plan.hide_ids and any(key not in by_key for key in wanted)
        page = None
        if wanted and (plan.second or moved):
            page = yield from self._page(plan, wanted, deadline, stages)
        shown = replies.page_hits(ranked, places, by_key, page)
        if page is None:
            replies.show_as_asked(shown, plan.source, plan.hide_ids)
        outcome = ranked.outcome
        if not in_step or (known is not None and len(shown) < len(wanted)):
            outcome = replace(outcome, reason=Reason.OUT_OF_STEP)
        return replies.finish(window, shown), outcome

    def _ranked(
        self, plan: Plan, pinned: Pinned, hits: list[replies.Hit], deadline: Deadline, stages: Stages
    ) -> Generator[Ask | Work, Any, RankedWindow]:
        """The window in its best order, or in the engine's with the reason why."""
        options = plan.options
        candidates = hits[: options.window]
        engine = replies.engine_scores(candidates)
        if len(candidates) < 2 or engine is None:
            reason = Reason.EMPTY_WINDOW if not candidates else Reason.ONE_HIT if engine is not None else None
            return replies.engine_window(candidates, Outcome(Status.SKIPPED, reason or Reason.NO_SCORES))
        if deadline.expired():
            return replies.engine_window(candidates, Outcome(Status.FALLBACK, Reason.DEADLINE))
        try:
            scored, blended = yield partial(self._score, pinned, plan, candidates, engine, deadline)
        except Exception as error:
            log_fault("the student failed", error)
            return replies.engine_window(candidates, _GiveUp(Reason.MODEL_ERROR, repr(error)).outcome)
        stages.update(states_ms=scored.states_ms, encode_ms=scored.encode_ms)
        stages.update(score_ms=scored.score_ms, blend_ms=scored.blend_ms)
        count = int(np.isfinite(scored.scores).sum())
        if count == 0:
            return replies.engine_window(candidates, Outcome(Status.FALLBACK, scored.reason))
        status = Status.RERANKED if count == len(candidates) else Status.PARTIAL
        outcome = Outcome(status, scored.reason, count, blend=blended.kind)
        # Behind a rescored window the engine may have higher scores than in it.
        floor = max([float(engine.min()), *(hit.get("_score") or 0.0 for hit in hits[options.window :])])
        return replies.ranked_window(candidates, engine, scored.scores, blended, floor, options, outcome)

    def _score(
        self, pinned: Pinned, plan: Plan, hits: list[replies.Hit], engine: FloatArray, deadline: Deadline
    ) -> tuple[Scored, Blended]:
        scored = score_hits(pinned.student, self._ahead.states(), pinned.sources, plan.text, hits, deadline)
        if scored.fresh or scored.late:
            self._ahead.add(pinned.student, [*scored.fresh, *scored.late])
        began, learnt = deadline.elapsed_ms(), pinned.learnt if plan.options.learnt else None
        blended = blend_window(
            plan.text,
            hits,
            scored.scores,
            engine,
            plan.options.blend_weight,
            learnt,
            pinned.words,
            deadline,
            lambda: pinned.student.vectors(scored.states),
        )
        scored.blend_ms = deadline.elapsed_ms() - began
        return scored, blended

    def _page(
        self, plan: Plan, wanted: list[Any], deadline: Deadline, stages: Stages
    ) -> Generator[Ask | Work, Any, dict[Any, replies.Hit]]:
        """The page's hits by key, as the caller's body shows them."""
        began = deadline.elapsed_ms()
        try:
            fetched = yield Ask(*page_request(plan, wanted))
        except Exception as error:
            raise _GiveUp(Reason.PAGE_ERROR, error) from error
        finally:
            stages["page_ms"] = deadline.elapsed_ms() - began
        page = {replies.hit_key(hit): hit for hit in replies.hits_of(fetched) or []}
        if not page.keys() & set(wanted):
            raise _GiveUp(Reason.PAGE_ERROR, "none of the page's hits is in the index any more")
        return page

    def _told(
        self, reply: Any, plan: Plan, pinned: Pinned, outcome: Outcome, deadline: Deadline, stages: Stages
    ) -> Any:
        self.outcomes.add(outcome)
        log_outcome(outcome, deadline.elapsed_ms())
        if not plan.options.allow_failures:
            raise_failure(outcome)
        if not isinstance(reply, dict):
            return reply
        told = {
            **outcome.to_mapping(),
            "model": pinned.student.info.name,
            "window": plan.options.window,
            "took_ms": round(deadline.elapsed_ms(), 3),
            "stages": {name: round(value, 3) for name, value in stages.items()},
        }
        return replies.tell(reply, told)


def _prepare(student: Scorer, text: str) -> None:
    """Let the student encode the query while the engine searches."""
    try:
        student.prepare(text[:MAX_QUERY_CHARACTERS])
    except Exception as error:  # it fails again, and is told, when it should score
        LOG.debug("the query could not be prepared: %r", error)


def _is_an_answer(error: Exception) -> bool:
    """Whether the engine refused this request. Otherwise it can't be reached: asking again would be waiting twice."""
    from opensearchpy.exceptions import SerializationError

    told = error.__cause__ if isinstance(error, EngineError) and error.__cause__ is not None else error
    if isinstance(told, SerializationError):  # something on the way has cut the window's long reply, or put its own
        return True
    return isinstance(getattr(told, "status_code", None), int) or isinstance(told, EngineError)
