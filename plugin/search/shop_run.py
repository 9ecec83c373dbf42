"""The shop's part of a search's way: the plan by its rules, variants, signals, pins, the order, and what is behind it.

Without rules each step gives back what it was given.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from endcap.plugin.blend.limits import MAX_WINDOW
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.blend.window import Blended, with_boosts, with_signals
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import log_fault
from endcap.plugin.protocols import States
from endcap.plugin.rules.arrange import boosts_of
from endcap.plugin.rules.documents import Documents
from endcap.plugin.rules.live import LiveRules
from endcap.plugin.search.body_filters import UnclearBody
from endcap.plugin.search.page_memory import HitKey, RankedWindow
from endcap.plugin.search.reply import Hit, group_of, hit_key, hits_of, keys_behind
from endcap.plugin.search.request import SearchPlan, plan_search
from endcap.plugin.search.scoring import score_hits
from endcap.plugin.search.search_model import SearchModel
from endcap.plugin.search.shop_search import ShopSearch, pinned_request, rule_paths
from endcap.plugin.search.status import Outcome, Reason
from endcap.plugin.search.target import Target
from endcap.plugin.search.whole_reply import failed_part
from endcap.plugin.search.workers import NoPlace, NoTime


@dataclass(slots=True)
class ShopRun:
    """The rules of one search. A fault in them costs what they would have done, and never the search."""

    live: LiveRules | None
    target: Target
    model: SearchModel
    stored: States | None
    index: Any
    deadline: Deadline
    search: ShopSearch | None = None
    """The rules that hold for this search."""
    notes: list[str] = field(default_factory=list)
    """What the reply's detail says besides the outcome's."""
    states: Mapping[HitKey, bytes | None] = field(default_factory=dict)
    """The states of hits that were scored."""

    def plan(self, body: Any, params: Mapping[str, Any]) -> SearchPlan:
        """What to do for a search."""
        model, name = self.model, self.model.student.info.name
        if self.live is None:
            return plan_search(body, params, model.options, name, model.paths)
        rules = self.live.current()
        self.notes += [self.live.fault] if self.live.fault else []
        own = model.options
        tiers = own.tiers if rules.tiers is None else rules.tiers
        options = replace(own, keep_first=rules.keep_first or own.keep_first, tiers=tiers)
        paths = sorted({*model.paths, *rule_paths(rules, model.fields)})
        plan = plan_search(body, params, options, name, paths, bool(rules.rules))
        if plan.outcome is not None:
            return plan
        self.search = ShopSearch(rules, self.live.applying(rules, plan.text), model.fields)
        planned = self.search.planned(plan)
        self.notes += self.search.limits(None, True) if planned.outcome is not None else []
        return planned

    def memory_words(self, plan: SearchPlan) -> str:
        """What pages must have in common to be of one order, besides the search."""
        return self.search.memory_words(plan) if self.search else ""

    def with_parts(self, blended: Blended, hits: Sequence[Hit]) -> Blended:
        """The blend with the model's signals, with the shop's, which take the place of those of their name, and with
        the boosts of rules that have a strength."""
        by_name = {signal.name: signal for signal in self.model.signals}
        by_name |= {signal.name: signal for signal in (self.search.shop.signals if self.search else ())}
        signals, boosts = list(by_name.values()), boosts_of(self.search.rules if self.search else ())
        if not signals and not boosts:
            return blended
        documents = Documents(hits, self.model.fields)
        try:
            if signals:
                numbers = np.stack([documents.numbers(signal.field) for signal in signals], axis=1)
                blended = with_signals(blended, signals, numbers)
            if boosts:
                strengths = [np.where(documents.meant(boost.filter), boost.strength, 0.0) for _, boost in boosts]
                blended = with_boosts(blended, [rule for rule, _ in boosts], np.stack(strengths, axis=1))
        except Exception as error:
            log_fault("the shop's signals and boosts failed", error)
            self.notes.append(f"the shop's signals and boosts could not be applied: {error!r}")
        return blended

    async def variants(self, plan: SearchPlan, hits: list[Hit]) -> list[Hit]:
        """The hits, each the variant of its group that the rules choose."""
        search = self.search
        if search is None or search.variant is None:
            return hits

        def scores(members: Sequence[Hit]) -> FloatArray:
            model = self.model
            return score_hits(model.student, self.stored, model.sources, plan.text, members, self.deadline).scores

        try:
            return await self.target.run(lambda: search.shown_variants(hits, scores))
        except (NoPlace, NoTime):
            self.notes.append("no variant was chosen: there was no time")
            return hits
        except Exception as error:
            log_fault("a variant could not be chosen", error)
            self.notes.append(f"no variant was chosen: {error!r}")
            return hits

    async def ruled(
        self, plan: SearchPlan, ranked: RankedWindow, own: Sequence[Hit], hits: Sequence[Hit]
    ) -> tuple[RankedWindow, dict[HitKey, Hit]]:
        """The window after the rules, and the hits that have joined for a pin, by key.

        ``own`` are the engine's hits, ``hits`` the same with the variants that are shown.
        """
        search, depth = self.search, ranked.depth
        if search is None or ranked.outcome.reason in (Reason.NO_SCORES, Reason.SORTED):
            return ranked, {}
        try:
            by_key = {hit_key(hit): hit for hit in hits}
            window = {key: by_key[key] for key in ranked.keys}
            missing = search.missing([*hits[:depth], *window.values()])
            joined = await self.pinned(plan, missing) if missing else {}
            ranked = replace(ranked, engine_keys=frozenset(map(hit_key, own[:depth])))
            return search.ordered(ranked, window, list(joined.values()), plan, self._vectors), joined
        except Exception as error:
            log_fault("the shop's rules failed", error)
            self.notes.append(f"the shop's rules could not be applied: {error!r}")
            return ranked, {}

    async def pinned(self, plan: SearchPlan, ids: Sequence[str]) -> dict[HitKey, Hit]:
        """The products of these ids that the body's filters let through, the first of each id."""
        try:
            body, params, is_free = pinned_request(plan, ids, plan.paths)
            reply = await self.target.search(self.index, body, params)
        except (UnclearBody, Exception) as error:
            self.notes.append(f"pinned products that the engine's window lacks were not fetched: {error}")
            return {}
        found = {str(hit.get("_id")): hit for hit in reversed(hits_of(reply) or [])}
        if failure := failed_part(reply):
            self.notes.append(f"pinned products may lack: {failure}")
        elif is_free and self.search is not None:
            self.notes += self.search.unknown_pins([id for id in ids if id not in found])
        return {hit_key(found[id]): found[id] for id in ids if id in found}

    async def behind(
        self,
        plan: SearchPlan,
        ranked: RankedWindow,
        hits: list[Hit],
        window: Callable[[SearchPlan], Awaitable[dict[str, Any] | Outcome]],
    ) -> tuple[list[Hit], list[HitKey]]:
        """The hits, and the keys of those behind the window; more are asked for where hidden ones leave a gap."""
        if plan.options.min_score is not None:
            return hits, []
        collapse, depth = plan.full_body.get("collapse"), int(plan.window_body["size"])
        if self.search is None and plan.stop <= len(ranked.keys):
            return hits, []  # nothing that is behind the window is shown
        if self.search is None:
            again = {hit_key(hit) for hit in hits if ranked.groups and group_of(hit, collapse) in ranked.groups}
            tail = hits if collapse is None else hits[ranked.depth :]
            return hits, [key for key in keys_behind(ranked, tail) if key not in again]
        behind = self.search.behind(ranked, hits, collapse)
        while len(ranked.keys) + len(behind) < plan.stop and len(hits) >= depth < MAX_WINDOW:
            depth = min(2 * depth, MAX_WINDOW)
            deeper = await window(replace(plan, window_body={**plan.window_body, "size": depth}))
            if isinstance(deeper, Outcome):
                break
            hits = await self.variants(plan, hits_of(deeper) or [])
            behind = self.search.behind(ranked, hits, collapse)
        self.notes += self.search.limits(ranked, bool(behind) and plan.stop > len(ranked.keys))
        return hits, behind

    def _vectors(self, keys: Sequence[HitKey]) -> Any:
        """The hits' unit vectors, float32 (n, d), zeros where there is none; None where there are none at all."""
        if not any(self.states.values()):
            return None
        try:
            return self.model.student.vectors([self.states.get(key) for key in keys])
        except Exception as error:  # that costs variety alone, and not what is hidden or pinned
            log_fault("the products' vectors could not be read", error)
            self.notes.append("diverse did not hold: the products' vectors could not be read")
            return None
