"""A real OpenSearch 2.19 with ML Commons for the tests of its own wiring, and what the command says of it."""

from __future__ import annotations

import fcntl
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import opensearch_server
import pytest
from opensearchpy import OpenSearch

from endcap.cli.main import run

TITLES = ["usb hose", "usb-c charger 20 W", "usb table lamp", "usb c cable", 'usb "c" \\ charger', "USB käse"]


@pytest.fixture(scope="module")
def opensearch_2() -> Iterator[str]:
    """An OpenSearch 2.19 that can reach the API, for one file's tests at a time: there is one set of settings, and one
    connector, in a cluster."""
    with Path(tempfile.gettempdir(), "endcap-tests-native.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield from _reached()


def _reached() -> Iterator[str]:
    way = opensearch_server.near_server_2()
    try:
        url = way.__enter__()
    except Exception as error:
        if opensearch_server.in_ci():
            raise
        pytest.skip(f"no container of OpenSearch: {opensearch_server.one_line(error)}")
    try:
        yield url
    finally:
        way.__exit__(None, None, None)


@pytest.fixture
def cluster(opensearch_2: str) -> Iterator[tuple[OpenSearch, str]]:
    """The cluster and an index of a few products; its settings are as before when the test is over."""
    client = OpenSearch([opensearch_2], timeout=30)
    plugins = {row["component"] for row in client.cat.plugins(format="json")}
    if not {"opensearch-ml", "opensearch-neural-search"} <= plugins:
        pytest.skip("this OpenSearch 2.19 has no ML Commons")
    before = client.cluster.get_settings(flat_settings=True)["persistent"]
    index = f"api-native-{os.getpid()}"
    for place, title in enumerate(TITLES):
        client.index(index=index, id=str(place), body={"title": title}, refresh=True)
    yield client, index
    run(["opensearch", "teardown", "--index", index, "--url", opensearch_2])
    kept = {name: value for name, value in before.items() if name.startswith("plugins.ml_commons")}
    client.cluster.put_settings(body={"persistent": {"plugins.ml_commons.*": None, **kept}})
    client.indices.delete(index=index)


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Status and what was printed."""
    status = run(["opensearch", *words])
    printed = capsys.readouterr()
    return status, printed.out + printed.err


def of_endcap(client: OpenSearch, name: str) -> list[Any]:
    """What the cluster has of a name."""
    found: list[Any] = []
    for kind in ("connectors", "models", "model_groups"):
        body = {"query": {"term": {"name.keyword": name}}}
        found += client.transport.perform_request("POST", f"/_plugins/_ml/{kind}/_search", body=body)["hits"]["hits"]
    path = f"/_search/pipeline/{name}"
    pipelines = client.transport.perform_request("GET", path, params={"ignore": 404})
    return found + [about for found_name, about in pipelines.items() if found_name == name]
