"""Words that look like the number of a model."""

from __future__ import annotations

import re
from functools import lru_cache

_PART = re.compile(r"[^\W_]+")
_TOKEN = re.compile(r"[^\W_]+(?:[-/._][^\W_]+)*")
_DIGIT = re.compile(r"\d")
_MODEL = re.compile(r"(?=[^\W_]*[-/]?[^\W_]*\d)(?=.*[^\W\d_])[\w/.-]{4,}$")
_NUMBER_WITH_UNIT = re.compile(r"[\d.,/x-]+([a-z]{1,5}|\")?")


def model_numbers_in(normalised_text: str) -> frozenset[str]:
    """Words with digits, as model numbers, without what joins their parts; numbers with units are taken out first.

    "wh-1000xm4" is "wh1000xm4", and "1000xm4" too, since people leave out the first part.
    """
    numbers = set[str]()
    for token in _TOKEN.findall(normalised_text):
        if not _DIGIT.search(token):
            continue
        parts = _PART.findall(token)
        numbers.add("".join(parts))
        numbers.update(part for part in parts if not part.isalpha())
    return frozenset(numbers)


@lru_cache(maxsize=100_000)
def is_model_number(token: str) -> bool:
    """Whether a token is surely a model number: letters and at least two digits (``tn-2110``), or five digits."""
    digits = sum(c.isdigit() for c in token)
    if len(token) < 4 or len(token) > 20 or digits < 2:
        return False
    if token.isdigit():
        return len(token) >= 5
    return _MODEL.match(token) is not None and not _NUMBER_WITH_UNIT.fullmatch(token)
