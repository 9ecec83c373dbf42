"""Asks many questions at once, each only once: what is in the cache is not sent, and what comes is kept at once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

from endcap.distill.llm.backoff import Limits
from endcap.distill.llm.cache import AnswerCache
from endcap.distill.llm.client import Client
from endcap.distill.llm.cost import Ledger
from endcap.distill.llm.dialect import Dialect
from endcap.distill.llm.endpoint import endpoint_of
from endcap.distill.llm.errors import UnansweredError
from endcap.distill.llm.reply import READER, Choice, Reply
from endcap.distill.recipe.settings import Recipe
from endcap.progress import Watch, unwatched

Item = TypeVar("Item")
Answer = TypeVar("Answer")


class Asker:
    """A client, the cache in front of it, and the ledger that pays."""

    def __init__(self, recipe: Recipe, cache: AnswerCache, client: Client) -> None:
        self.client = client
        self.cache = cache
        self.ledger = Ledger(recipe.llm, recipe.name, cache)

    async def ask(self, key: bytes, body: Mapping[str, Any], is_answer: Callable[[Choice], bool]) -> Reply:
        """The reply to a request with ``max_tokens``, from the cache or the endpoint.

        One in the cache is asked for again where a choice is no answer: as it was cut at a limit that is higher now,
        or as an older reader kept it, which took it for one.
        """
        limit = int(body["max_tokens"])
        cached = self.cache.get(key)
        if cached is not None:
            useless = [choice for choice in cached.choices if not is_answer(choice)]
            is_older = bool(useless) and cached.reader < READER
            is_unfinished = any(choice.finish == "length" for choice in useless)
            if not is_older and (cached.token_limit >= limit or not is_unfinished):
                return cached
        with self.ledger.request(body, limit * int(body.get("n", 1))) as bill:
            reply = replace(await self.client.chat(body, bill.lost), token_limit=limit)
            bill.settle(key, reply)
        return reply


def ask_all(
    recipe: Recipe,
    cache: AnswerCache,
    items: Sequence[Item],
    answer: Callable[[Asker, Item], Awaitable[Answer]],
    *,
    title: str,
    watch: Watch = unwatched,
    limits: Limits | None = None,
    dialect: Dialect | None = None,
) -> list[Answer]:
    """``answer(asker, item)`` of all items, in their order, so many at once as the recipe says.

    Where one fails for good, requests under way are waited for and kept, and its error is raised. Where single requests
    were not answered in all their attempts, the others are done first; then ``UnansweredError`` says how many were not.
    ``dialect`` is what was learnt of the endpoint before, and learns more.
    """
    llm = recipe.llm
    limits = limits or Limits(concurrency=llm.concurrency, timeout_s=llm.timeout_s)
    endpoint = endpoint_of(llm)

    async def work() -> list[Answer]:
        with watch(title, len(items)) as advance:
            async with Client(endpoint, limits, dialect) as client:
                return await _answers(Asker(recipe, cache, client), items, answer, advance)

    return run_now(work())


async def _answers(
    asker: Asker,
    items: Sequence[Item],
    answer: Callable[[Asker, Item], Awaitable[Answer]],
    advance: Callable[[int], None],
) -> list[Answer]:
    answers: dict[int, Answer] = {}
    unanswered: list[UnansweredError] = []
    fatal: list[BaseException] = []
    waiting = iter(range(len(items)))

    async def worker() -> None:
        for i in waiting:
            if fatal:
                return
            try:
                answers[i] = await answer(asker, items[i])
                advance(len(answers))
            except UnansweredError as error:
                unanswered.append(error)
            except BaseException as error:
                fatal.append(error)
                asker.client.stop()
                if not isinstance(error, Exception):
                    raise

    workers = [asyncio.create_task(worker()) for _ in range(min(asker.client.limits.concurrency, len(items)))]
    await asyncio.gather(*workers)
    if fatal:
        raise fatal[0]
    if unanswered:
        raise UnansweredError(
            f"{len(unanswered):,} of {len(items):,} were not answered, the last one: {unanswered[-1]} "
            "The others are kept: run again to ask for these alone."
        )
    return [answers[i] for i in range(len(items))]


def run_now(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Run a coroutine to its end, also where an event loop is at work already (a notebook, an actor)."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return asyncio.run(work)
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, work).result()
