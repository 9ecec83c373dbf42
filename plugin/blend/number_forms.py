"""How the number of a thing may be written."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from itertools import pairwise

from endcap.language.small_words import STOP_WORDS
from endcap.plugin.blend.query_words import MIN_DIGITS

SHORT = {"ps": "playstation"}
"""What a series is called for short, with the number behind it in one word."""
_LIKE_AN_AMOUNT = re.compile(r"\d{3,}[^\W\d_]?")


def goes_on(before: str, number: str) -> bool:
    """Whether a number is one with the word before it: "iphone 8", and "c 780a2mg" for "C780A2MG"."""
    if number.isdigit():
        return len(number) < MIN_DIGITS
    letters = before.isalpha() and len(before) <= 3
    return letters and number[0].isdigit() and sum(map(str.isdigit, number)) > 2


def in_full(number: str) -> str:
    """Another way to write a number whose letters are short for a name: "ps5"."""
    return "".join(rf"|{name} ?{number[len(short) :]}" for short, name in SHORT.items() if number.startswith(short))


def joined_anyhow(number: str) -> str:
    """A pattern for a number with blanks in it; at its words' ends they have lost a plural's "s"."""
    return " ?".join(map(re.escape, number)).replace("s ?", "(?:s ?| )")


def is_sure(compact: str) -> bool:
    """Whether letters and digits can hardly be anything but a thing's number."""
    digits = sum(map(str.isdigit, compact))
    return len(compact) >= MIN_DIGITS if digits == len(compact) else digits >= 2 and len(compact) >= 3


def read_as_amounts(words: Sequence[str], brands: Collection[str]) -> Iterator[str]:
    """Numbers that may pass for an amount, joined with the letters before: "rb 8192m" is no length."""
    of_brands = {word for brand in brands for word in brand.split()}
    for before, word in pairwise(words):
        if (
            before not in of_brands
            and _LIKE_AN_AMOUNT.fullmatch(word)
            and before.isalpha()
            and len(before) <= 3
            and before not in STOP_WORDS
        ):
            yield before + word
