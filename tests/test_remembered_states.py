"""States in memory before the store: what was looked up once is not looked up again, and never more than allowed."""

from __future__ import annotations

from pathlib import Path

from states_parts import key, state

from endcap.plugin.states.remembered import RememberedStates
from endcap.plugin.states.store import StateStore


def test_a_state_is_looked_up_once(tmp_path: Path) -> None:
    """A state that was found once needs no file, and counts as found; one that is not there is looked for again."""
    store = StateStore.open(tmp_path)
    store.put([(key(1), state(1)), (key(2), state(2))])
    assert store.remembered.get([key(1), key(2), key(3)]) == [state(1), state(2), None]
    store._file.close()
    (tmp_path / "states.db").unlink()
    assert store.remembered.get([key(2), key(1)]) == [state(2), state(1)]
    assert (store.counts.lookups, store.counts.hits) == (5, 4)
    store.close()
    assert store.remembered.get([key(1)]) == [None]


def test_a_state_that_is_kept_anew_replaces_the_remembered_one(tmp_path: Path) -> None:
    """So a state of wrong length costs one search, and not all."""
    store = StateStore.open(tmp_path)
    store.put([(key(1), b"short")])
    assert store.remembered.get([key(1)]) == [b"short"]
    store.remembered.put([(key(1), state(1))])
    assert store.remembered.get([key(1)]) == [state(1)]
    store.close()


def test_memory_is_bounded(tmp_path: Path) -> None:
    """However many states are asked for, no more bytes are remembered; those of the last searches are among them."""
    store = StateStore.open(tmp_path)
    store.put([(key(n), bytes(1_000)) for n in range(100)])
    remembered = RememberedStates(store, lambda n: None, max_bytes=20_000)
    for n in range(100):
        assert remembered.get([key(n), key(0)]) == [bytes(1_000), bytes(1_000)]
        assert len(remembered._young) + len(remembered._old) <= 20
    assert key(0) in remembered._young or key(0) in remembered._old
    store.close()
