"""What the tests of the answer share: bodies of many kinds, and the comparison with what the engine says itself."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from opensearchpy import OpenSearch
from opensearchpy.exceptions import TransportError
from rerank_parts import MAPPING, documents

from endcap.errors import EngineError

ERRORS = (TransportError, EngineError)
WINDOW = 20
TEXT = {"match": {"title": "usb cable"}}
FILTER = {"range": {"price": {"gte": 5}}}
NESTED = {"nested": {"path": "reviews", "query": {"range": {"reviews.stars": {"gte": 2}}}, "inner_hits": {}}}
NESTED_FULL = {
    "nested": {
        "path": "reviews",
        "query": {"match": {"reviews.text": {"query": "usb cable", "_name": "in_review"}}},
        "inner_hits": {"name": "said", "size": 1, "highlight": {"fields": {"reviews.text": {}}}, "version": True},
    }
}
OURS = {"term": {"brand": {"value": "acme", "_name": "ours", "boost": 2}}}
HITS = {"top_hits": {"size": 2, "_source": ["brand"], "highlight": {"fields": {"title": {}}}}}
MULTIPLIED = {"field_value_factor": {"field": "price", "modifier": "log1p"}}

QUERIES: dict[str, Any] = {
    "match": TEXT,
    "filtered": {"bool": {"must": [TEXT], "filter": [FILTER]}},
    "range beside": {"bool": {"must": [TEXT, FILTER]}},
    "nested": {"bool": {"must": [TEXT], "should": [NESTED]}},
    "nested, full": {"bool": {"must": [TEXT], "should": [NESTED_FULL]}},
    "nested filter": {"bool": {"must": [TEXT], "filter": [NESTED, FILTER]}},
    "rule": {"bool": {"must": [TEXT], "should": [OURS]}},
    "function": {"function_score": {"query": TEXT, **MULTIPLIED}},
    "function over nested": {"function_score": {"query": {"bool": {"must": [TEXT], "should": [NESTED]}}, **MULTIPLIED}},
    "script": {"script_score": {"query": TEXT, "script": {"source": "_score * doc['price'].value"}}},
    "best": {"dis_max": {"queries": [TEXT, {"match": {"reviews.text": "usb cable"}}], "tie_breaker": 0.3}},
    "several fields": {"multi_match": {"query": "usb cable", "fields": ["title^2", "brand"]}},
    "syntax": {"query_string": {"query": "usb cable -lamp", "fields": ["title"]}},
    "simple syntax": {"simple_query_string": {"query": "usb +cable", "fields": ["title"]}},
    "named": {"match": {"title": {"query": "usb cable", "_name": "words"}}},
    "phrase": {"match_phrase": {"title": {"query": "usb cable", "slop": 9}}},
    "boosting": {"boosting": {"positive": TEXT, "negative": {"match": {"title": "lamp"}}, "negative_boost": 0.2}},
    "constant": {"constant_score": {"filter": TEXT, "boost": 2}},
    "nothing found": {"match": {"title": "zzz"}},
    "one found": {"bool": {"must": [TEXT], "filter": [{"ids": {"values": ["1", "2", "3"]}}]}},
    "all": {"match_all": {}},
    "wrong": {"mtach": {}},
}
_EXCLUDED = {"includes": ["*e", "stock.*"], "excludes": ["price", "*.row"]}
_RESCORE = {"window_size": 30, "query": {"rescore_query": {"match": {"title": "long"}}}}
_COMPLETION: dict[str, Any] = {"s": {"prefix": "usb", "completion": {"field": "complete"}}}
_MORE = {"name": "more", "size": 2, "sort": [{"price": "asc"}]}
PARTS: dict[str, list[Any]] = {
    "size": [1, 3, 4, 12, 25, "3", 0, -1, "x", None, 2.5, True, [1], 20000],
    "from": [0, 2, 8, 15, 25, 200, "2", -1, None, {}, 1.5, 20000],
    "_source": [
        *(True, False, "false", ["title"], ["price", "stock.where.shelf"], "brand", _EXCLUDED, [], {}, "*"),
        *({"excludes": ["title", "reviews.text"]}, {"includes": "brand", "exclude": ["x"]}, ["reviews.stars"]),
        *(7, None, {"x": 1}, [1], {"includes": [1]}, {"includes": {}}, {"includes": None}, [None], ["a", ["b"]]),
    ],
    "stored_fields": [
        *(["title"], "title", "_none_", ["_none_"], [], ["*"], ["_source"], ["_routing"], "_source", ["brand"]),
        *(7, None, {}, [1], "", ["_none_", "title"], ["title", "_id"]),
    ],
    "docvalue_fields": [["price", "group"], [{"field": "price", "format": "0.0"}], [], "price", 7, None, [{"x": 1}]],
    "fields": [["price", {"field": "brand"}], ["*"], ["_routing"], ["_id"], [], "price", 7, None, ["reviews.stars"]],
    "script_fields": [
        *({"twice": {"script": {"source": "doc['price'].value * 2"}}}, {}, None, 7, {"a": {"script": {"source": "("}}}),
    ],
    "highlight": [
        *({"fields": {"title": {}}}, {"fields": {"*": {}}, "require_field_match": False}, {}, None, 7, {"fields": 7}),
        *({"fields": {"title": {"highlight_query": {"match": {"title": "lamp"}}}}}, {"fields": {"title": {"x": 1}}}),
    ],
    "explain": [True, False, "true", None, 7, "x", {}],
    "version": [True, False, "true", None, 7, "x"],
    "seq_no_primary_term": [True, False, None, "x"],
    "track_total_hits": [True, False, 5, 0, -1, None, "x", 10000, "true"],
    "track_scores": [True, False, None],
    "min_score": [0.1, 1.5, None, "x"],
    "profile": [True, False, None, "x"],
    "sort": ["_score", ["_score"], [{"_score": "desc"}, {"price": "asc"}], [{"brand": "asc"}, "_score"], "price", None],
    "aggs": [
        *({"b": {"terms": {"field": "brand"}}}, {"b": {"terms": {"field": "brand"}, "aggs": {"h": HITS}}}, {"h": HITS}),
        *(
            {"h": {"top_hits": {"size": 1, "explain": True}}},
            {"h": {"top_hits": {"fields": ["brand"]}}},
            {"x": {}},
            None,
        ),
        {"r": {"nested": {"path": "reviews"}, "aggs": {"h": {"top_hits": {"size": 1}}}}},
    ],
    "suggest": [
        *({"s": {"text": "cabel", "term": {"field": "title"}}}, _COMPLETION, {"s": {"x": 1}}, None, 7),
        {"text": "cabel", "s": {"phrase": {"field": "title", "highlight": {"pre_tag": "<", "post_tag": ">"}}}},
    ],
    "collapse": [
        *({"field": "group"}, {"field": "brand", "inner_hits": _MORE}, {"field": "title"}, None, {"x": 1}),
        {"field": "group", "inner_hits": [_MORE, {"name": "other", "_source": False, "explain": True}]},
    ],
    "rescore": [_RESCORE, [_RESCORE, {**_RESCORE, "window_size": 3}], {**_RESCORE, "window_size": 5}, None, {"x": 1}],
    "post_filter": [{"term": {"brand": "acme"}}, FILTER, None, 7, NESTED],
    "timeout": ["10s", None, 7, "x"],
    "terminate_after": [30, 3, 0, -1, None],
    "indices_boost": [[{"*": 2.0}], None, 7],
    "derived": [{"cheap": {"type": "boolean", "script": {"source": "emit(doc['price'].value < 50)"}}}, None],
    "stats": [["g"], None],
    "include_named_queries_score": [True, False],
    "search_after": [None, [1.0]],
    "slice": [None],
    "pit": [None, {}],
    "ext": [{}, None, {"x": 1}],
    "search_pipeline": [None],
    "unknown": [1],
}
URL: dict[str, list[Any]] = {
    "size": [3, "4", "x", "", 12, -1],
    "from_": [2, "x", "", -1],
    "_source": ["false", "true", "title", "title,price", "", ["title", "brand"], False, "*"],
    "_source_includes": ["price", "title,brand", "", ["price"]],
    "_source_excludes": ["title", "*e", ""],
    "stored_fields": ["title", "_none_", "", "_source"],
    "docvalue_fields": ["price,group", "", "brand"],
    "explain": ["true", "false", True, "x", ""],
    "version": [True, "false", "x", ""],
    "seq_no_primary_term": [True, "false", "x"],
    "track_total_hits": ["true", "false", 5, "x", False],
    "track_scores": [True, "x"],
    "typed_keys": [True],
    "rest_total_hits_as_int": [True, "false"],
    "sort": ["_score", "price:asc", "_score:desc,price:asc"],
    "timeout": ["10s", "x"],
    "terminate_after": [30, "x"],
    "preference": ["_local", "abc"],
    "routing": ["a", "b"],
    "search_type": ["dfs_query_then_fetch", "x"],
    "request_cache": [True, "false"],
    "stats": ["g"],
    "suggest_field": ["title"],
    "suggest_text": ["cabel"],
    "include_named_queries_score": [True, "false"],
    "verbose_pipeline": [True],
    "batched_reduce_size": [2, 1],
    "allow_partial_search_results": ["false"],
    "ignore_unavailable": [True],
    "params": [
        {"explain": True},
        {"explain": "true"},
        {"_source": False},
        {"size": 3},
        {"_source": ["a"]},
        {"typed_keys": "true"},
    ],
    "cancel_after_time_interval": ["10s"],
    "phase_took": [True],
    "filter_path": ["hits.hits._id"],
}


def fill(client: OpenSearch, index: str) -> None:
    """An index of sixty products in two shards; a third of them is routed."""
    more = {"complete": {"type": "completion"}}
    mapping = {"properties": {**MAPPING["properties"], **more}}
    settings = {"number_of_shards": 2, "number_of_replicas": 0}
    client.indices.delete(index=index, ignore_unavailable=True)
    client.indices.create(index=index, body={"settings": settings, "mappings": mapping})
    rng, lines = np.random.default_rng(5), list[Any]()
    for n, product in enumerate(documents(60, seed=8)):
        routing = {"routing": "abc"[n % 3]} if n % 9 < 3 else {}
        complete = str(rng.permutation(product["title"].split("#")[0].split())[0])
        lines += [{"index": {"_id": str(n), **routing}}, {**product, "complete": complete}]
    answer = client.bulk(index=index, body=lines, refresh=True)
    assert not answer["errors"], answer


@dataclass(frozen=True, slots=True)
class Shop:
    """A client, an index, and a re-ranker's search of that client."""

    client: Any
    index: str
    search: Callable[..., Any]


def answer(search: Any, index: str, body: Any, params: Mapping[str, Any]) -> Any:
    """A reply, or the engine's error as status, types and reasons."""
    try:
        return search(index=index, body=copy.deepcopy(body), **params)
    except ERRORS as error:
        return error


def difference(shop: Shop, body: dict[str, Any], params: dict[str, Any]) -> str:
    """What a re-ranker's answer says otherwise than the client's, and must not; "" where there is nothing."""
    client, index = shop.client, shop.index
    raw, ours = answer(client.search, index, body, params), answer(shop.search, index, body, params)
    if isinstance(raw, ERRORS) or isinstance(ours, ERRORS):
        return "" if _error(raw) == _error(ours) else f"error: {_error(raw)} != {_error(ours)}"
    told = ours.pop("ext")["rerank"] if "ext" in ours else {"status": "none"}
    for reply in (raw, ours):
        for name in ("took", "phase_took", "profile"):
            reply.pop(name, None)
        _without_times(reply)
    if told["status"] not in ("reranked", "partial"):
        lost = told["reason"] == "page_error" and not raw["_shards"]["failed"]
        if lost or told["reason"] == "internal_error":
            return f"{told}"
        return _unlike(raw, ours, "")
    # Everything but the hits.
    theirs, own = raw["hits"].pop("hits"), ours["hits"].pop("hits")
    raw["hits"].pop("max_score", None), ours["hits"].pop("max_score", None)
    if said := _unlike(raw, ours, ""):
        return said
    if len(theirs) != len(own):
        return f"{len(own)} hits, not {len(theirs)}"
    # Each hit.
    params = {**params, "params": {**params.get("params", {})}}
    start, size = (_number(params, body, name, default) for name, default in (("from", 0), ("size", 10)))
    wide_params = {name: value for name, value in params.items() if name not in ("from_", "size")}
    wide_params["params"].pop("size", None)
    wide_params = wide_params if params["params"] else {n: v for n, v in wide_params.items() if n != "params"}
    wide = answer(client.search, index, {**body, "from": 0, "size": max(WINDOW, start + size)}, wide_params)
    if isinstance(wide, ERRORS):
        return f"the wide request fails: {_error(wide)}"
    _without_times(wide)
    by_key = {_key(hit): hit for hit in wide["hits"]["hits"]}
    for hit in own:
        expected = by_key.get(_key(hit))
        if expected is None:
            return f"{_key(hit)} is not in the window"
        left_out = ("_score", "previous_score", "student_score")
        unlike = _unlike(
            {name: value for name, value in expected.items() if name not in left_out},
            {name: value for name, value in hit.items() if name not in left_out},
            "hit",
        )
        if unlike:
            return unlike
    return ""


def _key(hit: Mapping[str, Any]) -> str:
    if "_id" in hit:
        return f"{hit['_index']} {hit['_id']}"
    return repr(sorted((k, repr(v)) for k, v in hit.items() if k not in ("_score", "previous_score", "student_score")))


def _number(params: Mapping[str, Any], body: Mapping[str, Any], name: str, default: int) -> int:
    nested = params.get("params", {}).get(name, body.get(name, default))
    value = params.get("from_" if name == "from" else name, nested)
    return int(value or default)


def _error(found: Any) -> Any:
    if isinstance(found, EngineError):
        return str(found)
    if not isinstance(found, TransportError):
        return "no error"
    info = found.info if isinstance(found.info, dict) else {}
    cause = info.get("error", {})
    if not isinstance(cause, dict):
        return found.status_code, str(cause)
    return found.status_code, cause.get("type"), cause.get("reason"), str(cause.get("root_cause"))


def _without_times(value: Any) -> None:
    """Take out what no two searches share."""
    if isinstance(value, dict):
        for name in [n for n in value if n in ("took", "_shard", "_node", "duration_millis")]:
            del value[name]
    for item in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        _without_times(item)


def _unlike(theirs: Any, own: Any, where: str) -> str:
    """Where two parts of replies differ; scores may in the sixth digit."""
    if isinstance(theirs, dict) and isinstance(own, dict):
        if theirs.keys() != own.keys():
            return f"{where}: has {sorted(own)}, not {sorted(theirs)}"
        return next((said for n in theirs if (said := _unlike(theirs[n], own[n], f"{where}.{n}"))), "")
    if isinstance(theirs, list) and isinstance(own, list) and len(theirs) == len(own):
        each = enumerate(zip(theirs, own, strict=True))
        return next((said for n, (a, b) in each if (said := _unlike(a, b, f"{where}.{n}"))), "")
    if isinstance(theirs, float) and isinstance(own, (int, float)) and abs(theirs - own) <= 1e-5 * abs(theirs):
        return ""
    return "" if theirs == own else f"{where}: {str(own)[:300]!r}, not {str(theirs)[:300]!r}"
