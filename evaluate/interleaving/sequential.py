"""Which of two systems wins more often? A test that may be looked at after every query, and stopped at any time.

Of n queries that were no ties, w were won and l lost. Under the null hypothesis a win has probability p0 (1/2: the two
are equal), however the queries before went. The e-value is the likelihood of what was seen when p is drawn from a
beta distribution, beside that under p0:

    E_n(p0) = B(A + w, A + l) / (B(A, A) * p0^w * (1 - p0)^l),   B the beta function, A = 1: every p as likely

Under the null it is a martingale with mean 1 and never negative, so by Ville's inequality the probability that it ever
reaches 1 / alpha, at whichever n, is at most alpha. The values p0 that are not refused so are the confidence sequence:
intervals of which all, at once, hold the true p with probability 1 - alpha.

Mixtures: Robbins, 1970 (https://doi.org/10.1214/aoms/1177696786). The beta-binomial one, and confidence sequences:
Howard, Ramdas, McAuliffe and Sekhon, 2021 (https://doi.org/10.1214/20-AOS1991). Ville, 1939: Étude critique de la
notion de collectif.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

ALPHA = 0.05
PRIOR = 1.0
"""A: both parameters of the beta distribution. Larger ones bet on small differences."""
LARGEST_LOG = 700.0
"""An e-value above e^700 is given as that: larger ones are no floating-point numbers."""
_STEPS = 60  # bisections: the interval's ends are exact to 2^-60


@dataclass(frozen=True, slots=True)
class Sequential:
    """What so many wins and losses say at level ``alpha``.

    ``low`` and ``high`` bound the share of wins among the queries that are no ties, with probability 1 - alpha for
    all n at once. ``decided``: the two are not equal.
    """

    wins: int
    losses: int
    alpha: float
    e_value: float
    low: float
    high: float

    @property
    def decided(self) -> bool:
        """Whether enough was seen: the e-value is at least 1 / alpha."""
        return self.e_value >= 1 / self.alpha


def sequential_test(wins: int, losses: int, alpha: float = ALPHA) -> Sequential:
    """The test on so many wins and losses; ties are left out. ``ValueError`` for counts below 0 or no level."""
    if wins < 0 or losses < 0 or not 0 < alpha < 1:
        raise ValueError(f"{wins} wins, {losses} losses and alpha {alpha}: counts are not below 0, alpha is in 0 to 1.")
    low, high = interval(wins, losses, alpha)
    return Sequential(wins, losses, alpha, e_value_of(wins, losses), low, high)


def e_value_of(wins: int, losses: int) -> float:
    """The e-value against equal systems."""
    return math.exp(min(log_e_value(wins, losses), LARGEST_LOG))


def log_e_value(wins: int, losses: int, share: float = 0.5) -> float:
    """The natural logarithm of the e-value against a share of wins of ``share``, which is in 0 to 1."""
    mixed = _log_beta(PRIOR + wins, PRIOR + losses) - _log_beta(PRIOR, PRIOR)
    return mixed - _times_log(wins, share) - _times_log(losses, 1 - share)


def interval(wins: int, losses: int, alpha: float = ALPHA) -> tuple[float, float]:
    """The shares of wins that the test at ``alpha`` does not refuse: they are an interval around wins / n."""
    n = wins + losses
    if n == 0:
        return 0.0, 1.0
    limit, middle = -math.log(alpha), wins / n

    def refused(share: float) -> bool:
        return log_e_value(wins, losses, share) >= limit

    # The e-value falls up to the middle and rises behind it.
    low = _edge(refused, 0.0, middle) if wins else 0.0
    high = _edge(refused, 1.0, middle) if losses else 1.0
    return low, high


def _edge(refused: Callable[[float], bool], outside: float, inside: float) -> float:
    for _ in range(_STEPS):
        between = (outside + inside) / 2
        if refused(between):
            outside = between
        else:
            inside = between
    return outside


def _log_beta(a: float, b: float) -> float:
    return math.lgamma(a) + math.lgamma(b) - math.lgamma(a + b)


def _times_log(count: int, share: float) -> float:
    """``count * log(share)``; 0 for no count, also where the share is 0."""
    if not count:
        return 0.0
    return count * math.log(share) if share > 0 else -math.inf
