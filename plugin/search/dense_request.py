"""The request for candidates by meaning: a ``knn`` clause under the body's demands, hits as the window's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endcap.index.state_field import KEY_FIELD
from endcap.plugin.search.body_filters import Clause
from endcap.plugin.search.dense_effects import AskedRules, asked_rules, unscored
from endcap.plugin.search.inner_hits import has_inner_hits
from endcap.plugin.search.request import SearchPlan
from endcap.plugin.states.document_states import FIELD, MODEL_FIELD
from endcap.plugin.tiers.clauses import names_in

# What the search for neighbours takes over from the window's body, besides its query: how its hits look.
KEEPS = (
    *("_source", "fields", "docvalue_fields", "stored_fields", "script_fields", "highlight", "explain", "version"),
    *("seq_no_primary_term", "derived", "pit", "timeout", "include_named_queries_score", "ext", "search_pipeline"),
    *("collapse", "sort"),
)


@dataclass(frozen=True, slots=True)
class DenseRequest:
    """What is asked for: the ``count`` products nearest to a vector that fulfil ``clauses``."""

    vector: Sequence[float]
    model: str
    count: int
    clauses: Sequence[Clause]
    asides: Sequence[Clause]
    """What is told of each hit."""
    looks: Mapping[str, Any]
    """The rest of the body: how a hit looks."""
    rules: AskedRules | None = None

    def body(self, *more: Mapping[str, Any] | None) -> dict[str, Any]:
        """The body that finds the products that fulfil ``more`` as well."""
        query = self._knn(self.vector, self.count, [*self.clauses, *filter(None, more)])
        if self.asides:
            query = {"bool": {"must": [query], "filter": list(self.asides)}}
        return {**self.looks, "query": query, "size": self.count, "track_total_hits": True}

    def any_body(self, clause: Mapping[str, Any] | None, vector: Sequence[float] | None = None) -> dict[str, Any]:
        """The body that finds the one product that is nearest to this vector, and fulfils this clause alone."""
        query = self._knn(vector or self.vector, 1, [clause] if clause else [])
        return {"query": query, "size": 1, "_source": False, "track_total_hits": True}

    def _knn(self, vector: Sequence[float], k: int, clauses: Sequence[Mapping[str, Any]]) -> Clause:
        by: Clause = {"bool": {"filter": [{"term": {MODEL_FIELD: self.model}}, *clauses]}}
        return {"knn": {FIELD: {"vector": vector, "k": k, "filter": by, "ignore_unmapped": True}}}


def dense_request(plan: SearchPlan, clauses: Sequence[Clause], vector: Sequence[float], model: str) -> DenseRequest:
    """The request for a plan's neighbours of a vector, under these clauses."""
    window, query = plan.window_body, plan.window_body.get("query")
    looks = {name: window[name] for name in KEEPS if name in window}
    looks["_source"] = plan.source.widened([*plan.paths, KEY_FIELD])
    rules, asides = None, list[Clause]()
    if plan.body_rules is not None:
        rules = asked_rules(plan.body_rules, window, plan.options.window)
        asides += rules.clauses
    elif query and ("highlight" in window or has_inner_hits(query) or any(names_in(query))):
        asides.append(unscored(query))
    return DenseRequest(vector, model, plan.options.dense, clauses, asides, looks, rules)
