"""Words of queries and products as the blend compares them: plain, singular, with model numbers and negations.

Everything here is pure and total. It is no stemmer: two words are one where only case, accents or a plural differ.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from itertools import takewhile

STOP = frozenset(
    (
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "but",
        "by",
        "for",
        "from",
        "i",
        "in",
        "is",
        "it",
        "me",
        "my",
        "of",
        "on",
        "or",
        "our",
        "so",
        "than",
        "that",
        "the",
        "their",
        "this",
        "to",
        "with",
        "without",
        "w",
        "your",
    )
)
_ACCENT = re.compile("[\u0300-\u036f]+")
_WORD = re.compile(r"[^\W_]+")
_WITH_DIGIT = re.compile(r"(?<![^\W_])(?=[^\W\d_]*(?:[-/._][^\W\d_]+)*[-/._]?\d)[^\W_]+(?:[-/._][^\W_]+)*")
_QUOTES = str.maketrans({"\u2032": "'", "\u2033": '"', "\u2019": "'", "\u2018": "'", "\u201c": '"', "\u201d": '"'})

_WITHOUT = re.compile(
    r"(?<![^\W_])(?:without|w/o|sans|no|not|non|free\s+(?:of|from)|lacks?)(?:\s+|-)(?:(?:a|an|any|the)\s+)?"
    r"([^\W\d_]+(?: [^\W\d_]+)?)"
)
_LESS = re.compile(r"(?<![^\W_])([^\W\d_]{3,})less(?![^\W_])")
# "black free standing mirror" is not without black.
_FREE = re.compile(
    r"(?<![^\W_])([^\W\d_]{3,})(?:-free(?![^\W_])|\s+free(?!\s*-?\s*(?:standing|weights?|people|range|ship\w*|spirit|"
    r"styles?|size|delivery|gift|from|of|sample)|[^\W_]))"
)


def plain(text: str) -> str:
    """A text in NFKC and lower case, without accents, with straight quotation marks."""
    # Seconds and minutes are quotation marks only before NFKC takes them apart.
    text = text.translate(_QUOTES)
    if text.isascii():
        return text.lower()
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    # What is no accent, such as the mark that makes a Japanese "ga" of "ka", goes back into its letter.
    return unicodedata.normalize("NFC", _ACCENT.sub("", text)).translate(_QUOTES)


@lru_cache(maxsize=65_536)
def singular(word: str) -> str:
    """A word without its English plural; a form to compare, and not always a word ("cooky")."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith("ie"):  # "cookies" can't be told from "batteries", so a cookie is a "cooky"
        return word[:-2] + "y"
    if word in ("lens", "lenses"):
        return "lens"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


def words_in(plain_text: str) -> list[str]:
    """The words of a plain text, singular, in their order."""
    return [singular(word) for word in _WORD.findall(plain_text)]


def models_in(plain_text: str) -> frozenset[str]:
    """Words with digits, as model numbers, without what joins their parts; numbers with units are taken out first.

    "wh-1000xm4" is "wh1000xm4", and "1000xm4" too, since people leave out the first part.
    """
    found = set[str]()
    for token in _WITH_DIGIT.findall(plain_text):
        parts = _WORD.findall(token)
        found.add("".join(parts))
        found.update(part for part in parts if not part.isalpha())
    return frozenset(found)


def denials_out(plain_text: str) -> tuple[list[tuple[str, ...]], str]:
    """What a text says that something is without, each as one or two singular words, and the text without that.

    "without X Y", "no X", "non-X", "X free", "free of X"; a stop word ends what is denied.
    """
    found = list[tuple[str, ...]]()

    def take(match: re.Match[str]) -> str:
        denied = tuple(singular(word) for word in takewhile(lambda word: word not in STOP, match[1].split()))
        if not denied:
            return match[0]
        found.append(denied)
        return " "

    left = _WITHOUT.sub(take, plain_text)
    return found, _FREE.sub(take, left) if "free" in left else left


def lacking_in(plain_text: str) -> frozenset[str]:
    """Words that "X-less" says of a product, singular: a strapless dress has no strap."""
    return frozenset(map(singular, _LESS.findall(plain_text))) if "less" in plain_text else frozenset()
