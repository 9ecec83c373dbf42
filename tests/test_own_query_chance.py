"""What is said of an own query that finds nothing, or something else each time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from opensearchpy import OpenSearch
from rerank_parts import unique

from endcap.cli.main import endcap
from endcap.index.field_map import FieldMap
from endcap.index.settings import IndexSettings, save_settings

MATCH = {"match": {"title": "{{query}}"}}
RANDOM = {"function_score": {"query": MATCH, "random_score": {}, "boost_mode": "replace"}}


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"query": MATCH}, ""),
        ({"query": MATCH, "min_score": 1e6}, "all 1 searches found nothing"),
        ({"query": RANDOM}, "two searches for 'lamp' by the shop's own query differ"),
    ],
    ids=["plain", "min_score", "random_score"],
)
def test_a_query_without_meaning_is_warned_of(body: dict[str, Any], said: str, tmp_path: Path, opensearch: str) -> None:
    client, index = OpenSearch(opensearch), unique("grades-chance")
    lamps = [line for n in range(30) for line in ({"index": {"_id": f"p{n}"}}, {"title": f"Red lamp {n}"})]
    client.bulk(index=index, body=lamps, refresh=True)
    save_settings(IndexSettings(index, "opensearch", opensearch, index, FieldMap.parse("title=title")))
    (tmp_path / "j.csv").write_text("query,docid,rating\nlamp,p1,3\nlamp,p2,0\n")
    (tmp_path / "body.json").write_text(json.dumps(body))
    (tmp_path / "log.txt").write_text("lamp\n")
    judgments, own = f"--judgments {tmp_path / 'j.csv'}", f"--body {tmp_path / 'body.json'}"
    lines = [
        f"evaluate {index} {judgments} {own} --dense 0 --setting end-to-end",
        f"compare --index {index} --queries {tmp_path / 'log.txt'} {own}",
        f"search lamp --index {index} {own}",
    ]
    of_settings = [
        f"models compare shipped shipped --catalogue {index} {judgments}",
        f"models check shipped {index} --against shipped {judgments}",
    ]
    try:
        told = {line: CliRunner().invoke(endcap, line.split()) for line in lines}
        settings = IndexSettings(index, "opensearch", opensearch, index, FieldMap.parse("title=title"))
        save_settings(replace(settings, body=str(tmp_path / "body.json")))
        told |= {line: CliRunner().invoke(endcap, line.split()) for line in of_settings}
    finally:
        client.indices.delete(index=index)
        client.close()
    for line, found in told.items():
        words = " ".join(found.output.split())
        assert found.exit_code == 0, (line, found.output, found.exception)
        for each in ("searches found nothing", "own query differ"):
            is_of_pool = line.startswith("models check") and "nothing" in each  # the pool has no searches
            assert (each in words) == (each in said and not is_of_pool), (line, words)
