"""Several processes at the API's one port: they share the requests, are replaced where killed, and end together."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import urllib3
from api_parts import DOCUMENTS, QUERY
from child_process import environment
from prometheus_client.parser import text_string_to_metric_families
from serve_parts import until

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="allowed in CI: several processes are for Linux")


def test_workers_of_the_api(tmp_path: Path) -> None:
    """Keys hold for all of them, the metrics are those of all, and SIGTERM ends all."""
    program = [sys.executable, "-m", "endcap.cli.main", "api", "--port", "0", "--health-port", "0", "--workers", "2"]
    own = environment() | {"ENDCAP_HOME": str(tmp_path), "ENDCAP_API_KEY": "of-the-environment"}
    words = [*program, "--max-requests", "7", "--drain-delay-s", "0.2"]
    child = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, env=own)
    try:
        assert child.stdout is not None
        url = child.stdout.readline().split()[-1].removesuffix("/docs")
        health = f"http://127.0.0.1:{child.stdout.readline().split()[-1]}"
        tasks = Path(f"/proc/{child.pid}/task")

        def children() -> list[int]:
            return sorted(int(pid) for task in tasks.iterdir() for pid in (task / "children").read_text().split())

        def ask(key: str = "of-the-environment") -> int:
            body = {"query": QUERY, "texts": DOCUMENTS}
            with urllib3.PoolManager(retries=False, timeout=20) as pool:  # a connection for each
                headers = {"Authorization": f"Bearer {key}"}
                return pool.request("POST", f"{url}/rerank", json=body, headers=headers).status

        def counted(name: str) -> float:
            text = urllib3.request("GET", f"{health}/metrics").data.decode()
            found = text_string_to_metric_families(text)
            return sum(sample.value for family in found for sample in family.samples if sample.name == name)

        assert (len(children()), urllib3.request("GET", f"{health}/ready").status) == (2, 200)
        assert {ask() for _ in range(20)} == {200}
        assert ask("another") == 401
        assert counted("endcap_api_requests_total") == 21
        assert (counted("endcap_api_request_slots"), counted("endcap_api_ready")) == (7, 1)
        first = children()[0]
        os.kill(first, signal.SIGKILL)
        until(lambda: counted("endcap_api_worker_restarts_total") == 1)
        until(lambda: len(children()) == 2 and first not in children())
        until(lambda: counted("endcap_api_request_slots") == 7)
        assert {ask() for _ in range(10)} == {200}
        child.send_signal(signal.SIGTERM)
        began = time.monotonic()
        assert child.wait(15) == 0
        assert time.monotonic() - began < 10
    finally:
        child.kill()
        child.wait()
