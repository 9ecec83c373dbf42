"""User Behaviour Insights: what is written, where it goes, and that no search waits for it or fails by it."""

from __future__ import annotations

import gzip
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flaky_proxy import Answer, proxy
from hypothesis import given
from hypothesis import strategies as st
from opensearchpy import OpenSearch

from endcap.errors import EngineError, InputError
from endcap.index.query_log import read_query_log
from endcap.index.settings import IndexSettings
from endcap.storefront import ubi_log
from endcap.storefront.clicks import Clicks
from endcap.storefront.ubi import EVENTS, QUERIES, event_record, query_record, timestamp_of
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_mappings import MAPPINGS
from endcap.storefront.ubi_sinks import ClusterSink, FileSink, ubi_folder

CLICK: dict[str, Any] = {
    "action_name": "click",
    "query_id": "q1",
    "client_id": "tab-1",
    "event_attributes": {"object": {"object_id": "p1"}, "position": {"ordinal": 1}},
}


def searched(query: str, query_id: str = "q1", **more: Any) -> dict[str, Any]:
    return query_record(query, ["p1", "p2"], query_id=query_id, client_id="tab-1", **more)


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


def test_records_have_the_schemas_fields() -> None:
    """A query and an event have the fields of the schema 1.3, and times as the indices' mapping takes them."""
    record = searched("kettle", attributes={"page": 2})
    assert set(record) == {
        "application", "query_id", "client_id", "user_query", "query_attributes", "object_id_field", "timestamp",
        "query_response_id", "query_response_hit_ids",
    }  # fmt: skip
    assert (record["user_query"], record["query_response_hit_ids"]) == ("kettle", ["p1", "p2"])
    event = event_record({**CLICK, "timestamp": datetime.now(UTC).isoformat(), "user_query": "kettle"})
    assert event["event_attributes"] == {
        "position": {"ordinal": 1},
        "object": {"object_id": "p1", "object_id_field": "_id"},
    }
    for made in (record, event):
        assert made["timestamp"] == timestamp_of(datetime.fromisoformat(made["timestamp"]))
        assert made["timestamp"].endswith("Z")
        assert len(made["timestamp"]) == len("2026-11-28T09:30:00.000Z")


def changed(path: str, value: Any) -> dict[str, Any]:
    """A click with one value changed, as ``event_attributes.object.object_id`` names it."""
    made = json.loads(json.dumps(CLICK))
    *outer, last = path.split(".")
    inner = made
    for name in outer:
        inner = inner[name]
    inner[last] = value
    return dict(made)


@pytest.mark.parametrize(
    ("event", "says"),
    [
        ([], "an event is an object; this is list"),
        ({}, "'action_name' is None"),
        (changed("action_name", ""), "'action_name' is empty"),
        (changed("action_name", "a" * 101), "'action_name' has 101 characters; at most 100"),
        (changed("query_id", 7), "'query_id' is 7. Give a text"),
        (changed("query_id", "a\x00"), r"'query_id' has the character U\+0000"),
        (changed("client_id", "\ud83d"), r"'client_id' has the character U\+D83D"),
        (changed("user_query", "q" * 1001), "'user_query' has 1,001 characters"),
        (changed("message", "m" * 1025), "'message' has 1,025 characters"),
        (changed("password", "x"), "an event has no field 'password'"),
        (changed("timestamp", "yesterday"), "'timestamp' is 'yesterday'"),
        (changed("timestamp", 1), "'timestamp' is 1"),
        (changed("event_attributes", "x"), "'event_attributes' is an object; this is str"),
        (changed("event_attributes.position", None), "'event_attributes' needs a 'position'"),
        (changed("event_attributes.position", {"xy": 1}), "position has no field 'xy'"),
        (changed("event_attributes.position.ordinal", -1), "'ordinal' is -1"),
        (changed("event_attributes.position.ordinal", 1.5), "'ordinal' is 1.5"),
        (changed("event_attributes.position.ordinal", True), "'ordinal' is True"),
        (changed("event_attributes.object", 7), "'object' is an object; this is int"),
        (changed("event_attributes.object.object_id", None), "'object_id' is None"),
        (changed("event_attributes.object.object_id", "x" * 513), "'object_id' has 513 characters"),
        (changed("event_attributes.object.more", 1), "object has no field 'more'"),
        (changed("event_attributes.anything", 1), "event_attributes has no field 'anything'"),
        (changed("event_attributes.simulated", "yes"), "'simulated' is 'yes'. Give true or false"),
        (changed("event_attributes.team", 1), "'team' is 1"),
        (changed("event_attributes.page", "1"), "'page' is '1'"),
    ],
)
def test_what_comes_from_outside_is_checked(event: Any, says: str) -> None:
    """Wrong types, sizes, times and unknown fields are refused, in words that name the field."""
    with pytest.raises(InputError, match=says):
        event_record(event)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.parametrize("told", ["0001-01-01T00:00:00+14:00", "2001-01-01T00:00:00Z", "2999-01-01T00:00:00", None])
def test_a_browsers_clock_may_be_wrong(told: str | None) -> None:
    """A click has the storefront's time, as its search has: it is taken, and never before its search or long after."""
    began = timestamp_of(datetime.now(UTC))
    assert began <= event_record({**CLICK, "timestamp": told})["timestamp"] <= timestamp_of(datetime.now(UTC))


FIELD = st.sampled_from(["action_name", "query_id", "timestamp", "event_attributes", "message", "user_query"])


@given(st.dictionaries(FIELD, JSON, max_size=4), JSON)
def test_any_event_is_a_record_or_an_input_error(fields: dict[str, Any], whole: Any) -> None:
    """Whatever JSON a browser sends, the answer is a record that can be written, or an InputError."""
    for data in (whole, fields, CLICK | fields, changed("event_attributes.object", whole)):
        try:
            assert json.loads(json.dumps(event_record(data)))["action_name"]
        except InputError:
            continue


@pytest.mark.parametrize(
    ("query", "more", "says"),
    [
        ("q" * 1001, {}, "'user_query' has 1,001 characters"),
        ("q", {"attributes": {"a": "x" * 5000}}, "query_attributes have 5,008 bytes; at most 4,096"),
        ("q", {"attributes": {"a": object()}}, "query_attributes can't be written as JSON"),
        ("q", {"query_id": "x" * 101}, "'query_id' has 101 characters"),
    ],
)
def test_a_search_that_is_too_large_is_refused(query: str, more: dict[str, Any], says: str) -> None:
    """What would not fit the indices is an InputError before it is queued."""
    with pytest.raises(InputError, match=says):
        searched(query, **more)


def test_files_are_read_as_a_query_log() -> None:
    """What the storefront writes is what 'endcap compare --queries' reads, odd queries too."""
    queries = ["kettle", "Kettle", 'a, "b"', "red\u2028shoe", "tea\nfor two", "🫖 è"]
    log = UbiLog(FileSink(ubi_folder("shop")))
    for number, query in enumerate(queries):
        log.query(searched(query, str(number)))
    log.event(event_record(CLICK))
    log.close()
    assert log.counts == {"taken": 7, "written": 7, "dropped": 0, "failed": 0}
    found = read_query_log(ubi_folder("shop") / "queries.jsonl")
    assert found.counts == {"kettle": 2, 'a, "b"': 1, "red shoe": 1, "tea for two": 1, "🫖 è": 1}
    assert found.odd == ()
    assert [row["event_attributes"]["object"]["object_id"] for row in rows(ubi_folder("shop") / "events.jsonl")] == [
        "p1"
    ]


def test_several_logs_share_the_files(tmp_path: Path) -> None:
    """Threads of several logs append to the same files: every line is whole, half a line of a crash spoils nothing."""
    (tmp_path / "queries.jsonl").write_text('{"user_query": "ke')
    logs = [UbiLog(FileSink(tmp_path)) for _ in range(3)]

    def ask(log: UbiLog) -> None:
        for number in range(100):
            log.query(searched("kettle", str(number)))

    threads = [threading.Thread(target=ask, args=[log]) for log in logs for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for log in logs:
        log.close()
        assert log.counts == {"taken": 200, "written": 200, "dropped": 0, "failed": 0}
    assert len(rows(tmp_path / "queries.jsonl")) == 600


class Slow:
    """A sink that is as slow as its test wants."""

    def __init__(self) -> None:
        self.go, self.began = threading.Event(), threading.Event()
        self.seen: list[Any] = []

    def write(self, kind: str, records: Sequence[Any]) -> int:
        self.began.set()
        self.go.wait(20)
        self.seen += records
        return 0


def test_a_search_never_waits(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """Where the sink hangs, the queue fills, what finds it full is dropped and counted, and nobody waits."""
    monkeypatch.setattr(ubi_log, "GATHER_S", 0.0)
    sink = Slow()
    log = UbiLog(sink, capacity=50)
    log.query(searched("first"))
    assert sink.began.wait(5)
    began = time.perf_counter()
    for number in range(1000):
        log.query(searched("kettle", str(number)))
    assert time.perf_counter() - began < 2
    assert log.counts == {"taken": 51, "written": 0, "dropped": 950, "failed": 0}
    assert not log.flush(0.05)
    assert len([record for record in caplog.records if "is full" in record.message]) == 1, "not a line for each"
    sink.go.set()
    assert log.flush(5)
    assert log.counts["written"] == len(sink.seen) == 51
    log.close()


def test_closing_does_not_hang() -> None:
    """A sink that never returns keeps close for no longer than its time."""
    log = UbiLog(Slow())
    log.query(searched("kettle"))
    began = time.perf_counter()
    log.close(0.3)
    assert time.perf_counter() - began < 3


def test_a_cluster_that_is_gone_costs_records_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    """Nobody listens there: searches go on, records are counted as failed, and a line says where and what to do."""
    sink = ClusterSink.from_settings(IndexSettings("gone", "opensearch", "http://127.0.0.1:9"))
    log = UbiLog(sink)
    for number in range(20):
        log.query(searched("kettle", str(number)))
        log.event(event_record(CLICK))
    assert log.flush(30)
    assert log.counts == {"taken": 40, "written": 0, "dropped": 0, "failed": 40}
    assert "OpenSearch at http://127.0.0.1:9 can't be reached" in caplog.text
    log.close()
    with pytest.raises(EngineError, match="can't be reached"):
        sink.write(QUERIES, [searched("kettle")])


def test_a_folder_that_cannot_be_written_is_counted(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """A file in the folder's place: the records are lost, counted and logged, and the log goes on."""
    (tmp_path / "ubi").write_text("")
    log = UbiLog(FileSink(tmp_path / "ubi"))
    log.query(searched("kettle"))
    assert log.flush(10)
    assert log.counts["failed"] == 1
    assert "Lost so far: 1 records" in caplog.text
    (tmp_path / "ubi").unlink()
    log.query(searched("kettle"))
    assert log.flush(10)
    assert log.counts["written"] == 1
    log.close()


def test_files_that_are_put_aside_are_followed_by_new_ones(tmp_path: Path) -> None:
    """As logrotate does it: after a file was renamed a new one is written, nothing is lost, and what was put aside is
    counted on, packed or not; a damaged one costs what is behind the damage."""
    clicks, log = Clicks(), UbiLog(FileSink(tmp_path))
    for number in range(4):
        found = clicks.search("ann", f"query {number}", BETTER, BASE)
        ids, attributes = [hit.id for hit in found.shown], {"teams": [hit.team for hit in found.shown]}
        log.query(query_record("kettle", ids, query_id=found.query_id, client_id="ann", attributes=attributes))
        event = changed("event_attributes.object.object_id", found.shown[0].id) | {"query_id": found.query_id}
        log.event(event_record(event))
        assert log.flush(10)
        if number < 3:
            for path in (tmp_path / "queries.jsonl", tmp_path / "events.jsonl"):
                aside = path.with_name(f"{path.name}-2026112{number}")
                path.rename(aside)
                if number == 1:
                    aside.with_name(f"{aside.name}.gz").write_bytes(gzip.compress(aside.read_bytes()))
                    aside.unlink()
    log.close()
    assert log.counts["written"] == 8
    assert len(rows(tmp_path / "queries.jsonl")) == 1
    later = Clicks()
    later.read(tmp_path)
    assert (later.summary()["queries"], later.summary()["open"], later.summary()["ties"]) == (3, 1, 0)
    packed = tmp_path / "events.jsonl-20261121.gz"
    packed.write_bytes(packed.read_bytes()[:-9])
    Clicks().read(tmp_path)


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


BETTER, BASE = list("abcdef"), list("fbcdea")


class Clock:
    def __init__(self) -> None:
        self.now = datetime.now(UTC).timestamp() - 7200

    def __call__(self) -> float:
        return self.now


def test_the_storefronts_clicks_are_credited_and_found_again(tmp_path: Path) -> None:
    """A shopper's lists are drafted, a later page goes on with the list, clicks are credited once the search is over,
    and what was written tells a new process the same."""
    clock = Clock()
    clicks, log = Clicks(clock=clock), UbiLog(FileSink(tmp_path))
    for number in range(30):
        found = clicks.search("ann", f"query {number}", BETTER, BASE, size=3)
        assert clicks.search("ann", f"query {number}", BETTER, BASE, size=3) == found, "going back shows the same"
        more = clicks.search("ann", f"query {number}", BETTER, BASE, page=2, size=3)
        assert (more.query_id, more.shown[:3]) == (found.query_id, found.shown)
        log.query(
            query_record(
                found.query, [hit.id for hit in more.shown], query_id=found.query_id, client_id="ann",
                attributes={"teams": [hit.team for hit in more.shown]},
                timestamp=timestamp_of(datetime.fromtimestamp(clock.now, UTC)),
            )
        )  # fmt: skip
        mine = next(hit for hit in more.shown if hit.team == "endcap")
        event = changed("event_attributes.object.object_id", mine.id) | {"query_id": found.query_id}
        clock.now += 1
        record = event_record(event) | {"timestamp": timestamp_of(datetime.fromtimestamp(clock.now, UTC))}
        assert clicks.event(record) == "endcap"
        log.event(record)
        clock.now += 10
    log.close()
    told = clicks.summary()
    assert (told["wins"], told["open"], told["decided"], told["simulated"]) == (29, 1, "endcap", False)
    clock.now += 1000
    assert clicks.summary()["wins"] == 30
    with (tmp_path / "queries.jsonl").open("a") as file:  # what is no record, or an odd one, costs nothing
        file.write('half\n[]\n{"timestamp": 1}\n')
        for odd in ({"query_attributes": "x"}, {"query_attributes": {"teams": [1]}, "query_response_hit_ids": "p"}):
            file.write(json.dumps({"timestamp": timestamp_of(datetime.now(UTC)), **odd}) + "\n")
    later = Clicks(clock=clock)
    later.read(tmp_path)
    assert later.summary() == clicks.summary()
    assert later.event(record) == "", "a click on a search that is over does not count"


def test_what_was_shown_stays_though_the_orders_change() -> None:
    """Where a later page or the same one again finds other orders, as with too little time, no product moves, changes
    its team or comes twice, and a click counts for the team that was shown."""
    for _ in range(30):
        clicks = Clicks()
        first = clicks.search("ann", "kettle", BETTER, BASE, size=3)
        again = clicks.search("ann", "kettle", BASE, BASE, size=3)
        assert (again.query_id, again.shown) == (first.query_id, first.shown)
        more = clicks.search("ann", "kettle", BASE, BASE, page=2, size=3)
        assert more.shown[:3] == first.shown
        assert sorted(hit.id for hit in more.shown) == sorted(BASE)
        assert clicks.search("ann", "kettle", BETTER, BASE, size=3).shown == first.shown
        for hit in more.shown:
            event = changed("event_attributes.object.object_id", hit.id) | {"query_id": first.query_id}
            assert clicks.event(event_record(event)) == hit.team


def test_a_search_stays_open_over_a_restart(tmp_path: Path) -> None:
    """A click after a restart on a search from before counts as if there had been none, now and at the next one."""
    clock = Clock()
    clicks = Clicks(clock=clock)
    found = clicks.search("ann", "kettle", BETTER, BASE)
    log = UbiLog(FileSink(tmp_path))
    at = timestamp_of(datetime.fromtimestamp(clock.now, UTC))
    ids, attributes = [hit.id for hit in found.shown], {"teams": [hit.team for hit in found.shown]}
    log.query(
        query_record("kettle", ids, query_id=found.query_id, client_id="ann", attributes=attributes, timestamp=at)
    )
    assert log.flush(10)
    clock.now += 60
    restarted = Clicks(clock=clock)
    restarted.read(tmp_path)
    assert (restarted.summary()["queries"], restarted.summary()["open"]) == (0, 1)
    event = changed("event_attributes.object.object_id", found.shown[0].id) | {"query_id": found.query_id}
    record = event_record(event) | {"timestamp": timestamp_of(datetime.fromtimestamp(clock.now, UTC))}
    assert restarted.event(record) == found.shown[0].team
    log.event(record)
    log.close()
    clock.now += 60
    again = Clicks(clock=clock)
    again.read(tmp_path)
    assert restarted.summary() == again.summary()
    assert restarted.summary()["ties"] == 0


def test_searching_again_is_another_trial() -> None:
    """Once a search is settled, the same query has new coins; while it is open it is the same search."""
    clock = Clock()
    clicks = Clicks(clock=clock, settle_s=60)
    ids = set()
    drafts = set()
    for _ in range(40):
        found = clicks.search("ann", "kettle", BETTER, BASE)
        ids.add(found.query_id)
        drafts.add(found.shown)
        clock.now += 61
    assert len(ids) == 40
    assert len(drafts) > 5
    assert clicks.summary()["queries"] == 40


def test_other_events_are_no_clicks() -> None:
    """A view, a click without a product, and a click on a list that is not known count for nobody."""
    clicks = Clicks()
    found = clicks.search("ann", "kettle", BETTER, BASE)
    hit = changed("event_attributes.object.object_id", found.shown[0].id) | {"query_id": found.query_id}
    assert clicks.event(event_record(hit | {"action_name": "view"})) == ""
    assert clicks.event(event_record({"action_name": "click", "query_id": found.query_id})) == ""
    assert clicks.event(event_record(hit | {"query_id": "another"})) == ""
    assert clicks.event(event_record(hit)) == found.shown[0].team
