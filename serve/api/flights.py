"""One flight: what several requests want at once is made once, and the others wait for it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

R = TypeVar("R")


class Flights(Generic[R]):
    """What is being made now, by key. For one event loop."""

    def __init__(self) -> None:
        self._under_way: dict[bytes, asyncio.Future[R]] = {}

    async def get(self, key: bytes, kept: Callable[[], R | None], make: Callable[[], Awaitable[R]]) -> R:
        """What is kept, else what another request makes now, else what ``make`` gives.

        Where that other request is cancelled or fails, it is made here.
        """
        while (found := kept()) is None:
            flight = self._under_way.get(key)
            if flight is None:
                return await self._own(key, make)
            await asyncio.wait([flight])
            if not flight.cancelled() and flight.exception() is None:
                return flight.result()
        return found

    async def _own(self, key: bytes, make: Callable[[], Awaitable[R]]) -> R:
        flight = self._under_way[key] = asyncio.ensure_future(make())
        flight.add_done_callback(lambda _: self._under_way.pop(key, None))
        try:
            return await flight
        finally:
            flight.cancel()
