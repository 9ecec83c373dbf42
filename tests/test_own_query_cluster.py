"""A shop's own query on a real cluster: templates, pipelines, a sort, and what the cluster refuses."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from opensearchpy import OpenSearch
from rerank_parts import unique
from test_own_query import read, written

from endcap.cli.main import run
from endcap.errors import EngineError, InputError
from endcap.evaluate.end_to_end import window_candidates
from endcap.evaluate.judged_pool import pool_candidates
from endcap.evaluate.open_catalogue import open_catalogue
from endcap.evaluate.systems import Shop, search
from endcap.index.field_map import FieldMap
from endcap.index.opensearch.client import connect
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.own_query import search_body
from endcap.index.settings import IndexSettings, save_settings


@pytest.fixture
def cluster(opensearch: str) -> Iterator[tuple[OpenSearch, str, str]]:
    """A client, the cluster's address and an index of lamps, one of which is a favourite."""
    client, index = connect(IndexSettings("x", "opensearch", opensearch)), unique("own-query")
    lamps = [{"name": f"Desk lamp {n}", "favourite": n == 7} for n in range(12)]
    client.bulk(
        index=index, body=[line for n, lamp in enumerate(lamps) for line in ({"index": {"_id": str(n)}}, lamp)],
        refresh=True,
    )  # fmt: skip
    yield client, opensearch, index
    client.indices.delete(index=index)
    client.close()


FAVOURITE_FIRST = {
    "function_score": {
        "query": {"match": {"name": "{{query}}"}},
        "functions": [{"filter": {"term": {"favourite": True}}, "weight": 9}],
        "boost_mode": "multiply",
    }
}


def test_a_clusters_query_template_and_pipeline(
    cluster: tuple[OpenSearch, str, str], tmp_path: Path, endcap_home: Path
) -> None:
    """A body with ``function_score``, a stored template and a search pipeline order the window as the cluster does."""
    client, url, index = cluster
    settings = IndexSettings("lamps", "opensearch", url, index, FieldMap.parse("title=name"))
    source = json.dumps({"query": FAVOURITE_FIRST}).replace("{{query}}", "{{words}}")
    client.put_script(id=index, body={"script": {"lang": "mustache", "source": source}})
    client.transport.perform_request(
        "PUT", f"/_search/pipeline/{index}",
        body={"request_processors": [{"filter_query": {"query": {"term": {"favourite": False}}}}]},
    )  # fmt: skip
    try:
        bodies: dict[str, Any] = {
            "body": {"query": FAVOURITE_FIRST},
            "template": {"id": index, "params": {"words": "{{query}}"}},
            "source": {"source": source, "params": {"words": "{{query}}"}},
            "pipeline": {"query": {"match": {"name": "{{query}}"}}, "search_pipeline": index},
        }
        firsts, words = {}, {}
        for name, content in bodies.items():
            save_settings(IndexSettings(**{**_fields(settings), "body": written(tmp_path, content, f"{name}.json")}))
            opened = open_catalogue("lamps")
            with closing(opened.shop.engine):  # type: ignore[type-var]
                found, _ = search(opened.shop, opened.shop.body('desk "lamp"'), 12)
            firsts[name], words[name] = [product.id for product in found], opened.engine
        assert {firsts[name][0] for name in ("body", "template", "source")} == {"7"}
        assert "7" not in firsts["pipeline"]
        assert len(firsts["pipeline"]) == 11
        assert f"search template {index}" in words["template"]
        assert f"search pipeline {index}" in words["pipeline"]
        unknown = read(tmp_path, {"id": unique("no"), "params": {"q": "{{query}}"}})
        with closing(OpenSearchEngine.from_settings(settings)) as engine, pytest.raises(EngineError):
            search_body(engine, unknown, "lamp")
    finally:
        client.delete_script(id=index)
        client.transport.perform_request("DELETE", f"/_search/pipeline/{index}")


def test_a_pipeline_that_changes_documents(
    cluster: tuple[OpenSearch, str, str], tmp_path: Path, endcap_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Its processors get the documents that they need, so that what shoppers are answered is not refused here."""
    _, url, index = cluster
    rename = {"rename_field": {"field": "name", "target_field": "title"}}
    content = {"query": {"match": {"name": "{{query}}"}}, "search_pipeline": {"response_processors": [rename]}}
    fields = FieldMap.parse("title=title|name")
    save_settings(IndexSettings("lamps", "opensearch", url, index, fields, body=written(tmp_path, content)))
    assert run(["search", "lamp 3", "--index", "lamps", "--deadline-ms", "60000"]) == 0
    said = capsys.readouterr().out
    assert "Desk lamp 3" in said
    assert "reranked" in said


def test_what_was_typed_may_be_no_syntax(cluster: tuple[OpenSearch, str, str], tmp_path: Path) -> None:
    """A search that the cluster refuses finds nothing, and is counted and said; the others are measured."""
    _, url, index = cluster
    own = read(tmp_path, {"query": {"query_string": {"query": "name:({{query}})"}}})
    settings = IndexSettings("lamps", "opensearch", url, index, FieldMap.parse("title=name"))
    with closing(OpenSearchEngine.from_settings(settings)) as engine:
        shop = Shop(engine, settings.fields, index, own=own)
        windows = window_candidates(shop, ["lamp", "lamp ("], 5)
        assert (len(windows["lamp"].products), windows["lamp"].refused) == (5, "")
        assert (windows["lamp ("].products, "Failed to parse" in windows["lamp ("].refused) == ((), True)
        pool = pool_candidates(shop, {"lamp (": {"1": 3, "2": 0}})["lamp ("]
        assert ({product.id for product in pool.products}, bool(pool.refused)) == ({"1", "2"}, True)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"query": {"matchh": {"name": "{{query}}"}}}, r"unknown query \[matchh\]"),
        ({"query": {"match": {"name": "{{query}}"}}, "search_pipeline": "endcap-none"}, "is not defined"),
        ({"id": "endcap-none", "params": {"q": "{{query}}"}}, "unable to find script"),
        (
            {"query": {"function_score": {"query": {"match": {"name": "{{query}}"}}, "script_score": {"script": "x"}}}},
            "shards|compile error",
        ),
    ],
)
def test_what_the_cluster_refuses_is_said_first(
    cluster: tuple[OpenSearch, str, str], tmp_path: Path, endcap_home: Path, content: Any, said: str
) -> None:
    """With its words and the file's name, before anything is measured."""
    _, url, index = cluster
    file = written(tmp_path, content)
    save_settings(IndexSettings("lamps", "opensearch", url, index, FieldMap.parse("title=name"), body=file))
    with pytest.raises(InputError, match=said) as raised:
        open_catalogue("lamps")
    assert "query.json" in str(raised.value)


def test_a_sort_before_the_score_makes_tiers(cluster: tuple[OpenSearch, str, str], tmp_path: Path) -> None:
    """The engine's order is its sort's, the score is read beside it, and the pool keeps that order."""
    _, url, index = cluster
    query = {"match": {"name": "{{query}}"}}
    own = read(tmp_path, {"query": query, "sort": [{"favourite": "desc"}, "_score"]})
    settings = IndexSettings("lamps", "opensearch", url, index, FieldMap.parse("title=name"))
    with closing(OpenSearchEngine.from_settings(settings)) as engine:
        shop = Shop(engine, settings.fields, index, own=own)
        found, scores = search(shop, shop.body("lamp 3"), 12)
        assert [product.id for product in found[:2]] == ["7", "3"]
        assert scores[1] > scores[0] > 0
        pool = pool_candidates(shop, {"lamp 3": {"3": 3, "7": 1, "8": 0}})["lamp 3"]
        assert [product.id for product in pool.products] == ["7", "3", "8"]
        one_each = read(tmp_path, {"query": query, "collapse": {"field": "favourite"}, "terminate_after": 1})
        pool = pool_candidates(replace(shop, own=one_each), {"lamp": {"3": 3, "4": 1, "8": 0}})["lamp"]
        assert pool.engine_scores.min() > 0  # all are ordered: none is left out for another's sake
        by_price = read(tmp_path, {"query": query, "sort": ["favourite"], "track_scores": True})
        with pytest.raises(InputError, match="'sort' without _score"):
            search(replace(shop, own=by_price), by_price.body(engine, "lamp"), 3)


def test_an_index_of_others_is_not_called_tuned(endcap_home: Path, cluster: tuple[OpenSearch, str, str]) -> None:
    """The report says which of its fields were searched."""
    _, url, index = cluster
    save_settings(IndexSettings("lamps", "opensearch", url, index, FieldMap.parse("title=name")))
    words = open_catalogue("lamps").engine
    assert "name^1" in words
    assert "tuned multi-field" not in words


def _fields(settings: IndexSettings) -> dict[str, Any]:
    return {name: getattr(settings, name) for name in ("name", "engine", "url", "index", "fields")}
