"""Where searches compute: how many at once, what is said where there is no place, what becomes of cancelled work."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
import pytest
from rerank_parts import BODY, Listed, ReadableStudent, ids, reranker, told

from endcap.errors import InputError
from endcap.index.product import Product
from endcap.plugin.deadline import Deadline
from endcap.plugin.rules.file import rules_of
from endcap.plugin.search.workers import NoPlace, Workers

SCORES = [float(n) for n in range(20, 0, -1)], [n / 20 for n in range(20)]
TOTAL = 64


class Scoring(ReadableStudent):
    """Takes a while to score, and notes how many scores are being made."""

    def __init__(self, pause_s: float) -> None:
        super().__init__()
        self.pause_s, self.lock, self.now, self.most = pause_s, threading.Lock(), 0, 0

    def score_batches(self, query: str, items: Sequence[bytes]) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        with self.lock:
            self.now += 1
            self.most = max(self.most, self.now)
        time.sleep(self.pause_s)
        with self.lock:
            self.now -= 1
        yield from super().score_batches(query, items)


class Batches(ReadableStudent):
    """Encodes in batches of 50 ms, and counts them."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0

    def encode_batches(self, products: Sequence[Product]) -> Iterator[list[tuple[int, bytes]]]:
        for batch in super().encode_batches(products):
            self.begun += 1
            time.sleep(0.05)
            yield batch


class AsyncListed:
    """The engine in a list behind an asyncio client."""

    def __init__(self) -> None:
        self.engine = Listed(*SCORES)

    async def search(self, *, index: str | None = None, body: dict[str, Any]) -> dict[str, Any]:
        await asyncio.sleep(0.005)
        return self.engine.search(index=index, body=body)


def test_many_at_once_in_asyncio() -> None:
    """Those for which there is no place are answered at once in the engine's order; none waits for its deadline."""
    student, workers, client = Scoring(0.02), Workers(threads=2), AsyncListed()
    shared = reranker(client, student, budget_ms=300, workers=workers, blend_weight=1.0)
    taken_s = list[tuple[str | None, float]]()

    async def one() -> None:
        began_s = time.perf_counter()
        reply = await shared.search(body=BODY)
        assert reply["hits"]["hits"][0]["_id"] == ("19" if told(reply)[1] is None else "0")
        taken_s.append((told(reply)[1], time.perf_counter() - began_s))

    async def all_of_them() -> None:
        await asyncio.gather(*(one() for _ in range(TOTAL)))

    asyncio.run(all_of_them())
    counts = Counter(reason for reason, _ in taken_s)
    assert set(counts) == {None, "busy"}
    assert counts[None] >= 2
    assert shared.outcomes == {"reranked": counts[None], "fallback:busy": counts["busy"]}
    busy_s = sorted(seconds for reason, seconds in taken_s if reason == "busy")
    assert busy_s[len(busy_s) // 2] < 0.25  # on a busy machine, too; the budget is 0.3
    # Most of them have not asked for a window that nobody has time for, though no work had begun when they came.
    assert sum(body["size"] == 20 for body in client.engine.asked) < 0.7 * TOTAL
    assert student.most <= 2
    assert workers.taken == 0


def test_a_search_that_finds_no_place_costs_the_engine_no_window() -> None:
    """While the line is full, the engine is asked for the caller's own page and nothing more."""
    client, workers = AsyncListed(), Workers(threads=1, places=1)
    shared = reranker(client, Scoring(0.2), workers=workers)

    async def two() -> tuple[Any, Any]:
        first = asyncio.ensure_future(shared.search(body=BODY))
        await asyncio.sleep(0.05)
        return await shared.search(body=BODY), await first

    second, first = asyncio.run(two())
    assert (told(first), told(second)) == (("reranked", None), ("fallback", "busy"))
    assert client.engine.asked[1] == BODY
    assert len(client.engine.asked) == 2


def test_pages_fit_each_other_where_one_finds_no_place() -> None:
    """The second page goes on in the order of the first, be it the engine's or the student's."""
    workers = Workers(threads=1, places=1)
    shared = reranker(Listed(*SCORES), workers=workers, blend_weight=1.0)
    pages = {}
    for first_is_busy in (True, False):
        shown = []
        for start in (0, 5, 10, 15):
            workers._taken = int((start == 0) == first_is_busy)
            reply = shared.search(body={**BODY, "from": start, "size": 5})
            shown += ids(reply)
            assert told(reply)[1] == ("busy" if first_is_busy else None)
        pages[first_is_busy] = shown
    assert pages[True] == [str(n) for n in range(20)]
    assert pages[False] == [str(n) for n in range(19, -1, -1)]


def test_what_the_shop_decides_holds_where_there_is_no_place() -> None:
    """A hidden product stays hidden, and what is named first stays first."""
    workers = Workers(threads=1, places=1)
    rules = rules_of({"rules": [{"name": "hidden", "hide": {"ids": ["0"]}}]})
    shared = reranker(Listed(*SCORES), workers=workers, rules=rules)
    workers._taken = 1
    reply = shared.search(body={**BODY, "size": 3})
    assert (told(reply), ids(reply)) == (("fallback", "busy"), ["1", "2", "3"])


def test_many_threads_at_once() -> None:
    """The same holds where searches compute in their callers' threads."""
    student, workers = Scoring(0.02), Workers(threads=2)
    shared = reranker(Listed(*SCORES), student, deadline_ms=None, workers=workers)
    with ThreadPoolExecutor(TOTAL) as pool:
        replies = list(pool.map(lambda _: shared.search(body=BODY), range(TOTAL)))
    assert {told(reply)[1] for reply in replies} <= {None, "busy"}
    assert shared.outcomes["reranked"] >= 2
    assert student.most <= 2
    assert workers.taken == 0


def test_a_cancelled_search_stops_between_batches_and_keeps_its_place_till_then() -> None:
    """The batch under way ends, no other begins, and only then is there a place again."""
    student, workers = Batches(), Workers(threads=1, places=1)
    shared = reranker(AsyncListed(), student, workers=workers)

    async def cancelled() -> None:
        task = asyncio.ensure_future(shared.search(body=BODY))
        while not student.begun:
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert workers.taken == 1
        assert told(await shared.search(body=BODY)) == ("fallback", "busy")
        await asyncio.sleep(0.15)
        assert workers.taken == 0
        assert student.begun == 1

    asyncio.run(cancelled())
    assert shared.outcomes == {"failed:cancelled": 1, "fallback:busy": 1}


def test_a_student_that_hangs_costs_its_own_places_alone() -> None:
    """Nobody waits for it longer than a moment, and the event loop goes on."""
    student, workers = Scoring(1.5), Workers(threads=1)
    shared = reranker(AsyncListed(), student, deadline_ms=None, budget_ms=30, workers=workers)

    async def hanging() -> list[Any]:
        began_s = time.perf_counter()
        replies = [await shared.search(body=BODY), await shared.search(body=BODY)]
        assert time.perf_counter() - began_s < 1.2
        assert workers.taken == 1
        return replies

    assert [told(reply)[1] for reply in asyncio.run(hanging())] == ["deadline", "busy"]


def test_a_child_process_has_threads_of_its_own() -> None:
    """After a fork the parent's threads and places are not there."""
    workers = Workers(threads=1, places=1)
    shared = reranker(AsyncListed(), Scoring(0.0), workers=workers)
    assert told(asyncio.run(shared.search(body=BODY))) == ("reranked", None)

    def work() -> None:
        assert told(asyncio.run(shared.search(body=BODY))) == ("reranked", None)

    child = multiprocessing.get_context("fork").Process(target=work)
    workers._taken = 1  # as while another thread computes
    child.start()
    child.join(30)
    assert child.exitcode == 0


def test_wrong_numbers_are_named() -> None:
    """As everywhere."""
    with pytest.raises(InputError, match="threads is 0"):
        Workers(threads=0)
    with pytest.raises(InputError, match="places is True"):
        Workers(places=True)
    with pytest.raises(InputError, match="workers is 3"):
        reranker(Listed(*SCORES), workers=3)


def test_a_place_is_left_where_the_work_fails() -> None:
    """Otherwise a student that fails would take all places for ever."""
    workers = Workers(threads=1, places=1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            workers.run(lambda: 1 / 0, Deadline.start(50))
        with pytest.raises(ZeroDivisionError):
            asyncio.run(workers.run_beside(lambda: 1 / 0, Deadline.start(50)))
    assert workers.taken == 0
    workers._taken = 1
    with pytest.raises(NoPlace):
        workers.run(lambda: 1, Deadline.start(50))


def test_ids_stay_those_of_the_engine_where_there_is_no_place() -> None:
    """A page of a busy search is the engine's own page."""
    workers = Workers(threads=1, places=1)
    shared = reranker(Listed(*SCORES), workers=workers)
    workers._taken = 1
    assert ids(shared.search(body={**BODY, "from": 3, "size": 2})) == ["3", "4"]
