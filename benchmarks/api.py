"""What the API costs: 100 products that were not read, and that were; a small request alone, and beside large ones.

python benchmarks/api.py --url http://localhost:9300
"""

from __future__ import annotations

import argparse
import statistics
import threading
import time
from uuid import uuid4

import urllib3

POOL = urllib3.PoolManager(retries=False, maxsize=16)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://localhost:9300", help="The API.")
    parser.add_argument("--rounds", type=int, default=30)
    given = parser.parse_args()
    url = given.url + "/rerank"
    first, again, small, beside = [], [], [], list[float]()
    for _ in range(given.rounds):
        texts = products(100)
        first.append(milliseconds(url, texts))
        again.append(milliseconds(url, texts))
        small.append(milliseconds(url, products(1)))
    stop = threading.Event()
    threads = [threading.Thread(target=keep_busy, args=(url, stop)) for _ in range(4)]
    for thread in threads:
        thread.start()
    time.sleep(0.5)
    for _ in range(given.rounds):
        beside.append(milliseconds(url, products(1)))
    stop.set()
    for thread in threads:
        thread.join()
    for name, times in (
        ("100 products, not read before", first),
        ("100 products, read before", again),
        ("1 product, not read before", small),
        ("1 product, beside four requests of 1,000", beside),
    ):
        print(f"{name:<45} median {statistics.median(times):7.1f} ms, worst {max(times):7.1f} ms")


def products(count: int) -> list[str]:
    return [f"USB-C charger {uuid4().hex[:6]}, 20 W, white, with a braided cable of 1.5 m" for _ in range(count)]


def milliseconds(url: str, texts: list[str]) -> float:
    began = time.perf_counter()
    reply = POOL.request("POST", url, json={"query": "usb c charger", "texts": texts})
    assert reply.status == 200, reply.data
    return (time.perf_counter() - began) * 1e3


def keep_busy(url: str, stop: threading.Event) -> None:
    while not stop.is_set():
        POOL.request("POST", url, json={"query": "usb c charger", "texts": products(1000)})


if __name__ == "__main__":
    main()
