"""What the tests of the answer share: an index, and the comparison with what the engine says itself."""

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
    assert not answer["errors"], str(answer)[:500]


@dataclass(frozen=True, slots=True)
class Shop:
    """A client, an index, and a re-ranker's search of that client."""

    client: Any
    index: str
    search: Callable[..., Any]
    window: int = WINDOW


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
    wide = answer(client.search, index, {**body, "from": 0, "size": max(shop.window, start + size)}, wide_params)
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
