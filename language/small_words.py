"""Words that ask for nothing themselves, in variants side by side. Each says why it can't be one of the others."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from endcap.language.languages import ENGLISH, Codes, known, stop_words
from endcap.language.plurals import singular


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


_CORE = _words("a an and as at by for from in is it of on or the to with your")
_EUROPEAN = _words(
    "de la le les des du un une et pour avec en el los las una y con para por da do dos com e di il lo gli per "
    "der die das den dem fur für mit und von zum zur het een voor met для и с на"
)

STOP_WORDS = stop_words(ENGLISH)
"""What the blend leaves out of a query in English."""

JOINING_WORDS = _CORE | _EUROPEAN | {"its", "this", "via", "w/", "&"}
"""Words between the parts of a title; a generated query neither begins nor ends with one."""

IGNORED_WORDS = _CORE | _EUROPEAN | _words("its my i me buy get")
"""Words without which a query is the same to the leak guard, and to the hash that draws train and test queries: another
word here moves queries from one to the other."""

DEMO_WORDS = _words("a and are by fit fits for free from in no not of on that the to with without")
"""Words without which two searches of the demo are one. Its files rest on them, to the byte."""

BUYING_WORDS = _words("best buy cheap deal good looking need offer online order price sale shop")
"""Words about buying, and not about what is bought."""


@lru_cache(maxsize=256)
def measure_words(languages: Codes) -> frozenset[str]:
    """Singular words behind which a number is a size, an age or a part ("size 10"), and no name."""
    return frozenset(singular(word, languages) for language in known(languages) for word in language.measures)


def without_joining_ends(words: Sequence[str]) -> list[str]:
    """Words without joining words at either end."""
    start, end = 0, len(words)
    while start < end and words[start] in JOINING_WORDS:
        start += 1
    while end > start and words[end - 1] in JOINING_WORDS:
        end -= 1
    return list(words[start:end])
