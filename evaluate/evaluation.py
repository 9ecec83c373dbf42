"""One evaluation from judgments to results: gather candidates, order them in every way, measure, compare."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from endcap.errors import InputError
from endcap.evaluate.answered import answered, depth_of
from endcap.evaluate.cases import cases
from endcap.evaluate.catalogue_vectors import CatalogueVectors, catalogue_vectors
from endcap.evaluate.end_to_end import ideal, query_exclusion, window_candidates
from endcap.evaluate.hybrid import hybrid_order, joined_candidates
from endcap.evaluate.judged_pool import pool_candidates, pool_exclusion
from endcap.evaluate.measures import Grades, NamedMeasure, Rankings, mean, score, unjudged_rate
from endcap.evaluate.results import SettingResult, SystemResult
from endcap.evaluate.significance import Difference, bootstrap_interval, paired_difference
from endcap.evaluate.sweep import SWEPT_WINDOWS, sweep
from endcap.evaluate.systems import (
    BLEND,
    COSINE,
    DENSE,
    ENGINE,
    HYBRID,
    HYBRID_COSINE,
    MODEL,
    RULES,
    STUDENT,
    Candidates,
    Shop,
    StudentWithStates,
    View,
    label_of,
    ranked,
    ranked_by_blend,
)
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.search.reranker import Reranker
from endcap.progress import Watch, unwatched

POOL, END_TO_END = "pool", "end-to-end"
COMPARISONS = (
    *((STUDENT, ENGINE), (BLEND, ENGINE), (STUDENT, COSINE), (BLEND, STUDENT)),
    *((RULES, ENGINE), (RULES, BLEND)),
    *((BLEND, HYBRID_COSINE), (BLEND, HYBRID)),
    *((DENSE, ENGINE), (DENSE, BLEND), (DENSE, HYBRID_COSINE), (DENSE, HYBRID)),
)
Keep = Callable[[str, Mapping[str, Rankings]], None]
CASES = 10


@dataclass(frozen=True, slots=True)
class EvaluationPlan:
    """What to measure. ``window`` is how many hits are re-ranked end to end, ``blend_weight`` the student's share where
    there is no ``learnt`` blend."""

    settings: tuple[str, ...]
    window: int
    blend_weight: float
    measures: tuple[NamedMeasure, ...]
    sweep: bool = False
    seed: int = 0
    learnt: LearntBlend | None = None
    dense: int = 0
    """So many candidates by meaning join the window in the order ``dense``; 0 leaves out all orders that find such."""
    runs: Mapping[str, Rankings] = field(default_factory=dict)
    """Other systems' rankings, by the system's name."""

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
    plan: EvaluationPlan,
    student: StudentWithStates,
    baseline: StudentWithStates | None = None,
    watch: Watch = unwatched,
    ruled: Reranker | None = None,
    keep: Keep = lambda setting, rankings: None,
    beside: StudentWithStates | None = None,
) -> list[SettingResult]:
    """Each setting of the plan, measured. Raises InputError where no query is left to measure.

    ``ruled`` searches with the shop's rules and signals, where there are any. ``keep`` is given each setting's rankings
    by system. ``beside`` is another model, which orders the same candidates by its own blend.
    """
    results = []
    for setting in plan.settings:
        if setting == POOL:
            candidates, catalogues = pool_candidates(shop, grades, watch), dict[str, CatalogueVectors]()
            reasons = {query: pool_exclusion(judged, candidates[query]) for query, judged in grades.items()}
        else:
            reasons = {query: query_exclusion(judged) for query, judged in grades.items()}
            queries = [query for query, reason in reasons.items() if reason is None]
            widest = max(plan.window, *SWEPT_WINDOWS) if plan.sweep else plan.window
            candidates = window_candidates(shop, queries, widest, watch)
            models = {HYBRID_COSINE: baseline, HYBRID: student} if plan.dense else {}
            catalogues = {
                system: catalogue_vectors(shop, model, watch, f"Reading the catalogue ({system})")
                for system, model in models.items()
                if model is not None and model.student.query_vector("") is not None
            }
        results.append(
            _setting_result(
                setting,
                candidates,
                reasons,
                grades,
                plan,
                student,
                baseline,
                catalogues,
                ruled,
                shop,
                watch,
                keep,
                beside,
            )
        )
    return results


def _setting_result(
    name: str,
    candidates: Mapping[str, Candidates],
    reasons: Mapping[str, str | None],
    grades: Grades,
    plan: EvaluationPlan,
    student: StudentWithStates,
    baseline: StudentWithStates | None,
    catalogues: Mapping[str, CatalogueVectors],
    ruled: Reranker | None,
    shop: Shop,
    watch: Watch,
    keep: Keep,
    beside: StudentWithStates | None,
) -> SettingResult:
    window = None if name == POOL else plan.window
    # Which queries count.
    judged = {query: grades[query] for query, reason in reasons.items() if reason is None}
    if not judged:
        listed = ", ".join(_by_reason(reasons))
        raise InputError(f"{name}: no query can be measured, because of each one {listed or 'is judged'}.")
    # What each model makes of their candidates.
    wide = [candidates[query] for query in judged]
    scores: dict[str, list[FloatArray]] = {}
    for system, scorer in ((STUDENT, student), (COSINE, baseline)):
        if scorer is not None:
            scorer.read(wide, watch, f"Reading products ({system})")
            scores[system] = [scorer.scores(hits) for hits in wide]
    # How each system orders them.
    narrow = [hits.head(window or len(hits.products)) for hits in wide]
    rankings: dict[str, Rankings] = {ENGINE: {hits.query: [p.id for p in hits.products] for hits in narrow}}
    if COSINE in scores:
        rankings[COSINE] = _rankings(wide, scores[COSINE], 1.0, window)
    rankings[STUDENT] = _rankings(wide, scores[STUDENT], 1.0, window)
    words = WordsMemory()
    rankings[BLEND] = {hits.query: _blended(hits, student.view(hits), plan, words) for hits in narrow}
    left_alone: Mapping[str, int] = {}
    if ruled is not None and window is not None:
        rankings[RULES], left_alone = answered(
            shop, ruled, list(judged), plan.cutoff, depth_of(plan.measures, window), watch
        )
    for system, catalogue in catalogues.items():
        rankings[system] = {
            hits.query: hybrid_order(hits, *catalogue.nearest(hits.query, plan.window)) for hits in narrow
        }
    if HYBRID in catalogues:
        joined = [joined_candidates(h, catalogues[HYBRID].nearest(h.query, plan.dense)[0]) for h in narrow]
        rankings[DENSE] = {hits.query: _blended(hits, student.view(hits), plan, words) for hits in joined}
    others = [*plan.runs]
    if beside is not None:
        info = beside.student.info
        beside.read(wide, watch, f"Reading products ({info.name})")
        its_plan = replace(plan, blend_weight=info.blend_weight, learnt=info.learnt)
        rankings[MODEL + info.name] = {h.query: _blended(h, beside.view(h), its_plan, WordsMemory()) for h in narrow}
        others.append(MODEL + info.name)
    for system, order in plan.runs.items():
        rankings[system] = {hits.query: _of_run(order.get(hits.query, ()), hits, window) for hits in narrow}
    keep(name, rankings)
    # How good the orders are, what separates them, and where.
    systems = [_system(system, order, judged, plan) for system, order in rankings.items()]
    best = score({hits.query: ideal(hits, judged[hits.query]) for hits in narrow}, judged, plan.measures)
    products = {product.id: product for hits in narrow for product in hits.products}
    first = plan.measures[0].name
    shown = RULES if RULES in rankings else BLEND
    old, new = (next(s.values[first] for s in systems if s.name == name) for name in (ENGINE, shown))
    losses, wins = cases(old, new, rankings[ENGINE], rankings[shown], judged, products, plan.cutoff)
    return SettingResult(
        name=name,
        window=window,
        queries=tuple(judged),
        left_out=_by_reason(reasons),
        missing_products=sum(len(grades[h.query]) - len(h.products) for h in candidates.values() if window is None),
        cutoff=plan.cutoff,
        systems=tuple(systems),
        ceiling={measure: mean(values) for measure, values in best.items()},
        differences=tuple(_differences(systems, plan, others)),
        losses=losses[:CASES],
        wins=wins[:CASES],
        sweep=tuple(sweep(window, wide, scores[STUDENT], judged, plan.measures[0], words)) if plan.sweep else (),
        left_alone=left_alone,
        full_windows=sum(len(hits.products) == window for hits in narrow),
        refused={hits.query: hits.refused for hits in narrow if hits.refused},
    )


def _of_run(ranking: Sequence[str], hits: Candidates, window: int | None) -> list[str]:
    """Another system's ranking; in the pool only what is there, and what it has not found last, as of the engine."""
    if window is not None:
        return list(ranking)
    there = {product.id for product in hits.products}
    found = [product for product in ranking if product in there]
    return found + sorted(there.difference(found))


def _blended(hits: Candidates, view: View, plan: EvaluationPlan, words: WordsMemory) -> list[str]:
    """Product ids as the middleware orders them."""
    return ranked_by_blend(hits, view, plan.blend_weight, plan.learnt, words)


def _rankings(
    candidates: Sequence[Candidates], scores: Sequence[FloatArray], weight: float, size: int | None
) -> Rankings:
    return {
        hits.query: ranked(hits.head(size or len(mine)), mine[:size], weight)
        for hits, mine in zip(candidates, scores, strict=True)
    }


def _by_reason(reasons: Mapping[str, str | None]) -> dict[str, tuple[str, ...]]:
    distinct = sorted({reason for reason in reasons.values() if reason})
    return {reason: tuple(query for query, other in reasons.items() if other == reason) for reason in distinct}


def _system(name: str, rankings: Rankings, grades: Grades, plan: EvaluationPlan) -> SystemResult:
    values = score(rankings, grades, plan.measures)
    return SystemResult(
        name=name,
        label=label_of(name),
        means={measure: mean(of_query) for measure, of_query in values.items()},
        intervals={
            measure: bootstrap_interval(np.array(list(of_query.values())), seed=plan.seed)
            for measure, of_query in values.items()
        },
        unjudged=unjudged_rate(rankings, grades, plan.cutoff),
        values=values,
    )


def _differences(systems: Sequence[SystemResult], plan: EvaluationPlan, others: Sequence[str]) -> list[Difference]:
    by_name = {system.name: system for system in systems}
    return [
        paired_difference(
            by_name[better].values[measure.name],
            by_name[base].values[measure.name],
            names=(better, base),
            measure=measure.name,
            seed=plan.seed,
        )
        for better, base in (
            *COMPARISONS,
            *((BLEND, other) for other in others),
            *((other, ENGINE) for other in others),
        )
        if better in by_name and base in by_name
        for measure in plan.measures
    ]
