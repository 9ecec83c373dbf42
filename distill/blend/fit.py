"""Fits the learnt blend to windows whose products have gains.

The loss is the logistic one over margins of pairs, weighted by what their exchange would change in nDCG@10 (LambdaLoss:
Wang et al., CIKM 2018: https://doi.org/10.1145/3269206.3271784). Ranks are those of the plain blend, so it is convex:

    sum_ij w_ij log(1 + exp(-(b_i - b_j))),   w_ij = (g_i - g_j) |d(r_i) - d(r_j)| / ideal,   d(r) = 1 / log2(1 + r)

over pairs with gains g_i > g_j of which one is among the first 20, plus a ridge towards the plain blend with what is
exact. The ridge of a slope is in proportion to the share of queries in which its feature tells products apart: what is
rare (a negation) is not held back more than the rest. What is exact (``EXACT``) weighs at least as in the plain blend.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize

from endcap.plugin.blend.features import FEATURES
from endcap.plugin.blend.learnt import EXACT, LearntBlend, Term, segments
from endcap.plugin.blend.plain import FloatArray, order, student_share

CUTOFF = 10
TOP = 20
"""A pair counts where one of the two is among so many in the plain blend's order: further down, nothing is shown."""
TEMPERATURE = 2.0
"""Slopes of the plain blend that the ridge draws to sum to this: standardised scores times 2 make margins of some 2."""
SMALLEST = 5e-4
"""A slope below it is none."""
OF_ONE_SHOP = ("cosine", "engine_share", "engine_rank", "category", "title_share", "near")
"""Features that are not fitted: what they are worth on one shop says little of another (docs/experiments.md)."""
FITTED = tuple(name for name in FEATURES if name not in (*OF_ONE_SHOP, "own_number"))
"""The others. A number's own product goes first whatever a fit says."""

Knots = Mapping[str, Sequence[float]]
KNOTS: Knots = {"student": (0.0, 1.0, 2.0), "engine": (0.0, 1.0, 2.0), "negation": (0.0,)}
"""Where slopes may change: a step among a window's best is worth something else than one further down, and a pool of
some twenty products seldom has a score two deviations above the mean."""


@dataclass(frozen=True, slots=True)
class Window:
    """Products of one query in the engine's order: ``features`` float64 (n, k), ``gains`` float64 (n,).

    ``ideal`` is the DCG@10 of the best order of all judged products, also those that are not here. ``end_to_end`` tells
    windows of the whole catalogue from pools of judged products; ``labelled`` are pools with a teacher's gains: they
    are fitted to, and never measured on.
    """

    shop: str
    query: str
    features: FloatArray
    gains: FloatArray
    ideal: float
    end_to_end: bool
    labelled: bool = False
    judged: npt.NDArray[np.bool_] | None = None
    """Which products somebody judged, bool (n,); all of them where None."""
    numbers: FloatArray | None = None
    """float64 (n, s): the products' signals, NaN where there is none."""


class Pairs:
    """The pairs of windows, kept for all fits.

    Of each window: margins of the features' segments, float64 (pairs, columns); what a pair's exchange changes in
    nDCG@10, float64 (pairs,); which columns tell products apart, float64 (columns,), 1 or 0.
    """

    def __init__(self, features: Sequence[str] = FITTED, knots: Knots = KNOTS) -> None:
        self.features, self.knots = features, knots
        self.columns = [(name, n) for name in features for n in range(len(knots.get(name, ())) + 1)]
        """The feature of each column, and which of its segments it is."""
        self._of_window: dict[int, tuple[Window, FloatArray, FloatArray, FloatArray]] = {}

    def of(self, window: Window) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The window's margins, changes and columns (1 or 0)."""
        kept = self._of_window.get(id(window))
        if kept is None:
            parts = [
                segments(window.features[:, FEATURES.index(name)], self.knots.get(name, ())) for name in self.features
            ]
            basis = np.concatenate(parts, axis=1)
            better, worse, changes = ordered_pairs(window, plain_scores(window, 0.5))
            varies = (np.ptp(basis, axis=0) > 0).astype(np.float64)
            kept = self._of_window[id(window)] = (window, basis[better] - basis[worse], changes, varies)
        return kept[1:]


@dataclass(frozen=True, slots=True)
class Choice:
    """What cross-validation chooses; ``pools`` and ``labels`` count beside a window's 1."""

    weight: float = 0.5
    """The plain blend's."""
    ridge: float = 0.1
    """How strongly slopes are drawn to the plain blend."""
    pools: float = 1.0
    """How much a pool counts."""
    labels: float = 0.0
    """How much a labelled pool counts."""

    def share(self, window: Window) -> float:
        """How much a window counts."""
        return self.labels if window.labelled else 1.0 if window.end_to_end else self.pools


WEIGHTS = tuple(round(0.1 * i, 1) for i in range(11))
GRID = tuple(Choice(*values) for values in product((0.6, 0.8), (0.1, 0.5), (1.0,)))
"""Few: among more choices, with some hundred queries, chance chooses (docs/experiments.md)."""


def gains_of(grades: Iterable[float]) -> FloatArray:
    """``2^grade - 1``, float64 (n,)."""
    return np.array([2.0**grade - 1 for grade in grades])


def dcg(gains: FloatArray) -> float:
    """The discounted gain of the first ten, in this order."""
    first = gains[:CUTOFF]
    return float((first / np.log2(np.arange(len(first)) + 2)).sum())


def ndcg(window: Window, scores: FloatArray, judged_only: bool = False) -> float:
    """nDCG@10 of the window's products in the order of these scores, equal ones in the engine's.

    With ``judged_only``, products that nobody judged are left out of the order ("condensed lists": Sakai, 2007,
    https://doi.org/10.1145/1277741.1277756) where otherwise they count as irrelevant.
    """
    ranking = order(scores)
    if judged_only and window.judged is not None:
        ranking = ranking[window.judged[ranking]]
    return dcg(window.gains[ranking]) / window.ideal if window.ideal > 0 else 0.0


def plain_scores(window: Window, weight: float) -> FloatArray:
    """The plain blend of a window, with what is exact, as it is served: a short query has less of the student.

    Weights of 0 and 1 are the engine's and the student's orders.
    """
    if weight in (0, 1):
        return window.features[:, FEATURES.index("student" if weight else "engine")]
    return learnt_scores(window, LearntBlend.plain(student_share(window.query, weight)))


def learnt_scores(window: Window, learnt: LearntBlend) -> FloatArray:
    """The learnt blend of a window."""
    return np.asarray(learnt.with_exact().contributions(window.features).sum(axis=1))


def fit(windows: Sequence[Window], choice: Choice, pairs: Pairs | None = None) -> LearntBlend:
    """The learnt blend with the least loss. Deterministic; no slope is below 0. ``pairs`` keeps what other fits found.

    Raises ``ValueError`` where no window has two products of different gain: there is nothing to learn from.
    """
    pairs = Pairs() if pairs is None else pairs
    # Pairs of all windows that count, with their weights.
    shares = [(w, choice.share(w)) for w in windows]
    used = [(w, share) for w, share in shares if share > 0 and len(w.gains) > 1 and np.ptp(w.gains) > 0]
    if not used:
        raise ValueError("no query has two products of different grade")
    total = sum(share for _, share in used)
    parts = [(*pairs.of(window), share / total) for window, share in used]
    margins = np.concatenate([part for part, _, _, _ in parts])
    weights = np.concatenate([changes * share for _, changes, _, share in parts])
    # The ridge: its strength by column, and the slopes of the plain blend.
    ridge = choice.ridge * np.maximum(sum(varies * share for _, _, varies, share in parts), 1e-3)
    least = np.array([TEMPERATURE * _exact_slope(*column) for column in pairs.columns])
    drawn_to = {"student": TEMPERATURE * choice.weight, "engine": TEMPERATURE * (1 - choice.weight)}
    prior = least + [drawn_to.get(name, 0.0) for name, _ in pairs.columns]

    def loss(slopes: FloatArray) -> tuple[float, FloatArray]:
        apart = margins @ slopes
        value = float(weights @ np.logaddexp(0, -apart)) + float(ridge @ (slopes - prior) ** 2)
        pull = weights / (1 + np.exp(np.minimum(apart, 500)))
        return value, 2 * ridge * (slopes - prior) - pull @ margins

    solution = minimize(loss, prior, jac=True, method="L-BFGS-B", bounds=[(slope, None) for slope in least]).x
    terms = []
    for name in pairs.features:
        slopes = tuple(
            _rounded(solution[i] / TEMPERATURE) for i, (column, _) in enumerate(pairs.columns) if column == name
        )
        if any(slopes):
            terms.append(Term(name, slopes, tuple(map(float, pairs.knots.get(name, ())))))
    return LearntBlend(tuple(terms))


def _exact_slope(feature: str, segment: int) -> float:
    """The least slope of a feature's segment; a term with one slope has it everywhere."""
    slopes = next((term.slopes for term in EXACT if term.feature == feature), (0.0,))
    return slopes[min(segment, len(slopes) - 1)]


def _rounded(slope: float) -> float:
    return 0.0 if slope < SMALLEST else round(float(slope), 6)


def ordered_pairs(window: Window, scores: FloatArray) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp], FloatArray]:
    """Positions (pairs,) of the better and the worse product of each pair, and what their exchange changes in nDCG."""
    rank = np.empty(len(scores))
    rank[order(scores)] = np.arange(1, len(scores) + 1)
    discount = 1 / np.log2(1 + rank)
    better, worse = np.nonzero(
        (window.gains[:, None] > window.gains[None, :]) & (np.minimum(rank[:, None], rank[None, :]) <= TOP)
    )
    changes = (window.gains[better] - window.gains[worse]) * np.abs(discount[better] - discount[worse]) / window.ideal
    return better, worse, changes
