"""A proxy is ready soon after it is started, by the processor's time: the clock's depends on who else is at work."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import opensearch_server
import pytest
import urllib3
from child_process import environment

READY_S = 3.0


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="allowed in CI: reads Linux' /proc")
def test_it_is_ready_within_three_seconds(opensearch: str, tmp_path: Path) -> None:
    """From the first instruction to a 200 of /ready: imports, the model, its first score, the cluster's answer."""
    port, health = opensearch_server.free_ports(2)
    words = ["serve", "--opensearch-url", opensearch, "--port", str(port), "--health-port", str(health)]
    own = environment() | {"ENDCAP_HOME": str(tmp_path)}
    child = subprocess.Popen([sys.executable, "-m", "endcap.cli.main", *words], stdout=subprocess.DEVNULL, env=own)
    try:
        pool, end = urllib3.PoolManager(retries=False), time.monotonic() + 60
        while not is_ready(pool, health):
            assert time.monotonic() < end
            time.sleep(0.02)
        fields = Path(f"/proc/{child.pid}/stat").read_text().rpartition(")")[2].split()
        assert (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK") < READY_S  # utime and stime
    finally:
        child.kill()
        child.wait()


def is_ready(pool: urllib3.PoolManager, port: int) -> bool:
    try:
        return pool.request("GET", f"http://127.0.0.1:{port}/ready").status == 200
    except urllib3.exceptions.HTTPError:
        return False
