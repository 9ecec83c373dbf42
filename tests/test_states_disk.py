"""What a disk does to the store of states, on real file systems: full, read-only, and held up by another process."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from states_parts import key, state

from endcap.plugin.states.state_file import NAME
from endcap.plugin.states.store import StateStore

MOUNT = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"]), "sh", "-c"]
IN_TMPFS = 'mount -t tmpfs -o size=1m none "$1" && exec "$2" -c "$3" "$1"'
PARTS = """
import errno, logging, os, subprocess, sys
from pathlib import Path
sys.path.insert(0, "tests")
from states_parts import in_child, key, state
from endcap.plugin.states.store import StateStore
folder = Path(sys.argv[1])

def fill_disk():
    with (folder / "filling").open("ab", buffering=0) as file:
        for size in (4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError as error:
                assert error.errno == errno.ENOSPC
"""


def run_in_tmpfs(folder: Path, code: str) -> str:
    """What the code prints as a process that alone sees a file system of 1 MB at ``folder``."""
    mounting = [*MOUNT, 'mount -t tmpfs none "$0"', str(folder)]
    can_mount = shutil.which("unshare") and subprocess.run(mounting, capture_output=True).returncode == 0
    if not can_mount:
        pytest.skip("allowed in CI: no file system can be mounted here")
    command = [*MOUNT, IN_TMPFS, "sh", str(folder), sys.executable, PARTS + code]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=Path(__file__).parent.parent)
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def test_a_search_on_a_full_disk(tmp_path: Path) -> None:
    """A service that starts on a full disk answers and re-ranks, keeps nothing, says why, and lives."""
    said = run_in_tmpfs(
        tmp_path,
        """
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.plugin import Reranker, Student
os.environ["ENDCAP_HOME"] = str(folder / "home")
engine = EmbeddedEngine("shop")
engine.load([Product(str(i), f"desk lamp {i}") for i in range(20)])
fill_disk()
with_store = Reranker(engine, Student.load(), deadline_ms=10_000)
for _ in range(3):
    reply = with_store.search(index="shop", body={"query": engine.text_query("desk lamp")})
    assert reply["ext"]["rerank"]["status"] == "reranked", reply["ext"]
    assert with_store.wait()
assert "neither found nor kept" in with_store._background.states.problem
os.unlink(folder / "filling")
with_store.search(index="shop", body={"query": engine.text_query("desk lamp")})
assert with_store.wait()
assert with_store._background.states.counts.kept == 20
""",
    )
    assert said.count("neither found nor kept") == 1
    assert "full" in said


def test_vectors_on_a_full_disk(tmp_path: Path) -> None:
    """Vectors of the embedded engine that don't fit on the disk are an error, and the catalogue answers as before."""
    run_in_tmpfs(
        tmp_path,
        """
import numpy as np
from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
os.environ["ENDCAP_HOME"] = str(folder / "home")
engine = EmbeddedEngine("shop")
ids = [str(i) for i in range(400)]
engine.load([Product(id, f"desk lamp {id}") for id in ids])
matrix = np.random.default_rng(0).standard_normal((400, 1000)).astype(np.float32)  # 1.6 MB
try:
    engine.put_vectors("0" * 16, ids, [key(id) for id in ids], matrix)
except OSError as error:
    assert error.errno == errno.ENOSPC
else:
    raise AssertionError("no error")
assert engine.search(index="shop", body={"query": engine.text_query("desk lamp")})["hits"]["hits"]
""",
    )


def test_a_disk_that_fills_up(tmp_path: Path) -> None:
    """Full while states are written, and at the next start: what was kept is found, nothing else is kept, until there
    is room again."""
    run_in_tmpfs(
        tmp_path,
        """
store = StateStore.open(folder)
kept = 0
while store.put([(key(kept + i), state(kept + i)) for i in range(50)]) == 50:
    kept += 50
assert kept >= 400
fill_disk()

def starts():
    store = StateStore.open(folder)
    assert not store.problem
    assert store.put([(key(-1), state(1))]) == 0
    assert store.counts.not_kept == 1
    assert store.get([key(i) for i in range(kept)]) == [state(i) for i in range(kept)]

for _ in range(3):
    in_child(starts)
assert store.get([key(i) for i in range(kept)]) == [state(i) for i in range(kept)]
assert (store.counts.broken, store.counts.errors) == (0, 1)
os.unlink(folder / "filling")
assert store.put([(key(-1), state(1))]) == 1
assert store.get([key(-1), key(0)]) == [state(1), state(0)]
assert not list(folder.glob("*.broken*"))
""",
    )


def test_a_read_only_file_system(tmp_path: Path) -> None:
    """States of an image are found and none are kept, also where a writer was killed in the middle of a commit."""
    said = run_in_tmpfs(
        tmp_path,
        """
import signal, sqlite3
store = StateStore.open(folder)
store.put([(key(i), state(i)) for i in range(100)])
store.close()
if os.fork() == 0:
    database = sqlite3.connect(folder / "states.db", isolation_level=None)
    database.execute("PRAGMA cache_size = 1")
    database.execute("BEGIN EXCLUSIVE")
    database.execute("UPDATE states SET day = day + 1")  # more than the cache holds: written with its journal
    os.kill(os.getpid(), signal.SIGKILL)
os.wait()
assert (folder / "states.db-journal").stat().st_size > 10_000
subprocess.run(["mount", "-o", "remount,ro", folder], check=True)

def starts():
    store = StateStore.open(folder)
    assert store.get([key(i) for i in range(101)]) == [*(state(i) for i in range(100)), None]
    assert store.put([(key(200), state(200))]) == 0
    assert store.problem == f"States are found but not kept: {folder} is read-only.", store.problem

in_child(starts)
subprocess.run(["mount", "-o", "remount,rw", folder], check=True)
store = StateStore.open(folder)
assert store.get([key(i) for i in range(100)]) == [state(i) for i in range(100)]
assert store.put([(key(200), state(200))]) == 1
""",
    )
    assert said.count("read-only") == 1


def test_a_writer_that_hangs_holds_up_nobody(tmp_path: Path) -> None:
    """While another process stands still in the middle of a commit, states are found within milliseconds, and what is
    to be written counts as not kept."""
    store = StateStore.open(tmp_path)
    store.put((key(i), state(i)) for i in range(100))
    store.close()
    pid = os.fork()
    if pid == 0:
        database = sqlite3.connect(tmp_path / NAME, isolation_level=None)
        database.execute("BEGIN EXCLUSIVE")
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
    os.waitpid(pid, os.WUNTRACED)
    try:
        store = StateStore.open(tmp_path)
        taken_s = []
        for _ in range(5):
            began = time.monotonic()
            assert store.get([key(i) for i in range(101)]) == [*(state(i) for i in range(100)), None]
            taken_s.append(time.monotonic() - began)
        assert min(taken_s) < 0.1
        assert store.put([(key(200), state(200))]) == 0
        assert (store.counts.not_kept, store.counts.errors) == (1, 1)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    assert store.put([(key(200), state(200))]) == 1
    store.close()
