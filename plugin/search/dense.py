"""Candidates by meaning: the products nearest to the query's vector, found beside the engine's window.

Both come by one ``_msearch``, through the same client, to the same index and with the same parameters, so that what
the caller may not see is not found here either. What the body demands of a product (``body_filters.py``) is a filter of
the search for neighbours. Whatever fails in that search costs the candidates and never the search; the reply says why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import log_fault
from endcap.plugin.search.body_filters import Clause, UnclearBody, demands
from endcap.plugin.search.dense_support import DenseSupport, no_models_vectors, trouble
from endcap.plugin.search.inner_hits import has_inner_hits
from endcap.plugin.search.page_request import page_parameters
from endcap.plugin.search.query_syntax import SearchedText
from endcap.plugin.search.reply import ADDED, Hit, group_of, hit_key, hits_of
from endcap.plugin.search.request import SearchPlan
from endcap.plugin.search.scoring import MAX_QUERY_CHARACTERS
from endcap.plugin.search.search_model import SearchModel
from endcap.plugin.search.searched_text import searched_text
from endcap.plugin.search.status import Outcome, Reason
from endcap.plugin.search.target import Target, is_answer
from endcap.plugin.states.document_states import FIELD, MODEL_FIELD, model_name, query_numbers

# What the search for neighbours takes over from the window's body, besides its query: how its hits look.
KEEPS = (
    *("_source", "fields", "docvalue_fields", "stored_fields", "script_fields", "highlight", "explain", "version"),
    *("seq_no_primary_term", "derived", "pit", "timeout", "include_named_queries_score", "ext", "search_pipeline"),
    *("collapse", "sort", "track_scores"),
)


@dataclass(frozen=True, slots=True)
class Nearest:
    """The products nearest to the query, and why there are none or fewer."""

    hits: tuple[Hit, ...] = ()
    detail: str = ""
    found_by: str = "nearest in meaning"
    """What the hits are, in the words of the reply."""


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
        model = model_name(self.model.student.info)
        key = f"{self.index} {model}"
        reason = self.support.reason(key)
        body: dict[str, Any] | None = None
        if not reason:
            body, reason = await self._request(plan)
        if body is None:
            return await self._search(plan.window_body, plan.other_params), Nearest(detail=reason)
        parts = await self._both(plan, body, key)
        window, found = parts
        if isinstance(found, Nearest):
            return window, found
        hits = hits_of(found) or []
        if hits:
            self.support.works(key)
        elif not self.support.has_worked(key) and not await self._any_vector(plan, body):
            return window, Nearest(detail=self.support.remember(key, no_models_vectors(model)))
        return window, Nearest(tuple(_nearest_first(hits)))

    async def _request(self, plan: SearchPlan) -> tuple[dict[str, Any] | None, str]:
        """The body that finds the neighbours, or why there is none."""
        try:
            own = searched_text(plan.full_body)
            clauses = demands(plan.full_body, [plan.text, *([own.text] if isinstance(own, SearchedText) else [])])
        except UnclearBody as unclear:
            return None, f"No product was added by meaning: {unclear}."
        began_ms = self.deadline.elapsed_ms()
        try:
            student: Any = self.model.student
            text = plan.text[:MAX_QUERY_CHARACTERS]
            vector = await self.target.run(lambda: query_numbers(student, text))
        except Exception as error:  # it fails again, and is told, when it should score
            log_fault("the query's vector could not be made", error)
            return None, "No product was added by meaning: the query's vector could not be made."
        self.stages["query_ms"] = self.deadline.elapsed_ms() - began_ms
        if vector is None:
            return None, f"No product was added by meaning: {student.info.name} makes no vectors of products."
        return dense_body(plan, clauses, vector, model_name(student.info)), ""

    async def _both(self, plan: SearchPlan, body: dict[str, Any], key: str) -> tuple[Any, Any]:
        """Two replies; the second is a ``Nearest`` that says why there is none."""
        bodies = (plan.window_body, body)
        try:
            window, found = await self.target.search_both(
                self.index, bodies, plan.other_params, page_parameters(plan), self.deadline.left_ms() / 2
            )
        except Exception as error:
            if not is_answer(error):
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
            return Nearest(detail=self.support.remember(key, found.words))
        return Nearest(detail=found.words)

    async def _any_vector(self, plan: SearchPlan, body: Mapping[str, Any]) -> bool:
        """Whether the index has any vector of the model: asked where nothing was found, which filters may do, too."""
        knn = replace_filters(body, [{"term": {MODEL_FIELD: model_name(self.model.student.info)}}])
        try:
            reply = await self._search(knn, page_parameters(plan))
        except Exception:  # not known, so the next search asks again
            return True
        return bool(hits_of(reply))

    async def _search(self, body: Mapping[str, Any], params: Mapping[str, Any]) -> Any:
        return await self.target.search(self.index, body, params)


def dense_body(plan: SearchPlan, clauses: Sequence[Clause], vector: Sequence[float], model: str) -> dict[str, Any]:
    """The body that finds the neighbours: their hits look like the window's."""
    window, count = plan.window_body, plan.options.dense
    knn: Clause = {
        "knn": {
            FIELD: {
                "vector": list(vector),
                "k": count,
                "filter": {"bool": {"filter": [{"term": {MODEL_FIELD: model}}, *clauses]}},
            }
        }
    }
    query = window.get("query")
    if query and ("highlight" in window or has_inner_hits(query) or _has_names(query)):
        # For what the engine tells of each hit by the body's clauses. With no weight, so that it moves no neighbour.
        knn = {"bool": {"must": [knn], "should": [{"bool": {"must": [query], "boost": 0}}]}}
    kept = {name: window[name] for name in KEEPS if name in window}
    if "sort" in kept:
        kept["track_scores"] = True
    return {**kept, "query": knn, "size": count, "track_total_hits": False}


def replace_filters(body: Mapping[str, Any], clauses: Sequence[Clause]) -> dict[str, Any]:
    """A body that looks for one neighbour under these filters alone."""
    knn = body["query"]["bool"]["must"][0] if "bool" in body["query"] else body["query"]
    field = {**knn["knn"][FIELD], "k": 1, "filter": {"bool": {"filter": list(clauses)}}}
    return {"query": {"knn": {FIELD: field}}, "size": 1, "_source": False, "track_total_hits": False}


def _has_names(query: Any) -> bool:
    """Whether a clause has a name, which each hit is told of."""
    waiting = [query]
    while waiting:
        clause = waiting.pop()
        if isinstance(clause, Mapping):
            if "_name" in clause:
                return True
            waiting.extend(clause.values())
        elif isinstance(clause, (list, tuple)):
            waiting.extend(clause)
    return False


def _nearest_first(hits: Sequence[Hit]) -> list[Hit]:
    """Hits by their likeness, also where the body's ``sort`` has ordered them otherwise."""
    return sorted(hits, key=lambda hit: -(hit.get("_score") or 0.0))


def joined(own: Sequence[Hit], nearest: Nearest, collapse: Any) -> list[Hit]:
    """The neighbours that the engine's window lacks, marked as added, the nearest first.

    ``collapse`` is the body's: a group that the window shows already is not shown twice.
    """
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
    return np.concatenate([engine, np.full(n_added, engine.min(initial=0.0))])


def asked_for(plan: SearchPlan, nearest: Nearest) -> int:
    """How many products beside the engine's a search asks for: by meaning, or of its number."""
    return plan.options.dense or len(nearest.hits)


def with_candidates(
    outcome: Outcome, asked: int, nearest: Nearest, n_own: int = 0, n_added: int = 0, page: int = 0
) -> Outcome:
    """The outcome of a search, with what became of the candidates by meaning, ``asked`` for.

    ``n_own`` are the engine's candidates, ``n_added`` those that were added and are shown, ``page`` its length.
    """
    if not asked:
        return outcome
    detail, reason = outcome.detail or nearest.detail, outcome.reason
    if n_added and n_own < page and reason is None:
        reason = Reason.NEAREST
        found = "no product" if n_own == 0 else f"{n_own} product{'s' if n_own > 1 else ''}"
        detail = f"The engine found {found}; the {n_added} {nearest.found_by} are shown{' with them' if n_own else ''}."
    return replace(outcome, added=n_added, reason=reason, detail=detail)
