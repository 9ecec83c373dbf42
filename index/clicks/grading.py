"""Grades of what was clicked: attractiveness brought to the scale 0 to 3, with how sure it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from endcap.errors import InputError
from endcap.index.clicks.counts import CLICKS, SHOWN, ClickCounts, Ints
from endcap.index.clicks.position_model import GAMMA, Floats, PositionModel, Weights, posteriors
from endcap.index.judgments.judgments import GRADES

TOP = GRADES[-1]
LOWEST, HIGHEST = 0.05, 0.95
"""The shares of all that was shown at whose attractiveness grade 0 ends and grade 3 begins."""
LEAST_ODDS = 1.3
"""Where the odds of a click at the one end are not so many times those at the other, all is alike."""
TAIL = 0.05
"""Of the probability, so much is left out at each end of an interval: it is of 90 %."""
FEWEST_CLICKS = 2
"""A query with fewer clicks on all its products is not graded: what one person took is no order."""


class Graded(NamedTuple):
    """A product of a query: its grade with the interval that holds it with a probability of .9, both from 0 to 3."""

    query: str
    product: str
    exact: float
    low: float
    high: float
    attractiveness: float
    impressions: int
    clicks: int
    looks: float
    """How many of the impressions were looked at, by the model."""
    more: int
    """How many more searches of the query would make the interval narrow enough; 0: it is."""

    @property
    def grade(self) -> int:
        """The nearest grade; in the middle the lower one, as votes have it."""
        return min(max(int(np.ceil(self.exact - 0.5 - 1e-9)), 0), TOP)


@dataclass(frozen=True, slots=True)
class Ends:
    """The attractiveness at which grade 0 ends and grade 3 begins; between them it is a straight line."""

    zero: float
    three: float

    def exact(self, gamma: Floats) -> Floats:
        """The grade as a decimal, of each attractiveness."""
        return TOP * np.clip((gamma - self.zero) / (self.three - self.zero), 0.0, 1.0)


def ends_of(model: PositionModel) -> Ends:
    """Both ends as the data have them. Raises ``InputError`` where all that was shown is as attractive."""
    ends = Ends(model.quantile(LOWEST), model.quantile(HIGHEST))
    if ends.three * (1 - ends.zero) < LEAST_ODDS * ends.zero * (1 - ends.three):
        raise InputError(
            f"all that was shown is as attractive ({ends.zero:.4f} to {ends.three:.4f}), so clicks tell no "
            "grades apart. Give more of them."
        )
    return ends


def searches_of(counts: ClickCounts) -> Ints:
    """About how many searches each query had: the most impressions at one place, int64 (queries,)."""
    places = np.zeros((len(counts.queries), int(counts.group.max(initial=0)) + 1), np.int64)
    np.add.at(places, (counts.query, counts.group), counts.numbers[:, SHOWN])
    single = places[:, :11] if places[:, :11].any() else places
    return np.asarray(single.max(axis=1, initial=0))


def graded(counts: ClickCounts, model: PositionModel, weights: Weights, ends: Ends, widest: float) -> Iterator[Graded]:
    """Every pair that was shown, sorted by query and product. ``widest``: so wide its interval may be to be graded."""
    pair = counts.pair
    first_rows = np.flatnonzero(np.diff(pair, prepend=-1))
    shown = np.bincount(pair, counts.numbers[:, SHOWN]).astype(int)
    clicks = np.bincount(pair, counts.numbers[:, CLICKS]).astype(int)
    looks = np.bincount(pair, counts.numbers[:, SHOWN] * model.theta[counts.group])
    searches, strength = searches_of(counts), sum(model.prior)
    exact = ends.exact(GAMMA)
    for first, density in posteriors(counts, model.theta, model.prior, weights):
        cumulated = np.cumsum(density, axis=1)
        low = exact[(cumulated < TAIL).sum(axis=1)]
        high = exact[np.minimum((cumulated < 1 - TAIL).sum(axis=1), len(GAMMA) - 1)]
        means, gammas = density @ exact, density @ GAMMA
        for at in range(len(density)):
            n, row = first + at, first_rows[first + at]
            query = int(counts.query[row])
            more = 0
            if high[at] - low[at] > widest:
                # an interval is as wide as one over the root of what was looked at, the prior's looks among it
                wanted = (looks[n] + strength) * ((high[at] - low[at]) / widest) ** 2 - looks[n] - strength
                more = int(np.ceil(wanted / max(looks[n] / max(searches[query], 1), 1e-9)))
            yield Graded(
                counts.queries[query],
                counts.products[int(counts.product[row])],
                float(means[at]),
                float(low[at]),
                float(high[at]),
                float(gammas[at]),
                int(shown[n]),
                int(clicks[n]),
                float(looks[n]),
                more,
            )
