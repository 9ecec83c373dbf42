"""Grades and measures in plain words, and what products that nobody judged do to them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from endcap.evaluate.measure_kinds import MEASURE_KINDS, MeasureKind
from endcap.evaluate.results import SettingResult
from endcap.evaluate.systems import ENGINE
from endcap.evaluate.verdict import p_words

GRADE_WORDS = ("irrelevant", "hardly relevant", "relevant", "exactly right")
"""What people say of a product for a search, from grade 0 on."""
JUDGED_ONLY = re.compile(r"judged_only\s*=\s*True\s*,?\s*")
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
    kind = _kind(name)
    if kind is None:
        return ""
    depth = re.search(r"@(\d+)$", name)
    left_out = "; products that nobody judged are taken out of each order first" if is_judged_only(name) else ""
    return kind.meaning.format(within=f" among the first {depth[1]}" if depth else "") + left_out


def short_meaning(name: str) -> str:
    """A measure's meaning as a clause behind its name, or nothing."""
    return kind.clause if (kind := _kind(name)) else ""


def signed(value: float) -> str:
    """A difference with its sign; the minus is a true one."""
    return "0.000" if abs(value) < 0.0005 else f"{value:+.3f}".replace("-", "−")


def _kind(name: str) -> MeasureKind | None:
    return MEASURE_KINDS.get(re.split(r"[(@]", name, maxsplit=1)[0])


def unjudged_words(setting: SettingResult, measures: Sequence[str]) -> str:
    """One sentence where one order shows clearly more products that nobody judged, end to end; else nothing.

    ``measures`` are the names that were measured; the first is that which the sentence doubts.
    """
    first = measures[0]
    before, after = setting.system(ENGINE).unjudged, setting.system(setting.shown).unjudged
    if setting.window is None or is_judged_only(first) or abs(after - before) <= POINTS:
        return ""
    more, one, other = ("endcap", after, before) if after > before else ("the engine", before, after)
    shares = (
        f"Of the first {setting.cutoff} products nobody judged {100 * one:.1f} % in {more}'s order, "
        f"{100 * other:.1f} % in the other: these count as irrelevant in {first}"
    )
    alone = [name for name in measures if is_judged_only(name)]
    name = next((name for name in alone if plain_name(name).startswith(f"{first},")), alone[0] if alone else "")
    effect = setting.effect(setting.shown, ENGINE, name)
    if effect is None:
        return f"{shares}; --measure 'nDCG(judged_only=True)@{setting.cutoff}' says what the judged products alone say."
    difference, old, new = effect
    return (
        f"{shares}; with them taken out of both orders ({plain_name(name)}), "
        f"endcap's is {difference.direction or 'neither better nor worse for certain'}: {old:.3f} → {new:.3f} "
        f"({signed(difference.mean)}; 95 % interval {signed(difference.low)} to {signed(difference.high)}; "
        f"{p_words(difference.p_value)})."
    )
