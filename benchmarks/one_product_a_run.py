"""Why a product is encoded alone: what batches would gain in time, and what they would do to the states.

    python benchmarks/one_product_a_run.py

Encodes the same products alone, and in padded batches sorted by length, with the shipped int8 student on one thread;
prints milliseconds a product, and how far a product's vector moves with the company that it is read in.
"""

from __future__ import annotations

import time

import numpy as np

from endcap.demo.catalogue import products
from endcap.plugin.model.folder import read_model
from endcap.plugin.model.session import Session
from endcap.plugin.model.text import product_text

PRODUCTS = 400
BATCH_TOKENS = (256, 1024)


def main() -> None:
    """Measure and print."""
    info = read_model()
    session = Session(info, threads=1)
    texts = [product_text(product, info.text) for product in list(products())[::9][:PRODUCTS]]
    ids = [session.tokenizer.encode(text).ids[: info.text.max_product_tokens] for text in texts]
    alone, seconds = encode(session, ids, [[i] for i in range(len(ids))])
    print(f"{len(ids)} products, {np.mean([len(row) for row in ids]):.1f} tokens in the mean")
    print(f"alone                        {1e3 * seconds / len(ids):6.2f} ms a product")
    for limit in BATCH_TOKENS:
        vectors, seconds = encode(session, ids, batches(ids, limit))
        cosines = (vectors * alone).sum(axis=1)
        print(
            f"batches of {limit:4} tokens       {1e3 * seconds / len(ids):6.2f} ms a product; cosine with it alone: "
            f"least {cosines.min():.4f}, mean {cosines.mean():.4f}"
        )


def batches(ids: list[list[int]], limit: int) -> list[list[int]]:
    """Positions in order of length, in groups of at most ``limit`` padded tokens."""
    groups: list[list[int]] = [[]]
    for position in sorted(range(len(ids)), key=lambda i: len(ids[i])):
        if groups[-1] and (len(groups[-1]) + 1) * len(ids[position]) > limit:
            groups.append([])
        groups[-1].append(position)
    return groups


def encode(session: Session, ids: list[list[int]], groups: list[list[int]]) -> tuple[np.ndarray, float]:
    """Unit vectors float32 (n, d), the mean over a product's tokens, and the seconds that it took."""
    found: dict[int, np.ndarray] = {}
    started = time.perf_counter()
    for group in groups:
        width = max(len(ids[i]) for i in group)
        rows, mask = np.zeros((2, len(group), width), dtype=np.int64)
        for row, i in enumerate(group):
            rows[row, : len(ids[i])], mask[row, : len(ids[i])] = ids[i], 1
        hidden = session.run(rows, mask)
        found.update(zip(group, (hidden * mask[:, :, None]).sum(axis=1), strict=True))
    seconds = time.perf_counter() - started
    vectors = np.stack([found[i] for i in range(len(ids))])
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True), seconds


if __name__ == "__main__":
    main()
