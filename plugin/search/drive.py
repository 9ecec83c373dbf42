"""Runs a line of steps, waiting the sync or the asyncio way: one description of a search serves both."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Generator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Ask:
    """A search of the engine, with the parameters that go beside the body."""

    body: Any
    params: Mapping[str, Any]


Work = Callable[[], Any]
"""Something to compute; off the event loop, where there is one."""

Steps = Generator[Ask | Work, Any, Any]
"""Yields what it needs, is sent the answer or thrown the error, and returns the result."""


def drive(steps: Steps, search: Callable[[Ask], Any]) -> Any:
    """The result of the steps."""
    answer, error = None, None
    while True:
        try:
            step = steps.send(answer) if error is None else steps.throw(error)
        except StopIteration as end:
            return end.value
        answer, error = None, None
        try:
            answer = search(step) if isinstance(step, Ask) else step()
        except Exception as caught:
            error = caught


async def drive_async(steps: Steps, search: Callable[[Ask], Awaitable[Any]]) -> Any:
    """The result of the steps; work runs in a thread, so that the event loop isn't blocked."""
    answer, error = None, None
    while True:
        try:
            step = steps.send(answer) if error is None else steps.throw(error)
        except StopIteration as end:
            return end.value
        answer, error = None, None
        try:
            answer = await search(step) if isinstance(step, Ask) else await asyncio.to_thread(step)
        except Exception as caught:
            error = caught
