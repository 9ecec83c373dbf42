"""Words as a catalogue writes them and as people type them."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

WORD = re.compile(r"[^\W_](?:[\w.'’+&/-]*[^\W_+]|\+)?[+]*")
"""A word of a title, with what stands inside it: ``usb-c``, ``802.11b/g``, ``c++``, ``women's``."""

_ENGLISH = "a an and as at by for from in is it its of on or the this to with your w/ per via &"
_OTHERS = "von für mit und der die das de la le les el los y et con para pour avec en di e per da do dos com для и с на"
_MAYBE_MORE = re.compile(r"\((?:s|es|n|en|e)\)", re.IGNORECASE)
SMALL = frozenset(f"{_ENGLISH} {_OTHERS}".split())
"""Words that join others; a query neither begins nor ends with one."""

NEGATIONS = ("without", "no", "not", "non", "ohne", "sans", "sin", "senza", "zonder", "без")
_NEGATED = re.compile(
    r"(?:^|\s)(?:without|no|not|non|w/o|ohne|sans|sin|senza|zonder|без)\s+\w|\w[\s-]free\b|\bnon-\w", re.I
)
HAS_DIGIT = re.compile(r"\d")
_MODEL = re.compile(r"(?=[^\W_]*[-/]?[^\W_]*\d)(?=.*[^\W\d_])[\w/.-]{4,}$")


def tokens(text: str) -> list[str]:
    """The words of a text in lower case, in their order; "cable(s)" is "cable"."""
    return WORD.findall(_MAYBE_MORE.sub("", unicodedata.normalize("NFKC", text)).lower())


def negates(query: str) -> bool:
    """Whether a query says what must not be."""
    return _NEGATED.search(query) is not None


@lru_cache(maxsize=100_000)
def is_model_number(word: str) -> bool:
    """Whether a word looks like a model number: letters and at least two digits (``tn-2110``), or five digits."""
    digits = sum(c.isdigit() for c in word)
    if len(word) < 4 or len(word) > 20 or digits < 2:
        return False
    if word.isdigit():
        return len(word) >= 5
    return _MODEL.match(word) is not None and not re.fullmatch(r"[\d.,/x-]+([a-z]{1,5}|\")?", word)


def root(word: str) -> str:
    """A word without its plural's ending; English alone, others mostly stay as they are."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("xes", "ches", "shes", "sses")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def roots(phrase: str) -> str:
    """A phrase of roots, to compare with others."""
    return " ".join(root(word) for word in phrase.split())


def trimmed(words: list[str]) -> list[str]:
    """Words without joining words at either end."""
    start, end = 0, len(words)
    while start < end and words[start] in SMALL:
        start += 1
    while end > start and words[end - 1] in SMALL:
        end -= 1
    return words[start:end]
