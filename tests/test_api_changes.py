"""What changes while the API is asked: its model, and its end; no request is lost over either."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import urllib3
from api_parts import DOCUMENTS, QUERY, Running, api
from asking_clients import asking
from child_process import environment
from model_parts import variant

from endcap.plugin import Student
from endcap.plugin.model.live import LiveStudent
from endcap.plugin.model.registry import promote

POOL = urllib3.PoolManager(retries=False, maxsize=32, timeout=30)
TEXTS = [*DOCUMENTS, *(f"{text}, again" for text in DOCUMENTS)]


def test_models_change_under_load(tmp_path: Path) -> None:
    """Each reply has the scores of the one model that it names; what is counted and told is of the model of now."""
    changes = {"a": {"score": {"scale": 1.0, "offset": 0.0}}, "b": {"score": {"scale": -1.0, "offset": 0.5}}}
    folders = {name: variant(tmp_path / name, name, **change) for name, change in changes.items()}
    scores = {name: Student.load(folder).score(QUERY, TEXTS) for name, folder in folders.items()}
    shown = {name: 1 / (1 + np.exp(-each.astype(np.float64))) for name, each in scores.items()}
    promote(folders["a"], "api-shop", "first")
    student = LiveStudent("api-shop", threads=1, check_every_s=0.02)
    with api(tmp_path, student) as running:

        def ask() -> tuple[int, str, bool]:
            body = {"query": QUERY, "documents": TEXTS}
            reply = POOL.request("POST", running.url + "/v2/rerank", json=body)
            said = reply.json()
            found = {result["index"]: result["relevance_score"] for result in said["results"]}
            right = np.allclose([found[place] for place in range(len(TEXTS))], shown[said["model"]], atol=1e-5)
            return reply.status, said["model"], bool(right)

        with asking(ask) as seen:
            for name in ("b", "a", "b"):
                promote(folders[name], "api-shop", name)
                until(lambda name=name: any(each[1] == name for each in seen[-3:]))
        assert {each[0] for each in seen} == {200}
        assert all(each[2] for each in seen)
        assert running.get("/info").json()["model_id"] == "b"
        text = running.metrics.text().decode()
        assert 'endcap_api_model_info{model="b"} 1.0' in text
        assert 'model="a"' not in text


def until(done: Callable[[], bool], limit_s: float = 60) -> None:
    end = time.monotonic() + limit_s
    while not done():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_sigterm_in_full_flow_loses_no_request(tmp_path: Path) -> None:
    """While it is asked without a pause: each request is answered, or was refused a connection and never sent."""
    program = [sys.executable, "-m", "endcap.cli.main", "api", "--port", "0", "--health-port", "0"]
    child = subprocess.Popen([*program, "--drain-delay-s", "2"], stdout=subprocess.PIPE, text=True, env=environment())
    lost: list[str] = []
    try:
        assert child.stdout is not None
        url = child.stdout.readline().split()[-1].removesuffix("/docs")
        count = iter(range(1_000_000))

        def ask() -> int:
            texts = [f"{text} {next(count)}" for text in TEXTS]
            try:
                return POOL.request("POST", f"{url}/rerank", json={"query": QUERY, "texts": texts}).status
            except urllib3.exceptions.NewConnectionError:
                time.sleep(0.02)
                return 0
            except urllib3.exceptions.HTTPError as error:
                lost.append(repr(error))
                return -1

        with asking(ask) as seen:
            until(lambda: len(seen) > 5)
            child.send_signal(signal.SIGTERM)
            assert child.wait(30) == 0
        assert lost == []
        assert set(seen) <= {0, 200}
        assert seen.count(200) > 5
    finally:
        child.kill()
        child.wait()


def test_a_small_request_s_time_does_not_grow_with_the_large_one_s_length(tmp_path: Path) -> None:
    """Beside a request of 300 new texts it waits no longer than beside one of 60."""

    def beside(running: Running, length: int, word: str) -> float:
        large = {"query": QUERY, "texts": [f"{word} charger number {place}, white" for place in range(length)]}
        thread = threading.Thread(target=running.post, args=("/rerank", large))
        thread.start()
        time.sleep(0.05)
        took = []
        for place in range(5):
            began = time.perf_counter()
            running.post("/rerank", {"query": QUERY, "texts": [f"{word} lamp {place}"]})
            took.append(time.perf_counter() - began)
        thread.join()
        return sorted(took)[2]

    with api(tmp_path, threads=1, deadline_ms=60_000) as running:
        short, long = beside(running, 60, "one"), beside(running, 300, "two")
        assert long < 5 * short + 0.2
