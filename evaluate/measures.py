"""Measures of a ranking, by the names that ir-measures gives them.

nDCG is the sum of ``gain(grade) / log2(rank + 1)`` over the ranking, divided by the same sum over the ideal ranking of
ALL judged products of the query (Järvelin and Kekäläinen, 2002: https://doi.org/10.1145/582415.582418). The exponential
gain ``2^grade - 1`` is that of Burges et al., 2005: https://doi.org/10.1145/1102351.1102363.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import ir_measures
from ir_measures import Measure, Qrel, ScoredDoc

from endcap.errors import InputError
from endcap.evaluate.fine_grades import check_fine, fine_values, gain_of, is_fine
from endcap.evaluate.measure_kinds import GAINS, RELEVANT_GRADE

Grades = Mapping[str, Mapping[str, float]]
"""What people judged: query -> product id -> grade, 0 (irrelevant) to 3 (exactly what was meant); 2.25 is one, too."""

Rankings = Mapping[str, Sequence[str]]
"""What a system returned: query -> product ids, best first."""


@dataclass(frozen=True, slots=True)
class NamedMeasure:
    """A measure as the user named it, and what ir-measures is asked for."""

    name: str
    measure: Measure
    minimum_grade: int
    """A query counts where at least one judged product has this grade; the others can't tell systems apart."""
    gains: str = ""
    """The key of ``GAINS`` that was filled in."""

    def counts(self, best: float) -> bool:
        """Whether a query whose best product has this grade counts: nDCG has a gain for any grade above 0."""
        return best >= self.minimum_grade if "rel" in self.measure.SUPPORTED_PARAMS else best > 0

    @property
    def cutoff(self) -> int | None:
        """How many ranks the measure reads; None where it reads them all."""
        value = self.measure.params.get("cutoff")
        return int(value) if value is not None else None


def parse(names: Sequence[str], gains: str = "exponential", relevant: int = RELEVANT_GRADE) -> list[NamedMeasure]:
    """Measures from names such as ``nDCG@10``, ``RR``, ``P(rel=3)@5``.

    What a name leaves open is filled in: ``gains`` (a key of ``GAINS``) for nDCG, ``relevant`` as the threshold of
    measures that know only relevant and irrelevant. Raises InputError for a name that can't be computed here.
    """
    if gains not in GAINS:
        raise InputError(f"unknown gains {gains!r}: choose one of {', '.join(GAINS)}")
    return [_parse_one(name, gains, relevant) for name in dict.fromkeys(names)]


def _parse_one(name: str, gains: str, relevant: int) -> NamedMeasure:
    try:
        measure = _measure(name)
        if measure.params.get("cutoff", 1) < 1:
            raise ValueError("the cut-off must be 1 or more")
        missing: dict[str, Any] = {}
        filled = ""
        if "gains" in measure.SUPPORTED_PARAMS and "dcg" not in measure.params:
            missing["gains"] = dict(GAINS[gains].of_grade)
        if "rel" in measure.SUPPORTED_PARAMS:
            missing["rel"] = relevant
        for key, value in missing.items():
            if key not in measure.params:
                measure = measure(**{key: value})
                filled = gains if key == "gains" else filled
        # A tiny run shows at once whether a provider for this measure is installed here.
        ir_measures.calc_aggregate([measure], [Qrel("1", "1", 3)], [ScoredDoc("1", "1", 1.0)])
    except Exception as error:  # ir-measures raises NameError, ValueError, KeyError and what its programs raise
        raise InputError(
            f"measure {name!r} can't be computed: {str(error).strip() or type(error).__name__}. "
            "Names are those of ir-measures, such as nDCG@10, RR, P@5, R@100, AP: https://ir-measur.es"
        ) from error
    return NamedMeasure(name, measure, int(measure.params.get("rel", 1)), filled)


def _measure(name: str) -> Measure:
    """The measure of a name ``NAME(parameter=value, ...)@cutoff``, as ``ir_measures.parse_measure`` reads it.

    That one, up to ir-measures 0.4.3, needs parts of ``ast`` that Python 3.14 no longer has.
    """
    match = re.fullmatch(r"(?P<measure>\w+)(?:\((?P<parameters>.*)\))?(?:@(?P<at>\d+))?", name.strip())
    if match is None:
        raise ValueError("a name is written NAME@cutoff or NAME(parameter=value)@cutoff")
    if match["measure"] not in ir_measures.measures.registry:
        raise NameError(f"measure not found: {match['measure']}")
    kind = ir_measures.measures.registry[match["measure"]]
    call = ast.parse(f"measure({match['parameters'] or ''})", mode="eval").body
    if not isinstance(call, ast.Call) or call.args:
        raise ValueError("parameters are written parameter=value, with commas between them")
    parameters = {keyword.arg: ast.literal_eval(keyword.value) for keyword in call.keywords if keyword.arg}
    if match["at"]:
        parameters[kind.AT_PARAM] = int(match["at"])
    measure: Measure = kind(**parameters)
    return measure


def score(rankings: Rankings, grades: Grades, measures: Sequence[NamedMeasure]) -> dict[str, dict[str, float]]:
    """Each measure of each query, ``{name: {query: value}}``, for the queries of ``grades`` that count for it.

    A query without a ranking scores as one whose ranking is empty. Ids of any kind are safe: ir-measures sees numbers.
    The order is taken as it is: it is passed on as strictly falling scores, so that no tie is broken by anybody else.
    """
    queries = list(grades)
    number = {query: f"{position:07d}" for position, query in enumerate(queries, 1)}
    products = {product for judged in grades.values() for product in judged}
    products |= {product for query in queries for product in rankings.get(query, ())}
    name = {product: f"{position:09d}" for position, product in enumerate(sorted(products), 1)}
    judged = {number[query]: {name[p]: grade for p, grade in of_query.items()} for query, of_query in grades.items()}
    ordered = {number[query]: [name[p] for p in dict.fromkeys(rankings.get(query, ()))] for query in queries}
    fine = is_fine(judged.values())
    best = {query: max(judged.values(), default=0) for query, judged in grades.items()}
    results: dict[str, dict[str, float]] = {}
    for item in measures:
        if fine:
            check_fine(item.name, item.measure)
            values = fine_values(item.measure, gain_of(item.measure, item.gains), ordered, judged)
        else:
            values = _values(item.measure, ordered, judged)
        results[item.name] = {query: values.get(number[query], 0.0) for query in queries if item.counts(best[query])}
    return results


def _values(measure: Measure, rankings: Rankings, grades: Grades) -> dict[str, float]:
    qrels = [Qrel(query, product, int(grade)) for query, judged in grades.items() for product, grade in judged.items()]
    run = [
        ScoredDoc(query, product, float(len(ranking) - rank))
        for query, ranking in rankings.items()
        for rank, product in enumerate(ranking)
    ]
    return {metric.query_id: float(metric.value) for metric in ir_measures.iter_calc([measure], qrels, run)}


def unjudged_rate(rankings: Rankings, grades: Grades, cutoff: int) -> float:
    """The share of the products shown in the first ``cutoff`` ranks that nobody judged for their query, in 0..1."""
    shown = unjudged = 0
    for query, judged in grades.items():
        top = rankings.get(query, ())[:cutoff]
        shown += len(top)
        unjudged += sum(product not in judged for product in top)
    return unjudged / shown if shown else 0.0


def mean(values: Mapping[str, float]) -> float:
    """The mean over queries; NaN where no query counts."""
    return sum(values.values()) / len(values) if values else float("nan")
