"""An answer that lacks something is not passed off as one: shards that fail, hits that get lost or are cut off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from answer_bodies import TEXT
from answer_parts import ERRORS, WINDOW, Shop, answer, difference, fill
from opensearchpy import OpenSearch
from rerank_parts import documents, fill_index, ids, reranker, told, unique

HIGHLIGHT = {"highlight": {"fields": {"title": {}}}}


@pytest.fixture(scope="module", params=["opensearch", "opensearch_2"])
def two(request: pytest.FixtureRequest) -> Iterator[tuple[OpenSearch, str, list[str]]]:
    """A client, a pattern for two indexes, and their names."""
    client, name = OpenSearch(request.getfixturevalue(request.param)), unique("whole")
    names = [f"{name}-a", f"{name}-b"]
    for seed, each in enumerate(names):
        fill_index(client, each, documents(30, seed=seed + 8))
    yield client, f"{name}-*", names
    for each in names:
        client.indices.delete(index=each)
    client.close()


@pytest.mark.parametrize("body", [{}, HIGHLIGHT, {"aggs": {"b": {"terms": {"field": "brand"}}}, "from": 4}])
def test_an_index_that_refuses_the_window(two: Any, body: dict[str, Any]) -> None:
    """An index whose max_result_window is below the window is not left out of hits, totals and facets."""
    client, pattern, names = two
    body = {"query": TEXT, "size": 4, **body}
    client.indices.put_settings(index=names[0], body={"index.max_result_window": 10})
    try:
        raw, ours = (answer(search, pattern, body, {}) for search in (client.search, reranker(client).search))
        assert raw["_shards"]["failed"] == 0
        assert told(ours) == ("fallback", "shards_failed")
        assert "max_result_window" in ours["ext"]["rerank"]["detail"]
        assert names[0] in ours["ext"]["rerank"]["detail"]
        assert difference(Shop(client, pattern, reranker(client).search), body, {}) == ""
    finally:
        client.indices.put_settings(index=names[0], body={"index.max_result_window": None})


def test_an_index_that_fails_whatever_is_asked(two: Any) -> None:
    """Where the caller's own request has a failed shard, too, its partial answer is the engine's answer."""
    client, pattern, names = two
    fails = {"script_score": {"query": TEXT, "script": {"source": "doc['only_here'].size() + _score"}}}
    client.indices.put_mapping(index=names[0], body={"properties": {"only_here": {"type": "integer"}}})
    body = {"query": {"bool": {"must": [TEXT], "should": [fails]}}, "size": 4}
    shop = Shop(client, pattern, reranker(client).search)
    raw, ours = (answer(search, pattern, body, {}) for search in (client.search, shop.search))
    assert raw["_shards"]["failed"] > 0
    assert told(ours) == ("fallback", "shards_failed")
    assert difference(shop, body, {}) == ""


@pytest.mark.parametrize("with_own", [False, True])
def test_an_index_that_refuses_the_page(two: Any, with_own: bool) -> None:
    """Shards that fail at the page's request alone, here at a long text's highlight, are noticed."""
    client, pattern, names = two
    client.indices.put_settings(index=names[1], body={"index.highlight.max_analyzed_offset": 3})
    try:
        body = {"query": TEXT, "size": 4, **HIGHLIGHT}
        if with_own:  # the caller's own page has hits of that index, and so a failed shard
            body["indices_boost"] = [{names[1]: 5.0}]
        else:
            body["indices_boost"] = [{names[0]: 5.0}]
        shop = Shop(client, pattern, reranker(client, blend_weight=1.0).search)
        raw, ours = (answer(search, pattern, body, {}) for search in (client.search, shop.search))
        assert told(ours) == ("fallback", "shards_failed")
        assert "page" in ours["ext"]["rerank"]["detail"]
        assert ours["_shards"] == raw["_shards"]
        assert ids(ours) == ids(raw)
        assert ours["hits"]["total"] == raw["hits"]["total"]
        assert bool(raw["_shards"]["failed"]) == with_own
    finally:
        client.indices.put_settings(index=names[1], body={"index.highlight.max_analyzed_offset": None})


@pytest.fixture(scope="module")
def large(opensearch: str) -> Iterator[Shop]:
    """Three thousand products in one segment, with many values of a range in each."""
    client, index = OpenSearch(opensearch), unique("large")
    fill_index(client, index, [])
    rng, lines = np.random.default_rng(1), list[Any]()
    for n in range(3000):
        reviews = [{"stars": int(rng.integers(0, 1000))} for _ in range(4)]
        title = f"usb cable #{rng.integers(0, 1000) / 1000}"
        lines += [{"index": {"_id": str(n)}}, {"title": title, "price": float(rng.random() * 100), "reviews": reviews}]
    assert not client.bulk(index=index, body=lines, refresh=True)["errors"]
    client.indices.forcemerge(index=index, max_num_segments=1)
    yield Shop(client, index, reranker(client, window=100, blend_weight=1.0).search, 100)
    client.indices.delete(index=index)
    client.close()


@pytest.mark.parametrize("least", [100, 500])
@pytest.mark.parametrize("counted", [None, True, 20000, 100, 50, False])
def test_inner_hits_of_ranges(large: Shop, counted: Any, least: int) -> None:
    """OpenSearch 3 ends a range after so many values as hits are counted or asked for: inner hits are the engine's."""
    nested = {"nested": {"path": "reviews", "query": {"range": {"reviews.stars": {"gte": least}}}, "inner_hits": {}}}
    body: dict[str, Any] = {"query": {"bool": {"must": [TEXT], "should": [nested]}}, "size": 10}
    body |= {} if counted is None else {"track_total_hits": counted}
    assert difference(large, body, {}) == ""
    reply = large.search(index=large.index, body=body)
    few = counted is False or (counted is not None and counted is not True and counted < 100)
    assert told(reply) == (("skipped", "not_kept") if few else ("reranked", None))
    if counted is True:
        for hit in reply["hits"]["hits"]:
            expected = sum(review["stars"] >= least for review in hit["_source"]["reviews"])
            assert hit["inner_hits"]["reviews"]["hits"]["total"]["value"] == expected


@pytest.mark.parametrize("counted", [{}, {"track_total_hits": False}])
def test_explained_ranges_lose_no_hits(large: Shop, counted: dict[str, Any]) -> None:
    """Also where a range is all of the query, each hit of the page is found again to be explained."""
    asked = {"rerank": {"query_context": {"query_text": "usb cable"}, "tiers": []}}
    body = {"query": {"range": {"price": {"gte": 5}}}, "explain": True, "ext": asked, **counted}
    reply = large.search(index=large.index, body=body)
    assert told(reply) == ("reranked", None)
    assert len(ids(reply)) == 10
    assert all(hit["_explanation"] for hit in reply["hits"]["hits"])


PIPELINES: dict[str, Any] = {
    "cut": {"response_processors": [{"truncate_hits": {"target_size": 5}}]},
    "oversample": {
        "request_processors": [{"oversample": {"sample_factor": 2}}],
        "response_processors": [{"truncate_hits": {}}],
    },
    "smaller": {
        "request_processors": [
            {"script": {"lang": "painless", "source": "if (ctx._source['size'] > 15) { ctx._source['size'] = 2; }"}}
        ]
    },
    "collapse": {"response_processors": [{"collapse": {"field": "brand"}}]},
}
PAGES: list[dict[str, Any]] = [
    *({}, {"size": 3, **HIGHLIGHT}, {"from": 5, "size": 5}, {"from": 3, "size": 5, **HIGHLIGHT}),
    {"from": 5, "size": 5, "track_total_hits": False},
]


@pytest.mark.parametrize("named", ["url", "body", "index"])
@pytest.mark.parametrize("name", PIPELINES)
def test_search_pipelines_that_cut(opensearch: str, name: str, named: str) -> None:
    """Where a pipeline leaves fewer hits of the window than of the caller's page, that page is the answer."""
    client, index = OpenSearch(opensearch), unique("pipeline")
    fill(client, index)
    path = f"/_search/pipeline/{index}"
    client.transport.perform_request("PUT", path, body=PIPELINES[name])
    try:
        shop = Shop(client, index, reranker(client, window=WINDOW, blend_weight=1.0).search)
        if named == "index":
            client.indices.put_settings(index=index, body={"index.search.default_pipeline": index})
        params = {"search_pipeline": index} if named == "url" else {}
        for page in PAGES:
            body = {"query": TEXT, **page, **({"search_pipeline": index} if named == "body" else {})}
            assert difference(shop, body, params) == "", page
            reply = shop.search(index=index, body=body, **params)
            cut = name == "smaller" or (name != "oversample" and "from" in page)
            if name == "collapse" and page.get("size") == 3:
                cut = len(reply["hits"]["hits"]) < 3  # what falls together depends on which hits are the page's
            assert told(reply) == (("skipped", "cut_window") if cut else ("reranked", None)), page
        if named == "url":
            verbose = {**params, "verbose_pipeline": True}
            reply = shop.search(index=index, body={"query": TEXT}, **verbose)
            assert told(reply) == ("skipped", "not_kept")
            assert difference(shop, {"query": TEXT}, verbose) == ""
    finally:
        client.indices.put_settings(index=index, body={"index.search.default_pipeline": "_none"})
        client.transport.perform_request("DELETE", path)
        client.indices.delete(index=index)


def test_a_page_over_the_windows_end_is_whole(two: Any) -> None:
    """A ``rescore`` that lowers its hits puts them elsewhere the more hits are asked for: so the hits of the page's
    larger window may all come before the earlier one's end. They are shown then, and the reply says so."""
    client, _, (index, _) = two
    lowered = {"rescore_query": {"match_all": {"boost": 0.001}}, "score_mode": "min"}
    body = {"query": TEXT, "rescore": {"window_size": 8, "query": lowered}}
    ours, engine = reranker(client, window=12), client.search(index=index, body={**body, "size": 60})
    pages = [ours.search(index=index, body={**body, "from": start, "size": 5}) for start in (0, 5, 10)]
    assert len(ids(engine)) > 15
    assert [len(ids(page)) for page in pages] == [5, 5, 5]
    shown = [(hit["_index"], hit["_id"]) for page in pages for hit in page["hits"]["hits"]]
    assert len(set(shown)) == len(shown)
    assert told(pages[2]) == ("reranked", "out_of_step")


def test_a_body_that_is_refused_leaves_no_order_behind(two: Any) -> None:
    """Where the page's hits can't be made for a body, and the engine refuses it: another page of its query goes on."""
    client, _, names = two
    search, index = reranker(client).search, names[0]
    refused = {"fields": {"title": {"type": "fvh"}}}  # this mapping has no positions for it
    with pytest.raises(ERRORS):
        search(index=index, body={"query": TEXT, "size": 3, "highlight": refused})
    assert told(search(index=index, body={"query": TEXT, "size": 3, "from": 2})) == ("reranked", None)
