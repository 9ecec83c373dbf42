"""Several hands at one cluster's wiring: two setups at once, one that was killed half-way, and what others stand on."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from api_parts import api
from native_parts import cluster, of_endcap, opensearch_2
from opensearchpy import OpenSearch

from endcap.errors import InputError
from endcap.serve.native.check import check
from endcap.serve.native.cluster import ML, Cluster
from endcap.serve.native.removal import tear_down
from endcap.serve.native.setup import set_up
from endcap.serve.native.wiring import Wiring, connector

__all__ = ["cluster", "opensearch_2"]


@pytest.fixture
def wired(
    cluster: tuple[OpenSearch, str], opensearch_2: str, tmp_path: Path
) -> Iterator[tuple[Callable[[], Cluster], Wiring]]:
    """How to reach the cluster by a client of one's own, and what is to be wired."""
    _, index = cluster

    def reach() -> Cluster:
        return Cluster(OpenSearch([opensearch_2], timeout=30), opensearch_2)

    with api(tmp_path) as running:
        wiring = Wiring(index, running.url, f"endcap-{index}")
        yield reach, wiring
        list(tear_down(reach(), wiring, True, False))


def kinds(client: OpenSearch, name: str) -> list[int]:
    """How many connectors, models and model groups there are of a name."""
    reach = Cluster(client, "")
    return [len(reach.named(kind, name)) for kind in ("connectors", "models", "model_groups")]


def words_of(cluster: Cluster, wiring: Wiring) -> str:
    return " ".join(finding.words for finding in check(cluster, wiring))


def wrong(cluster: Cluster, wiring: Wiring) -> list[str]:
    return [finding.words for finding in check(cluster, wiring) if finding.wrong]


def test_three_setups_at_once_make_one_model(
    cluster: tuple[OpenSearch, str], wired: tuple[Callable[[], Cluster], Wiring]
) -> None:
    """Each ends well; one connector, one model and one group are left, and the pipeline uses them."""
    reach, wiring = wired
    at_once, failed = threading.Barrier(3), []

    def one() -> None:
        own = reach()
        at_once.wait()
        try:
            list(set_up(own, wiring, True, False))
        except Exception as error:
            failed.append(error)

    threads = [threading.Thread(target=one) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert kinds(cluster[0], wiring.name) == [1, 1, 1]
    assert wrong(reach(), wiring) == []
    assert [words.split()[0] for words in set_up(reach(), wiring, False, False)] == ["kept"] * 3


def test_a_setup_that_was_killed_is_ended_by_the_next(
    cluster: tuple[OpenSearch, str], wired: tuple[Callable[[], Cluster], Wiring]
) -> None:
    """After each of its requests: the next one leaves one of each, deployed, and says nothing wrong."""
    reach, wiring = wired

    class Killed(BaseException):
        pass

    for changes in range(1, 5):
        own = reach()
        perform, left = own.client.transport.perform_request, [changes]

        def dying(method: str, url: str, perform: Any = perform, left: Any = left, **more: Any) -> Any:
            reply = perform(method, url, **more)
            left[0] -= method != "GET" and not (method == "POST" and url.endswith("_search"))
            if not left[0]:
                raise Killed
            return reply

        own.client.transport.perform_request = dying
        with pytest.raises(Killed):
            list(set_up(own, wiring, True, False))
        list(set_up(reach(), wiring, True, False))
        assert kinds(cluster[0], wiring.name) == [1, 1, 1], changes
        assert wrong(reach(), wiring) == [], changes
        list(tear_down(reach(), wiring, True, False))
        assert of_endcap(cluster[0], wiring.name) == []


def test_each_wire_that_is_cut_is_said_and_mended(
    cluster: tuple[OpenSearch, str], wired: tuple[Callable[[], Cluster], Wiring], tmp_path: Path
) -> None:
    """By words of its own; setup says nothing is wrong afterwards."""
    client, index = cluster
    reach, wiring = wired
    own, name = reach(), wiring.name
    list(set_up(own, wiring, True, False))
    [(model_id, about)], [(connector_id, _)] = own.named("models", name), own.named("connectors", name)
    trusted = "plugins.ml_commons.trusted_connector_endpoints_regex"
    pipeline = own.find(f"/_search/pipeline/{name}")[name]
    elsewhere = {**connector(replace(wiring, api_url="http://127.0.0.1:9"))}

    def undeploy() -> None:
        own.call("POST", f"{ML}/models/{model_id}/_undeploy")

    def distrust() -> None:
        own.set({trusted: ["^https://other/.*$"]})

    def other_address() -> None:
        undeploy()
        own.set({trusted: ["^http://127.0.0.1:.*$"]})
        own.call("PUT", f"{ML}/connectors/{connector_id}", {"actions": elsewhere["actions"]})

    def other_model() -> None:
        broken = json.loads(json.dumps(pipeline).replace(model_id, "no-such-model"))
        own.call("PUT", f"/_search/pipeline/{name}", broken)

    def no_processor() -> None:
        own.call("PUT", f"/_search/pipeline/{name}", {**pipeline, "response_processors": []})

    def no_model() -> None:
        undeploy()
        own.remove(f"{ML}/models/{model_id}")

    def other_body() -> None:
        undeploy()
        actions = [{**each, "request_body": "{}"} for each in connector(wiring)["actions"]]
        own.call("PUT", f"{ML}/connectors/{connector_id}", {"actions": actions})

    cuts = {
        undeploy: "not deployed",
        distrust: "trusted_connector_endpoints_regex must have",
        other_address: "asks http://127.0.0.1:9/v2/rerank, not",
        other_body: "other settings than given here",
        other_model: "uses model no-such-model",
        no_processor: "no rerank processor",
        no_model: "there is no model",
    }
    assert about["model_state"] == "DEPLOYED"
    for cut, words in cuts.items():
        cut()
        assert words in " ".join(wrong(own, wiring)), cut.__name__
        list(set_up(own, wiring, True, False))
        assert wrong(own, wiring) == [], cut.__name__
    default = {"index.search.default_pipeline": name}
    assert "is not the index.search.default_pipeline" in words_of(own, wiring)
    client.indices.put_settings(index=index, body=default)
    assert "is not the" not in words_of(own, wiring)
    client.indices.put_settings(index=index, body=dict.fromkeys(default))


def test_what_others_stand_on_is_not_removed(
    cluster: tuple[OpenSearch, str], wired: tuple[Callable[[], Cluster], Wiring]
) -> None:
    """A hidden index, templates, and a pipeline of theirs with our model: each is named, nothing is removed."""
    client, index = cluster
    reach, wiring = wired
    own, name = reach(), wiring.name
    list(set_up(own, wiring, True, False))
    [(model_id, _)] = own.named("models", name)
    theirs, hidden = f"{index}-theirs", f"{index}-hidden"
    default = {"index.search.default_pipeline": name}
    rerank = {"rerank": {"ml_opensearch": {"model_id": model_id}, "context": {"document_fields": ["title"]}}}
    template = {
        "index_patterns": [f"{theirs}-*"],
        "template": {"settings": {"index": {"search": {"default_pipeline": name}}}},
    }
    stands: dict[str, tuple[str, Any]] = {
        f"/{hidden}": (hidden, {"settings": {"index.hidden": True, **default}}),
        f"/_index_template/{theirs}": (theirs, template),
        f"/_component_template/{theirs}": (theirs, {"template": {"settings": default}}),
        f"/_template/{theirs}": (theirs, {"index_patterns": [f"{theirs}-*"], "settings": default}),
        f"/_search/pipeline/{theirs}": (theirs, {"response_processors": [rerank]}),
    }
    for path, (said, body) in stands.items():
        own.call("PUT", path, body)
        try:
            with pytest.raises(InputError, match=said):
                list(tear_down(own, wiring, False, False))
            assert kinds(client, name) == [1, 1, 1], path
            assert own.find(f"/_search/pipeline/{name}"), path
        finally:
            own.call("DELETE", path)
    assert len(list(tear_down(own, wiring, False, False))) == 4
