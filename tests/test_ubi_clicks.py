"""The storefront's clicks on mixed lists: credited to a team, found again after a restart, each search a trial."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

from ubi_parts import BASE, BETTER, changed

from endcap.storefront.clicks import Clicks
from endcap.storefront.ubi import event_record, query_record, timestamp_of
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_sinks import FileSink


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
