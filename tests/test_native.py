"""A cluster with ML Commons re-ranks by itself, through the API: the real one of OpenSearch 2.19."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from api_parts import Running, api
from native_parts import TITLES, cluster, of_endcap, opensearch_2, said
from opensearchpy import OpenSearch

from endcap.serve.keys import make_key
from endcap.serve.native.wiring import Wiring, pipeline

__all__ = ["cluster", "opensearch_2"]
QUERY = "usb c charger"
SEARCH = {"query": {"match": {"title": "usb"}}, "size": 10}


def test_a_search_is_re_ranked_through_the_cluster(
    cluster: tuple[OpenSearch, str],
    opensearch_2: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """From nothing to a search in the API's order, twice the same; what is broken is said; then all is gone again."""
    client, index = cluster
    name = f"endcap-{index}"
    key = make_key(tmp_path / "api-keys.json", "cluster")
    monkeypatch.setenv("RERANK_KEY", key)
    with api(tmp_path) as running:
        where = ("--index", index, "--url", opensearch_2)
        wired = (*where, "--api-url", running.url, "--rerank-key-env", "RERANK_KEY")
        # Nothing is done unasked, and a trial does nothing.
        if not client.cluster.get_settings(flat_settings=True)["persistent"]:
            status, words = said(capsys, "setup", *wired)
            assert (status, "--cluster-settings" in words) == (2, True)
        assert said(capsys, "setup", *wired, "--cluster-settings", "--dry-run")[0] == 0
        assert of_endcap(client, name) == []
        # It is made once.
        status, words = said(capsys, "setup", *wired, "--cluster-settings")
        assert (status, words.count("created")) == (0, 3), words
        made = of_endcap(client, name)
        assert len(made) == 4
        status, words = said(capsys, "setup", *wired)
        assert (status, words.count("kept")) == (0, 3), words
        assert [each.get("_id") for each in of_endcap(client, name)] == [each.get("_id") for each in made]
        assert key not in str(made)
        # What is not given stays as it is wired: the key, the fields, the time.
        assert said(capsys, "setup", *where, "--document-fields", "title", "--timeout-s", "9")[0] == 0
        for again in ((), ("--rerank-key-env", "RERANK_KEY")):
            status, words = said(capsys, "setup", *where, *again)
            assert (status, words.count("kept")) == (0, 3), words
            status, words = said(capsys, "check", *where, *again)
            assert (status, "All is wired right." in words) == (0, True), words
        # A search through the cluster has the API's order and scores.
        for query in (QUERY, 'a "quoted" \\ query', "käse 🧀", "123"):
            check_order(client, index, name, running, key, query)
        status, words = said(capsys, "check", *wired)
        assert (status, "All is wired right." in words) == (0, True), words
    # The API is gone: searches go on, and check says why they are not re-ranked.
    ext = {"rerank": {"query_context": {"query_text": QUERY}}}
    reply = client.search(index=index, body={**SEARCH, "ext": ext}, params={"search_pipeline": name})
    assert ids(reply) == ids(client.search(index=index, body=SEARCH))
    status, words = said(capsys, "check", *where, "--rerank-key-env", "RERANK_KEY")
    assert (status, "can't reach the API" in words) == (1, True)
    status, words = said(capsys, "teardown", *where, "--cluster-settings")
    assert (status, of_endcap(client, name)) == (0, []), words
    assert "nothing" in said(capsys, "teardown", *wired)[1]


def check_order(client: OpenSearch, index: str, name: str, running: Running, key: str, query: str) -> None:
    """The cluster's order and scores are the API's."""
    ext = {"rerank": {"query_context": {"query_text": query}}}
    hits = client.search(index=index, body={**SEARCH, "ext": ext}, params={"search_pipeline": name})["hits"]["hits"]
    body = {"query": query, "documents": TITLES}
    results = running.post("/v2/rerank", body, Authorization=f"Bearer {key}").json()["results"]
    assert [hit["_id"] for hit in hits] == [str(result["index"]) for result in results]
    scores = [result["relevance_score"] for result in results]
    assert [hit["_score"] for hit in hits] == pytest.approx(scores, rel=1e-6)


def ids(reply: Any) -> list[str]:
    return [hit["_id"] for hit in reply["hits"]["hits"]]


def test_check_says_what_is_wrong(
    cluster: tuple[OpenSearch, str], opensearch_2: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each thing that can be wired wrong is said by its own words, and setup mends what it has made."""
    client, index = cluster
    name = f"endcap-{index}"
    with api(tmp_path) as running:
        wired = ("--index", index, "--url", opensearch_2, "--api-url", running.url)

        def wrong(*more: str) -> str:
            status, words = said(capsys, "check", *wired, *more)
            assert status == 1, words
            return " ".join(line for line in words.splitlines() if line.startswith("WRONG"))

        assert "there is no connector" in wrong()
        assert said(capsys, "setup", *wired, "--cluster-settings")[0] == 0
        settings = {"plugins.ml_commons.connector.private_ip_enabled": False}
        client.cluster.put_settings(body={"persistent": settings})
        assert "private_ip_enabled must be true" in wrong()
        client.cluster.put_settings(body={"persistent": dict.fromkeys(settings)})
        assert said(capsys, "setup", *wired, "--cluster-settings")[0] == 0
        assert "has no field brand; it has title" in wrong("--document-fields", "title,brand")
        # The cluster finds nothing inside an object, and says nothing of that.
        for place in range(3):
            client.index(index=index, id=str(place), body={"p": {"name": TITLES[place]}, "title": ""}, refresh=True)
        for place in range(3, len(TITLES)):
            client.delete(index=index, id=str(place), refresh=True)
        assert said(capsys, "setup", *wired, "--document-fields", "p.name")[0] == 0
        assert "the same score" in wrong()
        client.transport.perform_request("DELETE", f"/_search/pipeline/{name}")
        assert "there is no search pipeline" in wrong()
        make_key(tmp_path / "api-keys.json", "new")
        time.sleep(0.6)
        assert "the API refused the cluster's key" in wrong()
        assert "other settings" in wrong("--timeout-s", "7")
        assert said(capsys, "check", "--index", "api-no-such", *wired[2:], "--name", name)[0] == 1


def test_what_two_indexes_share_stays_until_the_last_is_gone(
    cluster: tuple[OpenSearch, str], opensearch_2: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The address that the cluster trusts; one that is asked no more goes; a transient setting stays one."""
    client, index = cluster
    trusted = "plugins.ml_commons.trusted_connector_endpoints_regex"

    def patterns(layer: str = "persistent") -> list[str]:
        found: list[str] = client.cluster.get_settings(flat_settings=True)[layer].get(trusted, [])
        return [pattern for pattern in found if "127" in pattern]

    def done(command: str, name: str, *more: str) -> str:
        words = (command, "--index", index, "--name", name, "--url", opensearch_2, "--cluster-settings", *more)
        status, printed = said(capsys, *words)
        assert status == 0, printed
        return printed

    names = [f"{index}-one", f"{index}-two"]
    with api(tmp_path) as running, api(tmp_path) as moved:
        try:
            for name in names:
                done("setup", name, "--api-url", running.url)
            first = patterns()
            assert len(first) == 1
            assert "trusted" in done("setup", names[0], "--api-url", moved.url)
            assert len(patterns()) == 2
            assert "would remove" in done("setup", names[1], "--api-url", moved.url, "--dry-run")
            assert len(patterns()) == 2
            done("setup", names[1], "--api-url", moved.url)  # now nobody asks the first
            assert len(patterns()) == 1
            assert patterns() != first
            assert "from plugins" not in done("teardown", names[0])
            assert len(patterns()) == 1
            client.cluster.put_settings(body={"transient": {trusted: ["^https://mine/.*$"]}})
            done("setup", names[1], "--api-url", running.url)
            assert patterns("transient") == first
            assert "from plugins" in done("teardown", names[1])
            assert patterns("transient") == []
            assert client.cluster.get_settings(flat_settings=True)["transient"][trusted] == ["^https://mine/.*$"]
        finally:
            client.cluster.put_settings(body={"transient": {trusted: None}})
            for name in names:
                said(capsys, "teardown", "--index", index, "--name", name, "--url", opensearch_2)


def test_what_is_not_ours_is_left_alone(
    cluster: tuple[OpenSearch, str], opensearch_2: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A search pipeline of somebody else's: nothing is made beside it, nothing of it removed."""
    client, index = cluster
    path, name = f"/_search/pipeline/{index}-theirs", f"{index}-theirs"
    client.transport.perform_request("PUT", path, body={"description": "mine", "response_processors": []})
    where = ("--index", index, "--name", name, "--url", opensearch_2, "--cluster-settings")
    try:
        with api(tmp_path) as running:
            status, words = said(capsys, "setup", *where, "--api-url", running.url)
            assert (status, "endcap has not made" in words) == (2, True), words
            [there] = of_endcap(client, name)
            assert there["description"] == "mine"
        assert "nothing" in said(capsys, "teardown", *where)[1]
        assert len(of_endcap(client, name)) == 1
    finally:
        client.transport.perform_request("DELETE", path)


def test_a_cluster_without_ml_commons_is_told_so(opensearch: str, capsys: pytest.CaptureFixture[str]) -> None:
    """OpenSearch without the plugins, and one that is not there, each by a sentence."""
    wired = ("--index", "shop", "--api-url", "http://127.0.0.1:9")
    status, words = said(capsys, "setup", *wired, "--url", opensearch)
    assert (status, "lacks ML Commons" in words) == (2, True)
    status, words = said(capsys, "check", *wired, "--url", "http://127.0.0.1:9")
    assert (status, "can't be reached" in words) == (2, True), words


def test_oversampling_is_a_pipeline_that_the_cluster_takes(opensearch: str) -> None:
    """OpenSearch 3 takes the processors around the one that re-ranks, as they are written."""
    wiring = Wiring("shop", "http://api:9300", "endcap-shop", oversample=10)
    body = pipeline(wiring, "id", oversampled=True)
    client = OpenSearch([opensearch])
    without = {**body, "response_processors": [each for each in body["response_processors"] if "rerank" not in each]}
    client.transport.perform_request("PUT", "/_search/pipeline/api-oversample", body=without)
    client.transport.perform_request("DELETE", "/_search/pipeline/api-oversample")
    assert "request_processors" not in pipeline(wiring, "id", oversampled=False)
