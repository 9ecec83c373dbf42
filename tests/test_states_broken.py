"""Broken files of states (``endcap.plugin.states.state_file``): no crash, no wrong state."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from states_parts import in_child

from endcap.plugin.states.state_file import NAME
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
    return (folder / NAME).read_bytes()


def foreign_files(tmp_path: Path) -> Iterator[bytes]:
    yield b"not a database\n" * 1000
    yield bytes(1 << 20)
    for table in ("states (id INTEGER PRIMARY KEY, day INTEGER, value BLOB)", "other (x)"):
        path = tmp_path / "other.db"
        path.unlink(missing_ok=True)
        with closing(sqlite3.connect(path)) as database, database:
            database.execute(f"CREATE TABLE {table}")
        yield path.read_bytes()


def test_what_is_no_file_of_states_is_moved_aside(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Something else under the name is moved aside, one warning each, and states are kept; the last one stays."""
    for count, content in enumerate(foreign_files(tmp_path), 1):
        folder = tmp_path / "states"
        folder.mkdir(exist_ok=True)
        (folder / NAME).write_bytes(content)
        store = StateStore.open(folder)
        assert not store.problem
        assert store.put([(key(1), state(1))]) == 1
        assert store.get([key(1)]) == [state(1)]
        (aside,) = folder.glob(f"{NAME}.broken-*")
        assert aside.read_bytes() == content
        assert len(caplog.records) == count
        store.close()
    (folder / NAME).unlink()
    (folder / NAME).mkdir()
    store = StateStore.open(folder)
    assert store.put([(key(1), state(1))]) == 1
    store.close()


@pytest.mark.parametrize("kind", ["truncated", "emptied", "garbled", "deleted", "folder deleted", "replaced"])
def test_damage_while_it_is_open(tmp_path: Path, healthy: bytes, kind: str, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever happens to the file of an open store: no crash, no wrong state, and what is put then is kept."""
    folder = tmp_path / "states"
    folder.mkdir()
    (folder / NAME).write_bytes(healthy)

    def work() -> None:
        store = StateStore.open(folder)
        keys = [key(i) for i in range(ENTRIES)]
        assert store.get(keys) == [state(i) for i in range(ENTRIES)]
        for path in sorted(folder.iterdir()):  # all that there is
            match kind:
                case "truncated":
                    os.truncate(path, path.stat().st_size // 2 + 100)
                case "emptied":
                    os.truncate(path, 0)
                case "garbled":
                    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))
                case "deleted":
                    path.unlink()
                case "folder deleted":
                    shutil.rmtree(folder)
                case "replaced":
                    path.with_suffix(".new").write_bytes(b"something else" * 1000)
                    path.with_suffix(".new").replace(path)
        assert all(found in (None, state(i)) for i, found in enumerate(store.get(keys)))
        assert store.put((key(i), state(i)) for i in range(100)) == 100
        assert store.get(keys[:100]) == [state(i) for i in range(100)]
        assert not store.problem
        assert len(caplog.records) == ("deleted" not in kind)
        store.close()

    in_child(work)


@pytest.mark.parametrize("is_open", [False, True])
@pytest.mark.parametrize("seed", range(2))
def test_garbled_files_never_crash_and_never_give_a_wrong_state(
    healthy: bytes, tmp_path: Path, seed: int, is_open: bool
) -> None:
    """Bytes flipped, overwritten, moved and cut off at random, before the file is opened or while it is open: reading
    and writing in another process ends well each time, each state is right or missing, and what is put is kept."""
    chance = random.Random(seed)
    fresh = 0
    for n in range(ROUNDS):
        folder = tmp_path / str(n)
        folder.mkdir()
        content = garbled(healthy, chance)
        (folder / NAME).write_bytes(healthy if is_open else content)
        (folder / f"{NAME}-journal").write_bytes(chance.randbytes(chance.randrange(20_000)))
        status = run(folder, content)
        assert status == 0, f"seed {seed}, round {n}: status {status}; the file is {folder / NAME}"
        fresh += bool(list(folder.glob(f"{NAME}.broken-*")))
        shutil.rmtree(folder)
    assert 0 < fresh < ROUNDS


def garbled(content: bytes, chance: random.Random) -> bytes:
    """The content with damage of a random kind; half of the time where SQLite's own structure is."""
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
                data[at : at + 2] = small.to_bytes(2, "big")
            case 5 if chance.random() < 0.3:
                del data[chance.randrange(len(data)) :]
    return bytes(data)


def run(folder: Path, content: bytes) -> int:
    """Use the folder in a forked process: 0, an exit status that says what went wrong, or minus the signal."""
    pid = os.fork()
    if pid == 0:
        status = 9
        try:
            signal.alarm(60)
            status = use(folder, content)
        finally:
            os._exit(status)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


def use(folder: Path, content: bytes) -> int:
    everything = list(range(ENTRIES))
    store = StateStore.open(folder)
    if store.problem:
        return 2
    (folder / NAME).write_bytes(content)
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
