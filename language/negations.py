"""What a text says that something is without."""

from __future__ import annotations

import re
from itertools import takewhile

from endcap.language.plurals import singular
from endcap.language.small_words import STOP_WORDS
from endcap.language.text import normalised

NEGATIONS = frozenset(("without", "no", "not", "non", "sans", "ohne", "sin", "senza", "zonder", "sem", "без"))
"""Words before what must not be, in several languages."""

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
_NEGATION = re.compile(rf"(?:^|\s)(?:{'|'.join(sorted(NEGATIONS))}|w/o)\s+\w")


def negations_out(normalised_text: str) -> tuple[list[tuple[str, ...]], str]:
    """What a text says that something is without, each as one or two singular words, and the text without that.

    "without X Y", "no X", "non-X", "X free", "free of X"; a stop word ends a negation. English alone, and "sans".
    """
    negations = list[tuple[str, ...]]()

    def take(match: re.Match[str]) -> str:
        phrase = tuple(singular(word) for word in takewhile(lambda word: word not in STOP_WORDS, match[1].split()))
        if not phrase:
            return match[0]
        negations.append(phrase)
        return " "

    rest = _WITHOUT.sub(take, normalised_text)
    return negations, _FREE.sub(take, rest) if "free" in rest else rest


def lacking_in(normalised_text: str) -> frozenset[str]:
    """Words that "X-less" says of a product, singular: a strapless dress has no strap."""
    return frozenset(map(singular, _LESS.findall(normalised_text))) if "less" in normalised_text else frozenset()


def has_negation(query: str) -> bool:
    """Whether a query says what must not be, in any of the languages of ``NEGATIONS``."""
    text = normalised(query)
    return bool(negations_out(text)[0]) or _NEGATION.search(text) is not None
