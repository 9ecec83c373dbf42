"""What a rules file says, in sentences: for ``endcap rules check``."""

from __future__ import annotations

import math
from collections.abc import Iterator

from endcap.plugin.blend.signals import Signal
from endcap.plugin.rules.action_reader import IN_STOCK
from endcap.plugin.rules.rule import (
    STRENGTHS,
    VARIETY,
    Action,
    AtMost,
    Boost,
    Condition,
    Diverse,
    Filter,
    Hide,
    Pin,
    Rule,
    ShopRules,
    Variant,
)

_KINDS = {
    "": "all searches",
    "query": "searches for {}",
    "words": "searches with the words {}",
    "begins": "searches that begin with {}",
    "contains": "searches that contain {}",
    "pattern": "searches that match the pattern {}",
}


def sentences(rules: ShopRules) -> Iterator[str]:
    """What a file says, a line each; what lies within something is indented."""
    if rules.keep_first:
        yield f"The engine's first {rules.keep_first} hits stay where they are."
    if rules.tiers:
        yield f"{len(rules.tiers)} tiers are not mixed."
    for signal in rules.signals:
        yield signal_sentence(signal)
    for number, rule in enumerate(rules.rules, 1):
        yield f"{number}. {rule.name}: {when(rule)}"
        for each in rule.actions:
            yield f"   {action_sentence(each.action)}"


def when(rule: Rule) -> str:
    """For which searches a rule holds, and when."""
    texts = " or ".join(repr(text.strip()) for text in rule.match.texts)
    spoken = _KINDS[rule.match.kind].format(texts)
    spoken += f", from {rule.start:%Y-%m-%d %H:%M}" if rule.start else ""
    return spoken + (f", until {rule.end:%Y-%m-%d %H:%M}" if rule.end else "")


def signal_sentence(signal: Signal) -> str:
    """What a signal does."""
    bounds = [f"{name} {value:g}" for name, value in (("from", signal.low), ("to", signal.high)) if value is not None]
    bounds += ["by ratios"] if signal.log else []
    how = f" ({', '.join(bounds)})" if bounds else ""
    order = "more" if signal.rises else "less"
    return f"Signal {signal.name}: {order} {signal.field} is better, {_strength(signal.weight)}{how}."


def action_sentence(action: Action) -> str:
    """What an action does."""
    match action:
        case Pin(places):
            return "pins " + ", ".join(f"{id!r} at place {place}" for id, place in places)
        case Boost(filter, strength):
            if math.isinf(strength):
                return f"puts {'first' if strength > 0 else 'last'} {filter_words(filter)}"
            return f"{'lifts' if strength > 0 else 'lowers'} {filter_words(filter)} {_strength(abs(strength))}"
        case Hide(filter, others):
            return f"{'shows nothing but' if others else 'hides'} {filter_words(filter)}"
        case AtMost(count, field):
            return f"shows at most {count} of one {field} on a page"
        case Diverse(relevance):
            return f"varies what stands together: {next(w for w, value in VARIETY.items() if value == relevance)}"
        case Variant(filter, field, highest):
            what = f"the {'highest' if highest else 'lowest'} {field}" if field else "the best by relevance"
            first = f"{filter_words(filter)}, then " if filter else ""
            return f"shows of each group {first}{what}"


def filter_words(filter: Filter) -> str:
    """Which products a filter means."""
    return "products with " + " and ".join(map(_condition, filter.conditions))


def _condition(condition: Condition) -> str:
    name = condition.field
    if condition.values == IN_STOCK:
        return f"{name} above 0, or saying that there is some"
    if condition.contains:
        return f"{condition.contains!r} in {name}"
    if condition.values:
        return f"{name} {'' if condition.wanted else 'not '}{' or '.join(map(repr, condition.values))}"
    limits = [
        f"{word} {value:g}" for word, value in (("from", condition.low), ("to", condition.high)) if value is not None
    ]
    return f"{name} {' '.join(limits)}"


def _strength(strength: float) -> str:
    word = next((word for word, value in STRENGTHS.items() if value == strength), "")
    return word or f"by {strength:g} deviations"
