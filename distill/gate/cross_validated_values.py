"""What a model made of judged queries that it was fitted to, by folds: it travels with the model, for the next gate.

A model that was taught by a query ranks it better than new ones. Where the same judgments decide about its successor,
which is measured by folds, it has to be measured by folds, too. Its own gate did that, and ``lineage`` keeps the values
(a gate's ``unseen``). Their key is made of query and grades: judgments that changed are not mistaken for those it was
measured on, and no query's text is given away.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import replace

from endcap.evaluate.two_models import Pair
from endcap.plugin.model.folder import ModelInfo

Values = Mapping[str, float]
"""Key of a judged query -> nDCG@10."""


def key(query: str, grades: Mapping[str, float]) -> str:
    """A judged query's key: 16 hex digits over its text and its grades by product id."""
    text = json.dumps([query, sorted(grades.items())], separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]


def kept_values(info: ModelInfo, check: str) -> Values:
    """What a model's own gate kept for a check, by key; nothing where it was not gated by folds."""
    gate = (info.raw.get("lineage") or {}).get("gate") or {}
    values = (gate.get("unseen") or {}).get(check) or {}
    return {name: float(value) for name, value in values.items()}


def values_to_keep(pairs: Mapping[str, Pair]) -> dict[str, float]:
    """The new model's values of all shops, by key, rounded to five digits."""
    return {
        key(query, pair.grades[query]): round(value, 5)
        for pair in pairs.values()
        for query, value in pair.new.values.items()
    }


def with_kept(pairs: Mapping[str, Pair], kept: Values) -> tuple[dict[str, Pair], int]:
    """Pairs by shop whose old model has its kept values where there are any, and how many those are.

    Its rankings stay those of the model as it is, which no fold has: they say what moves in production.
    """
    with_values, count = dict[str, Pair](), 0
    for shop, pair in pairs.items():
        keys = {query: key(query, grades) for query, grades in pair.grades.items()}
        values = {query: kept.get(keys[query], value) for query, value in pair.old.values.items()}
        with_values[shop] = replace(pair, old=replace(pair.old, values=values))
        count += sum(name in kept for name in keys.values())
    return with_values, count
