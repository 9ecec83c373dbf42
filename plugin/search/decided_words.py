"""What decides about a search beside the blend, in words for reports."""

from __future__ import annotations

from collections.abc import Iterable

from endcap.index.own_query import OwnQuery
from endcap.plugin.blend.signals import Signal
from endcap.plugin.rules.rule import ShopRules


def decided_words(
    rules: ShopRules | None, signals: Iterable[Signal], own: OwnQuery | None, dense: int, numbers: bool
) -> tuple[str, ...]:
    """The rules file with its checksum, a model's signals, the shop's own query, candidates by meaning and number."""
    words = [rules.source] if rules is not None else []
    words += [f"signal {signal.name}" for signal in signals]
    words += [f"what {own.name} decides"] if own is not None else []
    words += [f"{dense} candidates by meaning"] if dense else []
    words += ["candidates by number"] if numbers else []
    return tuple(words)
