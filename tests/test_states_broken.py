"""Broken store files (``endcap.plugin.states.lmdb_check``): noticed before they are mapped, no crash or wrong state."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import lmdb
import pytest

from endcap.plugin.states.lmdb_check import BrokenFile, check_file
from endcap.plugin.states.store import StateStore

ENTRIES = 600
PAGE = 4096
ROUNDS = int(os.environ.get("ENDCAP_FUZZ_ROUNDS", "15"))


def key(i: int) -> bytes:
    return hashlib.sha256(str(i).encode()).digest()


def state(i: int) -> bytes:
    # Every tenth lies on pages of its own, and one on very many.
    size = 60_000 if i == 77 else 3000 if i % 10 == 0 else 500
    return random.Random(i).randbytes(size)


@pytest.fixture(scope="module")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """The file of a store that was written, overwritten and written again, so that it has levels and free pages."""
    folder = tmp_path_factory.mktemp("healthy")
    store = StateStore.open(folder)
    for first in range(0, ENTRIES, 50):
        store.put((key(i), state(i)) for i in range(first, first + 50))
        store.put((key(i), b"to be replaced") for i in range(first, first + 50, 3))
        store.put((key(i), state(i)) for i in range(first, first + 50))
    store.close()
    return (folder / "data.mdb").read_bytes()


def test_a_healthy_file_passes(healthy: bytes, tmp_path: Path) -> None:
    """A file as LMDB leaves it is right, whatever was put, replaced and deleted in whatever transactions."""
    (tmp_path / "data.mdb").write_bytes(healthy)
    check_file(tmp_path / "data.mdb", 32)
    chance = random.Random(1)
    (tmp_path / "churn").mkdir()
    with lmdb.open(str(tmp_path / "churn"), map_size=1 << 30, sync=False) as env:
        for _ in range(60):
            with env.begin(write=True) as transaction:
                for _ in range(chance.choice([1, 10, 400])):
                    name = key(chance.randrange(1500))
                    if chance.random() < 0.3:
                        transaction.delete(name)
                    else:
                        transaction.put(name, bytes(chance.choice([0, 1, 7, 100, 772, 2020, 2037, 4080, 9000])))
                if chance.random() < 0.1:
                    transaction.abort()
            check_file(tmp_path / "churn" / "data.mdb", 32)
            assert env.stat()["depth"] <= 6


def test_an_empty_file_passes(tmp_path: Path) -> None:
    """An empty file is one that LMDB begins anew."""
    (tmp_path / "data.mdb").touch()
    check_file(tmp_path / "data.mdb", 32)


def foreign_files(tmp_path: Path) -> Iterator[tuple[str, bytes]]:
    yield "text", b"not a database\n" * 1000
    yield "zeros", bytes(1 << 20)
    for name, options in (("keys of another size", {}), ("named", {"max_dbs": 2}), ("doubles", {"max_dbs": 2})):
        folder = tmp_path / name
        with lmdb.open(str(folder), map_size=1 << 20, **options) as env:
            db = env.open_db(b"x", dupsort=name == "doubles") if options else None
            with env.begin(write=True, db=db) as transaction:
                for i in range(100):
                    transaction.put(b"key", bytes([i])) if options else transaction.put(b"%d" % i, b"value")
        yield name, (folder / "data.mdb").read_bytes()


def test_foreign_files_are_refused(tmp_path: Path) -> None:
    """Files of something else, and LMDBs with other keys or several trees, are named as what they are not."""
    for name, content in foreign_files(tmp_path):
        (tmp_path / "data.mdb").write_bytes(content)
        with pytest.raises(BrokenFile):
            check_file(tmp_path / "data.mdb", 32)
        assert name


@pytest.mark.parametrize("seed", range(4))
def test_garbled_files_never_crash_and_never_give_a_wrong_state(healthy: bytes, tmp_path: Path, seed: int) -> None:
    """Bytes flipped, overwritten, moved and cut off at random: opening, reading and writing in another process ends
    well each time, each state is right or missing, and what is put then is kept."""
    chance = random.Random(seed)
    fresh = 0
    for n in range(ROUNDS):
        folder = tmp_path / str(n)
        folder.mkdir()
        (folder / "data.mdb").write_bytes(garbled(healthy, chance))
        (folder / "lock.mdb").write_bytes(chance.randbytes(chance.randrange(20_000)))
        status = run(folder)
        assert status == 0, f"seed {seed}, round {n}: status {status}; the file is {folder / 'data.mdb'}"
        fresh += bool(list(folder.glob("data.mdb.broken-*")))
        shutil.rmtree(folder)
    assert 0 < fresh < ROUNDS


def garbled(content: bytes, chance: random.Random) -> bytes:
    """The content with damage of a random kind; half of the time where LMDB's own structure is."""
    data = bytearray(content)
    for _ in range(chance.choice([1, 1, 1, 5, 50])):
        page = chance.randrange(max(1, len(data) // PAGE)) * PAGE
        if chance.random() < 0.2:
            page = chance.choice([0, PAGE])
        if len(data) < page + PAGE:
            break
        at = page + (chance.randrange(160) if chance.random() < 0.5 else chance.randrange(PAGE))
        match chance.randrange(6):
            case 0:
                data[at] ^= 1 << chance.randrange(8)
            case 1:
                data[at : at + 8] = chance.randbytes(8)
            case 2:
                data[page : page + PAGE] = bytes(PAGE)
            case 3:
                other = chance.randrange(len(data) // PAGE) * PAGE
                data[page : page + PAGE] = data[other : other + PAGE]
            case 4:
                small = chance.choice([0, 1, 2, 15, 16, 255, 4095, 65535])
                data[at : at + 2] = small.to_bytes(2, "little")
            case 5 if chance.random() < 0.3:
                del data[chance.randrange(len(data)) :]
    return bytes(data)


def run(folder: Path) -> int:
    """Use the folder in a forked process: 0, an exit status that says what went wrong, or minus the signal."""
    pid = os.fork()
    if pid == 0:
        status = 9
        try:
            signal.alarm(60)
            status = use(folder)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def use(folder: Path) -> int:
    everything = list(range(ENTRIES))
    store = StateStore.open(folder)
    if store.problem:
        return 2
    if any(found not in (None, state(i)) for i, found in enumerate(store.get([key(i) for i in everything]))):
        return 3
    store.put((key(i), state(i)) for i in everything)
    if any(found not in (None, state(i)) for i, found in enumerate(store.get([key(i) for i in everything]))):
        return 4
    store.close()
    again = StateStore.open(folder)
    if again.put((key(i), state(i)) for i in range(1000, 1100)) != 100:
        return 5
    if again.get([key(i) for i in range(1000, 1100)]) != [state(i) for i in range(1000, 1100)]:
        return 6
    return 0
