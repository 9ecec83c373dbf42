"""Chooses between blends: what is reported of a query never saw that query, and of a shop left out never saw that shop.

The learnt blend is kept where it beats the plain one over queries left out and, where a recipe has several shops, is no
worse on any shop left out than the better of two plain weights: then it says more than its own shops' habits.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from endcap.distill.blend.fit import GRID, WEIGHTS, Choice, Pairs, Window, fit, learnt_scores, ndcg, plain_scores
from endcap.distill.leaks.normal_form import normal_form
from endcap.evaluate.significance import Difference, combine, paired_difference
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.plain import FloatArray
from endcap.progress import Watch, unwatched

Setting = tuple[str, bool]
"""A shop, and whether end to end."""
Values = Mapping[Setting, Mapping[str, float]]
"""nDCG@10 by setting and query."""

Counted = Mapping[tuple[str, str], Mapping[str, float]]
"""nDCG@10 by shop and way of counting, and by query."""
IRRELEVANT, JUDGED, POOL = "unjudged irrelevant", "judged alone", "pool"

ENGINE, STUDENT, PLAIN, LEARNT = "engine", "student", "plain", "learnt"
YARDSTICKS = (0.6, 0.8)
"""Plain weights, the better of which a blend for shops that it has not seen must not be below."""
OUTER, INNER = 5, 3


def blend_fold(query: str, folds: int, salt: str = "") -> int:
    """A query's fold, by its normal form alone: look-alikes stay together."""
    return int.from_bytes(hashlib.sha256(f"{salt}\0{normal_form(query)}".encode()).digest()[:6]) % folds


def ndcg_values(windows: Sequence[Window], scores: Sequence[FloatArray], judged_only: bool = False) -> Values:
    """nDCG@10 of each window, ordered by its scores; with ``judged_only`` of the judged products in that order."""
    values: dict[Setting, dict[str, float]] = defaultdict(dict)
    for window, window_scores in zip(windows, scores, strict=True):
        if not window.labelled:
            values[window.shop, window.end_to_end][window.query] = ndcg(window, window_scores, judged_only)
    return values


def counted_both_ways(windows: Sequence[Window], scores: Sequence[FloatArray]) -> Counted:
    """nDCG@10 of each window by shop, way of counting and query. End to end, products that nobody judged are
    irrelevant, or left out; in the pool all are judged."""
    values: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for window, window_scores in zip(windows, scores, strict=True):
        if not window.labelled:
            ways = (IRRELEVANT, JUDGED) if window.end_to_end else (POOL,)
            for way in ways:
                values[window.shop, way][window.query] = ndcg(window, window_scores, judged_only=way == JUDGED)
    return values


def objective(counted: Counted) -> float:
    """What is chosen by: the mean over shops and ways of counting, each counting the same."""
    return float(np.mean([np.mean(list(by_query.values())) for by_query in counted.values()]))


def _worth(windows: Sequence[Window], scores: Sequence[FloatArray]) -> float:
    return objective(counted_both_ways(windows, scores))


def best_weight(windows: Sequence[Window]) -> float:
    """The plain blend's best weight; among equals the one nearest to one half."""
    return max(
        sorted(WEIGHTS, key=lambda weight: abs(weight - 0.5)),
        key=lambda weight: _worth(windows, [plain_scores(w, weight) for w in windows]),
    )


def best_choice(windows: Sequence[Window], grid: Sequence[Choice] = GRID, pairs: Pairs | None = None) -> Choice:
    """The choice whose blends are best on queries that they were not fitted to."""
    if len(grid) == 1:
        return grid[0]
    kept = Pairs() if pairs is None else pairs
    gold = [window for window in windows if not window.labelled]

    def worth(choice: Choice) -> float:
        return _worth(gold, _held_out(windows, lambda seen: choice, kept, INNER, "inner"))

    return max(grid, key=worth)


def _held_out(
    windows: Sequence[Window],
    choose: Callable[[Sequence[Window]], Choice],
    pairs: Pairs,
    folds: int,
    salt: str,
    watch: Watch = unwatched,
) -> list[FloatArray]:
    """Scores of each window that is not ``labelled``, by a blend that was fitted without its fold's queries."""
    scores = dict[int, FloatArray]()  # by the window's id
    with watch("Fitting the blend", folds) as advance:
        for fold in range(folds):
            seen = [w for w in windows if blend_fold(w.query, folds, salt) != fold]
            held = [w for w in windows if blend_fold(w.query, folds, salt) == fold and not w.labelled]
            if seen and held:
                learnt = fit(seen, choose(seen), pairs)
                scores |= {id(w): learnt_scores(w, learnt) for w in held}
            advance(fold + 1)
    # Where all queries are of one fold, there is nothing to fit a blend to: the engine's order.
    return [scores[id(w)] if id(w) in scores else plain_scores(w, 0.0) for w in windows if not w.labelled]


def cross_validated_scores(
    windows: Sequence[Window], grid: Sequence[Choice] = GRID, folds: int = OUTER, watch: Watch = unwatched
) -> dict[str, list[FloatArray]]:
    """All four ways to order the windows that are not ``labelled``, by way: scores float64 (n,) of each.

    Choices are made anew in each fold, on the other folds alone.
    """
    gold = [window for window in windows if not window.labelled]
    weights = [best_weight([w for w in gold if blend_fold(w.query, folds, "outer") != fold]) for fold in range(folds)]
    pairs = Pairs()
    return {
        ENGINE: [plain_scores(w, 0.0) for w in gold],
        STUDENT: [plain_scores(w, 1.0) for w in gold],
        PLAIN: [plain_scores(w, weights[blend_fold(w.query, folds, "outer")]) for w in gold],
        LEARNT: _held_out(windows, lambda seen: best_choice(seen, grid, pairs), pairs, folds, "outer", watch),
    }


@dataclass(frozen=True, slots=True)
class ShopLeftOut:
    """A shop that the learnt blend was not fitted to: means of both ways of counting, end to end, by way to order."""

    shop: str
    means: Mapping[str, float]
    difference: Difference
    """The learnt blend beside the better of the plain ones."""

    @property
    def passed(self) -> bool:
        """Whether the learnt blend is no worse there."""
        return self.difference.mean >= 0


def shops_left_out(
    windows: Sequence[Window], grid: Sequence[Choice] = GRID, watch: Watch = unwatched
) -> list[ShopLeftOut]:
    """Each shop, measured by a blend that is fitted to, and chosen on, the others; nothing where there is but one."""
    shops = sorted({window.shop for window in windows if not window.labelled and window.end_to_end})
    found = list[ShopLeftOut]()
    with watch("Leaving one shop out", len(shops)) as advance:
        for done, shop in enumerate(shops if len(shops) > 1 else (), 1):
            seen = [window for window in windows if window.shop != shop]
            held = [w for w in windows if w.shop == shop and not w.labelled and w.end_to_end]
            learnt = fit(seen, best_choice(seen, grid))
            ways = {ENGINE: [plain_scores(w, 0.0) for w in held], LEARNT: [learnt_scores(w, learnt) for w in held]}
            ways |= {f"{PLAIN} {weight:g}": [plain_scores(w, weight) for w in held] for weight in YARDSTICKS}
            found.append(_left_out(shop, held, ways))
            advance(done)
    return found


def _left_out(shop: str, held: Sequence[Window], ways: Mapping[str, Sequence[FloatArray]]) -> ShopLeftOut:
    values = {way: _mean_by_query(counted_both_ways(held, scores)) for way, scores in ways.items()}
    means = {way: float(np.mean(list(by_query.values()))) for way, by_query in values.items()}
    yardstick = max((f"{PLAIN} {weight:g}" for weight in YARDSTICKS), key=lambda way: means[way])
    difference = paired_difference(values[LEARNT], values[yardstick], names=(LEARNT, yardstick), measure="nDCG@10")
    return ShopLeftOut(shop, means, difference)


def _mean_by_query(counted: Counted) -> dict[str, float]:
    queries = {query for by_query in counted.values() for query in by_query}
    return {query: float(np.mean([by_query[query] for by_query in counted.values()])) for query in sorted(queries)}


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way against another, in one setting, over some shops."""

    shops: tuple[str, ...]
    end_to_end: bool
    difference: Difference


def comparisons(ways: Mapping[str, Values], better: str, base: str) -> Iterator[Comparison]:
    """The paired differences of two ways: each shop alone, then all together where there are several."""
    for end_to_end in (True, False):
        shops = sorted({shop for shop, setting in ways[better] if setting == end_to_end})
        groups = {
            shop: [
                value - ways[base][shop, end_to_end][query] for query, value in ways[better][shop, end_to_end].items()
            ]
            for shop in shops
        }
        for names in [(shop,) for shop in shops] + ([tuple(shops)] if len(shops) > 1 else []):
            difference = combine({name: groups[name] for name in names}, names=(better, base), measure="nDCG@10")
            yield Comparison(names, end_to_end, difference)


@dataclass(frozen=True, slots=True)
class Decision:
    """Which blend is kept, and what cross-validation says of all four ways to order.

    ``weight`` is the plain blend's best, ``learnt`` is None where it was not better than that.
    """

    weight: float
    learnt: LearntBlend | None
    choice: Choice
    ways: Mapping[str, Values]
    judged_only: Mapping[str, Values]
    """End to end, without products that nobody judged: an order that finds many of them is not punished."""
    worth: Mapping[str, float]
    """What was chosen by, of each way."""
    left_out: Sequence[ShopLeftOut] = ()

    def to_json(self) -> dict[str, Any]:
        """What ``blend.json`` holds: means and paired differences, by setting."""
        pairs = ((LEARNT, ENGINE), (LEARNT, STUDENT), (LEARNT, PLAIN), (PLAIN, ENGINE))
        return {
            "kept": PLAIN if self.learnt is None else LEARNT,
            "because": self._because(),
            "weight": self.weight,
            "choice": asdict(self.choice),
            "nDCG@10": _means(self.ways),
            "differences": _differences(self.ways, pairs),
            "judged_only": {"nDCG@10": _means(self.judged_only), "differences": _differences(self.judged_only, pairs)},
            "shops_left_out": [
                {"shop": each.shop, "nDCG@10": dict(each.means), "difference": asdict(each.difference)}
                for each in self.left_out
            ],
        }

    def _because(self) -> str:
        told = (
            f"on queries that neither was fitted to, nDCG@10 over shops and ways of counting is "
            f"{self.worth[LEARNT]:.4f} by the learnt blend and {self.worth[PLAIN]:.4f} by the plain one"
        )
        worse = [each for each in self.left_out if not each.passed]
        if worse:
            shops = ", ".join(f"{each.shop} {each.difference.mean:+.4f}" for each in worse)
            return f"{told}; but left out, a shop is better served by a plain blend: {shops}"
        return told + ("; and on no shop left out is it worse than a plain one" if self.left_out else "")


def decide(windows: Sequence[Window], grid: Sequence[Choice] | None = None, watch: Watch = unwatched) -> Decision:
    """Fit the blend to all windows; keep it if blends fitted in the same way beat the plain one on unseen queries, and
    are no worse than it on unseen shops."""
    if grid is None:
        labels = (0.0, 0.3) if any(window.labelled for window in windows) else (0.0,)
        grid = [replace(choice, labels=share) for choice in GRID for share in labels]
    gold = [window for window in windows if not window.labelled]
    scores = cross_validated_scores(windows, grid, watch=watch)
    ways = {way: ndcg_values(gold, scores[way]) for way in scores}
    whole = [n for n, window in enumerate(gold) if window.end_to_end]
    judged_only = {
        way: ndcg_values([gold[n] for n in whole], [scores[way][n] for n in whole], judged_only=True) for way in scores
    }
    worth = {way: _worth(gold, scores[way]) for way in scores}
    left_out = shops_left_out(windows, grid, watch)
    choice = best_choice(windows, grid)
    is_better = worth[LEARNT] > worth[PLAIN] and all(each.passed for each in left_out)
    learnt = fit(windows, choice) if is_better else None
    return Decision(best_weight(windows), learnt, choice, ways, judged_only, worth, left_out)


def _means(ways: Mapping[str, Values]) -> dict[str, dict[str, float]]:
    return {
        f"{shop}, {'end to end' if end_to_end else 'pool'}": {
            way: float(np.mean(list(values[shop, end_to_end].values()))) for way, values in ways.items()
        }
        for shop, end_to_end in ways[ENGINE]
    }


def _differences(ways: Mapping[str, Values], pairs: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    return [
        {"shops": list(comparison.shops), "end_to_end": comparison.end_to_end} | asdict(comparison.difference)
        for better, base in pairs
        for comparison in comparisons(ways, better, base)
    ]
