"""A window's order by what the body decides: its rules, its ``sort``, the tiers that are named, the hits kept first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.tiers.decided import Decided
from endcap.plugin.tiers.effects import Effects
from endcap.plugin.tiers.named_tiers import Tier, tier_keys


def in_tiers(
    positions: Sequence[int],
    hits: Sequence[Mapping[str, Any]],
    groups: Sequence[int],
    tiers: Sequence[Tier],
    keep_first: int,
) -> tuple[int, ...]:
    """Positions, best first, by tiers: first those of the ``sort`` (``groups``, none where empty), then the named ones.

    Within a tier they stay in their order. The engine's first ``keep_first`` hits come before all others.
    """
    if groups or tiers:
        keys = tier_keys(tiers, hits)
        positions = sorted(positions, key=lambda i: (groups[i] if groups else 0, keys[i]))
    if keep_first:
        kept = range(min(keep_first, len(hits)))
        positions = [*kept, *(i for i in positions if i >= keep_first)]
    return tuple(positions)


def rules_note(effects: Effects, decided: Decided, engine: FloatArray, position: int) -> dict[str, Any]:
    """What the body's rules have done to a hit, JSON-ready: its text's scores, the engine's and the new one, and what
    the rules have made of each."""
    return {
        "engine": {"text": float(effects.text[position]), "with_rules": float(engine[position])},
        "reranked": {"text": float(decided.text[position]), "with_rules": float(decided.scores[position])},
        "known": not bool(effects.unknown[position]),
    }
