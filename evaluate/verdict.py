"""What the numbers say, in words: the same sentence on the terminal, on the page and in the JSON."""

from __future__ import annotations

import math

from endcap.evaluate.results import Evaluation, SettingResult
from endcap.evaluate.significance import Difference
from endcap.evaluate.systems import ENGINE


def headline(evaluation: Evaluation) -> str:
    """The answer in one sentence, for the setting that a shopper sees if it was measured."""
    setting = max(evaluation.settings, key=lambda setting: setting.name == "end-to-end")
    measure = evaluation.about.measures[0]
    effect = setting.effect(setting.shown, ENGINE, measure)
    if effect is None:
        return f"{measure} could not be measured: no query counts for it."
    difference, before, after = effect
    where = "over the whole catalogue" if setting.window is not None else "among the judged products"
    numbers = (
        f"{measure} goes from {before:.3f} to {after:.3f} ({difference.mean:+.3f}; "
        f"95 % interval {difference.low:+.3f} to {difference.high:+.3f}; {p_words(difference.p_value)})"
    )
    return f"{verdict(difference)}: {numbers} {where}, in {difference.queries} searches."


def verdict(difference: Difference) -> str:
    """Better, worse, or neither for certain."""
    if not difference.clear:
        return "Re-ranking makes no difference that this many searches can show"
    return f"Re-ranking makes the first page {difference.direction}"


def p_words(p_value: float) -> str:
    """A p-value as people write it."""
    if math.isnan(p_value):
        return "p unknown"
    return "p < 0.0001" if p_value < 0.0001 else f"p = {p_value:.4f}"


def setting_words(setting: SettingResult) -> tuple[str, str]:
    """A setting's title, and what it measures."""
    if setting.window is None:
        return (
            "Among the judged products",
            "For each search, only the products that people judged for it are put in order. This compares orders "
            "fairly, but hides what a shopper sees when the engine finds other products.",
        )
    return (
        "In the whole catalogue",
        f"What a shopper sees: the engine searches the whole catalogue, its first {setting.window} hits are re-ranked. "
        "A product that nobody judged for the search counts as irrelevant, so the numbers are lower than they deserve, "
        "most of all for an order that finds products which nobody had seen.",
    )


def left_out_words(setting: SettingResult) -> str:
    """Which queries the means leave out, and why, with judged products that the catalogue lacks; or nothing."""
    reasons = [
        f"{len(queries)} quer{'y' if len(queries) == 1 else 'ies'}: {reason}"
        for reason, queries in setting.left_out.items()
    ]
    if setting.missing_products:
        reasons.append(f"{setting.missing_products} judged products that the catalogue does not have")
    return f"{setting.name}: {'; '.join(reasons)}" if reasons else ""
