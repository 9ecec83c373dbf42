"""Candidates by meaning: the products nearest to the query's vector, found beside the engine's window.

Both come at once, through the same client, to the same index and with the same parameters, so that what the caller may
not see is not found here either. What the body demands of a product (``body_filters.py``) is a filter of the search for
neighbours. Whatever fails in that search costs the candidates and never the search; the reply says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import LOG, log_fault
from endcap.plugin.search.body_filters import UnclearBody, demands, own_texts
from endcap.plugin.search.dense_floor import floor_of
from endcap.plugin.search.dense_request import DenseRequest, dense_request
from endcap.plugin.search.dense_support import (
    TOO_FAR,
    DenseSupport,
    Scope,
    no_models_vectors,
    others_vectors,
    outdated,
    shards_failed,
    trouble,
)
from endcap.plugin.search.engine_errors import is_overloaded
from endcap.plugin.search.multi_search import WindowRefused
from endcap.plugin.search.page_memory import HitKey
from endcap.plugin.search.page_request import candidate_parameters, page_parameters
from endcap.plugin.search.reply import ADDED, Hit, group_of, hit_key, hits_of
from endcap.plugin.search.request import SearchPlan
from endcap.plugin.search.scoring import MAX_QUERY_CHARACTERS
from endcap.plugin.search.search_model import SearchModel
from endcap.plugin.search.status import Outcome, Reason
from endcap.plugin.search.target import Target, is_answer
from endcap.plugin.search.workers import NoPlace, NoTime
from endcap.plugin.source_keys import SourceKeys
from endcap.plugin.states.document_states import NAME, model_name, query_numbers


@dataclass(frozen=True, slots=True)
class Nearest:
    """The products nearest to the query, and why there are none or fewer."""

    hits: tuple[Hit, ...] = ()
    detail: str = ""
    ruled: Mapping[HitKey, float] = field(default_factory=dict)
    """What the body's rules make of a text's score of 1, by hit."""
    found_by: str = "nearest in meaning"
    """What the hits are, in the words of the reply."""

    def behind(self, others: Nearest) -> Nearest:
        """These behind ``others``, which were found by another way."""
        words = self.found_by if self.hits else others.found_by
        return Nearest((*others.hits, *self.hits), self.detail, {**self.ruled, **others.ruled}, words)

    def shown_as(self, hits: Sequence[Hit]) -> Nearest:
        """With the variants that are shown of them; what the rules make of a hit holds for its variant."""
        pairs = [(hit_key(old), hit_key(new)) for old, new in zip(self.hits, hits, strict=True)]
        moved = {new: self.ruled[old] for old, new in pairs if old in self.ruled}
        return replace(self, hits=tuple(hits), ruled={**self.ruled, **moved})


@dataclass(frozen=True, slots=True)
class DenseSearch:
    """Finds a window and its neighbours for one search."""

    target: Target
    model: SearchModel
    support: DenseSupport
    index: Any
    deadline: Deadline
    stages: dict[str, float]

    async def window(self, plan: SearchPlan) -> tuple[Any, Nearest]:
        """The reply to the window's request, and the neighbours. Raises what the window's request raises."""
        key = f"{self.index} {model_name(self.model.student.info)}"
        scope = self.support.scope(key)
        try:
            request, reason = (None, scope.reason) if scope and scope.reason else await self._request(plan)
        except Exception as error:  # a fault of ours must not cost the search
            request, reason = None, _fault(error)
        if request is None:
            return await self._search(plan.window_body, plan.other_params), Nearest(detail=reason)
        window, found = await self._both(plan, request.body(scope.clause if scope else None), key)
        if isinstance(found, Nearest):
            return window, found
        try:
            return window, await self._nearest(plan, request, scope, key, window, found)
        except Exception as error:
            return window, Nearest(detail=_fault(error))

    async def _nearest(
        self, plan: SearchPlan, request: DenseRequest, scope: Scope | None, key: str, window: Any, found: Any
    ) -> Nearest:
        """The neighbours in the reply ``found``, as far as they are to be shown, and what is to be said of others."""
        own, hits = hits_of(window) or [], hits_of(found) or []
        if len(hits) < request.count and scope is None and not self.deadline.expired():
            scope = self.support.remember(key, await self._scope(plan, request, found_any=bool(hits)))
            if scope.reason:
                return Nearest(detail=scope.reason)
            if scope.clause is not None:
                hits = await self._again(plan, request.body(scope.clause)) or hits
        clause, page = scope.clause if scope else None, plan.stop - plan.start
        if hits and len(own) < page and await self._too_far(plan, request, clause, hits, key):
            return Nearest(detail=TOO_FAR)
        hits, old = _up_to_date(_nearest_first(hits), self.model.sources)
        detail = old or shards_failed(found) or others_vectors(request.model, list(map(_model_of, own)))
        return Nearest(tuple(hits), detail, request.rules.scored(hits) if request.rules else {})

    async def _request(self, plan: SearchPlan) -> tuple[DenseRequest | None, str]:
        """The request that finds the neighbours, or why there is none."""
        try:
            texts = own_texts(plan.text, plan.full_body, self.model.fields.paths_of("title"))
            clauses = demands(plan.full_body, texts)
        except UnclearBody as unclear:
            return None, f"No product was added by meaning: {unclear}."
        began_ms = self.deadline.elapsed_ms()
        try:
            student: Any = self.model.student
            text = plan.text[:MAX_QUERY_CHARACTERS]
            vector = await self.target.run(lambda: query_numbers(student, text))
        except (NoPlace, NoTime):
            return None, "No product was added by meaning: there was no time to read the query first."
        except Exception as error:  # it fails again, and is told, when it should score
            log_fault("the query's vector could not be made", error)
            return None, "No product was added by meaning: the query's vector could not be made."
        self.stages["query_ms"] = self.deadline.elapsed_ms() - began_ms
        if vector is None:
            return None, f"No product was added by meaning: {student.info.name} makes no vectors of products."
        return dense_request(plan, clauses, vector, model_name(student.info)), ""

    async def _both(self, plan: SearchPlan, body: dict[str, Any], key: str) -> tuple[Any, Any]:
        """Two replies; the second is a ``Nearest`` that says why there is none."""
        bodies = (plan.window_body, body)
        try:
            window, found = await self.target.search_both(
                self.index, bodies, plan.other_params, candidate_parameters(plan), self.deadline.left_ms() / 2
            )
        except Exception as error:
            refused = isinstance(error, WindowRefused) or is_overloaded(error)
            if refused or not is_answer(error) or not trouble(error).may_be_ours:
                raise
            # The engine refuses one of the two before it runs any: the window alone is as it ever was.
            window = await self._search(plan.window_body, plan.other_params)
            return window, self._failed(key, error)
        if isinstance(found, Exception) or hits_of(found) is None:
            return window, self._failed(key, found)
        return window, found

    def _failed(self, key: str, error: Any) -> Nearest:
        found = trouble(error)
        if found.lasts:
            self.support.remember(key, Scope(found.words))
        return Nearest(detail=found.words)

    async def _scope(self, plan: SearchPlan, request: DenseRequest, found_any: bool) -> Scope:
        """What keeps an index's products from being found: looked up where fewer were found than asked for."""
        clause, model = None, request.model
        try:
            if "pit" not in plan.window_body:
                clause = await self.target.alias_filter(self.index, plan.other_params)
            if not found_any and not hits_of(await self._search(request.any_body(clause), page_parameters(plan))):
                return Scope(no_models_vectors(model), clause)
        except Exception as error:  # it is not allowed, or the engine is no cluster's
            LOG.debug("what keeps products from being found by vectors could not be looked up: %r", error)
        return Scope(clause=clause)

    async def _too_far(
        self, plan: SearchPlan, request: DenseRequest, clause: Mapping[str, Any] | None, hits: Sequence[Hit], key: str
    ) -> bool:
        """Whether the nearest product is as near to words without a meaning."""
        floor, params = self.support.floors.get(key), page_parameters(plan)
        if floor is None and not self.deadline.expired():
            student, deadline = self.model.student, self.deadline
            try:
                floor = await floor_of(self.target, self.index, student, request, clause, params, deadline)
                if floor is not None:
                    self.support.floors.put(key, floor)
            except Exception as error:
                LOG.debug("how near products are to nonsense could not be found out: %r", error)
        return floor is not None and max(hit.get("_score") or 0.0 for hit in hits) <= floor

    async def _again(self, plan: SearchPlan, body: Mapping[str, Any]) -> list[Hit]:
        try:
            return hits_of(await self._search(body, candidate_parameters(plan))) or []
        except Exception as error:
            LOG.debug("the search by vectors with the alias's filter failed: %r", error)
            return []

    async def _search(self, body: Mapping[str, Any], params: Mapping[str, Any]) -> Any:
        return await self.target.search(self.index, body, params)


def _fault(error: Exception) -> str:
    log_fault("candidates by meaning failed", error)
    return f"No product was added by meaning: {error!r}."


def _up_to_date(hits: Sequence[Hit], sources: SourceKeys) -> tuple[list[Hit], str]:
    """The hits whose vectors are of the text that they have now, and what to say of the others."""
    kept = [hit for hit in hits if _key_fits(hit.get("_source") or {}, sources)]
    return kept, outdated(len(hits) - len(kept), len(kept))


def _model_of(hit: Hit) -> Any:
    """The model of a hit's vector, as far as the hit says so."""
    state = (hit.get("_source") or {}).get(NAME)
    return state.get("model") if isinstance(state, Mapping) else None


def _key_fits(source: Mapping[str, Any], sources: SourceKeys) -> bool:
    state = source.get(NAME)
    written = state.get("key") if isinstance(state, Mapping) else None
    if not isinstance(written, str):  # somebody's own pipeline may write the vector alone
        return True
    key = sources.value(source)
    return key is not None and key.hex() == written


def _nearest_first(hits: Sequence[Hit]) -> list[Hit]:
    """Hits by their likeness, also where the body's ``sort`` has ordered them otherwise."""
    return sorted(hits, key=lambda hit: -(hit.get("_score") or 0.0))


def joined(own: Sequence[Hit], nearest: Nearest, collapse: Any) -> list[Hit]:
    """The neighbours that the engine's window lacks, marked as added, the nearest first.

    ``collapse`` is the body's: a group that the window shows already is not shown twice.
    """
    if not nearest.hits:
        return []
    seen = {hit_key(hit) for hit in own}
    groups = {group_of(hit, collapse) for hit in own} - {None}
    added = []
    for hit in nearest.hits:
        group = group_of(hit, collapse)
        if hit_key(hit) not in seen and group not in groups:
            added.append({**hit, ADDED: True})
            groups |= {group} - {None}
    return added


def with_added(engine: FloatArray, n_added: int) -> FloatArray:
    """The engine's scores, float64 (n,), and behind them those of what its window lacks: 0, as of no match."""
    if not n_added:
        return engine
    return np.concatenate([engine, np.full(n_added, engine.min(initial=0.0))])


def asked_for(plan: SearchPlan, nearest: Nearest) -> int:
    """How many products beside the engine's a search asks for: by meaning, or of its number."""
    return plan.options.dense or len(nearest.hits)


def with_candidates(
    outcome: Outcome, asked: int, nearest: Nearest, n_found: int = 0, n_added: int = 0, page: int = 0
) -> Outcome:
    """The outcome of a search, with what became of the candidates by meaning, ``asked`` for.

    ``n_found`` are the hits that the engine found, as far as they are known, ``n_added`` those that were added and are
    shown, ``page`` its length.
    """
    if not asked:
        return outcome
    details, reason = [outcome.detail, nearest.detail], outcome.reason
    if n_added and n_found < page and reason is None:
        reason = Reason.NEAREST
        found = "no product" if n_found == 0 else f"{n_found} product{'s' if n_found > 1 else ''}"
        others = f"the one {nearest.found_by} is" if n_added == 1 else f"the {n_added} {nearest.found_by} are"
        with_them = "" if n_found == 0 else " with it" if n_found == 1 else " with them"
        details.insert(0, f"The engine found {found}; {others} shown{with_them}.")
    return replace(outcome, added=n_added, reason=reason, detail=" ".join(filter(None, details)))
