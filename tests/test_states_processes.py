"""The store of states under threads, forks, other processes and kills."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import pytest
from states_parts import in_child, key, state, write_some

from endcap.plugin.states.store import StateStore


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    opened = StateStore.open(tmp_path / "states")
    yield opened
    opened.close()


OTHER_PROCESS = """
import sys
from pathlib import Path
from endcap.plugin.states.store import StateStore
store = StateStore.open(Path(sys.argv[1]))
assert store.put([(i.to_bytes(32), bytes(768)) for i in range(500)]) == 500
"""


def test_another_process_shares_the_file(tmp_path: Path) -> None:
    """What another process keeps is found at once."""
    store = StateStore.open(tmp_path)
    store.put([(key(0), state(0))])
    subprocess.run([sys.executable, "-c", OTHER_PROCESS, str(tmp_path)], check=True, timeout=60)
    assert store.get([key(0), bytes(32), (499).to_bytes(32)]) == [state(0), bytes(768), bytes(768)]
    assert store.put([(key(i), state(i)) for i in range(500)]) == 500
    assert store.counts.errors == 0
    store.close()


def test_many_threads_share_one_store(store: StateStore) -> None:
    """Threads that read and write at once each see what they wrote."""
    wrong: list[int] = []

    def work(thread: int) -> None:
        for i in range(thread * 1000, thread * 1000 + 30):
            store.put([(key(i), state(i))])
            if store.get([key(i)]) != [state(i)]:
                wrong.append(i)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert store.counts.kept == store.counts.hits == 240


def test_a_forked_child_opens_the_store_anew(store: StateStore) -> None:
    """After a fork parent and child both read and write, and see each other's states."""
    store.put([(key(1), state(1))])

    def child() -> None:
        assert store.get([key(1)]) == [state(1)]
        assert store.put([(key(2), state(2))]) == 1

    in_child(child)
    assert store.get([key(1), key(2)]) == [state(1), state(2)]
    assert store.put([(key(3), state(3))]) == 1
    in_child(child)
    assert store.get([key(2), key(3)]) == [state(2), state(3)]


def test_a_fork_in_the_middle_of_work_does_not_hang(store: StateStore) -> None:
    """A child forked while other threads use the store can use it."""
    done = threading.Event()

    def work() -> None:
        i = 0
        while not done.is_set():
            store.put([(key(i), state(i))])
            store.get([key(i)])
            i += 1

    threads = [threading.Thread(target=work) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        for n in range(10):
            in_child(lambda n=n: store.put([(key(f"child {n}"), state(n))]))
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert store.get([key(f"child {n}") for n in range(10)]) == [state(n) for n in range(10)]


def test_many_processes_share_one_folder(tmp_path: Path) -> None:
    """Processes that open the folder at once and write all keep their states."""
    context = multiprocessing.get_context("fork")
    processes = [context.Process(target=write_some, args=(tmp_path, n * 100, n * 100 + 50)) for n in range(6)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * 6
    store = StateStore.open(tmp_path)
    for n in range(6):
        wanted = range(n * 100, n * 100 + 50)
        assert store.get([key(i) for i in wanted]) == [state(i) for i in wanted]
    store.close()


def test_kill_9_at_any_moment_loses_and_breaks_nothing(tmp_path: Path) -> None:
    """A writer killed at random moments leaves all that it reported as kept, and nothing wrong, also to a reader that
    has the store open all the while."""
    folder = tmp_path / "states"
    chance = random.Random(7)
    for n in range(10):
        first = n * 1_000_000
        pid, reports = start_writer(folder, first)
        assert reports.readline() == "open\n"
        store = StateStore.open(folder)
        if n < 5:  # the first half of the kills leaves the folder to nobody, the second to a reader
            store.close()
        end = time.monotonic() + chance.uniform(0.0, 0.15)
        while time.monotonic() < end:
            found = store.get([key(first + i) for i in range(100)])
            assert all(value in (None, state(first + i)) for i, value in enumerate(found))
        os.kill(pid, signal.SIGKILL)
        kept = [j for line in reports for i in [int(line)] for j in range(i, i + 7)]
        os.waitpid(pid, 0)
        reports.close()
        if n < 5:
            store = StateStore.open(folder)
        assert not store.problem
        assert store.get([key(j) for j in kept]) == [state(j) for j in kept]
        after = range(first + len(kept), first + len(kept) + 14)
        assert all(value in (None, state(j)) for j, value in zip(after, store.get(list(map(key, after))), strict=True))
        assert store.put([(key(first), state(first))]) == 1
        assert (store.counts.broken, store.counts.errors) == (0, 0)
        store.close()
    assert not list(folder.glob("*.broken*"))


def start_writer(folder: Path, first: int) -> tuple[int, TextIO]:
    """A process that puts states, seven at a time, and reports the first of each seven once they are kept."""
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            store = StateStore.open(folder)
            os.write(writing, b"open\n")
            for i in range(first, first + 70_000, 7):
                assert store.put([(key(j), state(j)) for j in range(i, i + 7)]) == 7
                os.write(writing, b"%d\n" % i)
        finally:
            os._exit(1)
    os.close(writing)
    return pid, os.fdopen(reading)
