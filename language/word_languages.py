"""How common words are in each language of Latin letters: a table of 24 languages' common words.

``benchmarks/word_languages.py`` makes the table, and says what is in it. Words that tell no languages apart (makers'
names, "wireless") are not in it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from zlib import crc32

import numpy as np
import numpy.typing as npt

CODES = ("en", "de", "fr", "es", "it", "pt", "nl", "sv", "da", "no", "fi", "pl", "cs", "sk", "hu", "ro", "tr", "id", "vi", "ca", "hr", "sl", "lt", "lv")  # fmt: skip  # noqa: E501
"""The languages, by ISO 639-1, in the order of the table."""
LEVELS_PER_POWER = 3
WORD = re.compile(r"[^\W\d_]{3,}|(?![a-z]{2}(?![^\W\d_]))[^\W\d_]{2}")
"""A word of lower-case letters. Two plain letters are none: they are units and parts of models' numbers."""
_FILE = Path(__file__).with_name("word_languages.npz")


def word_levels(words: Sequence[str]) -> npt.NDArray[np.float32]:
    """How common words are in each of ``CODES``, in powers of ten, float32 (words, 24); 0 where they are not common.

    A row is all 0 for a word that is in no language's table.
    """
    hashes, levels = _table()
    wanted = np.fromiter((crc32(word.encode()) for word in words), dtype=np.uint32, count=len(words))
    places = np.minimum(np.searchsorted(hashes, wanted), len(hashes) - 1)
    found: npt.NDArray[np.float32] = levels[places] * (
        (hashes[places] == wanted)[:, None] / np.float32(LEVELS_PER_POWER)
    )
    return found


def hashes_of_words(columns: Sequence[int], margin: float) -> frozenset[int]:
    """The CRC-32 of each word that is about as common in a language of these columns as in any other."""
    hashes, levels = _table()
    known = levels[:, list(columns)].max(axis=1, initial=0)
    near = (known > 0) & (known + margin * LEVELS_PER_POWER > levels.max(axis=1))
    return frozenset(hashes[near].tolist())


def hash_steps(hashes: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint8]:
    """Rising hashes as the bytes of the steps between them, uint8 (4, n), which a file holds in half the room."""
    steps = np.diff(hashes, prepend=np.uint32(0)).astype("<u4")
    return np.ascontiguousarray(steps.view(np.uint8).reshape(-1, 4).T)


@cache
def _table() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint8]]:
    """The words' hashes, rising, and their levels, uint8 (words, 24)."""
    with np.load(_FILE) as file:
        steps = np.ascontiguousarray(file["hashes"].T).view("<u4").ravel()
        return np.cumsum(steps, dtype=np.uint32), np.ascontiguousarray(file["levels"].T)
