"""User Behaviour Insights: the log and its files, and that no search waits for it or fails by it."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from ubi_parts import BASE, BETTER, CLICK, changed, rows, searched

from endcap.errors import EngineError
from endcap.index.query_log import read_query_log
from endcap.index.settings import IndexSettings
from endcap.storefront import ubi_log
from endcap.storefront.clicks import Clicks
from endcap.storefront.ubi import QUERIES, event_record, query_record
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_sinks import ClusterSink, FileSink, ubi_folder


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
    assert time.perf_counter() - began < 10
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
    assert time.perf_counter() - began < 10


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
