"""The memory of pages and the background work."""

from __future__ import annotations

import threading

from rerank_parts import Memory, ReadableStudent

from endcap.index.product import Product
from endcap.plugin.search.page_memory import PageMemory, RankedWindow, memory_key
from endcap.plugin.search.status import Outcome, Outcomes, Reason, Status
from endcap.plugin.states.background import MAX_WAITING, MAX_WAITING_CHARACTERS, BackgroundStates


def window(hits: int) -> RankedWindow:
    keys = tuple(("i", str(n), "") for n in range(hits))
    return RankedWindow(keys, (1.0,) * hits, (1.0,) * hits, (None,) * hits, Outcome(Status.RERANKED), hits)


def test_a_window_is_remembered_for_a_while() -> None:
    """What was put is there until its time is over."""
    now = [0.0]
    memory = PageMemory(ttl_s=60, clock=lambda: now[0])
    memory.put(b"a", window(3))
    now[0] = 59
    assert memory.get(b"a") == window(3)
    now[0] = 60
    assert memory.get(b"a") is None
    assert len(memory) == 0


def test_the_memory_is_bounded() -> None:
    """Above the number of hits the oldest window goes; one that is larger than all is not kept."""
    memory = PageMemory(max_hits=10)
    for name in (b"a", b"b", b"c"):
        memory.put(name, window(4))
    assert [memory.get(name) is not None for name in (b"a", b"b", b"c")] == [False, True, True]
    memory.put(b"b", window(5))
    assert [memory.get(name) is not None for name in (b"b", b"c")] == [True, True]
    memory.put(b"d", window(11))
    assert memory.get(b"d") is None
    memory.put(None, window(1))
    assert memory.get(None) is None


def test_searches_that_find_nothing_do_not_pile_up() -> None:
    """Empty windows are bounded, too, and a key is short however long the body is."""
    memory = PageMemory(max_hits=10)
    for n in range(100):
        key = memory_key("i", {"query": {"terms": {"id": ["x" * 1000, n]}}}, {}, "m")
        assert key is not None
        assert len(key) == 16
        memory.put(key, window(0))
    assert len(memory) == 10


def test_pages_of_one_search_have_one_key() -> None:
    """The page is no part of the key; everything else is."""
    key = memory_key("i", {"query": {"a": 1, "b": 2}, "from": 0, "size": 5}, {}, "m")
    assert key == memory_key("i", {"size": 7, "from": 5, "query": {"b": 2, "a": 1}}, {}, "m")
    others = [
        memory_key("j", {"query": {"a": 1, "b": 2}}, {}, "m"),
        memory_key("i", {"query": {"a": 1, "b": 3}}, {}, "m"),
        memory_key("i", {"query": {"a": 1, "b": 2}}, {"routing": "x"}, "m"),
        memory_key("i", {"query": {"a": 1, "b": 2}}, {}, "n"),
    ]
    assert len({key, *others}) == 5
    assert key != memory_key("i", {"query": {"a": 1, "b": 2}}, {}, "m", "somebody")
    assert memory_key("i", {"query": object()}, {}, "m") is None


def product(number: int) -> tuple[bytes, Product]:
    return str(number).encode().ljust(32), Product(id=str(number), title=f"thing {number}")


def test_late_products_are_read() -> None:
    """Products and ready states end in the store; what waits already is not read twice."""
    student, states = ReadableStudent(), Memory()
    background = BackgroundStates(states)
    background.add(student, [product(n) for n in range(10)] + [(b"ready", b"state")])
    background.add(student, [product(n) for n in range(10)])
    assert background.wait(10)
    assert len(states.kept) == 11
    assert states.kept[b"ready"] == b"state"
    assert student.encoded <= 20
    background.close()
    background.add(student, [product(99)])
    assert product(99)[0] not in states.kept


def test_late_work_is_bounded_and_survives_faults() -> None:
    """No more waits than the bound, and a store that fails once does not end the thread."""
    hold = threading.Event()

    class Stuck(Memory):
        def put(self, items: object) -> None:
            hold.wait(10)
            raise OSError("disk full")

    student, states = ReadableStudent(), Stuck()
    background = BackgroundStates(states)
    background.add(student, [product(n) for n in range(MAX_WAITING + 500)])
    hold.set()
    assert background.wait(20)
    assert student.encoded <= MAX_WAITING
    background.add(ReadableStudent(), [product(1)])
    assert background.wait(10)
    background.close()


def test_late_work_is_bounded_in_memory() -> None:
    """Large documents wait only as long as they are few; what was dropped can come again."""
    student, states = ReadableStudent(), Memory()
    begun, hold = threading.Event(), threading.Event()
    put = states.put
    states.put = lambda items: (begun.set(), hold.wait(10), put(items))[-1]  # type: ignore[method-assign]
    background = BackgroundStates(states)
    background.add(student, [(b"first", b"state")])
    begun.wait(10)
    large = Product(id="1", title="large", description="x" * (MAX_WAITING_CHARACTERS // 4))
    background.add(student, [(b"%d" % n, large) for n in range(10)])
    hold.set()
    assert background.wait(20)
    assert student.encoded == 3
    background.add(student, [(b"%d" % n, large) for n in range(10)])
    assert background.wait(20)
    assert student.encoded == 6
    background.close()


def test_threads_end_with_the_reranker() -> None:
    """Nothing runs on when a re-ranker is closed, and closing twice is no mistake."""
    before = threading.active_count()
    background = BackgroundStates(Memory())
    background.add(ReadableStudent(), [product(1)])
    background.close()
    background.close()
    assert threading.active_count() == before


def test_outcomes_are_counted() -> None:
    """Every search counts once, under its status and reason."""
    outcomes = Outcomes()
    outcomes.add(Outcome(Status.RERANKED, scored=3))
    outcomes.add(Outcome(Status.FALLBACK, Reason.DEADLINE))
    outcomes.add(Outcome(Status.FALLBACK, Reason.DEADLINE))
    assert dict(outcomes) == {"reranked": 1, "fallback:deadline": 2}
    assert outcomes.counts() == {(Status.RERANKED, None): 1, (Status.FALLBACK, Reason.DEADLINE): 2}
    assert outcomes["reranked"] == 1
    assert outcomes.get("partial", 0) == 0
