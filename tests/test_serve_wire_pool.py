"""Many requests at once: connections are made a few at a time, and nobody waits longer than for one's own."""

from __future__ import annotations

import asyncio
import random
import time
from contextlib import suppress

import pytest
from multidict import CIMultiDict
from scripted_server import Answer, Scripted, full_server
from test_serve_wire import WHOLE, talk, within

from endcap.serve.settings import ServeSettings
from endcap.serve.wire.pool import MOST_CONNECTING
from endcap.serve.wire.upstream import Unreachable, Upstream


def test_who_comes_with_many_takes_what_is_given_free() -> None:
    """A crowd does not open a connection each: the cluster would have to accept them all before it answers any."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        answers = await asyncio.gather(*(talk(upstream) for _ in range(400)))
        assert {body for _, body in answers} == {b"hello"}
        assert len(server.by_connection) <= 10 * MOST_CONNECTING  # not 400

    within(test, Answer([WHOLE]))


def test_those_that_last_have_a_connection_each() -> None:
    """Requests that are not answered soon hold up nobody: the next is connected in its turn."""

    async def test(server: Scripted, upstream: Upstream) -> None:
        tasks = [asyncio.create_task(talk(upstream)) for _ in range(100)]
        async with asyncio.timeout(10):
            while len(server.by_connection) < len(tasks):
                await asyncio.sleep(0.01)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    within(test, Answer([WHOLE[:-5]]))  # an answer without its body


@pytest.mark.parametrize("seed", range(5))
def test_who_gives_up_takes_nothing_along(seed: int) -> None:
    """Turns and connections of requests that were given up, at any moment, go to the next."""
    chance = random.Random(seed)

    async def test(server: Scripted, upstream: Upstream) -> None:
        async def given_up() -> None:
            task = asyncio.create_task(talk(upstream))
            for _ in range(chance.randrange(12)):
                await asyncio.sleep(0)
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

        for _ in range(5):
            crowd = [given_up() if chance.random() < 0.5 else talk(upstream) for _ in range(100)]
            found = await asyncio.gather(*crowd)
            assert {answer[1] for answer in found if answer} == {b"hello"}
        began_s = time.monotonic()
        await asyncio.gather(*(talk(upstream) for _ in range(100)))
        assert time.monotonic() - began_s < ServeSettings().connect_s / 2

    within(test, Answer([WHOLE]))


def test_a_crowd_before_a_cluster_that_does_not_accept() -> None:
    """Who waits for a turn waits no longer than who has one."""

    async def main() -> None:
        with full_server() as url:
            upstream = Upstream(ServeSettings(opensearch_url=url, connect_s=0.3))
            asked = (upstream.send("GET", "/", CIMultiDict(), None) for _ in range(5 * MOST_CONNECTING))
            async with asyncio.timeout(5 * 0.3):
                ends = await asyncio.gather(*asked, return_exceptions=True)
            assert all(isinstance(end, Unreachable) for end in ends)
            await upstream.close()

    asyncio.run(main())
