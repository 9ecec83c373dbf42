"""Bodies as shops write them, on every engine: what each keeps, whatever the student thinks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pytest
from rerank_parts import ids, told
from tiers_parts import COUNT, ENGINES, TEXT, Shop, constant, shop_in, turned_back

ACME, ZEN = {"term": {"brand.keyword": "acme"}}, {"term": {"brand.keyword": "zen"}}
SOLD_OUT, IN_STOCK = {"term": {"attributes.stock": "no"}}, {"term": {"attributes.stock": "yes"}}
CHEAP, FIRST = {"range": {"price": {"lte": 30}}}, {"term": {"attributes.tier": "1"}}
WORDS = {"multi_match": {"query": "usb cable", "fields": ["title^2", "brand"]}}
MODES = ("multiply", "sum", "avg", "first", "max", "min")
BOOST_MODES = ("multiply", "sum", "avg", "replace", "max", "min")


def functions(*of: Any, query: Any = TEXT, **options: Any) -> Any:
    return {"function_score": {"query": query, "functions": list(of), **options}}


def should(*clauses: Any, **others: Any) -> Any:
    return {"bool": {"must": [TEXT], "should": list(clauses), **others}}


def script(source: str, **params: Any) -> Any:
    return {"script_score": {"query": TEXT, "script": {"source": source, "params": params}}}


def lifted(boost: float, **clause: Any) -> Any:
    ((kind, fields),) = clause.items()
    return {kind: {field: {"query": text, "boost": boost} for field, text in fields.items()}}


WEIGHTS = [{"filter": filter, "weight": w} for filter, w in ((ACME, 2), (IN_STOCK, 3), (FIRST, 0.5))]
EVERYWHERE: dict[str, Any] = {
    "cascade": should(constant(1e6, {"ids": {"values": ["k3"]}}), constant(90, FIRST), constant(9, ACME)),
    "six flags": should(
        *(constant(0.1 * n, f) for n, f in enumerate((ACME, IN_STOCK, FIRST, CHEAP, ZEN, SOLD_OUT), 1))
    ),
    "flag by match": should(lifted(3, match={"attributes.stock": "yes"}), lifted(2, match={"brand": "acme"})),
    "brand by multi_match": should({"multi_match": {"query": "acme zen", "fields": ["brand"], "boost": 2}}),
    "terms": should({"terms": {"brand.keyword": ["acme", "zen"], "boost": 0.4}}, {"range": {"price": {"lte": 20}}}),
    "needed should": {"bool": {"should": [TEXT, constant(0.4, ACME), FIRST], "minimum_should_match": 2}},
    "rules in must": {"bool": {"must": [TEXT, functions(*WEIGHTS)], "filter": [{"range": {"price": {"gte": 1}}}]}},
    "filter and flags": {"bool": {"filter": [TEXT], "should": [constant(5, ACME), TEXT]}},
    "demands under should": should(
        {"bool": {"must": [ACME], "boost": 5}}, {"bool": {"must": [{"match_all": {"boost": 0.5}}], "filter": [FIRST]}}
    ),
    "text under should": should({"bool": {"must": [TEXT], "filter": [ACME], "must_not": [SOLD_OUT], "boost": 3}}),
    "text in either": {
        "dis_max": {
            "queries": [
                {"bool": {"must": [TEXT], "filter": [IN_STOCK], "boost": 5}},
                {"bool": {"must": [TEXT, SOLD_OUT], "should": [constant(0.3, ACME)]}},
            ]
        }
    },
    "boosting in boosting": {
        "boosting": {
            "positive": {"boosting": {"positive": WORDS, "negative": SOLD_OUT, "negative_boost": 0.1}},
            "negative": {"match": {"title": "hub"}},
            "negative_boost": 0.4,
        }
    },
    "dis_max": {"dis_max": {"queries": [WORDS, constant(0.4, ACME), lifted(0.2, match={"brand": "zen"})]}},
    "named by the caller": should({"constant_score": {"filter": ACME, "boost": 2, "_name": "_rerank0"}}),
    "max_boost": functions(*WEIGHTS, max_boost=2.5, score_mode="sum"),
}
ALL_MODES = {f"{m}, {b}": functions(*WEIGHTS, score_mode=m, boost_mode=b) for m in MODES for b in BOOST_MODES}
EVERYWHERE |= {name: body for name, body in ALL_MODES.items() if not name.endswith("min")}
OPENSEARCH: dict[str, Any] = {
    **{name: body for name, body in ALL_MODES.items() if name.endswith("min")},
    "min_score": functions(*WEIGHTS, min_score=0.05),
    "prefix": should({"prefix": {"brand.keyword": {"value": "ac", "boost": 0.4}}}),
    "wildcard": should({"wildcard": {"brand.keyword": {"value": "*e*", "boost": 0.4}}}),
    "query_string": should({"query_string": {"query": "brand:acme^9 attributes.tier:1"}}),
    "simple_query_string": should({"simple_query_string": {"query": "acme", "fields": ["brand^4"]}}),
    "phrase on a brand": should(lifted(4, match_phrase={"brand": "acme"})),
    "script, factor": script("_score * (doc['attributes.stock'].value == 'yes' ? 1.0 : 0.05)"),
    "script, sum": script("_score + params.b * (doc['attributes.tier'].value == '1' ? 1 : 0)", b=2),
    "script replaces": script("doc['price'].value > 50 ? 10 : 1"),
    "script function": functions({"script_score": {"script": "doc['price'].value > 50 ? 3 : 1"}}),
    "script function alone": functions(
        {"script_score": {"script": "_score * (doc['price'].value > 50 ? 3 : 1)"}}, boost_mode="replace"
    ),
}
GRADED: dict[str, Any] = {
    "factor": functions({"field_value_factor": {"field": "price", "modifier": "log1p", "factor": 0.1}}),
    "factor, sum": functions({"field_value_factor": {"field": "price", "factor": 0.001}}, boost_mode="sum"),
    "decay": functions({"gauss": {"price": {"origin": 20, "scale": 15, "offset": 5}}}, *WEIGHTS[:1]),
    "decay, min": functions({"linear": {"price": {"origin": 20, "scale": 60}}}, boost_mode="min"),
    "random": functions({"random_score": {"seed": 3, "field": "_seq_no"}}, boost_mode="avg"),
    "script with a number": script("_score * Math.log(2 + doc['price'].value)"),
}
BODIES = EVERYWHERE | OPENSEARCH | GRADED
NUMBERS = ("factor", "factor, sum", "decay", "random", "script with a number")
"""Bodies with a number that turns a large part of the pairs, on some of these indexes."""
TEXT_OF = {"rules in must": {"bool": {"must": [TEXT, TEXT]}}, "boosting in boosting": WORDS, "dis_max": WORDS}
ASKED = {"query_context": {"query_text": "usb cable"}}


def rescored(mode: str) -> Mapping[str, Any]:
    """A second query that scores by rules."""
    query = functions(*WEIGHTS[:2], query={"match_all": {}}, score_mode="sum")
    options = {"rescore_query": query, "score_mode": mode, "query_weight": 0.8, "rescore_query_weight": 1.4}
    return {"window_size": COUNT, "query": options}


@pytest.fixture(scope="module", params=ENGINES)
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """The shop in each engine."""
    yield from shop_in(request.param, request, tmp_path_factory)


def kept(shop: Shop, body: Mapping[str, Any], text: Any, few_lost: bool = False, by_number: bool = False) -> None:
    """Check what a re-ranked search has to keep of a body, whose text alone is ``text``."""
    reply, engine_reply = shop.reranked({**body, "ext": {"rerank": ASKED}}), shop.engine({"size": COUNT, **body})
    if told(reply) == ("skipped", "rules_decide"):  # a number that orders the hits alone
        assert by_number
        assert ids(reply) == ids(engine_reply)
        return
    told_of = ("reranked", "rules_decide" if by_number and told(reply)[1] else None)  # that orders some of them
    assert told(reply) == told_of, reply["ext"]["rerank"]
    engine, put = shop.put_by_rules(body, text)
    assert sorted(ids(reply)) == sorted(engine)
    assert len(turned_back(put, engine, ids(reply))) <= (0.15 * put.sum() if few_lost else 0)
    scores = [hit["_score"] for hit in reply["hits"]["hits"]]
    assert scores == sorted(scores, reverse=True)
    names = [{h["_id"]: h.get("matched_queries") for h in r["hits"]["hits"]} for r in (reply, engine_reply)]
    assert names[0] == names[1]
    # With no say of the student nothing moves, but for what is equal.
    before = {hit["_id"]: hit["_score"] for hit in engine_reply["hits"]["hits"]}
    unmoved = np.array([before[id] for id in ids(shop.reranked({**body, "ext": {"rerank": ASKED}}, 0.0))])
    assert (np.diff(unmoved) <= 2e-5 * np.abs(unmoved[1:])).all()


@pytest.mark.parametrize(
    ("shop", "name"),
    [(engine, name) for engine in ENGINES for name in BODIES if engine != "embedded" or name in EVERYWHERE],
    indirect=["shop"],
)
def test_a_body_is_kept(shop: Shop, name: str) -> None:
    """What a rule has put above stays above, on every engine that knows the body's clauses."""
    kept(shop, {"query": BODIES[name]}, TEXT_OF.get(name, TEXT), few_lost=name in GRADED, by_number=name in NUMBERS)


@pytest.mark.parametrize("mode", ["total", "multiply", "avg", "max", "min"])
def test_a_rescored_body_is_kept(shop: Shop, mode: str) -> None:
    """In each way in which a rescorer's score and the query's become one."""
    kept(shop, {"query": TEXT, "rescore": rescored(mode)}, TEXT)
