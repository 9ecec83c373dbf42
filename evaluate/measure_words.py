"""Grades and measures in plain words, and what products that nobody judged do to them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from endcap.evaluate.results import SettingResult
from endcap.evaluate.systems import BLEND, ENGINE
from endcap.evaluate.verdict import p_words

GRADES = ("irrelevant", "hardly relevant", "relevant", "exactly right")
"""What people say of a product for a search, from grade 0 on."""
JUDGED_ONLY = re.compile(r"judged_only\s*=\s*True\s*,?\s*")
MEANINGS: Mapping[str, str] = {
    "nDCG": "how well good products stand above worse ones{within}, from 0 to 1: 1 is the best order there is",
    "RR": "one divided by the place of the first relevant product{within}: 1 where it stands first",
    "P": "the share of relevant products{within}",
    "R": "the share of all relevant products that stand{within}",
    "AP": "the share of relevant products down to each relevant one{within}, in the mean",
}
SHORT: Mapping[str, str] = {
    "nDCG": "which is 1 where the best products come first",
    "RR": "which is 1 where the first product is a relevant one",
    "P": "the share of relevant products on the first page",
    "R": "the share of the relevant products that the first page has",
}
POINTS = 0.02
"""Two orders' unjudged rates that differ by more than this make the difference between them doubtful."""


def is_judged_only(name: str) -> bool:
    """Whether products that nobody judged are left out of the order before it is measured."""
    return JUDGED_ONLY.search(name) is not None


def plain_name(name: str) -> str:
    """The measure's name as people read it: ``nDCG(judged_only=True)@10`` is "nDCG@10, judged products alone"."""
    if not is_judged_only(name):
        return name
    rest = re.sub(r"[,\s]+\)", ")", JUDGED_ONLY.sub("", name)).replace("()", "")
    return f"{rest}, judged products alone"


def meaning(name: str) -> str:
    """What a measure says, in one line; nothing for those that are seldom asked for."""
    said = MEANINGS.get(_kind(name))
    if said is None:
        return ""
    depth = re.search(r"@(\d+)$", name)
    left_out = "; products that nobody judged are taken out of each order first" if is_judged_only(name) else ""
    return said.format(within=f" among the first {depth[1]}" if depth else "") + left_out


def short_meaning(name: str) -> str:
    """A measure's meaning as a clause behind its name, or nothing."""
    return SHORT.get(_kind(name), "")


def signed(value: float) -> str:
    """A difference with its sign; the minus is a true one."""
    return "0.000" if abs(value) < 0.0005 else f"{value:+.3f}".replace("-", "−")


def _kind(name: str) -> str:
    return re.split(r"[(@]", name, maxsplit=1)[0]


def unjudged_words(setting: SettingResult, measures: Sequence[str]) -> str:
    """One sentence where one order shows clearly more products that nobody judged, end to end; else nothing.

    ``measures`` are the names that were measured; the first is that which the sentence doubts.
    """
    first = measures[0]
    before, after = setting.system(ENGINE).unjudged, setting.system(BLEND).unjudged
    if setting.window is None or is_judged_only(first) or abs(after - before) <= POINTS:
        return ""
    more, one, other = ("endcap", after, before) if after > before else ("the engine", before, after)
    said = (
        f"Of the first {setting.cutoff} products nobody judged {100 * one:.1f} % in {more}'s order, "
        f"{100 * other:.1f} % in the other: these count as irrelevant in {first}"
    )
    alone = [name for name in measures if is_judged_only(name)]
    name = next((name for name in alone if plain_name(name).startswith(f"{first},")), alone[0] if alone else "")
    found = setting.difference(BLEND, ENGINE, name)
    if found is None or not found.queries:
        return f"{said}; --measure 'nDCG(judged_only=True)@{setting.cutoff}' says what the judged products alone say."
    kind = ("better" if found.mean > 0 else "worse") if found.clear else "neither better nor worse for certain"
    old, new = setting.system(ENGINE).means[name], setting.system(BLEND).means[name]
    return (
        f"{said}; with them taken out of both orders ({plain_name(name)}), endcap's is {kind}: "
        f"{old:.3f} → {new:.3f} ({signed(found.mean)}; 95 % interval {signed(found.low)} to {signed(found.high)}; "
        f"{p_words(found.p_value)})."
    )
