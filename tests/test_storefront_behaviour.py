"""Searches and clicks that the storefront keeps, and the comparison of both orders that it counts from them."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import replace
from pathlib import Path
from unittest.mock import ANY

import pytest
from storefront_server import Server, error_of, ids, page_of, served

from endcap.cli.storefront import open_behaviour
from endcap.errors import EngineError
from endcap.index.settings import IndexSettings
from endcap.storefront.app import make_app
from endcap.storefront.behaviour import Behaviour
from endcap.storefront.clicks import Clicks
from endcap.storefront.judgment_store import JudgmentStore
from endcap.storefront.shop import Shop
from endcap.storefront.simulated_users import replay_shop
from endcap.storefront.ubi import event_record, query_record
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_sinks import ClusterSink, FileSink

pytest_plugins = ["storefront_fixtures"]


def test_behaviour_is_kept_where_that_was_asked(demo: Shop, tmp_path: Path) -> None:
    """With --ubi searches and clicks are written with one id, and clicks in a mixed list are points for a team."""
    log = UbiLog(FileSink(tmp_path / "ubi"))
    with served(make_app(demo, JudgmentStore(tmp_path / "j.jsonl"), Behaviour(log))) as server:
        assert server.get("/api/shop").json["ubi"] is True
        page = page_of(server, "pushchair", client="tab-1")
        mixed = server.get("/api/interleaved", q="pushchair", client="tab-1", size=6).json
        again = server.get("/api/interleaved", q="pushchair", client="tab-1", size=6).json
        assert (mixed["query_id"], ids(mixed["hits"])) == (again["query_id"], ids(again["hits"]))
        more = server.get("/api/interleaved", q="pushchair", client="tab-1", size=6, page=2).json
        assert not set(ids(mixed["hits"])) & set(ids(more["hits"]))
        assert {hit["team"] for hit in mixed["hits"]} == {"engine", "endcap"}
        places = {hit["id"]: (hit["rank"], hit["other_rank"]) for hit in page["columns"]["endcap"]}
        both = [hit for hit in mixed["hits"] if hit["id"] in places]
        assert both
        assert all((hit["endcap_rank"], hit["engine_rank"]) == places[hit["id"]] for hit in both)
        weighed = server.get("/api/interleaved", q="pushchair", client="tab-1", blend="0.5")
        assert error_of(weighed) == (400, "bad_request"), "clicks on lists of several weights are not added up"
        assert "Leave it out" in weighed.json["error"]["message"]
        assert server.get("/api/interleaved", q="pushchair", client="tab-1", size=6, blend="model").json == {
            **again, "took": ANY,
        }  # fmt: skip
        hit = next(hit for hit in mixed["hits"] if hit["team"] == "endcap")
        click = {
            "action_name": "click", "query_id": mixed["query_id"], "client_id": "tab-1",
            "event_attributes": {"object": {"object_id": hit["id"]}, "position": {"ordinal": 1}, "team": "endcap"},
        }  # fmt: skip
        assert server.post("/api/events", click).json["team"] == "endcap"
        assert error_of(server.post("/api/events", {"action_name": ""})) == (400, "bad_request")
        assert error_of(server.post("/api/events", {**click, "no_such": 1})) == (400, "bad_request")
        told = server.get("/api/interleaving").json
        assert (told["queries"], told["open"]) == (0, 1), "a click counts once its search is over"
        server.get("/api/interleaved", q="mouse", client="tab-1")  # settles the search before
        told = server.get("/api/interleaving").json
        assert (told["queries"], told["wins"], told["open"], told["simulated"]) == (1, 1, 1, False)
        anew = server.get("/api/interleaved", q="pushchair", client="tab-1", size=6).json
        assert anew["query_id"] != mixed["query_id"], "to search again is another trial"
        assert server.post("/api/events", {**click, "query_id": anew["query_id"]}).json["team"] is not None
        assert server.post("/api/events", click).json["team"] is None, "the first one is over"
    queries = [json.loads(line) for line in (tmp_path / "ubi" / "queries.jsonl").read_text().splitlines()]
    events = [json.loads(line) for line in (tmp_path / "ubi" / "events.jsonl").read_text().splitlines()]
    assert queries[0]["query_id"] == page["query_id"]
    assert queries[0]["query_response_hit_ids"] == ids(page["columns"]["endcap"])
    assert (events[0]["query_id"], events[0]["event_attributes"]["team"]) == (mixed["query_id"], "endcap")
    assert {query["client_id"] for query in queries} == {"tab-1"}


def test_a_restart_forgets_no_click(demo: Shop, tmp_path: Path) -> None:
    """What clicks have said is read again from what was written, also those on a later page of a mixed list."""
    told = []
    for start in range(3):
        behaviour = open_behaviour(demo, "mine", True, None)
        with served(make_app(demo, JudgmentStore(tmp_path / "j.jsonl"), behaviour)) as server:
            told.append(server.get("/api/interleaving").json)
            for client in ("ann", "bob"):
                for page in (1, 2):
                    asked = {"q": "wireless mouse", "client": client, "size": 4, "page": page}
                    mixed = server.get("/api/interleaved", **asked).json
                    for hit in mixed["hits"]:
                        if hit["team"] == ("endcap" if client == "ann" or start else "engine"):
                            click = {
                                "action_name": "click", "query_id": mixed["query_id"], "client_id": client,
                                "event_attributes": {"object": {"object_id": hit["id"]}, "position": {"ordinal": 1}},
                            }  # fmt: skip
                            assert server.post("/api/events", click).json["team"] == hit["team"]
    told.append(open_behaviour(demo, "mine", True, None).summary())
    assert [(each["queries"], each["wins"], each["losses"], each["open"]) for each in told] == [
        (0, 0, 0, 0), (0, 0, 0, 2), (2, 1, 1, 2), (4, 3, 1, 2),
    ]  # fmt: skip


def test_a_restart_on_a_cluster_forgets_no_click(opensearch: str) -> None:
    """Where clicks go to the cluster, they are found again there: those of this index, and of no other."""
    name = f"endcap-test-{uuid.uuid4().hex[:8]}"
    settings = IndexSettings(name, "opensearch", opensearch)
    sink = ClusterSink.from_settings(settings, f"{name}-")
    assert sink.interleaved_records(name) == [], "where nothing was ever written there is nothing, and no error"
    log = UbiLog(sink)
    for number in range(12):
        query_id, index = f"q{number}", name if number % 3 else "another"
        attributes = {"index": index, "page": 1, "mixed": True, "teams": ["endcap", "engine"]}
        record = query_record("kettle", ["p1", "p2"], query_id=query_id, client_id=query_id, attributes=attributes)
        log.query(record)
        about = {"object": {"object_id": "p1" if number % 2 else "p2"}, "position": {"ordinal": 1}}
        log.event(event_record({"action_name": "click", "query_id": query_id, "event_attributes": about}))
        log.event(event_record({"action_name": "view", "query_id": query_id}))
        log.query(query_record("kettle", ["p1"], query_id=f"plain{number}", client_id="ann", attributes={"page": 1}))
    log.close(30)
    try:
        sink.client.indices.refresh(index=f"{name}-*")
        clicks = Clicks(clock=lambda: time.time() + 1000)  # when all are over
        clicks.count(sink.interleaved_records(name))
        told = clicks.summary()
        assert (told["queries"], told["wins"], told["losses"]) == (8, 4, 4)
    finally:
        sink.client.indices.delete(index=f"{name}-*")
        sink.client.close()
    gone = ClusterSink.from_settings(IndexSettings("gone", "opensearch", "http://127.0.0.1:9"))
    with pytest.raises(EngineError, match="can't be reached"):
        gone.interleaved_records("gone")


def test_without_ubi_nothing_is_kept(server: Server) -> None:
    """Events are refused, and searches have no id."""
    assert error_of(server.post("/api/events", {"action_name": "click"})) == (400, "bad_request")
    assert page_of(server, "mouse")["query_id"] is None


def test_simulated_users_are_said_to_be(demo: Shop, tmp_path: Path) -> None:
    """After a replay the comparison is that of simulated users, and says so."""
    few = replace(demo, judged_queries=("pushchair", "mouse", "wireless mouse for laptop"))
    tally = replay_shop(few, 40).tally
    with served(make_app(few, JudgmentStore(tmp_path / "j.jsonl"), Behaviour(None, tally))) as server:
        told = server.get("/api/interleaving").json
        assert (told["queries"], told["simulated"]) == (40, True)
        assert server.get("/api/shop").json["interleaving"] is True
        assert server.get("/api/interleaved", q="mouse").status == 200
