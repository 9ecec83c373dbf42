"""A window's order by what the body decides: its rules, its ``sort``, the tiers that are named, the hits kept first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.tiers.decided import Decided
from endcap.plugin.tiers.effects import Effects
from endcap.plugin.tiers.named_tiers import Tier, tier_keys


def tier_numbers(hits: Sequence[Mapping[str, Any]], groups: Sequence[int], tiers: Sequence[Tier]) -> tuple[int, ...]:
    """The tier of each hit, the best 0: first by the ``sort`` (``groups``, none where empty), then by the named ones.

    Empty where there are neither.
    """
    if not groups and not tiers:
        return ()
    keys = [(groups[i] if groups else 0, key) for i, key in enumerate(tier_keys(tiers, hits))]
    places = {key: place for place, key in enumerate(sorted(set(keys)))}
    return tuple(places[key] for key in keys)


def in_tiers(positions: Sequence[int], numbers: Sequence[int], keep_first: int) -> tuple[int, ...]:
    """Positions, best first, by their tiers' ``numbers`` (none where empty); within a tier they stay in their order.

    The engine's first ``keep_first`` hits come before all others.
    """
    ordered = sorted(positions, key=lambda i: numbers[i]) if numbers else positions
    return (*range(keep_first), *(i for i in ordered if i >= keep_first))


def rules_note(effects: Effects, decided: Decided, engine: FloatArray, position: int) -> dict[str, Any]:
    """What the body's rules have done to a hit, JSON-ready: its text's scores, the engine's and the new one, and what
    the rules have made of each."""
    return {
        "engine": {"text": float(effects.text[position]), "with_rules": float(engine[position])},
        "reranked": {"text": float(decided.text[position]), "with_rules": float(decided.scores[position])},
        "known": not bool(effects.unknown[position]),
    }
