"""Chooses between blends by cross-validation over queries: what is reported of a query never saw that query."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from endcap.distill.blend.fit import GRID, WEIGHTS, Choice, Pairs, Window, fit, learnt_scores, ndcg, plain_scores
from endcap.distill.leaks.normal_form import normal_form
from endcap.evaluate.significance import Difference, combine
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.plain import FloatArray
from endcap.progress import Watch, unwatched

Setting = tuple[str, bool]
"""A shop, and whether end to end."""
Values = Mapping[Setting, Mapping[str, float]]
"""nDCG@10 by setting and query."""

ENGINE, STUDENT, PLAIN, LEARNT = "engine", "student", "plain", "learnt"
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


def objective(values: Values) -> float:
    """What is chosen by: the mean over shops and both settings, each counting the same."""
    return float(np.mean([np.mean(list(by_query.values())) for by_query in values.values()]))


def best_weight(windows: Sequence[Window]) -> float:
    """The plain blend's best weight; among equals the one nearest to one half."""
    return max(
        sorted(WEIGHTS, key=lambda weight: abs(weight - 0.5)),
        key=lambda weight: objective(ndcg_values(windows, [plain_scores(w, weight) for w in windows])),
    )


def best_choice(windows: Sequence[Window], grid: Sequence[Choice] = GRID, pairs: Pairs | None = None) -> Choice:
    """The choice whose blends are best on queries that they were not fitted to."""
    if len(grid) == 1:
        return grid[0]
    kept = Pairs() if pairs is None else pairs
    gold = [window for window in windows if not window.labelled]

    def worth(choice: Choice) -> float:
        return objective(ndcg_values(gold, _held_out(windows, lambda seen: choice, kept, INNER, "inner")))

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

    def to_json(self) -> dict[str, Any]:
        """What ``blend.json`` holds: means and paired differences, by setting."""
        pairs = ((LEARNT, ENGINE), (LEARNT, STUDENT), (LEARNT, PLAIN), (PLAIN, ENGINE))
        learnt, plain = objective(self.ways[LEARNT]), objective(self.ways[PLAIN])
        return {
            "kept": PLAIN if self.learnt is None else LEARNT,
            "because": f"on queries that neither was fitted to, nDCG@10 over shops and settings is {learnt:.4f} by the "
            f"learnt blend and {plain:.4f} by the plain one",
            "weight": self.weight,
            "choice": asdict(self.choice),
            "nDCG@10": _means(self.ways),
            "differences": _differences(self.ways, pairs),
            "judged_only": {"nDCG@10": _means(self.judged_only), "differences": _differences(self.judged_only, pairs)},
        }


def decide(windows: Sequence[Window], grid: Sequence[Choice] | None = None, watch: Watch = unwatched) -> Decision:
    """Fit the blend to all windows; keep it if blends fitted in the same way beat the plain one on unseen queries."""
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
    choice = best_choice(windows, grid)
    learnt = fit(windows, choice) if objective(ways[LEARNT]) > objective(ways[PLAIN]) else None
    return Decision(best_weight(windows), learnt, choice, ways, judged_only)


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
