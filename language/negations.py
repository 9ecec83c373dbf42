"""What a text says that something is without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from endcap.language.languages import ENGLISH, Codes, known, stop_words
from endcap.language.plurals import singular
from endcap.language.text import normalised

NEGATIONS = frozenset(("without", "no", "not", "non", "sans", "ohne", "sin", "senza", "zonder", "sem", "без"))
"""Words before what must not be, in several languages, for queries' kinds and the leak guard, whose hash rests on them."""

_NEGATION = re.compile(rf"(?:^|\s)(?:{'|'.join(sorted(NEGATIONS))}|w/o)\s+\w")
_NEVER = re.compile(r"(?!)")

Denied = Callable[[str, tuple[str, ...]], int]
"""How many words are denied of those behind a word that may be part of a name: of ("no", ("bake", "pan")) one, of a brand
"No Frills" none."""


class _Patterns(NamedTuple):
    before: re.Pattern[str]
    after: re.Pattern[str]
    ending: re.Pattern[str]
    prefix: re.Pattern[str]
    apart: re.Pattern[str]
    named: re.Pattern[str]
    names: frozenset[str]
    prefixes: frozenset[str]
    means: dict[str, str]


@lru_cache(maxsize=64)
def _patterns(languages: Codes) -> _Patterns:
    denials = [language.denials for language in known(languages)]
    names = frozenset(word for each in denials for word in each.names)
    before = _any((*names, *(word for each in denials for word in each.before)))
    articles = _any(word for each in denials for word in each.articles)
    after = _any(word for each in denials for word in each.after)
    unless = _any(word for each in denials for word in each.unless)
    endings = _any(word for each in denials for word in each.endings)
    prefixes = frozenset(word for each in denials for word in each.prefixes)
    means = {phrase: word for each in denials for phrase, word in each.named.items()}
    return _Patterns(
        before=_compiled(rf"(?<![^\W_])({before})(\s+|-)((?:{articles})\s+)?([^\W\d_]+(?: [^\W\d_]+)?)", before),
        # "black free standing mirror" is not without black.
        after=_compiled(
            rf"(?<![^\W_])([^\W\d_]{{3,}})(?:-(?:{after})(?![^\W_])|\s+(?:{after})"
            rf"(?!\s*-?\s*(?:{unless})(?![^\W_])|[^\W_]))",
            after,
        ),
        ending=_compiled(rf"(?<![^\W_])([^\W\d_]{{3,}}?)(?:{endings})(?![^\W_])", endings),
        prefix=_compiled(rf"(?<![^\W_])(?:{_any(prefixes)})([^\W\d_]{{3,}})", _any(prefixes)),
        apart=_compiled(rf"(?<![^\W_])({_any(prefixes)})[\s-]+([^\W\d_]{{3,}})", _any(prefixes)),
        named=_compiled(rf"(?<![^\W_])({_any(means)})(?![^\W_])", _any(means)),
        names=names,
        prefixes=prefixes,
        means=means,
    )


def _any(phrases: Iterable[str]) -> str:
    """A pattern for any of these, the longest first; a star is any ending, a blank any number of them."""
    escaped = (re.escape(phrase).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for phrase in phrases)
    return "|".join(sorted(escaped, key=len, reverse=True))


def _compiled(pattern: str, alternatives: str) -> re.Pattern[str]:
    return re.compile(pattern) if alternatives else _NEVER


def negations_out(
    normalised_text: str, languages: Codes = ENGLISH, denied: Denied = lambda _, words: len(words)
) -> tuple[list[tuple[str, ...]], str]:
    """What a text says that something is without, each as one or two singular words, and the text without that.

    "without X Y", "no X", "X free", "free of X", and what other languages have for it; a stop word ends a negation.
    "non" denies one word alone; of a word that may be part of a name ("no"), ``denied`` says how many.
    """
    patterns, small = _patterns(languages), stop_words(languages)
    negations = list[tuple[str, ...]]()

    def take_before(match: re.Match[str]) -> str:
        words = match[4].split()
        phrase = tuple(singular(each, languages) for each in takewhile(lambda each: each not in small, words))
        count = len(phrase)
        if match[1] in patterns.names:
            count = min(count, 1) if match[1] in patterns.prefixes else denied(match[1], phrase)
        if not count:
            return match[0]
        negations.append(phrase[:count])
        return f" {' '.join(words[count:])} "

    def take_after(match: re.Match[str]) -> str:
        if match[1] in small:
            return match[0]
        negations.append((singular(match[1], languages),))
        return " "

    return negations, patterns.after.sub(take_after, patterns.before.sub(take_before, normalised_text))


def lacking_in(normalised_text: str, languages: Codes = ENGLISH) -> frozenset[str]:
    """Words that one word says of a product, singular: a strapless dress has no strap, unsalted nuts have no salt."""
    patterns = _patterns(languages)
    lacking = {match[1] for match in patterns.ending.finditer(normalised_text)}
    lacking |= {match[1] for match in patterns.prefix.finditer(normalised_text)}
    lacking |= {patterns.means[" ".join(match[1].split())] for match in patterns.named.finditer(normalised_text)}
    return frozenset(singular(word, languages) for word in lacking)


def prefixes_joined(normalised_text: str, languages: Codes = ENGLISH) -> str:
    """The text with prefixes that deny as a part of their word: a "non-stick pan" is called "nonstick"."""
    return _patterns(languages).apart.sub(lambda match: match[1] + match[2], normalised_text)


def has_negation(query: str) -> bool:
    """Whether a query says what must not be, in any of the languages of ``NEGATIONS``."""
    text = normalised(query)
    return bool(negations_out(text)[0]) or _NEGATION.search(text) is not None
