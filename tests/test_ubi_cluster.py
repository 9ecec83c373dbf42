"""User Behaviour Insights in a cluster: its indices, the rights that they need, and what it refuses."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flaky_proxy import Answer, proxy
from opensearchpy import OpenSearch
from ubi_parts import CLICK, changed, searched

from endcap.errors import EngineError
from endcap.index.query_log import read_query_log
from endcap.index.settings import IndexSettings
from endcap.storefront.ubi import EVENTS, QUERIES, event_record
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_mappings import MAPPINGS
from endcap.storefront.ubi_sinks import ClusterSink


def forbidden(
    *, looking: bool = True, making: bool = True, reading: bool = True
) -> Callable[[str, str], Answer | None]:
    """What a cluster's security plugin refuses a user who lacks these rights, in its words."""

    def refused(method: str, path: str) -> Answer | None:
        is_index = path.count("/") == 1
        lacking = (
            ("indices:admin/get", method == "HEAD" and is_index and not looking),
            ("indices:admin/create", method == "PUT" and is_index and not making),
            ("indices:data/read/search", "_search" in path and not reading),
        )
        right = next((right for right, is_lacking in lacking if is_lacking), "")
        if not right:
            return None
        reason = f"no permissions for [{right}] and User [name=shop, backend_roles=[], requestedTenant=null]"
        cause = {"type": "security_exception", "reason": reason}
        return 403, json.dumps({"error": {"root_cause": [cause], **cause}, "status": 403}).encode()

    return refused


def test_a_user_who_may_not_make_the_indices_is_told_so(cluster: tuple[OpenSearch, str], opensearch: str) -> None:
    """At the start it is said which right is missing for which indices, and what to do; where they are there, a user
    who may only write to them writes, and is told that earlier clicks are not counted."""
    client, prefix = cluster
    client.indices.create(index=f"{prefix}other")
    with proxy(opensearch, refused=forbidden(making=False)) as url:
        sink = ClusterSink.from_settings(IndexSettings("shop", "opensearch", url), prefix)
        says = (
            rf"no index '{prefix}ubi_queries'.*indices:admin/create.*'create_index' for {prefix}ubi_queries and .*--ubi"
        )
        with pytest.raises(EngineError, match=says):
            sink.make_indices()
    ClusterSink(client, prefix=prefix).make_indices()
    for rights in ({"making": False}, {"looking": False, "making": False, "reading": False}):
        with proxy(opensearch, refused=forbidden(**rights)) as url:
            sink = ClusterSink.from_settings(IndexSettings("shop", "opensearch", url), prefix)
            sink.make_indices()
            assert sink.interleaved_records("shop") == []
            log = UbiLog(sink)
            log.query(searched("kettle"))
            log.close(30)
            assert log.counts["written"] == 1, rights


def test_clicks_that_may_not_be_read_are_not_counted(
    cluster: tuple[OpenSearch, str], opensearch: str, caplog: pytest.LogCaptureFixture
) -> None:
    """A user who may not read the indices starts from nothing, and is told which right would change that."""
    client, prefix = cluster
    ClusterSink(client, prefix=prefix).make_indices()
    with proxy(opensearch, refused=forbidden(reading=False)) as url:
        sink = ClusterSink.from_settings(IndexSettings("shop", "opensearch", url), prefix)
        assert sink.interleaved_records("shop") == []
    assert "may not read" in caplog.text
    assert "indices:data/read/search" in caplog.text


@pytest.fixture
def cluster(opensearch: str) -> Iterator[tuple[OpenSearch, str]]:
    """A client, and a prefix of indices that are ours: the server may be somebody's own."""
    client, prefix = OpenSearch(opensearch), f"endcap-test-{uuid.uuid4().hex[:8]}-"
    yield client, prefix
    client.indices.delete(index=f"{prefix}*")
    client.close()


def test_a_real_cluster_has_the_indices_and_the_records(
    cluster: tuple[OpenSearch, str], opensearch: str, tmp_path: Path
) -> None:
    """The indices are made with the plugin's mappings; every record is taken; clicks can be counted by the team that
    was clicked; and the export of the index is a query log."""
    client, prefix = cluster
    settings = IndexSettings("shop", "opensearch", opensearch)
    logs = [UbiLog(ClusterSink.from_settings(settings, prefix)) for _ in range(2)]  # two that find no index at once
    for number in range(60):
        teams = {"teams": ["endcap", "engine"]}
        logs[number % 2].query(searched(f"kettle {number % 3}", f"q{number}", attributes=teams))
        event = changed("event_attributes.team", "endcap" if number % 3 else "engine")
        logs[number % 2].event(event_record(event | {"query_id": f"q{number}", "user_query": "kettle"}))
    for log in logs:
        log.close(30)
        assert log.counts == {"taken": 60, "written": 60, "dropped": 0, "failed": 0}
    client.indices.refresh(index=f"{prefix}*")
    for kind, mapping in MAPPINGS.items():
        held = client.indices.get_mapping(index=prefix + kind)[prefix + kind]["mappings"]
        for name, wanted in mapping["properties"].items():
            assert held["properties"][name].get("type") == wanted.get("type"), name
        assert client.count(index=prefix + kind)["count"] == 60
    found = client.search(
        index=prefix + EVENTS,
        body={
            "size": 0,
            "query": {"range": {"timestamp": {"gte": "now-1h"}}},
            "aggs": {"teams": {"terms": {"field": "event_attributes.team.keyword"}}},
        },
    )
    assert {b["key"]: b["doc_count"] for b in found["aggregations"]["teams"]["buckets"]} == {"endcap": 40, "engine": 20}
    one = client.search(
        index=prefix + QUERIES, body={"query": {"term": {"query_attributes.teams": "engine"}}, "size": 100}
    )
    assert one["hits"]["total"]["value"] == 60, "attributes of a search can be asked for, however they are called"
    export = tmp_path / "ubi_queries.json"
    export.write_text(json.dumps(one))
    assert read_query_log(export).counts == {"kettle 0": 20, "kettle 1": 20, "kettle 2": 20}


def test_what_a_cluster_refuses_is_counted(
    cluster: tuple[OpenSearch, str], opensearch: str, caplog: pytest.LogCaptureFixture
) -> None:
    """An index that was there with another mapping keeps it; what it refuses is lost, counted, and said why."""
    client, prefix = cluster
    client.indices.create(index=prefix + QUERIES, body={"mappings": {"properties": {"client_id": {"type": "integer"}}}})
    log = UbiLog(ClusterSink.from_settings(IndexSettings("shop", "opensearch", opensearch), prefix))
    log.query(searched("kettle"))
    log.event(event_record(CLICK))
    log.close(30)
    assert log.counts == {"taken": 2, "written": 1, "dropped": 0, "failed": 1}
    assert "failed to parse field [client_id]" in caplog.text
