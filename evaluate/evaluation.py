"""One evaluation from judgments to results: gather candidates, order them in every way, measure, compare."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from endcap.errors import InputError
from endcap.evaluate.cases import cases
from endcap.evaluate.end_to_end import ideal, query_exclusion, window_candidates
from endcap.evaluate.judged_pool import pool_candidates, pool_exclusion
from endcap.evaluate.measures import Grades, NamedMeasure, Rankings, mean, score, unjudged_rate
from endcap.evaluate.results import SettingResult, SweepPoint, SystemResult
from endcap.evaluate.significance import Difference, bootstrap_interval, paired_difference
from endcap.evaluate.systems import (
    BLEND,
    COSINE,
    ENGINE,
    LABELS,
    STUDENT,
    Candidates,
    Shop,
    StudentWithStates,
    ranked,
    ranked_by_learnt,
)
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.plain import FloatArray
from endcap.progress import Watch, unwatched

POOL, END_TO_END = "pool", "end-to-end"
COMPARISONS = ((STUDENT, ENGINE), (BLEND, ENGINE), (STUDENT, COSINE), (BLEND, STUDENT))
SWEPT_WEIGHTS = tuple(step / 10 for step in range(11))
SWEPT_WINDOWS = (20, 50, 100, 200, 500)
CASES = 10


@dataclass(frozen=True, slots=True)
class Plan:
    """What to measure. ``window`` is how many hits are re-ranked end to end, ``blend_weight`` the student's share where
    there is no ``learnt`` blend."""

    settings: tuple[str, ...]
    window: int
    blend_weight: float
    measures: tuple[NamedMeasure, ...]
    sweep: bool = False
    seed: int = 0
    learnt: LearntBlend | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.blend_weight <= 1:
            raise InputError(f"the blend weight {self.blend_weight} is not in 0..1: 0 is the engine, 1 the student")
        if self.window < 2:
            raise InputError(f"a window of {self.window} leaves nothing to re-rank: take 2 or more")

    @property
    def cutoff(self) -> int:
        """How long a page is taken to be: the first measure's cut-off, or 10."""
        return self.measures[0].cutoff or 10


def evaluate(
    shop: Shop,
    grades: Grades,
    plan: Plan,
    student: StudentWithStates,
    baseline: StudentWithStates | None = None,
    watch: Watch = unwatched,
) -> list[SettingResult]:
    """Each setting of the plan, measured. Raises InputError where no query is left to measure."""
    results = []
    for setting in plan.settings:
        if setting == POOL:
            results.append(_pool(shop, grades, plan, student, baseline, watch))
        else:
            results.append(_end_to_end(shop, grades, plan, student, baseline, watch))
    return results


def _pool(
    shop: Shop, grades: Grades, plan: Plan, student: StudentWithStates, baseline: StudentWithStates | None, watch: Watch
) -> SettingResult:
    pools = pool_candidates(shop, grades, watch)
    reasons = {query: pool_exclusion(grades[query], pools[query]) for query in grades}
    missing = sum(len(grades[query]) - len(pools[query].products) for query in grades)
    return _measured(POOL, None, pools, reasons, missing, grades, plan, student, baseline, watch)


def _end_to_end(
    shop: Shop, grades: Grades, plan: Plan, student: StudentWithStates, baseline: StudentWithStates | None, watch: Watch
) -> SettingResult:
    reasons = {query: query_exclusion(judged) for query, judged in grades.items()}
    queries = [query for query, reason in reasons.items() if reason is None]
    widest = max(plan.window, *SWEPT_WINDOWS) if plan.sweep else plan.window
    windows = window_candidates(shop, queries, widest, watch)
    return _measured(END_TO_END, plan.window, windows, reasons, 0, grades, plan, student, baseline, watch)


def _measured(
    name: str,
    window: int | None,
    candidates: Mapping[str, Candidates],
    reasons: Mapping[str, str | None],
    missing: int,
    grades: Grades,
    plan: Plan,
    student: StudentWithStates,
    baseline: StudentWithStates | None,
    watch: Watch,
) -> SettingResult:
    # Which queries count.
    kept = {query: grades[query] for query, reason in reasons.items() if reason is None}
    if not kept:
        listed = ", ".join(_by_reason(reasons))
        raise InputError(f"{name}: no query can be measured, because of each one {listed or 'is judged'}.")
    # What each model makes of their candidates.
    wide = [candidates[query] for query in kept]
    scores: dict[str, list[FloatArray]] = {}
    for system, scorer in ((STUDENT, student), (COSINE, baseline)):
        if scorer is not None:
            scorer.read(wide, watch, f"Reading products ({system})")
            scores[system] = [scorer.scores(hits) for hits in wide]

    def orders(system: str, weight: float, size: int | None) -> Rankings:
        return {
            hits.query: ranked(hits.head(size or len(mine)), mine[:size], weight)
            for hits, mine in zip(wide, scores[system], strict=True)
        }

    # How each system orders them.
    narrow = [hits.head(window or len(hits.products)) for hits in wide]
    rankings: dict[str, Rankings] = {ENGINE: {hits.query: [p.id for p in hits.products] for hits in narrow}}
    if COSINE in scores:
        rankings[COSINE] = orders(COSINE, 1.0, window)
    rankings[STUDENT] = orders(STUDENT, 1.0, window)
    if plan.learnt is None:
        rankings[BLEND] = orders(STUDENT, plan.blend_weight, window)
    else:
        words = WordsMemory()
        rankings[BLEND] = {
            hits.query: ranked_by_learnt(hits, student.view(hits), plan.learnt, words) for hits in narrow
        }
    # How good the orders are, what separates them, and where.
    systems = [_system(system, order, kept, plan) for system, order in rankings.items()]
    best = score({hits.query: ideal(hits, kept[hits.query]) for hits in narrow}, kept, plan.measures)
    products = {product.id: product for hits in narrow for product in hits.products}
    first = plan.measures[0].name
    losses, wins = cases(systems[0], systems[-1], rankings[ENGINE], rankings[BLEND], kept, products, first, plan.cutoff)
    # What other weights and windows would do.
    points = []
    for size in _windows(window, wide) if plan.sweep else ():
        for weight in SWEPT_WEIGHTS:
            values = score(orders(STUDENT, weight, size), kept, plan.measures[:1])[first]
            points.append(SweepPoint(weight, size, mean(values)))
    return SettingResult(
        name=name,
        window=window,
        queries=tuple(kept),
        left_out=_by_reason(reasons),
        missing_products=missing,
        cutoff=plan.cutoff,
        systems=tuple(systems),
        ceiling={measure: mean(values) for measure, values in best.items()},
        differences=tuple(_differences(systems, plan)),
        losses=losses[:CASES],
        wins=wins[:CASES],
        sweep=tuple(points),
    )


def _windows(window: int | None, wide: Sequence[Candidates]) -> list[int | None]:
    if window is None:
        return [None]
    most = max(len(hits.products) for hits in wide)
    # A window wider than the longest list of hits is that list again.
    sizes = sorted({*SWEPT_WINDOWS, window})
    return [size for i, size in enumerate(sizes) if i == 0 or sizes[i - 1] < most]


def _by_reason(reasons: Mapping[str, str | None]) -> dict[str, tuple[str, ...]]:
    distinct = sorted({reason for reason in reasons.values() if reason})
    return {reason: tuple(query for query, other in reasons.items() if other == reason) for reason in distinct}


def _system(name: str, rankings: Rankings, grades: Grades, plan: Plan) -> SystemResult:
    values = score(rankings, grades, plan.measures)
    return SystemResult(
        name=name,
        label=LABELS[name],
        means={measure: mean(of_query) for measure, of_query in values.items()},
        intervals={
            measure: bootstrap_interval(np.array(list(of_query.values())), seed=plan.seed)
            for measure, of_query in values.items()
        },
        unjudged=unjudged_rate(rankings, grades, plan.cutoff),
        values=values,
    )


def _differences(systems: Sequence[SystemResult], plan: Plan) -> list[Difference]:
    by_name = {system.name: system for system in systems}
    return [
        paired_difference(
            by_name[better].values[measure.name],
            by_name[base].values[measure.name],
            names=(better, base),
            measure=measure.name,
            seed=plan.seed,
        )
        for better, base in COMPARISONS
        if better in by_name and base in by_name
        for measure in plan.measures
    ]
