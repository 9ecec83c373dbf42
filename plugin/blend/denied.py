"""What a query's syntax excludes ("usb cable -tester"), where the engine has found it all the same.

Where all words are optional, "-tester" only means that a product without "tester" matches by that alone: testers are
found by "usb". What somebody excludes by a sign of the engine's own syntax goes behind what has nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from endcap.language.text import normalised, words_in
from endcap.plugin.blend.document_words import DocumentWords, WordsMemory
from endcap.plugin.blend.features import DENIED
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.blend.window import Blended
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import log_fault

ELSEWHERE = 0.25
"""The share of a product that says the excluded thing only in its attributes or description."""


def behind_the_others(
    blended: Blended,
    denials: Sequence[Sequence[str]],
    hits: Sequence[Mapping[str, Any]],
    memory: WordsMemory,
    deadline: Deadline,
) -> Blended:
    """The blended scores, less a step for each hit that has what is excluded; one that has it in its title, brand or
    category comes behind all that have nothing of it. Hits for whose words there is no time have nothing of it."""
    try:
        words = list[DocumentWords]()
        for hit in hits:
            if deadline.expired():
                break
            words.append(memory.value(hit.get("_source") or {}))
        shares = np.zeros(len(hits))
        shares[: len(words)] = denied_shares(denials, words)
    except Exception as error:  # a fault of ours must not cost more than this
        log_fault("what a query excludes could not be looked for", error)
        return blended
    if not shares.any():
        return blended
    adds = -shares * (float(np.ptp(blended.scores)) + 1.0)
    return replace(
        blended,
        scores=blended.scores + adds,
        values=np.column_stack([blended.values, shares]),
        adds=np.column_stack([blended.adds, adds]),
        names=(*blended.names, DENIED),
    )


def denied_shares(denials: Sequence[Sequence[str]], products: Sequence[DocumentWords]) -> FloatArray:
    """How much each product has of what is excluded, float64 (n,), 0 to 1.

    A denial is some phrases; it is of what has all of them. A phrase that ends in ``*`` begins a longer word.
    """
    needles = [list(map(_needle, denial)) for denial in denials]
    shares = np.zeros(len(products))
    for position, product in enumerate(products):
        if needles:
            shares[position] = max(_share(phrases, product) for phrases in needles)
    return shares


def _needle(phrase: str) -> str:
    if phrase.endswith("*"):
        return f" {normalised(phrase[:-1]).strip()}"
    return f" {' '.join(words_in(normalised(phrase)))} "


def _share(needles: Sequence[str], product: DocumentWords) -> float:
    """1 where title, brand or category have all phrases, ``ELSEWHERE`` where the whole product has them."""
    if any(word in product.absent for needle in needles for word in needle.split()):
        return 0.0
    named = f"{product.title} {product.brand} {product.category}"
    if all(needle in named for needle in needles):
        return 1.0
    everything = f"{named} {product.rest}"
    return ELSEWHERE if all(needle in everything for needle in needles) else 0.0
