"""The measure of each kind of the demo's searches, by the code of ``endcap evaluate``."""

from __future__ import annotations

import statistics
from collections import defaultdict
from collections.abc import Mapping

from endcap.demo.run import MEASURE, DemoShop
from endcap.evaluate.evaluation import END_TO_END, EvaluationPlan, evaluate
from endcap.evaluate.measures import parse
from endcap.evaluate.systems import Shop, StudentWithStates
from endcap.progress import Watch, unwatched


def measure_kinds(shop: DemoShop, watch: Watch = unwatched) -> dict[str, tuple[int, Mapping[str, float]]]:
    """For each kind of query how many there are, and the mean of the measure for engine, student and both."""
    info = shop.student.info
    plan = EvaluationPlan((END_TO_END,), info.window, info.blend_weight, tuple(parse([MEASURE])), learnt=info.learnt)
    scorer = StudentWithStates(shop.student, shop.states)
    (result,) = evaluate(Shop(shop.engine), shop.told.judgments().grades, plan, scorer, watch=watch)

    def means(texts: list[str]) -> dict[str, float]:
        return {s.name: statistics.fmean(s.values[MEASURE][text] for text in texts) for s in result.systems}

    kinds: dict[str, list[str]] = defaultdict(list)
    for query in shop.told.queries:
        kinds[query.kind].append(query.text)
    return {kind: (len(texts), means(texts)) for kind, texts in sorted(kinds.items())}
