"""A body's named clauses beside a shop's rules: what the middleware names for itself is never shown."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
from opensearchpy import OpenSearch

from endcap.plugin import Reranker, Student


@pytest.mark.parametrize("server", ["opensearch", "opensearch_2"])
def test_hits_from_behind_the_window_keep_the_callers_names(
    server: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    """Where rules hide hits, a page goes on behind the window: those hits tell the caller's names alone, as a list."""
    client, index = OpenSearch(request.getfixturevalue(server)), f"names-{uuid.uuid4().hex[:8]}"
    for n in range(40):
        client.index(index=index, id=str(n), body={"title": f"usb cable {n}", "stock": n % 4})
    client.indices.refresh(index=index)
    rules = tmp_path / "rules.toml"
    rules.write_text('[[rules]]\nname = "h"\nhide = { where = { stock = { max = 1 } } }\n')
    pin = {"constant_score": {"filter": {"ids": {"values": ["2", "7"]}}, "boost": 1000, "_name": "mine"}}
    query = {"bool": {"must": [{"match": {"title": "usb cable"}}], "should": [pin]}}
    reranker = Reranker(client, Student.load(), 10, 60_000, rules=rules)
    try:
        hits = reranker.search(index=index, body={"query": query, "size": 15})["hits"]["hits"]
        assert len(hits) == 15
        assert {hit["_id"]: hit.get("matched_queries") for hit in hits} == {
            hit["_id"]: ["mine"] if hit["_id"] in ("2", "7") else None for hit in hits
        }
    finally:
        reranker.close()
        client.indices.delete(index=index)
        client.close()
