"""What is said of an own query that finds nothing, or something else each time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from opensearchpy import OpenSearch
from rerank_parts import unique

from endcap.cli.evaluate import command
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
    files = [index, "--judgments", str(tmp_path / "j.csv"), "--body", str(tmp_path / "body.json")]
    try:
        found = CliRunner().invoke(command, [*files, "--dense", "0", "--setting", "end-to-end"])
    finally:
        client.indices.delete(index=index)
        client.close()
    words = " ".join(found.output.split())
    assert found.exit_code == 0, (found.output, found.exception)
    for each in ("searches found nothing", "own query differ"):
        assert (each in words) == (each in said), words
    assert said in words
