"""The official client of JavaScript, unchanged, through the proxy."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from opensearch_server import in_ci
from opensearchpy import OpenSearch
from rerank_parts import BODY, documents, ids, reranker, unique
from serve_parts import proxy

PACKAGE = "@opensearch-project/opensearch@3.9.0"


@pytest.fixture(scope="module")
def modules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the client, from npm's registry."""
    folder = tmp_path_factory.mktemp("javascript")
    if not (shutil.which("node") and shutil.which("npm")):
        assert not in_ci(), "node and npm should be there"
        pytest.skip("needs node and npm")
    command = ["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(folder), PACKAGE]
    done = subprocess.run(command, capture_output=True, text=True, timeout=180)
    if done.returncode and not in_ci():
        pytest.skip(f"npm can't install {PACKAGE}: {done.stderr[-300:]}")
    assert done.returncode == 0, done.stderr
    return folder / "node_modules"


def test_the_official_javascript_client(modules: Path, opensearch: str, tmp_path: Path) -> None:
    """It loads, searches, re-ranked, searches many at once, scrolls, and gets the cluster's errors."""
    index, docs = unique("javascript"), documents(60)
    with OpenSearch(opensearch) as direct, proxy(opensearch, tmp_path) as running:
        settings = {"number_of_shards": 1, "number_of_replicas": 0}
        direct.indices.create(index=index, body={"settings": settings})
        try:
            program = ["node", str(Path(__file__).parent / "javascript_client.js"), running.url, index]
            done = subprocess.run(
                [*program, json.dumps(docs), json.dumps(BODY)],
                capture_output=True,
                text=True,
                timeout=60,
                env=os.environ | {"NODE_PATH": str(modules)},
            )
            assert done.returncode == 0, done.stderr
            said = json.loads(done.stdout)
            expected = ids(reranker(direct, window=20).search(index=index, body=BODY))
            assert (said["errors"], said["listed"], said["scrolled"]) == (False, 1, 60)
            assert (said["status"], ids(said["found"])) == ("reranked", expected)
            assert said["found"]["ext"]["rerank"]["status"] == "reranked"
            first, second, third = said["many"]
            assert (ids(first), first["status"]) == (expected, 200)
            assert ids(second) == ids(direct.search(index=index, body={**BODY, "sort": ["price"]}))
            assert (third["status"], third["error"]["type"]) == (404, "index_not_found_exception")
            assert said["failed"] == ["ResponseError", 400, "parsing_exception"]
            assert said["missing"] == ["ResponseError", 404, "index_not_found_exception"]
        finally:
            direct.indices.delete(index=index)
