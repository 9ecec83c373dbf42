"""Chooses between blends by cross-validation over queries: what is reported of a query never saw that query."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from endcap.distill.fit_blend import GRID, WEIGHTS, Choice, Pairs, Window, fit, learnt_scores, ndcg, plain_scores
from endcap.distill.normal_form import normal_form
from endcap.evaluate.significance import Difference, combine
from endcap.evaluate.systems import Watch, unwatched
from endcap.plugin.features import FEATURES
from endcap.plugin.learnt_blend import LearntBlend
from endcap.plugin.plain_blend import FloatArray

Setting = tuple[str, bool]
"""A shop, and whether end to end."""
Values = Mapping[Setting, Mapping[str, float]]
"""nDCG@10 by setting and query."""

ENGINE, STUDENT, PLAIN, LEARNT = "engine", "student", "plain", "learnt"
OUTER, INNER = 5, 3


def fold_of(query: str, folds: int, salt: str = "") -> int:
    """A query's fold, by its normal form alone: look-alikes stay together."""
    return int.from_bytes(hashlib.sha256(f"{salt}\0{normal_form(query)}".encode()).digest()[:6]) % folds


def measured(windows: Sequence[Window], scores: Callable[[Window], FloatArray]) -> Values:
    """nDCG@10 of each window, ordered by these scores."""
    found: dict[Setting, dict[str, float]] = defaultdict(dict)
    for window in windows:
        if window.labelled:
            continue
        found[window.shop, window.end_to_end][window.query] = ndcg(window, scores(window))
    return found


def objective(values: Values) -> float:
    """What is chosen by: the mean over shops and both settings, each counting the same."""
    return float(np.mean([np.mean(list(each.values())) for each in values.values()]))


def best_weight(windows: Sequence[Window]) -> float:
    """The plain blend's best weight; among equals the one nearest to one half."""
    return max(
        sorted(WEIGHTS, key=lambda weight: abs(weight - 0.5)),
        key=lambda weight: objective(measured(windows, lambda w: plain_scores(w, weight))),
    )


def best_choice(
    windows: Sequence[Window], grid: Sequence[Choice] = GRID, pairs: Pairs | None = None, folds: int = INNER
) -> Choice:
    """The choice whose blends are best on queries that they were not fitted to."""
    if len(grid) == 1:
        return grid[0]
    made = Pairs() if pairs is None else pairs
    return max(grid, key=lambda choice: objective(_held_out(windows, lambda some: choice, made, folds, "inner")))


def _held_out(
    windows: Sequence[Window],
    choose: Callable[[Sequence[Window]], Choice],
    pairs: Pairs,
    folds: int,
    salt: str,
    watch: Watch = unwatched,
) -> dict[Setting, dict[str, float]]:
    found: dict[Setting, dict[str, float]] = defaultdict(dict)
    with watch("Fitting the blend", folds) as advance:
        for fold in range(folds):
            seen = [w for w in windows if fold_of(w.query, folds, salt) != fold]
            held = [w for w in windows if fold_of(w.query, folds, salt) == fold]
            if seen and held:
                learnt = fit(seen, choose(seen), pairs)
                for setting, values in measured(held, lambda w: learnt_scores(w, learnt)).items():  # noqa: B023
                    found[setting].update(values)
            advance(fold + 1)
    return found


def cross_validated(
    windows: Sequence[Window],
    grid: Sequence[Choice] = GRID,
    features: Sequence[str] = FEATURES,
    folds: int = OUTER,
    watch: Watch = unwatched,
) -> dict[str, Values]:
    """nDCG@10 of all four ways to order, by way. Choices are made anew in each fold, on the other folds alone."""
    plain: dict[Setting, dict[str, float]] = defaultdict(dict)
    for fold in range(folds):
        weight = best_weight([w for w in windows if fold_of(w.query, folds, "outer") != fold])
        held = [w for w in windows if fold_of(w.query, folds, "outer") == fold]
        for setting, values in measured(held, lambda w: plain_scores(w, weight)).items():  # noqa: B023
            plain[setting].update(values)

    pairs = Pairs(features)

    def choose(seen: Sequence[Window]) -> Choice:
        return best_choice(seen, grid, pairs)

    return {
        ENGINE: measured(windows, lambda w: plain_scores(w, 0.0)),
        STUDENT: measured(windows, lambda w: plain_scores(w, 1.0)),
        PLAIN: plain,
        LEARNT: _held_out(windows, choose, pairs, folds, "outer", watch),
    }


@dataclass(frozen=True, slots=True)
class Compared:
    """One way against another, in one setting, over some shops."""

    shops: tuple[str, ...]
    end_to_end: bool
    difference: Difference


def compared(ways: Mapping[str, Values], better: str, base: str, seed: int = 0) -> list[Compared]:
    """The paired differences of two ways: each shop alone, then all together where there are several."""
    found = []
    for end_to_end in (True, False):
        shops = sorted({shop for shop, setting in ways[better] if setting == end_to_end})
        groups = {
            shop: [
                value - ways[base][shop, end_to_end][query] for query, value in ways[better][shop, end_to_end].items()
            ]
            for shop in shops
        }
        sets = [(shop,) for shop in shops] + ([tuple(shops)] if len(shops) > 1 else [])
        for some in sets:
            said = combine({s: groups[s] for s in some}, names=(better, base), measure="nDCG@10", seed=seed)
            found.append(Compared(some, end_to_end, said))
    return found


@dataclass(frozen=True, slots=True)
class Decision:
    """Which blend is kept, and what cross-validation says of all four ways to order.

    ``weight`` is the plain blend's best, ``learnt`` is None where it was not better than that.
    """

    weight: float
    learnt: LearntBlend | None
    choice: Choice
    ways: Mapping[str, Values]

    def to_json(self) -> dict[str, Any]:
        """What ``blend.json`` holds: means and paired differences, by setting."""
        means = {
            _named(setting): {way: float(np.mean(list(found[setting].values()))) for way, found in self.ways.items()}
            for setting in self.ways[ENGINE]
        }
        pairs = ((LEARNT, ENGINE), (LEARNT, STUDENT), (LEARNT, PLAIN), (PLAIN, ENGINE))
        differences = [
            {"shops": list(each.shops), "end_to_end": each.end_to_end} | asdict(each.difference)
            for better, base in pairs
            for each in compared(self.ways, better, base)
        ]
        learnt, plain = objective(self.ways[LEARNT]), objective(self.ways[PLAIN])
        return {
            "kept": PLAIN if self.learnt is None else LEARNT,
            "because": f"on queries that neither was fitted to, nDCG@10 over shops and settings is {learnt:.4f} by the "
            f"learnt blend and {plain:.4f} by the plain one",
            "weight": self.weight,
            "choice": asdict(self.choice),
            "nDCG@10": means,
            "differences": differences,
        }


def decide(windows: Sequence[Window], grid: Sequence[Choice] | None = None, watch: Watch = unwatched) -> Decision:
    """Fit the blend to all windows, and keep it if blends fitted in the same way are better than the plain blend on
    queries that they have not seen."""
    if grid is None:
        labels = (0.0, 0.3) if any(window.labelled for window in windows) else (0.0,)
        grid = [replace(choice, labels=share) for choice in GRID for share in labels]
    ways = cross_validated(windows, grid, watch=watch)
    choice = best_choice(windows, grid)
    learnt = fit(windows, choice) if objective(ways[LEARNT]) > objective(ways[PLAIN]) else None
    return Decision(best_weight(windows), learnt, choice, ways)


def _named(setting: Setting) -> str:
    return f"{setting[0]}, {'end to end' if setting[1] else 'pool'}"
