"""States in the memory of one process."""

from __future__ import annotations

from endcap.plugin.states.memory_states import MemoryStates


def test_it_keeps_what_is_asked_for() -> None:
    """At most ``size`` states are kept; of more, those that were not asked for go first."""
    states = MemoryStates(4)
    states.put([(b"a", b"1"), (b"b", b"2")])
    for key in (b"c", b"d", b"e", b"f", b"g"):
        assert states.get([b"a"]) == [b"1"]
        states.put([(key, key)])
    assert states.get([b"a", b"b", b"g"]) == [b"1", None, b"g"]
    assert sum(state is not None for state in states.get([bytes([n]) for n in range(97, 105)])) <= 4
