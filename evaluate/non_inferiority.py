"""Is one model no worse than another? The rule of the gate, on paired differences of a measure.

A loss of up to ``margin`` is allowed. With d the mean difference and [l, u] the 90 % bootstrap interval, whose ends are
the one-sided 95 % bounds:

    proved       l > -margin, with at least MIN_QUERIES queries
    not seen     l > -margin with fewer; or d >= -margin, and not u < 0
    can't tell   d < -margin, and not u < 0
    refused      else

"Proved" is non-inferiority as trials have it (Piaggio et al., 2012: https://doi.org/10.1001/jama.2012.87802). It takes
more judged queries than most shops have: where differences scatter by .1 a query, a margin of .005 takes 1,100
queries of two models that are equal. A gate that asked for proof would refuse nearly everything; one that asked for the
mean alone would let through what is surely worse. So a candidate also passes where nothing speaks against it, and the
verdict says so, with the smallest loss that so many queries would have shown. Neither does one pass whose mean is
below the margin by what may be chance: that is not worse, it is too few queries, and the verdict says that instead.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from endcap.evaluate.significance import Difference, Differences, bootstrap_interval, combine

PROVED, NOT_SEEN, UNDECIDED, REFUSED = "proved no worse", "no loss seen", "can't tell", "refused"
MIN_QUERIES = 20
"""With fewer queries nothing counts as proved: a bootstrap of a handful of values is too narrow."""
Z_ALPHA, Z_POWER = 1.6449, 0.8416
"""Normal quantiles of a one-sided test at 5 %, and of a power of 80 %."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rule says.

    ``low`` and ``high`` are one-sided 95 % bounds of the mean difference, ``visible`` is the loss that so many queries
    would show four times out of five.
    """

    difference: Difference
    margin: float
    low: float
    high: float
    visible: float
    verdict: str

    @property
    def passed(self) -> bool:
        """Whether the candidate may go on."""
        return self.verdict in (PROVED, NOT_SEEN)


def non_inferiority_verdict(
    differences: Mapping[str, Differences], names: tuple[str, str], measure: str, margin: float
) -> Verdict:
    """The verdict on per-query differences (new - old), float64 (n,), of each shop; there must be one at least."""
    groups = list(differences.values())
    difference = combine(differences, names=names, measure=measure)
    low, high = bootstrap_interval(*groups, confidence=0.90)
    visible = (Z_ALPHA + Z_POWER) * _standard_error(differences) if difference.queries > 1 else math.inf
    within = low > -margin
    if within and difference.queries >= MIN_QUERIES:
        verdict = PROVED
    elif within or (difference.mean >= -margin and not high < 0):
        verdict = NOT_SEEN
    elif not high < 0:
        verdict = UNDECIDED
    else:
        verdict = REFUSED
    return Verdict(difference, margin, low, high, visible, verdict)


def fitting_margin(differences: Mapping[str, Differences], margin: float, most: float) -> float:
    """The margin, or one standard error of the mean difference where that is more, and no more than ``most``.

    Of two models that are equal, the new one is lower by a standard error in one comparison of six. A margin far below
    that lets chance decide.
    """
    return max(margin, min(_standard_error(differences), most))


def _standard_error(differences: Mapping[str, Differences]) -> float:
    """Of the mean over all queries, each shop with its own spread; 0 where no shop has two."""
    groups = list(differences.values())
    sums = sum(len(group) * float(np.var(group, ddof=1)) for group in groups if len(group) > 1)
    return math.sqrt(sums) / max(1, sum(map(len, groups)))
