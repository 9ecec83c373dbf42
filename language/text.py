"""Texts made comparable, and the words in them.

All functions of this room are pure and total: any text will do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from functools import lru_cache
from typing import TypeVar

from endcap.language.languages import ENGLISH, Codes
from endcap.language.plurals import singular

T = TypeVar("T")
MAX_WORDS = 65_536
TITLE_WORD = re.compile(r"[^\W_](?:[\w.'’+&/-]*[^\W_+]|\+)?[+]*")
"""A word of a title, with what stands inside it: ``usb-c``, ``802.11b/g``, ``c++``, ``women's``."""

_ACCENT = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_]+")
_DIGIT = re.compile(r"\d")
_OPTIONAL_ENDING = re.compile(r"\((?:s|es|n|en|e)\)", re.IGNORECASE)
_QUOTES = str.maketrans(
    {"\u2032": "'", "\u2033": '"', "\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"', "\u2044": "/"}
    | {"½": " 1/2", "⅓": " 1/3", "⅔": " 2/3", "¼": " 1/4", "¾": " 3/4", "⅛": " 1/8"}
)


def normalised(text: str) -> str:
    """A text in NFKC and lower case, without accents, with straight quotation marks."""
    # Seconds and minutes are quotation marks only before NFKC takes them apart.
    text = text.translate(_QUOTES)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    # What is no accent, such as the mark that makes a Japanese "ga" of "ka", goes back into its letter.
    return unicodedata.normalize("NFC", _ACCENT.sub("", text)).translate(_QUOTES)


def words_in(normalised_text: str, languages: Codes = ENGLISH) -> list[str]:
    """The words of a normalised text, singular, in their order."""
    return list(map(_singulars(languages).__getitem__, _WORD.findall(normalised_text)))


def plain_words(normalised_text: str) -> list[str]:
    """The words of a normalised text as they are, in their order: as many as ``words_in`` has."""
    return _WORD.findall(normalised_text)


class WordTable(dict[str, T]):
    """What a function says of words, remembered: a look-up for most words, as texts say the same ones."""

    def __init__(self, say: Callable[[str], T]) -> None:
        self._say = say

    def __missing__(self, word: str) -> T:
        if len(self) >= MAX_WORDS:
            self.clear()
        value = self[word] = self._say(word)
        return value


@lru_cache(maxsize=64)
def _singulars(languages: Codes) -> WordTable[str]:
    return WordTable(lambda word: singular(word, languages))


@lru_cache(maxsize=32)
def word_set(normalised_text: str) -> frozenset[str]:
    """The words of a normalised text as they are: what has no word of a pattern need not be searched for it.

    A search reads hundreds of products that it has not seen, and nearly all of them say nothing of the kind.
    """
    return frozenset(_WORD.findall(normalised_text))


def tokens(text: str) -> list[str]:
    """The words of a text as people type them: in lower case, with hyphens and plurals; "cable(s)" is "cable"."""
    return TITLE_WORD.findall(_OPTIONAL_ENDING.sub("", unicodedata.normalize("NFKC", text)).lower())


def has_digit(word: str) -> bool:
    """Whether there is a digit in a word, of whatever script."""
    return _DIGIT.search(word) is not None
