"""Queries, parts of bodies and URL parameters, right and wrong ones, for the tests of the answer."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import Any

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
NESTED_EXPLAINED = {
    "nested": {
        "path": "reviews",
        "score_mode": "max",
        "query": {"match": {"reviews.text": "usb cable"}},
        "inner_hits": {"size": 2, "_source": False, "docvalue_fields": ["reviews.stars"], "explain": True},
    }
}
WRAPPED = b64encode(json.dumps(NESTED).encode()).decode()
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
    "intervals": {"bool": {"must": [TEXT], "should": [{"intervals": {"title": {"match": {"query": "usb cable"}}}}]}},
    "nested twice": {"bool": {"must": [TEXT], "should": [NESTED_EXPLAINED, {"constant_score": {"filter": NESTED}}]}},
    "nested in dis_max": {"dis_max": {"queries": [TEXT, NESTED_EXPLAINED]}},
    "functions": {
        "function_score": {
            "query": TEXT,
            "functions": [{"filter": NESTED, "weight": 3}, {"gauss": {"price": {"origin": 20, "scale": 10}}}],
        }
    },
    "wrapped": {"bool": {"must": [TEXT], "filter": [{"wrapper": {"query": WRAPPED}}]}},
    "all named": {
        "bool": {
            "must": [{"match": {"title": {"query": "usb cable", "_name": "a"}}}],
            "should": [{"range": {"price": {"gte": 5, "_name": "b", "boost": 3}}}],
            "filter": [{"exists": {"field": "brand", "_name": "c"}}],
            "_name": "d",
        }
    },
    "pinned": {"bool": {"should": [{"constant_score": {"filter": {"ids": {"values": ["5"]}}, "boost": 99}}, TEXT]}},
    "fuzzy": {"match": {"title": {"query": "usb cabel", "fuzziness": "AUTO"}}},
    "no boost": {"match": {"title": {"query": "usb cable", "boost": 0.0}}},
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
        {"field": "brand", "inner_hits": {"name": "m", "size": 3, "collapse": {"field": "group"}, "fields": ["price"]}},
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
