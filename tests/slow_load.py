"""A load that stops in the middle: run as a process of its own, so that a test can kill it there.

    python slow_load.py NAME URL N_BEFORE N_AFTER       (URL "embedded" for the embedded engine)
    python slow_load.py NAME URL N_BEFORE CATALOGUE

It loads N_BEFORE products, says "middle", waits for a line on stdin, and goes on with the rest.
"""

import sys
from collections.abc import Iterable, Iterator

from endcap.index.open_engine import open_engine
from endcap.index.product import Product
from endcap.index.readers.catalogue import read_products
from endcap.index.settings import IndexSettings


def paused(products: Iterable[Product], before: int) -> Iterator[Product]:
    for n, product in enumerate(products):
        if n == before:
            print("middle", flush=True)
            sys.stdin.readline()
        yield product


if __name__ == "__main__":
    name, url, before, rest = sys.argv[1:]
    settings = IndexSettings(name) if url == "embedded" else IndexSettings(name, "opensearch", url)
    products: Iterable[Product]
    if rest.isdigit():
        products = (Product(f"new{i}", f"new lamp {i}", brand="Acme") for i in range(int(before) + int(rest)))
    else:
        products = read_products(rest)
    print(open_engine(settings).load(paused(products, int(before))), flush=True)
