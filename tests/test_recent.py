"""The memory of recent values."""

import threading
import time

import pytest

from endcap.plugin.recent import Recent


def test_a_value_is_made_once_for_all_who_ask_at_once() -> None:
    """Ten threads that ask for one key wait for one computation."""
    recent: Recent[int] = Recent(4)
    made: list[int] = []
    got: list[int] = []

    def make() -> int:
        made.append(1)
        time.sleep(0.05)
        return 7

    threads = [threading.Thread(target=lambda: got.append(recent.get("a", make))) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (got, made) == ([7] * 10, [1])


def test_the_least_lately_used_is_forgotten() -> None:
    """The memory is bounded, and what is asked for stays."""
    recent: Recent[str] = Recent(2)
    made: list[str] = []

    def ask(key: str) -> None:
        recent.get(key, lambda: made.append(key) or key)  # type: ignore[func-returns-value]

    for key in ("a", "b", "a", "c", "a", "b"):
        ask(key)
    assert made == ["a", "b", "c", "b"]


def test_a_failure_is_not_kept() -> None:
    """Who asks after a failure tries again."""
    recent: Recent[int] = Recent(2)
    with pytest.raises(ZeroDivisionError):
        recent.get("a", lambda: 1 // 0)
    assert recent.get("a", lambda: 1) == 1
