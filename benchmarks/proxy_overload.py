"""What a proxy does under more searches than it can score: all answered in time, the rest in the engine's order.

    python benchmarks/proxy_overload.py --opensearch-url http://localhost:9200 --index shop --field title

1. The rate that saturates scoring: clients that search one after the other, each of its own, until it rises no more.
2. The same searches of the engine alone, arriving at three times this rate, whatever has been answered.
3. These through the proxy. Bounded: --seconds for each step, and --most requests under way, which is said if it counts.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import os
import sys
import time
from collections import Counter
from dataclasses import dataclass, field

import numpy as np
from aiohttp import ClientError, ClientSession, TCPConnector
from proxy import WORDS, serving

JSON = {"Content-Type": "application/json"}


@dataclass
class Seen:
    """What came back: milliseconds of each search, and how many ended how."""

    ms: list[float] = field(default_factory=list)
    words: Counter[str] = field(default_factory=Counter)
    errors: int = 0

    def share(self, quantile: float) -> float:
        """Milliseconds within which this share was answered."""
        return float(np.quantile(self.ms, quantile)) if self.ms else math.nan

    def line(self) -> str:
        """All of it."""
        times = ", ".join(f"{share:.1%} {self.share(share):.0f} ms" for share in (0.5, 0.9, 0.99, 0.999))
        words = ", ".join(f"{count} {words}" for words, count in self.words.most_common())
        return f"{len(self.ms)} answered ({times}), {self.errors} errors; {words}"


async def search(session: ClientSession, url: str, body: bytes, seen: Seen, due_s: float | None = None) -> None:
    """One search; its time counts from when it was due."""
    began_s = time.perf_counter() if due_s is None else due_s
    try:
        async with session.post(url, data=body, headers=JSON) as reply:
            read = await reply.read()
            is_whole = reply.status == 200 and b'"hits"' in read
            seen.words[reply.headers.get("x-endcap-status", str(reply.status))] += 1
    except (ClientError, OSError, TimeoutError) as error:
        is_whole = False
        seen.words[type(error).__name__] += 1
    seen.errors += not is_whole
    seen.ms.append((time.perf_counter() - began_s) * 1e3)


async def one_after_another(url: str, bodies: list[bytes], clients: int, seconds: float) -> tuple[float, Seen]:
    """Searches a second of so many clients."""
    seen, end_s = Seen(), time.perf_counter() + seconds

    async def run(number: int) -> None:
        while time.perf_counter() < end_s:
            await search(session, url, bodies[len(seen.ms) % len(bodies)], seen)

    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        await asyncio.gather(*map(run, range(clients)))
    return sum(count for words, count in seen.words.items() if words == "reranked") / seconds, seen


async def warmed(url: str, bodies: list[bytes]) -> None:
    """Search until all products are known, for a minute at most."""
    end_s = time.perf_counter() + 60
    async with ClientSession() as session:
        for body in bodies:
            seen = Seen()
            while not seen.words["reranked"] and time.perf_counter() < end_s:
                await search(session, url, body, seen)


async def arriving(url: str, bodies: list[bytes], rate: float, seconds: float, most: int) -> tuple[Seen, int]:
    """Searches that arrive at a rate; and how many were left out, as so many were under way."""
    seen, tasks, left_out = Seen(), set[asyncio.Task[None]](), 0
    async with ClientSession(connector=TCPConnector(limit=0)) as session:
        began_s = time.perf_counter()
        for number in range(int(rate * seconds)):
            due_s = began_s + number / rate
            await asyncio.sleep(max(0.0, due_s - time.perf_counter()))
            if len(tasks) >= most:
                left_out += 1
                continue
            task = asyncio.create_task(search(session, url, bodies[number % len(bodies)], seen, due_s))
            tasks.add(task)
            task.add_done_callback(tasks.discard)
        await asyncio.gather(*tasks)
    return seen, left_out


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--opensearch-url", default="http://localhost:9200")
    options.add_argument("--index", required=True)
    options.add_argument("--field", default="title")
    options.add_argument("--deadline-ms", type=float, default=100.0)
    options.add_argument("--times", type=float, default=3.0, help="Of the rate that saturates.")
    options.add_argument("--seconds", type=float, default=10.0)
    options.add_argument("--most", type=int, default=2000)
    options.add_argument("--window", type=int, default=100)
    options.add_argument("--flags", nargs="*", default=[], help="Further flags of endcap serve, as fields=title=name.")
    given = options.parse_args()
    plain = [{"query": {"match": {given.field: words}}, "size": 10} for words in WORDS]
    own = [json.dumps(body).encode() for body in plain]
    asked = [json.dumps({**body, "ext": {"rerank": {"rank_window_size": given.window}}}).encode() for body in plain]
    print(
        f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, window {given.window}, deadline {given.deadline_ms} ms"
    )
    flags = [f"--{flag}" for flag in given.flags]
    theirs, best = f"{given.opensearch_url}/{given.index}/_search", 0.0
    with serving(given.opensearch_url, *flags) as url:  # each search has five seconds
        ours = f"{url}/{given.index}/_search"
        asyncio.run(warmed(ours, asked))
        for clients in (2, 4, 8, 16):
            rate, seen = asyncio.run(one_after_another(ours, asked, clients, given.seconds / 4))
            print(f"{clients} clients: {rate:.0f} re-ranked a second; {seen.line()}")
            best = max(best, rate)
    if not best:
        sys.exit("No search was re-ranked in five seconds: give a smaller --window, or read the products before.")
    rate = given.times * best
    with serving(given.opensearch_url, "--deadline-ms", str(given.deadline_ms), *flags) as url:
        ours = f"{url}/{given.index}/_search"
        asyncio.run(one_after_another(ours, asked, 1, 2.0))
        engine, engine_out = asyncio.run(arriving(theirs, own, rate, given.seconds, given.most))
        print(f"the engine alone, {rate:.0f} a second: {engine.line()}; {engine_out} left out")
        seen, left_out = asyncio.run(arriving(ours, asked, rate, given.seconds, given.most))
        print(f"the proxy, {rate:.0f} a second: {seen.line()}; {left_out} left out")
        limit = given.deadline_ms + 10 + engine.share(0.99)
        within = np.mean(np.array(seen.ms) <= limit)
        print(f"within the deadline + 10 ms + the engine's own 99 % ({limit:.0f} ms): {within:.2%}")


if __name__ == "__main__":
    main()
