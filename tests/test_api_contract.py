"""What clients of other APIs count on beside the bodies: what `/info` has, variables, ready, ties, slow senders."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from api_parts import POOL, QUERY, Running, api
from child_process import environment
from prometheus_client.parser import text_string_to_metric_families

from endcap.errors import InputError
from endcap.serve.api.app import ARRIVING
from endcap.serve.keys import Keys, environment_key, make_key
from endcap.serve.settings_file import read_api_settings


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with api(tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.mark.parametrize("count", [2, 3, 33, 70])
def test_equal_documents_score_alike_and_stay_in_order(running: Running, count: int) -> None:
    """Wherever they stand; and a document's score does not depend on what it is sent beside."""
    documents = [["a lamp", "usb cable", "usb cable", "", "a hose"][place % 5] for place in range(count)]
    results = running.post("/v2/rerank", {"query": QUERY, "documents": documents}).json()["results"]
    scores: dict[str, set[float]] = {}
    for result in results:
        scores.setdefault(documents[result["index"]], set()).add(result["relevance_score"])
    assert all(len(each) == 1 for each in scores.values())
    for text in scores:
        places = [result["index"] for result in results if documents[result["index"]] == text]
        assert places == sorted(places)


def test_info_has_what_tei_s_clients_read(running: Running) -> None:
    """The fields of TEI's own ``Info`` that say what may be sent."""
    about = running.get("/info").json()
    assert about["model_type"]["reranker"]["id2label"] == {"0": "LABEL_0"}
    assert about["max_batch_tokens"] == about["max_input_length"] * about["max_client_batch_size"]
    assert about["auto_truncate"] is True
    assert {"model_id", "model_sha", "model_dtype", "max_concurrent_requests", "version"} < set(about)


def test_ready_and_metrics_are_at_the_api_s_own_port_too(tmp_path: Path) -> None:
    """As other servers have them; metrics only with the key, where there is one."""
    with api(tmp_path) as running:
        assert running.get("/ready").json() == {"ready": True}
        running.post("/rerank", {"query": QUERY, "texts": ["a"]})
        found = {
            family.name: family for family in text_string_to_metric_families(running.get("/metrics").data.decode())
        }
        [ready] = found["endcap_api_ready"].samples
        assert ready.value == 1
        assert found["endcap_api_model_info"].samples[0].labels == {"model": "endcap-shops"}
        # What alerts ask of proxies is not here: this process has no cluster.
        assert not [name for name in found if name.startswith("endcap_") and not name.startswith("endcap_api_")]
        assert running.api is not None
        running.api.draining = True
        assert running.get("/ready").status == 503
        make_key(tmp_path / "api-keys.json", "shop")
        time.sleep(0.6)
        assert running.get("/metrics").status == 401
        assert running.get("/ready").status == 503


def test_a_key_may_come_from_the_environment(tmp_path: Path) -> None:
    """By our name, else by TEI's; it counts beside those of the file."""
    keys = Keys(tmp_path / "keys.json", environment_key({"API_KEY": "theirs", "ENDCAP_API_KEY": "ours"}))
    assert keys.needs_one()
    assert keys.name_of("ours") == "environment"
    assert keys.name_of("theirs") is keys.name_of("") is None
    assert environment_key({"API_KEY": "theirs"}) == "theirs"
    kept = make_key(tmp_path / "keys.json", "kept")
    assert Keys(tmp_path / "keys.json", "ours").name_of(kept) == "kept"
    assert not Keys(tmp_path / "none.json", environment_key({})).needs_one()
    with pytest.raises(InputError, match="ENDCAP_API_KEY"):
        environment_key({"ENDCAP_API_KEY": "key\n"})


def test_the_command_asks_for_the_environment_s_key() -> None:
    """`endcap api` reads it, and no line of its output says it."""
    program = [sys.executable, "-m", "endcap.cli.main", "api", "--port", "0", "--health-port", "0"]
    own = environment() | {"API_KEY": "a-key-of-tei"}
    child = subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=own)
    try:
        assert child.stdout is not None
        url = child.stdout.readline().split()[-1].removesuffix("/docs")
        body: dict[str, Any] = {"query": QUERY, "texts": ["a"]}
        assert POOL.request("POST", f"{url}/rerank", json=body).status == 401
        headers = {"Authorization": "Bearer a-key-of-tei"}
        assert POOL.request("POST", f"{url}/rerank", json=body, headers=headers).status == 200
    finally:
        child.terminate()
        rest, _ = child.communicate(timeout=20)
    assert "a-key-of-tei" not in rest


def test_variables_of_tei_are_read() -> None:
    """Its names count where ours are not there; an error names the one that was read."""
    theirs = {"PORT": "1", "MAX_CLIENT_BATCH_SIZE": "7", "MAX_CONCURRENT_REQUESTS": "9", "MODEL_ID": "shop"}
    settings = read_api_settings({}, theirs)
    assert (settings.port, settings.max_documents, settings.max_requests, settings.model) == (1, 7, 9, "shop")
    assert read_api_settings({}, theirs | {"ENDCAP_API_PORT": "2"}).port == 2
    assert read_api_settings({"port": "3"}, theirs).port == 3
    with pytest.raises(InputError, match="MAX_CONCURRENT_REQUESTS"):
        read_api_settings({}, {"MAX_CONCURRENT_REQUESTS": "0"})


def test_who_sends_slowly_keeps_nobody_out(tmp_path: Path) -> None:
    """Half-sent bodies, as many as requests may be at once: others are answered, until they are too many."""
    with api(tmp_path, max_requests=4) as running, ExitStack() as stack:
        host, port = running.url.removeprefix("http://").split(":")
        head = b"POST /rerank HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
        for count in (4, 4 * ARRIVING - 4):
            assert running.post("/rerank", {"query": QUERY, "texts": ["a"]}).status == 200
            for _ in range(count):
                client = stack.enter_context(socket.create_connection((host, int(port))))
                client.sendall(head)
            time.sleep(0.3)
        assert running.post("/rerank", {"query": QUERY, "texts": ["a"]}).status == 429
        stack.close()
        time.sleep(0.3)
        assert running.post("/rerank", {"query": QUERY, "texts": ["a"]}).status == 200


def test_a_body_has_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that comes drop by drop is refused when its time is over, however steadily it comes."""
    monkeypatch.setattr("endcap.serve.api.app.BODY_S", 0.5)
    with api(tmp_path) as running:
        host, port = running.url.removeprefix("http://").split(":")
        with socket.create_connection((host, int(port)), 5) as client:
            client.sendall(
                b"POST /rerank HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n"
            )
            began = time.monotonic()
            for _ in range(8):
                client.sendall(b" ")
                time.sleep(0.1)
            assert b" 408 " in client.recv(2000)
            assert time.monotonic() - began < 3
