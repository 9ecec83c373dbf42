"""Fair turns: work is done in small pieces, and a piece of each request comes before the next one of any."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, TypeVar

R = TypeVar("R")


class Turns:
    """Threads for pieces of work, given in the order of asking. To be made in a running event loop, and closed.

    A request asks for no more turns at a time than there are threads, so one with little to do waits for some pieces of
    each other request, however large these are.
    """

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._free = asyncio.Semaphore(threads)  # its line is first come, first served
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="endcap-api")

    async def take(self, work: Callable[[], R]) -> R:
        """Do a piece of work. A cancelled caller goes at once; its thread is free when the piece is done."""
        await self._free.acquire()
        loop = asyncio.get_running_loop()
        try:
            future = self._pool.submit(work)
        except BaseException:
            self._free.release()
            raise
        future.add_done_callback(lambda _: _call(loop, self._free.release))
        return await asyncio.wrap_future(future)

    async def each(self, pieces: Sequence[Callable[[], R]]) -> list[R]:
        """Do pieces of one request; their results in order. The first that fails ends the rest."""
        return await self.side_by_side([partial(self.take, piece) for piece in pieces])

    async def side_by_side(self, pieces: Sequence[Callable[[], Awaitable[R]]]) -> list[R]:
        """The same of pieces that take their turns themselves, as many at a time as there are threads."""
        results: list[Any] = [None] * len(pieces)
        rest = iter(enumerate(pieces))

        async def one_by_one() -> None:
            for place, piece in rest:
                results[place] = await piece()

        try:
            async with asyncio.TaskGroup() as group:
                for _ in range(min(self.threads, len(pieces))):
                    group.create_task(one_by_one())
        except BaseExceptionGroup as several:
            raise several.exceptions[0] from None
        return results

    def close(self) -> None:
        """Take no more work."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _call(loop: asyncio.AbstractEventLoop, release: Callable[[], None]) -> None:
    with suppress(RuntimeError):  # the loop has ended
        loop.call_soon_threadsafe(release)
