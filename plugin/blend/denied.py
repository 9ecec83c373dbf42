"""What a query's syntax excludes ("usb cable -tester"), where the engine has found it all the same.

Where all words are optional, "-tester" only means that a product without "tester" matches by that alone: testers are
found by "usb". What somebody excludes by a sign of the engine's own syntax goes behind what has nothing of it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from endcap.index.field_map import FieldMap
from endcap.language.text import normalised, words_in
from endcap.plugin.blend.document_words import DocumentWords, WordsMemory
from endcap.plugin.blend.features import DENIED
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.blend.window import Blended, words_lacking
from endcap.plugin.content_memory import Records
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import log_fault

ELSEWHERE = 0.25
"""The share of a product that says the excluded thing only in its attributes or description."""
NAMED = ("title", "brand", "category")
"""Fields that say what a product is."""


@dataclass(frozen=True, slots=True)
class Phrase:
    """Words that stand together."""

    text: str
    field: str | None = None
    """The source path that they stand in; None: anywhere."""
    prefix: bool = False
    """Whether the last one may go on."""
    slack: int = 0
    """Letters in which a single word may differ, or places by which words may stand apart."""


Denial = tuple[Phrase, ...]
"""What has all of these is excluded."""


def behind_the_others(
    blended: Blended,
    denials: Sequence[Denial],
    hits: Sequence[Mapping[str, Any]],
    memory: WordsMemory,
    deadline: Deadline,
    records: Records | None = None,
) -> Blended:
    """The blended scores, less a step for each hit that has what is excluded; one that has it in its title, brand or
    category comes behind all that have nothing of it. Hits for whose words there is no time have nothing of it, which
    is said (``Blended.lacking``)."""
    try:
        words = memory.values([hit.get("_source") or {} for hit in hits], records, deadline.expired)
        if len(words) < len(hits):
            blended = replace(blended, lacking=words_lacking(len(words), len(hits)))
        shares = np.zeros(len(hits))
        shares[: len(words)] = denied_shares(denials, words, memory.fields)
    except Exception as error:  # a fault of ours must not cost more than this
        log_fault("what a query excludes could not be looked for", error)
        return blended
    if not shares.any():
        return blended
    adds = -shares * (float(np.ptp(blended.scores)) + 1.0)
    return blended.with_parts((DENIED,), shares[:, None], adds[:, None])


def denied_shares(denials: Sequence[Denial], products: Sequence[DocumentWords], fields: FieldMap) -> FloatArray:
    """How much each product has of what is excluded, float64 (n,), 0 to 1; ``fields`` says what the paths mean."""
    needles = [
        [(_needle(phrase), _field(phrase.field, fields), phrase.slack) for phrase in denial] for denial in denials
    ]
    shares = np.zeros(len(products))
    for position, product in enumerate(products):
        if needles:
            shares[position] = max(min(_share(*needle, product) for needle in denial) for denial in needles)
    return shares


def _needle(phrase: Phrase) -> str:
    if phrase.prefix:
        return f" {normalised(phrase.text).strip()}"
    return f" {' '.join(words_in(normalised(phrase.text)))} "


def _field(path: str | None, fields: FieldMap) -> str | None:
    """The field of ``NAMED`` that a path is, or lies below; "" where it is none of these, None where it is any."""
    if path is None or "*" in path:
        return None
    return next((name for name in NAMED if any(f"{path}.".startswith(f"{own}.") for own in fields.paths_of(name))), "")


def _share(needle: str, field: str | None, slack: int, product: DocumentWords) -> float:
    """1 where title, brand or category have a phrase, or the one of them that is meant; ``ELSEWHERE`` where the rest
    has it, and may."""
    if not product.absent.isdisjoint(needle.split()):
        return 0.0
    texts = {"title": product.title, "brand": f" {product.brand} ", "category": product.category}
    if field:
        return float(_has(texts[field], needle, slack))
    if field is None and any(_has(text, needle, slack) for text in texts.values()):
        return 1.0
    return ELSEWHERE if _has(product.rest, needle, slack) or _has(product.title, needle, slack) else 0.0


def _has(text: str, needle: str, slack: int) -> bool:
    """Whether a text has words, or with ``slack`` some that are like them, or the same further apart."""
    if needle in text or not slack:
        return needle in text
    words, there = needle.split(), text.split()
    if len(words) == 1:
        return any(abs(len(word) - len(words[0])) <= slack and _edits(word, words[0]) <= slack for word in there)
    width = len(words) + slack
    return any(set(words) <= set(there[at : at + width]) for at in range(max(1, len(there) - len(words) + 1)))


def _edits(one: str, two: str) -> int:
    """Letters put in, left out, changed or swapped with their neighbour (Damerau, 1964)."""
    before, last = list[int](), list(range(len(two) + 1))
    for i, letter in enumerate(one, 1):
        row = [i]
        for j, other in enumerate(two, 1):
            row.append(min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (letter != other)))
            if i > 1 and j > 1 and letter == two[j - 2] and one[i - 2] == other:
                row[j] = min(row[j], before[j - 2] + 1)
        before, last = last, row
    return last[-1]
