"""What the store of states takes: bytes a state, look-ups, and look-ups beside a process that writes all the time.

    python benchmarks/state_store.py --states 100000

With ``lmdb`` installed, which the project does without, the same in an LMDB: its bytes and its look-ups.
"""

from __future__ import annotations

import hashlib
import importlib
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import numpy as np

from endcap.plugin.states.store import StateStore

STATE_BYTES = 388
WINDOW = 100
COMMIT = 512


@click.command()
@click.option("--states", "count", default=100_000, show_default=True)
@click.option("--rounds", default=500, show_default=True)
def main(count: int, rounds: int) -> None:
    """Print bytes, the CPU time of 100 look-ups, and how long they take beside a writer."""
    keys = [hashlib.sha256(b"%d" % i).digest() for i in range(count)]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        store = StateStore.open(folder)
        print(f"SQLite: written {_seconds(lambda items: store.put(items), keys)}, {_bytes(folder, count)}")
        print(f"  100 look-ups: {_cpu_ms(store.get, keys, rounds)}")
        print(f"  alone: {_wall_ms(store, keys, rounds)}")
        writer = multiprocessing.get_context("spawn").Process(target=_write_on, args=(folder,), daemon=True)
        writer.start()
        time.sleep(1.5)
        print(f"  beside a process that commits {COMMIT} states after the other: {_wall_ms(store, keys, rounds)}")
        writer.kill()
        writer.join()
        store.close()
    try:
        lmdb = importlib.import_module("lmdb")
    except ImportError:
        return
    with tempfile.TemporaryDirectory() as name, lmdb.open(name, map_size=16 << 30, metasync=False) as env:

        def put(items: Sequence[tuple[bytes, bytes]]) -> None:
            with env.begin(write=True) as transaction, transaction.cursor() as cursor:
                cursor.putmulti(sorted(items))

        def get(some: Sequence[bytes]) -> list[bytes | None]:
            with env.begin() as transaction:
                return [transaction.get(key) for key in some]

        print(f"LMDB, without checksums: written {_seconds(put, keys)}, {_bytes(Path(name), count)}")
        print(f"  100 look-ups: {_cpu_ms(get, keys, rounds)}")


def _seconds(put: Callable[[list[tuple[bytes, bytes]]], object], keys: list[bytes]) -> str:
    began, cpu = time.perf_counter(), time.process_time()
    for first in range(0, len(keys), COMMIT):
        put([(key, os.urandom(STATE_BYTES)) for key in keys[first : first + COMMIT]])
    return f"in {time.perf_counter() - began:.1f} s, {time.process_time() - cpu:.1f} s of CPU"


def _bytes(folder: Path, count: int) -> str:
    return f"{sum(path.stat().st_blocks * 512 for path in folder.iterdir()) / count:.0f} bytes a state"


def _windows(keys: list[bytes], rounds: int) -> list[list[bytes]]:
    rng = np.random.default_rng(0)
    return [[keys[i] for i in rng.choice(len(keys), WINDOW, replace=False)] for _ in range(rounds)]


def _cpu_ms(get: Callable[[list[bytes]], object], keys: list[bytes], rounds: int) -> str:
    times = []
    for some in _windows(keys, rounds):
        began = time.process_time()
        get(some)
        times.append((time.process_time() - began) * 1000)
    return "CPU ms: median {:.3f}, fastest tenth {:.3f}".format(*np.quantile(times, [0.5, 0.1]))


def _wall_ms(store: StateStore, keys: list[bytes], rounds: int) -> str:
    times, missing = [], 0
    for some in _windows(keys, rounds):
        began = time.perf_counter()
        missing += store.get(some).count(None)
        times.append((time.perf_counter() - began) * 1000)
    quantiles = "median {:.2f}, 90 % {:.2f}, 99 % {:.1f}, longest {:.1f}".format(
        *np.quantile(times, [0.5, 0.9, 0.99, 1])
    )
    return f"ms: {quantiles}; {missing} of {WINDOW * rounds} not found"


def _write_on(folder: Path) -> None:
    store = StateStore.open(folder)
    while True:
        store.put([(os.urandom(32), os.urandom(STATE_BYTES)) for _ in range(COMMIT)])


if __name__ == "__main__":
    main()
