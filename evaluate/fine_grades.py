"""Measures of grades between the whole ones, such as 2.25: of another scale, or means of several people.

ir-measures and what it calls know whole grades. nDCG's formula takes any gain, and is computed here as ``measures`` has
it. Measures that know only yes and no get that, from the grade on that counts as relevant.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import ir_measures
from ir_measures import Measure, Qrel, ScoredDoc

from endcap.errors import InputError
from endcap.evaluate.measure_kinds import GAINS, between

Gain = Callable[[float], float]
_OF_DCG = {"log2": "linear", "exp-log2": "exponential"}
_WITHOUT_GRADES = ("Judged", "NumQ")
"""Measures that ask only whether a product was judged."""


def is_fine(grades: Iterable[Mapping[str, float]]) -> bool:
    """Whether some grade lies between two whole ones."""
    return any(not float(grade).is_integer() for judged in grades for grade in judged.values())


def gain_of(measure: Measure, gains: str) -> Gain | None:
    """What a grade is worth in an nDCG; None for other measures. ``gains`` names those that were filled in."""
    if "gains" not in measure.SUPPORTED_PARAMS:
        return None
    if name := gains or _OF_DCG.get(measure.params.get("dcg", "")):
        return GAINS[name].of
    table = {0: 0.0, **measure.params.get("gains", {})}
    return lambda grade: between(table, grade)


def check_fine(name: str, measure: Measure) -> None:
    """Raise ``InputError`` for a measure that can only be computed of whole grades."""
    known = {"gains", "rel"} & set(measure.SUPPORTED_PARAMS)
    if not known and measure.NAME not in _WITHOUT_GRADES:
        raise InputError(
            f"measure {name!r} needs whole grades, and some lie between two, as 2.25 does. Take nDCG, RR, P, R or AP, "
            'or give each rating a whole grade: --grades "1=0,2=1,3=1,4=2,5=3".'
        )


def fine_values(
    measure: Measure,
    gain: Gain | None,
    rankings: Mapping[str, Sequence[str]],
    grades: Mapping[str, Mapping[str, float]],
) -> dict[str, float]:
    """The measure of each query; ids must be safe for any program."""
    if gain is not None:
        return {query: _ndcg(measure, gain, rankings.get(query, ()), judged) for query, judged in grades.items()}
    relevant = float(measure.params.get("rel", 1))
    yes_no = measure(rel=1) if "rel" in measure.SUPPORTED_PARAMS else measure
    qrels = [Qrel(q, p, int(grade >= relevant)) for q, judged in grades.items() for p, grade in judged.items()]
    run = [ScoredDoc(q, p, float(-rank)) for q, ranking in rankings.items() for rank, p in enumerate(ranking)]
    return {metric.query_id: float(metric.value) for metric in ir_measures.iter_calc([yes_no], qrels, run)}


def _ndcg(measure: Measure, gain: Gain, ranking: Sequence[str], judged: Mapping[str, float]) -> float:
    if measure.params.get("judged_only"):
        ranking = [product for product in ranking if product in judged]
    cutoff = measure.params.get("cutoff")
    ideal = _dcg(sorted(map(gain, judged.values()), reverse=True)[:cutoff])
    return _dcg([gain(judged.get(product, 0)) for product in ranking[:cutoff]]) / ideal if ideal > 0 else 0.0


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / math.log2(rank + 1) for rank, gain in enumerate(gains, 1))
