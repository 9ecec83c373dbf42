"""The cache of query vectors, here with numbers and texts in their place."""

import os
import signal
import threading
import time

import pytest

from endcap.plugin.model.query_vectors import QueryVectors


def test_a_value_is_made_once_for_all_who_ask_at_once() -> None:
    """Ten threads that ask for one key wait for one computation."""
    cache = QueryVectors(4)
    made: list[int] = []
    got: list[int] = []

    def make() -> int:
        made.append(1)
        time.sleep(0.05)
        return 7

    threads = [threading.Thread(target=lambda: got.append(cache.get("a", make))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got, made) == ([7] * 10, [1])


def test_the_least_lately_used_is_forgotten() -> None:
    """The memory is bounded, and what is asked for stays."""
    cache = QueryVectors(2)
    made: list[str] = []

    def ask(key: str) -> None:
        cache.get(key, lambda: made.append(key) or key)  # type: ignore[func-returns-value]

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert made == ["a", "b", "c", "b"]


def test_a_failure_is_not_kept() -> None:
    """Who asks after a failure tries again."""
    cache = QueryVectors(2)
    with pytest.raises(ZeroDivisionError):
        cache.get("a", lambda: 1 // 0)
    assert cache.get("a", lambda: 1) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="allowed in CI: no fork on this platform")
def test_a_child_does_not_wait_for_its_parents_thread() -> None:
    """What a thread was making at a fork is made again in the child, where that thread is not."""
    cache = QueryVectors(2)
    begun, go_on = threading.Event(), threading.Event()
    thread = threading.Thread(target=lambda: cache.get("a", lambda: (begun.set(), go_on.wait(), 1)[-1]))
    thread.start()
    begun.wait()
    child = os.fork()
    if child == 0:
        signal.alarm(10)
        os._exit(cache.get("a", lambda: 2))
    go_on.set()
    thread.join()
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 2
    assert cache.get("a", lambda: 3) == 1
