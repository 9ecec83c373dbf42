"""The store of states (``endcap.plugin.states.store``): what it keeps, and what a disk does to it."""

from __future__ import annotations

import logging
import resource
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from states_parts import key, state

from endcap.index.embedded.engine import EmbeddedEngine
from endcap.index.product import Product
from endcap.plugin import Reranker, Student
from endcap.plugin.states.memory_states import MemoryStates
from endcap.plugin.states.state_file import NAME, PUT
from endcap.plugin.states.store import StateStore, _id


@pytest.fixture
def store(tmp_path: Path) -> Iterator[StateStore]:
    opened = StateStore.open(tmp_path / "states")
    yield opened
    opened.close()


def test_gives_back_what_was_put_in_the_order_asked(store: StateStore) -> None:
    """States come back by key, whatever their length, and None stands where there is none."""
    sizes = [0, 1, 768, 2030, 5000, 100_000]
    assert store.put((key(i), state(i, size)) for i, size in enumerate(sizes)) == len(sizes)
    asked = [key("unknown"), *(key(i) for i in reversed(range(len(sizes))))]
    expected = [None, *(state(i, sizes[i]) for i in reversed(range(len(sizes))))]
    assert store.get(asked) == expected
    assert (store.counts.lookups, store.counts.hits, store.counts.kept) == (7, 6, 6)
    assert store.get([]) == []
    assert store.put([]) == 0


def test_a_later_state_takes_the_place_of_an_earlier(store: StateStore) -> None:
    """Putting a key again replaces its state."""
    store.put([(key(1), b"first"), (key(2), b"other")])
    store.put([(key(1), b"second, longer")])
    assert store.get([key(1), key(2)]) == [b"second, longer", b"other"]


def test_a_state_of_the_wrong_length_is_missing(store: StateStore) -> None:
    """Where the model's states have one length, a state of another counts as missing, and as broken."""
    store.put([(key(1), bytes(768)), (key(2), bytes(766))])
    assert store.get([key(1), key(2)], state_bytes=768) == [bytes(768), None]
    assert store.counts.broken == 1


@pytest.mark.parametrize("kind", ["store", "memory"])
def test_a_search_makes_a_state_of_the_wrong_length_again(store: StateStore, kind: str) -> None:
    """What another version left under a product's key costs one search the reading, and no search its re-ranking."""
    catalogue = [Product(str(i), f"desk lamp {i}") for i in range(6)]
    engine, student = EmbeddedEngine("shop"), Student.load()
    engine.load(catalogue)
    keys = [student.key(student.text(product)) for product in catalogue]
    states = store if kind == "store" else MemoryStates()
    states.put([(keys[1], b""), (keys[2], b"short"), (keys[3], bytes(2000))])
    reranker = Reranker(engine, student, states=states, deadline_ms=60_000)
    for _ in range(2):
        reply = reranker.search(index="shop", body={"query": engine.text_query("desk lamp")})
        assert (reply["ext"]["rerank"]["status"], reply["ext"]["rerank"]["scored"]) == ("reranked", 6)
        assert reranker.wait()
    assert states.get(keys) == student.encode(catalogue)
    reranker.close()


def test_the_store_of_an_earlier_version_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where an LMDB of before lies, the first start says once that it may be deleted, and leaves it."""
    (tmp_path / "data.mdb").write_bytes(b"states")
    for _ in range(2):
        opened = StateStore.open(tmp_path)
        assert opened.put([(key(1), state(1))]) == 1
        opened.close()
    assert [record.getMessage().split()[0] for record in caplog.records] == [str(tmp_path / "data.mdb")]
    assert (tmp_path / "data.mdb").exists()


def test_a_key_of_the_wrong_size_is_refused(store: StateStore) -> None:
    """A key that is not 32 bytes is a mistake of the caller, named with its length."""
    with pytest.raises(ValueError, match="31 bytes"):
        store.put([(bytes(31), b"state")])


def test_states_outlive_the_store(tmp_path: Path) -> None:
    """What was put is there after closing and opening again."""
    first = StateStore.open(tmp_path)
    first.put([(key(1), state(1))])
    first.close()
    assert first.get([key(1)]) == [None]
    second = StateStore.open(tmp_path)
    assert second is not first
    assert second.get([key(1)]) == [state(1)]
    second.close()


def test_one_folder_is_one_store(tmp_path: Path) -> None:
    """A folder opened twice, also by another name, is one object, and closes with its last user."""
    (tmp_path / "link").symlink_to(tmp_path / "states")
    one, two = StateStore.open(tmp_path / "states"), StateStore.open(tmp_path / "link")
    assert one is two
    one.close()
    assert two.put([(key(1), b"state")]) == 1
    two.close()


def test_home_is_the_default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a folder the states lie in endcap's home."""
    monkeypatch.setenv("ENDCAP_HOME", str(tmp_path))
    opened = StateStore.open()
    assert opened.folder == (tmp_path / "states").resolve()
    opened.close()


def test_a_changed_state_is_never_given(store: StateStore, caplog: pytest.LogCaptureFixture) -> None:
    """A value whose checksum does not match its key and state is missing, counted, and said once."""
    store.put([(key(1), state(1)), (key(2), state(2))])
    with closing(sqlite3.connect(store.folder / NAME)) as file, file:
        (value,) = file.execute("SELECT value FROM states WHERE id = ?", [_id(key(1))]).fetchone()
        changed = value[:100] + bytes([value[100] ^ 1]) + value[101:]
        values = {1: changed, 3: value, 4: b"abc", 5: b"", 6: 17, 7: "text"}  # 3: right bytes under another key
        file.executemany(PUT, [(_id(key(i)), 1, value) for i, value in values.items()])
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            assert store.get([key(i) for i in range(1, 8)]) == [None, state(2), *[None] * 5]
    assert store.counts.broken == 18
    assert len(caplog.records) == 1
    store.put([(key(1), state(1))])
    assert store.get([key(1)]) == [state(1)]


def test_a_full_disk_is_ridden_out(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where the file can't grow, states are not kept, one line is logged, and what is there stays readable; once there
    is room again, states are kept again."""
    store = StateStore.open(tmp_path)
    store.put([(key(1), state(1))])
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, ((tmp_path / NAME).stat().st_size, before[1]))
    try:
        with caplog.at_level(logging.WARNING, "endcap.plugin.states.store"):
            for first in (100, 200):
                assert store.put((key(i), state(i)) for i in range(first, first + 100)) == 0
        assert store.get([key(1), key(150)]) == [state(1), None]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert len(caplog.records) == 1
    assert (store.counts.not_kept, store.counts.errors) == (200, 2)
    assert store.put((key(i), state(i)) for i in range(100, 200)) == 100
    assert store.get([key(1), key(150)]) == [state(1), state(150)]
    store.close()


def test_a_folder_that_cannot_be_made_keeps_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Where the folder can't be made, the store finds and keeps nothing, and says so once."""
    (tmp_path / "file").write_text("not a folder")
    with caplog.at_level(logging.WARNING):
        store = StateStore.open(tmp_path / "file" / "states")
        assert store.put([(key(1), state(1))]) == 0
        assert store.get([key(1)]) == [None]
    assert "neither found nor kept" in store.problem
    assert len(caplog.records) == 1
    assert (store.counts.not_kept, store.counts.lookups) == (1, 1)
    store.close()
