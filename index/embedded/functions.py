"""``function_score`` and ``boosting`` for the embedded engine: scores changed by what else a document matches.

tantivy has no functions of scores. But filters with weights give a document one of a few factors, so the documents are
parted by which of the filters they match, and each part gets its own boost: exact, as long as there are few filters.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

import tantivy

from endcap.errors import EngineError
from endcap.index.embedded.clause_options import clause_options

MAX_FUNCTIONS = 6
"""Each one doubles the parts."""

_Translate = Callable[[Any], tantivy.Query]
_Weighted = tuple[tantivy.Query | None, float]
_SCORE_MODES: Mapping[str, Callable[[Sequence[float]], float]] = {
    "multiply": math.prod,
    "sum": sum,
    "avg": lambda weights: 1.0,  # an average by weights: each function's own value is 1
    "first": lambda weights: weights[0],
    "max": max,
    "min": min,
}
_BOOST_MODES = ("multiply", "replace", "sum", "avg", "max")


def boosting(value: Any, translate: _Translate) -> tantivy.Query:
    """``positive``, and what of it is ``negative`` scored by ``negative_boost`` times as much."""
    options = clause_options(value, "boosting", "positive", "negative", "negative_boost")
    if not {"positive", "negative", "negative_boost"} <= options.keys():
        raise EngineError("boosting needs positive, negative and negative_boost.")
    positive, negative = translate(options["positive"]), translate(options["negative"])
    parts = [
        _matching(positive, [], [negative]),
        tantivy.Query.boost_query(_matching(positive, [negative], []), _weight(options["negative_boost"])),
    ]
    return _boosted(_any(parts), options)


def function_score(value: Any, translate: _Translate) -> tantivy.Query:
    """A query's score changed by the weights of those filters that a document matches."""
    options = clause_options(
        value, "function_score", "query", "functions", "weight", "score_mode", "boost_mode", "max_boost"
    )
    # As in Lucene, the boost is the query's, before the functions.
    inner = _boosted(translate(options.get("query", {"match_all": {}})), options)
    functions = [_function(each, translate) for each in options.get("functions", [])]
    if "weight" in options:
        functions.append((None, _weight(options["weight"])))
    score_mode, boost_mode = options.get("score_mode", "multiply"), options.get("boost_mode", "multiply")
    if score_mode not in _SCORE_MODES or boost_mode not in _BOOST_MODES:
        raise EngineError(
            f"the embedded engine does not know score_mode {score_mode!r} with boost_mode {boost_mode!r}."
        )
    most = _weight(options.get("max_boost", 3e38))
    if not functions:
        return inner
    parts = []
    for wanted, unwanted, weights in _cases(functions):
        factor = min(_SCORE_MODES[score_mode](weights) if weights else 1.0, most)
        parts.append(_changed(_matching(inner, wanted, unwanted), factor, boost_mode))
    return _any(parts)


def _function(value: Any, translate: _Translate) -> _Weighted:
    if not isinstance(value, Mapping) or not value.keys() <= {"filter", "weight"} or "weight" not in value:
        raise EngineError(f"the embedded engine knows functions of a filter and a weight only, not {str(value)[:80]}.")
    return (translate(value["filter"]) if "filter" in value else None), _weight(value["weight"])


def _cases(
    functions: Sequence[_Weighted],
) -> Iterator[tuple[list[tantivy.Query], list[tantivy.Query], list[float]]]:
    """Each way in which a document may match the filters: what it matches, what it doesn't, and the weights it gets."""
    filters = [query for query, _ in functions if query is not None]
    if len(filters) > MAX_FUNCTIONS:
        raise EngineError(f"function_score has {len(filters)} filters; the embedded engine takes {MAX_FUNCTIONS}.")
    for case in product((True, False), repeat=len(filters)):
        holds = iter(case)
        weights = [weight for query, weight in functions if query is None or next(holds)]
        yield (
            [query for query, has in zip(filters, case, strict=True) if has],
            [query for query, has in zip(filters, case, strict=True) if not has],
            weights,
        )


def _changed(query: tantivy.Query, factor: float, mode: str) -> tantivy.Query:
    """The query with its score combined with a factor."""
    if mode == "multiply":
        return tantivy.Query.boost_query(query, factor)
    constant = tantivy.Query.const_score_query(query, factor)
    if mode == "replace":
        return constant
    if mode == "max":
        return tantivy.Query.disjunction_max_query([query, constant], 0.0)
    both = tantivy.Query.boolean_query([(tantivy.Occur.Must, query), (tantivy.Occur.Must, constant)])
    return both if mode == "sum" else tantivy.Query.boost_query(both, 0.5)


def _matching(
    query: tantivy.Query, wanted: Sequence[tantivy.Query], unwanted: Sequence[tantivy.Query]
) -> tantivy.Query:
    parts = [(tantivy.Occur.Must, query)]
    parts += [(tantivy.Occur.Must, tantivy.Query.const_score_query(each, 0.0)) for each in wanted]
    parts += [(tantivy.Occur.MustNot, each) for each in unwanted]
    return tantivy.Query.boolean_query(parts)


def _any(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _boosted(query: tantivy.Query, options: Mapping[str, Any]) -> tantivy.Query:
    return tantivy.Query.boost_query(query, _weight(options.get("boost", 1.0)))


def _weight(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 3e38:
        raise EngineError(f"a weight should be a number from 0 up, not {value!r}.")
    return float(value)
