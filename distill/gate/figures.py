"""What the engine alone and hybrid search make of the queries that the gate measures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from endcap.evaluate.end_to_end import window_candidates
from endcap.evaluate.hybrid import hybrid_order
from endcap.evaluate.judged_pool import pool_candidates
from endcap.evaluate.measures import Grades, mean, parse, score
from endcap.evaluate.significance import combine, query_differences
from endcap.evaluate.systems import Shop, StudentWithStates
from endcap.evaluate.two_models import CUTOFF, MEASURE, Pair
from endcap.progress import Watch, unwatched

ENGINE, HYBRID = "engine", "hybrid"
Values = Mapping[str, Mapping[str, float]]
"""System -> query -> nDCG@10."""


def pool_values(shop: Shop, grades: Grades, student: StudentWithStates, watch: Watch = unwatched) -> Values:
    """The engine's order of judged products, and hybrid search's with this student, which has read them."""
    pools = pool_candidates(shop, grades, watch)
    rankings: dict[str, dict[str, list[str]]] = {ENGINE: {}, HYBRID: {}}
    for query, pool in pools.items():
        cosines = student.scores(pool)
        lowest = float(np.nanmin(cosines)) if np.isfinite(cosines).any() else 0.0
        rankings[ENGINE][query] = [product.id for product in pool.products]
        rankings[HYBRID][query] = hybrid_order(pool, pool.products, np.nan_to_num(cosines, nan=lowest))
    return {system: score(of_system, grades, parse([MEASURE]))[MEASURE] for system, of_system in rankings.items()}


def window_values(shop: Shop, grades: Grades, watch: Watch = unwatched) -> Values:
    """The engine's own order of the whole catalogue."""
    windows = window_candidates(shop, list(grades), CUTOFF, watch)
    rankings = {query: [product.id for product in window.products] for query, window in windows.items()}
    return {ENGINE: score(rankings, grades, parse([MEASURE]))[MEASURE]}


def table(pairs: Mapping[str, Pair], beside: Mapping[str, Values]) -> dict[str, Any]:
    """Means by shop and of all queries, and what the new model has over each other system, with its 95 % interval.

    ``beside`` has, by shop, the values of further systems.
    """
    by_shop: dict[str, dict[str, Mapping[str, float]]] = {
        shop: {**beside.get(shop, {}), "old": pair.old.values, "new": pair.new.values} for shop, pair in pairs.items()
    }
    systems = list(dict.fromkeys(system for values in by_shop.values() for system in values))
    gains = {}
    for system in systems:
        if system != "new":
            apart = {shop: query_differences(values["new"], values[system]) for shop, values in by_shop.items()}
            d = combine(apart, names=("new", system), measure=MEASURE)
            gains[system] = {"mean": d.mean, "low": d.low, "high": d.high, "p_value": d.p_value}
    together = {
        system: {
            f"{shop}: {query}": value for shop, values in by_shop.items() for query, value in values[system].items()
        }
        for system in systems
    }
    return {
        "shops": {shop: _row(values) for shop, values in by_shop.items()},
        "all": _row(together),
        "gains": gains,
    }


def _row(values: Values) -> dict[str, Any]:
    return {"queries": len(values["new"]), "values": {system: mean(of_system) for system, of_system in values.items()}}
