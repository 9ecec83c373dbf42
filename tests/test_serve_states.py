"""The store of states breaks under a running proxy: searches go on re-ranked, at the cost of time alone."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
import urllib3
from opensearchpy import OpenSearch
from rerank_parts import BODY, ids
from serve_parts import Running, proxy
from test_states_disk import run_in_tmpfs

from endcap.plugin import Student
from endcap.plugin.states.state_file import NAME
from endcap.plugin.states.store import StateStore

POOL = urllib3.PoolManager(retries=False, timeout=30)
RAW = json.dumps(BODY).encode()


def search(running: Running, index: str) -> urllib3.BaseHTTPResponse:
    kind = {"Content-Type": "application/json"}
    return POOL.request("POST", f"{running.url}/{index}/_search", body=RAW, headers=kind)


def files(folder: Path) -> list[Path]:
    found = sorted(folder.glob(f"{NAME}*"))
    assert found
    return found


def deleted(folder: Path) -> None:
    for file in files(folder):
        file.unlink()


def truncated(folder: Path) -> None:
    for file in files(folder):
        with file.open("r+b") as opened:
            opened.truncate(file.stat().st_size // 3)


def emptied(folder: Path) -> None:
    for file in files(folder):
        file.write_bytes(b"")


def overwritten(folder: Path) -> None:
    for file in files(folder):
        file.write_bytes(b"something else " * 1000)


@pytest.mark.parametrize("fault", [deleted, truncated, emptied, overwritten])
def test_states_break_under_a_running_proxy(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path, fault: Callable[[Path], None]
) -> None:
    """The page is the same as before, from the first search after the fault, and after another start."""
    index, student = shop[1], Student.load()
    folder = tmp_path / "states"
    with closing(StateStore.open(folder)) as states, proxy(opensearch, tmp_path, student, states) as running:
        expected = ids(search(running, index).json())
        assert running.proxy is not None
        running.proxy.parts.rerankers.all()[""].reranker.wait()
        fault(folder)
        for _ in range(3):
            reply = search(running, index)
            assert (reply.status, reply.headers["x-endcap-status"]) == (200, "reranked")
            assert ids(reply.json()) == expected
    with closing(StateStore.open(folder)) as states, proxy(opensearch, tmp_path, student, states) as running:
        reply = search(running, index)
        assert (reply.headers["x-endcap-status"], ids(reply.json())) == ("reranked", expected)


@pytest.mark.parametrize(("fault", "when"), [("full", "before"), ("full", "after"), ("read_only", "before")])
def test_a_disk_that_takes_nothing(
    shop: tuple[OpenSearch, str], opensearch: str, tmp_path: Path, fault: str, when: str
) -> None:
    """A full disk, or a read-only one, before the proxy's start or under it: searches are re-ranked, nothing ends."""
    said = run_in_tmpfs(
        tmp_path,
        f"""
import json, urllib3
from contextlib import closing
from serve_parts import proxy
from rerank_parts import BODY, ids
from endcap.plugin import Student

def fail():
    if {fault!r} == "full":
        fill_disk()
    else:
        subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)

settings = folder.parent / (folder.name + "-settings")
settings.mkdir()
if {when!r} == "before":
    fail()
opened = closing(StateStore.open(folder / "states"))
with opened as states, proxy({opensearch!r}, settings, Student.load(), states) as running:
    for number in range(4):
        if number == 2 and {when!r} == "after":
            fail()
        reply = urllib3.request("POST", running.url + "/{shop[1]}/_search", body=json.dumps(BODY).encode(),
                                headers={{"Content-Type": "application/json"}}, timeout=30)
        print(reply.status, reply.headers["x-endcap-status"], ids(reply.json()))
        running.proxy.parts.rerankers.all()[""].reranker.wait()
""",
    )
    lines = [line for line in said.splitlines() if line.startswith("200 ")]
    assert len(lines) == 4
    assert len(set(lines)) == 1
    assert lines[0].startswith("200 reranked [")
