"""What the proxy adds to a search, beside the direct call in the same run: passed through, and re-ranked.

    python benchmarks/proxy.py --opensearch-url http://localhost:9200 --index shop --field title --queries queries.txt

Medians of interleaved requests over one kept connection each, in milliseconds. Then searches a second of one and of
eight clients, of the cluster alone and through the proxy of one and of two processes, for a bare match query and for a
shop's body with a filter, facets and highlighting, passed through and re-ranked; and where the processor's time goes.
The proxy is ``endcap serve`` with the shipped student; all of it runs on the same machine.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit

from http_load import listener, rate

WORDS = ("usb charger", "kitchen scale", "running shoes", "desk lamp", "phone case", "water bottle", "coffee", "mouse")


@contextmanager
def serving(cluster: str, *flags: str) -> Iterator[str]:
    program = [sys.executable, "-m", "endcap.cli.main", "serve", "--opensearch-url", cluster, "--port", "0"]
    program += ["--health-port", "0", "--drain-delay-s", "0", "--deadline-ms", "5000", *flags]
    child = subprocess.Popen(program, stdout=subprocess.PIPE, text=True, env=os.environ)
    try:
        assert child.stdout is not None
        yield child.stdout.readline().split()[-1]
    finally:
        child.terminate()
        child.wait()


class Client:
    """One kept connection."""

    def __init__(self, url: str, index: str) -> None:
        parts = urlsplit(url)
        self._connection = http.client.HTTPConnection(parts.hostname or "", parts.port)
        self._path = f"/{index}/_search"
        self.words: Counter[str] = Counter()
        """What became of the searches."""

    def search(self, body: bytes) -> bytes:
        """The answer's bytes."""
        self._connection.request("POST", self._path, body, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        read = answer.read()
        assert answer.status == 200, read
        self.words[answer.headers.get("x-endcap-status", "")] += 1
        return read


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return (time.perf_counter() - began) * 1e3


def both(direct: Client, ours: Client, own: bytes, raw: bytes, direct_first: bool) -> tuple[float, float]:
    """The times of one search, direct and through the proxy, one after the other."""
    if direct_first:
        theirs = timed(lambda: direct.search(own))
        return theirs, timed(lambda: ours.search(raw))
    with_proxy = timed(lambda: ours.search(raw))
    return timed(lambda: direct.search(own)), with_proxy


def times(given: argparse.Namespace, kinds: dict[str, list[dict[str, Any]]]) -> None:
    """Print what the proxy adds to one search, without load."""
    with serving(given.opensearch_url, *[f"--{flag}" for flag in given.flags]) as url:
        direct, ours = Client(given.opensearch_url, given.index), Client(url, given.index)
        for kind, bodies in kinds.items():
            raw = [json.dumps(body).encode() for body in bodies]
            own = [json.dumps({k: v for k, v in body.items() if k != "ext"}).encode() for body in bodies]
            for body, mine in zip(own, raw, strict=True):  # what is read for the first time is read before
                direct.search(body), ours.search(mine)
            time.sleep(2)
            ours.words.clear()
            places = [n % len(raw) for n in range(given.rounds)]
            pairs = [both(direct, ours, own[at], raw[at], n % 2 > 0) for n, at in enumerate(places)]
            theirs, with_proxy = (statistics.median(pair[side] for pair in pairs) for side in (0, 1))
            added = statistics.median(pair[1] - pair[0] for pair in pairs)
            print(f"{kind}: direct {theirs:.2f} ms, through the proxy {with_proxy:.2f} ms, added {added:.2f} ms")
            print("   ", ", ".join(f"{count} {words}" for words, count in ours.words.items()))


def rates(given: argparse.Namespace, kinds: dict[str, list[dict[str, Any]]]) -> None:
    """Print searches a second, and the processor's milliseconds a search."""
    flags = [f"--{flag}" for flag in given.flags]
    cluster = listener(given.opensearch_url)
    print("| body | clients | who answers | a second | of the cluster's own | CPU ms: cluster, proxy, client |")
    with ExitStack() as stack:
        ours = {n: stack.enter_context(serving(given.opensearch_url, "--workers", str(n), *flags)) for n in (1, 2)}
        for kind, bodies in kinds.items():
            raw = [json.dumps(body).encode() for body in bodies]
            own = [json.dumps({k: v for k, v in body.items() if k != "ext"}).encode() for body in bodies]
            for clients in (1, 8):
                direct = rate(given.opensearch_url, given.index, own, clients, given.seconds, {"cluster": cluster})
                print(_row(kind, clients, "the cluster", direct, 1.0))
                for workers, url in ours.items():
                    watched = {"cluster": cluster, "proxy": listener(url)}
                    rate(url, given.index, raw, clients, 1.0, watched)  # connections, and what is read once
                    found = rate(url, given.index, raw, clients, given.seconds, watched)
                    print(_row(kind, clients, f"proxy, {workers}", found, found.a_second / direct.a_second))


def _row(kind: str, clients: int, who: str, found: Any, share: float) -> str:
    cpu = ", ".join(f"{found.cpu_ms.get(name, 0):.2f}" for name in ("cluster", "proxy", "client"))
    words = ", ".join(f"{words} {count}" for words, count in found.words.most_common(2) if words)
    return f"| {kind} | {clients} | {who} | {found.a_second:.0f} | {share:.2f} | {cpu} | {words}"


def shop_body(field: str, query: str, facets: list[str]) -> dict[str, Any]:
    """What a shop's page asks for: the text, a filter, a list of each facet's values, the words that were found."""
    return {
        "query": {"bool": {"must": [{"match": {field: query}}], "filter": [{"exists": {"field": facets[0]}}]}},
        "aggs": {name: {"terms": {"field": name, "size": 20}} for name in facets},
        "highlight": {"fields": {field: {}}},
        "size": 24,
    }


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--opensearch-url", default="http://localhost:9200")
    options.add_argument("--index", required=True)
    options.add_argument("--field", default="title")
    options.add_argument("--queries", help="A file with a query a line.")
    options.add_argument("--rounds", type=int, default=200)
    options.add_argument("--seconds", type=float, default=5.0)
    options.add_argument("--facets", nargs="*", default=["brand.keyword", "category.keyword", "price"])
    options.add_argument("--no-times", action="store_true", help="Only searches a second.")
    options.add_argument("--flags", nargs="*", default=[], help="Further flags of endcap serve, as fields=title=name.")
    given = options.parse_args()
    queries = list(WORDS)
    if given.queries:
        with open(given.queries, encoding="utf-8") as file:  # noqa: PTH123
            queries = [line.strip() for line in file if line.strip()]
    plain = [{"query": {"match": {given.field: query}}, "size": 10} for query in queries]
    kinds = {
        "passed through": [{**body, "sort": ["_doc"]} for body in plain],
        "re-ranked, window 100": [{**body, "ext": {"rerank": {"rank_window_size": 100}}} for body in plain],
        "re-ranked, window 1000": [{**body, "ext": {"rerank": {"rank_window_size": 1000}}} for body in plain],
    }
    print(f"{platform.machine()}, {os.cpu_count()} cores, {len(queries)} queries, {given.rounds} rounds")
    if not given.no_times:
        times(given, kinds)
    shop = [shop_body(given.field, query, given.facets) for query in queries]
    ask, by_age = {"ext": {"rerank": {"rank_window_size": 100}}}, {"sort": ["_doc"]}
    rates(
        given,
        {
            "match, passed through": kinds["passed through"],
            "match, re-ranked": kinds["re-ranked, window 100"],
            "shop, passed through": [body | by_age for body in shop],
            "shop, re-ranked": [body | ask for body in shop],
        },
    )


if __name__ == "__main__":
    main()
