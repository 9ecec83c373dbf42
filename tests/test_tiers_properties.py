"""Random bodies with rules, on every engine: what a rule has put above something else stays above it."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from rerank_parts import ids
from tiers_parts import ASKED, COUNT, ENGINES, Shop, constant, shop_in, turned_back

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.plugin.tiers.script import Use, score_use

FILTERS = [{"term": {"brand.keyword": "acme"}}, {"term": {"attributes.stock": "no"}}, {"range": {"price": {"gte": 50}}}]
WEIGHTS = st.sampled_from([0.001, 0.1, 0.5, 0.8, 1.003, 1.3, 2.0, 10.0, 1000.0])
Pair = tuple[Any, Any]
"""A clause, and what is left of it without its rules."""

texts = st.sampled_from(
    [
        {"match": {"title": "usb cable"}},
        {"match": {"title": {"query": "long braided cable", "boost": 2.0}}},
        {"multi_match": {"query": "usb lamp", "fields": ["title^2", "brand"]}},
    ]
).map(lambda clause: (clause, clause))


def by_words(boost: float) -> Any:
    """A clause of a rule that matches words which are not searched for."""
    return {"match": {"brand": {"query": "acme", "boost": boost}}}


NUDGES = [
    {"field_value_factor": {"field": "price", "modifier": "log1p", "factor": 0.1}},
    {"gauss": {"price": {"origin": 40, "scale": 30}}},
    {"gauss": {"price": {"origin": 90, "scale": 500}}, "weight": 1.01},
]
"""Functions that hardly any two products get the same of; the embedded engine has none."""

rules = st.builds(constant, WEIGHTS, st.sampled_from(FILTERS)) | st.builds(by_words, WEIGHTS)


def with_should(text: Pair, should: list[Any], boost: float) -> Pair:
    """A bool with rules beside its text."""
    return {"bool": {"must": [text[0]], "should": should, "boost": boost}}, {
        "bool": {"must": [text[1]], "boost": boost}
    }


def two_texts(first: Pair, second: Pair) -> Pair:
    """A bool of two texts, which may hold rules themselves."""
    return {"bool": {"must": [first[0]], "should": [second[0]]}}, {"bool": {"must": [first[1]], "should": [second[1]]}}


def gated(first: Pair, second: Pair, demand: dict[str, Any], boost: float) -> Pair:
    """A second text that counts only for some hits."""
    texts = [{"bool": {"must": [second[0]], "boost": boost, **demand}}, {"bool": {"must": [second[1]], "boost": boost}}]
    whole, alone = ({"bool": {"must": [one], "should": [other]}} for one, other in zip(first, texts, strict=True))
    return whole, alone


def either(text: Pair, demand: dict[str, Any], boost: float, tie: float) -> Pair:
    """The same text for some hits, and for all."""
    queries = [{"bool": {"must": [text[0]], "boost": boost, **demand}}, text[0]]
    alone = [{"bool": {"must": [text[1]], "boost": boost}}, text[1]]
    return tuple({"dis_max": {"queries": each, "tie_breaker": tie}} for each in (queries, alone))  # type: ignore[return-value]


def functions(text: Pair, chosen: list[tuple[Any, float]], mode: str, boost_mode: str) -> Pair:
    """A function_score of filters with weights."""
    listed = [{"filter": filter, "weight": weight} for filter, weight in chosen]
    options = {"query": text[0], "functions": listed, "score_mode": mode, "boost_mode": boost_mode}
    return {"function_score": options}, text[1]


def nudged(text: Pair, function: Any, boost_mode: str) -> Pair:
    """A function_score by a number of the products."""
    return {"function_score": {"query": text[0], "functions": [function], "boost_mode": boost_mode}}, text[1]


def boosted(text: Pair, negative: Any, boost: float) -> Pair:
    """A boosting by one of the filters."""
    return {"boosting": {"positive": text[0], "negative": negative, "negative_boost": boost}}, text[1]


def bodies(inner: st.SearchStrategy[Pair]) -> st.SearchStrategy[Pair]:
    """Clauses around clauses."""
    of_filters = st.sampled_from(FILTERS)
    chosen = st.lists(st.tuples(of_filters, WEIGHTS), min_size=1, max_size=2)
    boosts = st.sampled_from([0.2, 1.0, 4.0, 50.0])
    demands = st.builds(lambda kind, filter: {kind: [filter]}, st.sampled_from(["filter", "must_not"]), of_filters)
    return st.one_of(
        st.builds(gated, inner, inner, demands, boosts),
        st.builds(either, inner, demands, boosts, st.sampled_from([0.0, 0.4])),
        st.builds(with_should, inner, st.lists(rules, min_size=1, max_size=3), st.sampled_from([1.0, 3.0])),
        st.builds(two_texts, inner, texts),
        st.builds(
            functions,
            inner,
            chosen,
            st.sampled_from(["multiply", "sum"]),
            st.sampled_from(["multiply", "sum"]),
        ),
        st.builds(boosted, inner, st.sampled_from(FILTERS), st.sampled_from([0.05, 0.4, 0.9])),
    )


clauses = st.recursive(texts, bodies, max_leaves=4).filter(lambda pair: pair[0] != pair[1])
few = settings(
    max_examples=12,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.fixture(scope="module", params=ENGINES)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop in each engine."""
    yield from shop_in(request.param, request, tmp_path_factory)


@few
@given(clauses, st.sampled_from([0.5, 1.0]))
def test_what_rules_have_put_stays(shop: Shop, pair: Pair, weight: float) -> None:
    """No pair that a rule has turned is turned back; without a say of the student the order is the engine's."""
    held(shop, pair, weight)


@few
@given(
    st.builds(nudged, clauses | texts, st.sampled_from(NUDGES), st.sampled_from(["multiply", "sum", "avg", "max"])),
    st.sampled_from([0.5, 1.0]),
)
def test_what_nudges_have_put_stays(shop: Shop, pair: Pair, weight: float) -> None:
    """The same of rules that grow with a number of the products, however weak."""
    if not isinstance(shop.target, EmbeddedEngine):
        held(shop, pair, weight, (None, "rules_decide"))


def held(shop: Shop, pair: Pair, weight: float, reasons: Container[str | None] = (None,)) -> None:
    """A body is re-ranked, or left as it is for one of these reasons, and its rules hold."""
    query, text = pair
    body = {"query": query, "ext": {"rerank": ASKED}}
    engine, put = shop.put_by_rules({"query": query}, text)
    reply = shop.reranked(body, weight)
    assert reply["ext"]["rerank"]["reason"] in reasons, reply["ext"]["rerank"]
    shown = ids(reply)
    assert sorted(shown) == sorted(engine)
    assert turned_back(put, engine, shown) == []
    scores = {hit["_id"]: hit["_score"] for hit in shop.engine({"query": query, "size": COUNT})["hits"]["hits"]}
    unmoved = np.array([scores[id] for id in ids(shop.reranked(body, 0.0))])
    assert (np.diff(unmoved) <= 1e-5 * unmoved[1:]).all()
    again = [hit["_score"] for hit in reply["hits"]["hits"]]
    assert again == sorted(again, reverse=True)


USES = {
    "_score": Use(1.0, False),
    "return _score * doc['popularity'].value;": Use(None, False),
    "_score + (doc['stock'].value > 0 ? 100 : 0)": Use(1.0, True),
    "_score * 0.3 + 0.7 * params.w * saturation(doc['x'].value, 3)": Use(0.3, True),
    "doc['stock'].value > 0 ? _score : _score * 0.1": Use(None, False),
    "_score / (1 + doc['age'].value)": Use(None, False),
    "_score / 2 - 1": Use(0.5, True),
    "def x = doc['a'].size() == 0 ? 0 : doc['a'].value; return _score + x": Use(1.0, True),
    "doc['price'].value / 10": Use(0.0, True),
    "(_score + 5) * doc['a'].value": None,
    "doc['a'].value == 'x' ? _score + 3 : _score * 2": None,
    "_score > 5 ? 1 : 0": None,
    "Math.max(_score, 3)": None,
    "1 / _score": None,
    "_score * _score": None,
    "if (doc['a'].value > 1) { return _score } return 0": None,
    "doc[_score]": None,
    "if (doc['a'].value) { return _score * 2; }\nreturn _score * 0.1;": Use(None, False),
    "if (doc['a'].value) return _score; else { return _score + 5 }": Use(1.0, True),
    "double b = 1; for (t in doc['tags']) { if (t == 'new') { b += 3; } } return b * _score;": Use(None, False),
    "// twice\n_score * 2 /* and */ + 5": Use(2.0, True),
    "doc['u'].value.contains('http://') ? _score : 2 * _score": Use(None, False),
    "params.w * _score + params['b'] * doc['tier'].value": Use(3.0, True),
    "params.of.w * _score + 1": None,
    "if (_score > 2) { return _score; } return 1;": None,
    "double b = _score; if (doc['a'].value) { b = 3; } return b;": None,
    "if (doc['a'].value) { double s = _score; return s * s; } return _score;": None,
    "": Use(0.0, True),
}


@pytest.mark.parametrize("source", USES)
def test_how_a_script_uses_the_score(source: str) -> None:
    """A sum with the score or a product of it is read; of anything else it is said that it can't be told."""
    assert score_use(source, {"w": 3, "b": True}) == USES[source]


VALUES = {"_score": (1.0, 2.0, 5.0), "a": (3.0,), "b": (0.5,)}
sums = st.recursive(
    st.sampled_from(["_score", "a", "b", "2", "0.5"]),
    lambda inner: st.builds("({} {} {})".format, inner, st.sampled_from("+-*/"), inner),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(sums)
def test_what_is_said_of_a_script_is_true(source: str) -> None:
    """By the script's own arithmetic: slope and rest are the same at all scores."""
    use = score_use(source)
    if use is None:
        return
    values = []
    for score in VALUES["_score"]:
        try:
            values.append(eval(source, {"_score": score, "a": 3.0, "b": 0.5}))
        except ZeroDivisionError:
            return
    if use.slope is None:
        assert np.ptp([value / score for value, score in zip(values, VALUES["_score"], strict=True)]) < 1e-9
    else:
        rest = [value - use.slope * score for value, score in zip(values, VALUES["_score"], strict=True)]
        assert np.ptp(rest) < 1e-9
        assert use.shifted or max(map(abs, rest)) < 1e-9
