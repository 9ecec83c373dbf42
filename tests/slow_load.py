"""A load that stops in the middle: run as a process of its own, so that a test can kill it there.

    python slow_load.py NAME URL N_BEFORE N_AFTER     (URL "embedded" for the embedded engine)

It loads N_BEFORE products, says "middle", waits for a line on stdin, and goes on with N_AFTER more.
"""

import sys
from collections.abc import Iterator

from endcap.index.home import IndexSettings
from endcap.index.open import open_engine
from endcap.index.product import Product


def products(before: int, after: int) -> Iterator[Product]:
    for i in range(before + after):
        if i == before:
            print("middle", flush=True)
            sys.stdin.readline()
        yield Product(f"new{i}", f"new lamp {i}", brand="Acme")


if __name__ == "__main__":
    name, url, before, after = sys.argv[1:]
    settings = IndexSettings(name) if url == "embedded" else IndexSettings(name, "opensearch", url)
    print(open_engine(settings).load(products(int(before), int(after))), flush=True)
