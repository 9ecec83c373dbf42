"""The shop's rules in one search: what they need of its request, the hits that join for them, and the order at last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endcap.index.field_map import FieldMap
from endcap.plugin.blend.limits import MAX_WINDOW
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.blend.signals import deviation_of
from endcap.plugin.rules.arrange import hides, pins, ruled
from endcap.plugin.rules.documents import Documents, source_paths
from endcap.plugin.rules.order import Standing, Vectors
from endcap.plugin.rules.rule import AtMost, Hide, Pin, Rule, ShopRules, Variant
from endcap.plugin.rules.variants import Scores, is_collapsed, variant_of, with_chosen, with_members
from endcap.plugin.search.body_filters import demands
from endcap.plugin.search.page_memory import HitKey, RankedWindow
from endcap.plugin.search.page_request import PAGE_KEEPS, page_parameters
from endcap.plugin.search.reply import Hit, group_of, hit_key, keys_behind
from endcap.plugin.search.request import SearchPlan
from endcap.plugin.search.status import Outcome, Reason, Status

_NAMED = 5
"""So many ids that there are not are named in a reply."""
_VECTOR_QUERIES = ("hybrid", "neural", "neural_sparse", "knn")
_MOVING = (Pin, Hide, Variant)
"""Actions by which other hits are shown than the engine found; they hold behind the window, too."""


@dataclass(frozen=True, slots=True)
class ShopSearch:
    """The rules that hold for one search."""

    shop: ShopRules
    rules: tuple[Rule, ...]
    fields: FieldMap

    def planned(self, plan: SearchPlan) -> SearchPlan:
        """The plan with what the rules need of the window's request."""
        moved = bool(plan.options.dense) or plan.options.numbers or self._changes_what_is_shown()
        if plan.start >= plan.options.window and not moved:
            return replace(plan, outcome=Outcome(Status.SKIPPED, Reason.BEYOND_WINDOW))
        if self.variant is not None and is_collapsed(plan.window_body):
            return replace(plan, window_body=with_members(plan.window_body))
        return plan

    @property
    def variant(self) -> Variant | None:
        """Which member of a group is shown."""
        return variant_of(self.rules)

    def memory_words(self, plan: SearchPlan) -> str:
        """What pages must have in common to be of one order, besides the search: the rules that hold, of one reading of
        their file; and pages have limits of their own."""
        limited = any(isinstance(each.action, AtMost) for rule in self.rules for each in rule.actions)
        return f" {self.shop.number} {[rule.name for rule in self.rules]} {plan.stop - plan.start if limited else ''}"

    def shown_variants(self, hits: list[Hit], scores: Scores) -> list[Hit]:
        """The hits with the variants that the rules choose."""
        return hits if self.variant is None else with_chosen(hits, self.variant, self.rules, self.fields, scores)

    def missing(self, hits: Sequence[Hit]) -> list[str]:
        """The pinned ids that are not among the hits."""
        found = {str(hit.get("_id", "")) for hit in hits}
        return [id for id in dict.fromkeys(pin[0] for pin in pins(self.rules)) if id not in found]

    def behind(self, ranked: RankedWindow, hits: Sequence[Hit], collapse: Any) -> list[HitKey]:
        """The hits behind the window that are shown."""
        # Within a window of groups stand variants that it has not shown on purpose.
        tail = hits if collapse is None else hits[ranked.depth :]
        hidden = hides(self.rules, Documents(tail, self.fields))
        gone = {hit_key(hit) for hit, is_hidden in zip(tail, hidden, strict=True) if is_hidden}
        gone |= {hit_key(hit) for hit in tail if ranked.groups and group_of(hit, collapse) in ranked.groups}
        return [key for key in keys_behind(ranked, tail) if key not in gone]

    def unknown_pins(self, ids: Sequence[str]) -> list[str]:
        """What is to be said of pinned products that there are not."""
        rules = {id: rule for id, _, rule, _ in reversed(pins(self.rules))}
        said = [f"no product has the id {id!r}, which rule {rules[id]!r} pins" for id in ids if id in rules]
        return said if len(said) <= _NAMED else [*said[:_NAMED], f"nor are there {len(said) - _NAMED} more"]

    def limits(self, ranked: RankedWindow | None, is_behind: bool) -> list[str]:
        """What is to be said of rules that hold against something else, or not behind the window, where a page is."""
        said = []
        if ranked is not None and ranked.by_sort and pins(self.rules):
            said.append("pinned products stand at their places, and not where the body's sort would have them")
        if ranked is not None and (late := self._late_pins(ranked)):
            n_left = len(ranked.keys)
            said.append(
                f"rules leave {n_left} products of the window, so {', '.join(late[:_NAMED])} can't stand further down"
            )
        names = {each.name for rule in self.rules for each in rule.actions if not isinstance(each.action, _MOVING)}
        if names and is_behind:
            said.append(f"behind the window the engine's order goes on, without {', '.join(sorted(names))}")
        return said

    def _late_pins(self, ranked: RankedWindow) -> list[str]:
        """The pinned ids whose place the window had, and no longer has: other rules have hidden so many of its hits."""
        shown = {key[1] for key in ranked.keys}
        return [repr(id) for id, place, *_ in pins(self.rules) if id in shown and len(shown) < place <= ranked.depth]

    def _pinned_of_groups(self, hits: Sequence[Hit], collapse: Any) -> dict[str | None, HitKey]:
        """The first pinned product of each group of a collapsed search that has one."""
        by_id = {str(hit.get("_id", "")): hit for hit in reversed(hits)}
        pinned = [by_id[pin[0]] for pin in pins(self.rules) if pin[0] in by_id]
        groups = {group_of(hit, collapse): hit_key(hit) for hit in reversed(pinned)}
        groups.pop(None, None)
        return groups

    def _changes_what_is_shown(self) -> bool:
        return any(isinstance(each.action, _MOVING) for rule in self.rules for each in rule.actions)

    def ordered(
        self,
        ranked: RankedWindow,
        hits: Mapping[HitKey, Hit],
        joined: Sequence[Hit],
        plan: SearchPlan,
        vectors: Callable[[Sequence[HitKey]], Vectors],
    ) -> RankedWindow:
        """The window after the rules. ``hits`` has its hits by key, ``joined`` are those that are there for a pin."""
        if not self.rules:
            return ranked
        collapse = plan.full_body.get("collapse")
        # A group is shown by its first pinned product alone.
        by_group = self._pinned_of_groups([*(hits[key] for key in ranked.keys), *joined], collapse)
        joined = [hit for hit in joined if by_group.get(group_of(hit, collapse), hit_key(hit)) == hit_key(hit)]
        groups = frozenset(group for hit in joined if (group := group_of(hit, collapse)) is not None)
        shown = [n for n, key in enumerate(ranked.keys) if by_group.get(group_of(hits[key], collapse), key) == key]
        # All as lists by position: the window as it was ranked, then what joins.
        documents = Documents([*(hits[key] for key in ranked.keys), *joined], self.fields)
        keys = [*ranked.keys, *map(hit_key, joined)]
        after = ruled(
            self.rules,
            documents,
            _standing(ranked, shown, len(joined)),
            plan.stop - plan.start,
            keep_first=min(plan.options.keep_first, len(shown)),
            joined=range(len(ranked.keys), len(keys)),
            vectors=lambda: vectors(keys),
        )
        falling = after.scores[list(after.positions)]
        if not ranked.by_sort:
            falling = np.maximum.accumulate(falling[::-1])[::-1]
        engine = [*ranked.engine_scores, *(hit.get("_score") for hit in joined)]
        student = [*ranked.student_scores, *[None] * len(joined)]
        told: list[Mapping[str, Any]] = list(ranked.explanations)
        if plan.options.explain and not told:
            told = [{"blend": "engine", "score": score, "parts": []} for score in ranked.scores]
        told += [{"blend": "", "score": None, "parts": []}] * len(joined) if plan.options.explain else []
        return replace(
            ranked,
            keys=tuple(keys[i] for i in after.positions),
            scores=tuple(map(float, falling)),
            engine_scores=tuple(engine[i] for i in after.positions),
            student_scores=tuple(student[i] for i in after.positions),
            explanations=tuple(_with_rules(told[i], after.notes.get(i)) for i in after.positions) if told else (),
            relevance=(),
            segments=(),
            engine_keys=ranked.engine_keys or frozenset(ranked.keys),
            joined=frozenset(map(hit_key, joined)),
            groups=groups | ranked.groups,
            outcome=replace(ranked.outcome, rules=tuple(rule.name for rule in self.rules)),
        )


def _standing(ranked: RankedWindow, shown: Sequence[int], n_joined: int) -> Standing:
    """How the window's hits stand before the rules, and behind them those that have joined for a pin."""
    known = np.array([score or 0.0 for score in ranked.scores], dtype=np.float64)

    def behind(values: Sequence[int]) -> tuple[int, ...]:
        return (*values, *[max(values) + 1] * n_joined) if values else ()

    def lowest(values: FloatArray) -> FloatArray:
        return np.concatenate([values, np.full(n_joined, values.min() if values.size else 0.0)])

    return Standing(
        tuple(shown),
        lowest(known),
        ranked.unit or deviation_of(known),
        lowest(np.array(ranked.relevance)) if ranked.relevance else None,
        behind(ranked.tiers),
        behind(ranked.segments),
    )


def rule_paths(shop: ShopRules, fields: FieldMap) -> list[str]:
    """The source paths that a shop's rules and signals read."""
    return source_paths(shop.fields, fields)


def _with_rules(explanation: Mapping[str, Any], notes: Sequence[Any] | None) -> Mapping[str, Any]:
    return {**explanation, "shop_rules": list(notes)} if notes else explanation


def pinned_request(
    plan: SearchPlan, ids: Sequence[str], paths: Sequence[str]
) -> tuple[dict[str, Any], dict[str, Any], bool]:
    """Body and parameters of the request that fetches products by id, under all that the body demands of a product, and
    whether it demands nothing: then what is not found does not exist.

    Raises ``UnclearBody`` where that can't be told.
    """
    body = plan.full_body
    query = body.get("query")
    demanded = {"query": _without_vectors(query)} if query else {}
    demanded |= {"post_filter": body["post_filter"]} if body.get("post_filter") else {}
    filters = [
        {"ids": {"values": list(ids)}},
        *demands(demanded, plan.texts),
    ]
    left_out = ("stored_fields",) if plan.hide_ids else ()  # "_none_" goes with no source
    page = {name: body[name] for name in PAGE_KEEPS if name in body and name not in left_out}
    kind = next(iter(query), "") if isinstance(query, Mapping) else ""
    page["query"] = {"bool": {"filter": filters}}
    if query and kind not in _VECTOR_QUERIES:
        # For the score that it would have, and highlights; it need not match.
        page["query"]["bool"] |= {"should": [query], "minimum_should_match": 0}
    if is_collapsed(body):
        page["docvalue_fields"] = [*body.get("docvalue_fields", ()), body["collapse"]["field"]]
    page |= {"_source": plan.source.widened(paths), "size": min(2 * len(ids), MAX_WINDOW), "track_total_hits": True}
    page |= {"min_score": body["min_score"]} if body.get("min_score") else {}
    params = page_parameters(plan)
    is_free = len(filters) == 1 and not body.get("min_score") and not params.get("routing")
    return page, params, is_free


def _without_vectors(query: Any) -> Any:
    """A query with a search by vectors as what it demands besides: its filters."""
    if not isinstance(query, Mapping) or len(query) != 1:
        return query
    ((kind, value),) = query.items()
    if kind == "hybrid" and isinstance(value, Mapping):
        parts = value.get("queries") or []
        either = {"dis_max": {"queries": [_without_vectors(part) for part in parts]}}
        return {"bool": {"must": [either], "filter": [value["filter"]]}} if value.get("filter") else either
    if kind in ("knn", "neural", "neural_sparse") and isinstance(value, Mapping):
        filters = [field["filter"] for field in value.values() if isinstance(field, Mapping) and field.get("filter")]
        return {"bool": {"filter": filters}} if filters else {"match_all": {}}
    if kind == "bool" and isinstance(value, Mapping):
        changed = {name: _each(value[name], _without_vectors) for name in ("must", "should") if name in value}
        return {"bool": {**value, **changed}}
    return query


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    return [change(item) for item in value] if isinstance(value, (list, tuple)) else change(value)
