"""What a text says that something is without."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from itertools import chain, takewhile
from typing import NamedTuple

from endcap.language.languages import ENGLISH, Codes, known, stop_words
from endcap.language.misspellings import one_slip_apart
from endcap.language.plurals import singular
from endcap.language.quantities import unit_spelling
from endcap.language.text import WordTable, normalised, word_set

NEGATIONS = frozenset(("without", "no", "not", "non", "sans", "ohne", "sin", "senza", "zonder", "sem", "без"))
"""Words before what must not be, in several languages, for queries' kinds, and for the leak guard, whose hash rests on
them."""

_NEGATION = re.compile(rf"(?:^|\s)(?:{'|'.join(sorted(NEGATIONS))}|w/o)\s+\w")
_NEVER = re.compile(r"(?!)")
SPACE = r"[^\S\n]"
_NUMBERED = frozenset(("article", "item", "model", "order", "part", "product", "ref", "serial", "sku", "type"))
"""Behind these "no" is short for "number": "part no x12"."""
_LAST_WORD = re.compile(r"([^\W_]+)[\s.,-]*\Z")

Frees = Callable[[str, bool], bool]
"""Whether a word before "free" is denied: of "sugar free" it is, of a brand ("Nike Free Run") it is not. It is told the
word, and whether it only stands before another one ("dairy and gluten free")."""

Denied = Callable[[str, tuple[str, ...], bool], int]
"""How many of one or two words are denied that stand behind a word that denies: of "without palm oil" two, of "no bake
pan" one, of a brand "No Frills" none. It is told that word, the words, and whether the first may be part of a name."""


class _Patterns(NamedTuple):
    before: re.Pattern[str]
    after: re.Pattern[str]
    ending: re.Pattern[str]
    prefix: re.Pattern[str]
    apart: re.Pattern[str]
    named: re.Pattern[str]
    item: re.Pattern[str]
    others: frozenset[str]
    never: frozenset[str]
    unless_behind: frozenset[str]
    names: frozenset[str]
    prefixes: frozenset[str]
    lacked: frozenset[str]
    endings: frozenset[str]
    means: dict[str, tuple[str, ...]]
    having: tuple[str, ...]
    signs_before: frozenset[str]
    signs_after: frozenset[str]
    signs_named: frozenset[str]


@lru_cache(maxsize=64)
def _patterns(languages: Codes) -> _Patterns:
    denials = [language.denials for language in known(languages)]
    names = frozenset(word for each in denials for word in each.names)
    last = r"(?![^\W_])"
    before = _any((*names, *(word for each in denials for word in each.before)))
    articles = _any(word for each in denials for word in each.articles)
    links = _any(word for each in denials for word in each.links) or "(?!)"
    others = _any(word for each in denials for word in each.others) or "(?!)"
    # "no bigger than 32 inches" denies nothing.
    limits = _any(word for each in known(languages) for word in (*each.numbers.below, *each.numbers.above)) or "(?!)"
    after = _any(word for each in denials for word in each.after) or "(?!)"
    after_last = _any(word for each in denials for word in each.after_last) or "(?!)"
    ands = _any(word for each in denials for word in each.ands) or "(?!)"
    unless = _any(word for each in denials for word in each.unless)
    endings = _any(word for each in denials for word in each.endings)
    prefixes = frozenset(word for each in denials for word in each.prefixes)
    stops = stop_words(languages)
    # An amount is denied as one: "not 2.4 ghz".
    spelling = unit_spelling(languages)
    measure = rf"(?P<measure>(?:{spelling.number})[\s-]?(?:{spelling.unit}))"
    means = {phrase: tuple(words.split()) for each in denials for phrase, words in each.named.items()}
    return _Patterns(
        before=_compiled(
            rf"(?<![^\W_])(?<!\d[.,])(?!(?:{limits}){last})(?P<before>{before})(?:\s+|-)(?:(?:{articles})\s+)?"
            rf"(?P<words>{measure}|(?!\d+(?![^\W\d_]))[^\W_]+(?:-[^\W_]+)*"
            rf"(?:(?=\s+(?:{others}|{ands})\s)| (?:(?:{links}) )?(?!(?:{before}){last})[^\W\d_]+)?)"
            rf"(?P<list>(?:(?:{SPACE}*[,&]{SPACE}*|{SPACE}+(?:{others}|{ands}){SPACE}+)(?:(?:{articles})\s+)?[^\W\d_]+{last})*)"
            rf"(?={SPACE}+(?P<next>[^\W\d_]+))?",
            before,
        ),
        # "black free standing mirror" is not without black.
        after=_compiled(
            rf"(?:(?<![^\W_])(?P<first>[^\W\d_]{{3,}})-?{SPACE}*(?:&|{SPACE}(?:{others}|{ands})){SPACE}+)?"
            rf"(?<![^\W_])(?P<word>[^\W\d_]{{3,}})(?:-(?:{after}){last}|\s+(?:{after})(?!\s*-?\s*(?:{unless}){last}|[^\W_])"
            rf"|\s+(?:{after_last}){last}(?![^\S\n]+[^\W\d_]))",
            after,
        ),
        ending=_compiled(rf"(?<![^\W_])([^\W\d_]{{3,}}?)(?:{endings})(?![^\W_])", endings),
        prefix=_compiled(rf"(?<![^\W_])(?:{_any(prefixes)})([^\W\d_]{{3,}})", _any(prefixes)),
        apart=_compiled(rf"(?<![^\W_])({_any(prefixes)})[\s-]+([^\W\d_]{{3,}})", _any(prefixes)),
        item=re.compile(rf"(?P<sign>[,&]|(?:{others}|{ands}))\s+(?:(?:{articles})\s+)?(?P<word>[^\W\d_]+)"),
        others=frozenset(word for each in denials for word in each.others),
        never=frozenset(word for each in denials for word in each.never),
        unless_behind=frozenset(word for each in denials for word in each.unless_behind),
        named=_compiled(rf"(?<![^\W_])({_any(means)})(?![^\W_])", _any(means)),
        names=names,
        prefixes=prefixes,
        lacked=frozenset(word for each in denials for word in each.lacked),
        endings=frozenset(word for each in denials for word in each.endings),
        means=means,
        having=tuple(ending for each in denials for ending in each.having),
        signs_before=_signs((*names, *(word for each in denials for word in each.before)), stops),
        signs_after=_signs((word for each in denials for word in (*each.after, *each.after_last)), stops),
        signs_named=_signs(means, stops),
    )


def _signs(phrases: Iterable[str], stops: frozenset[str]) -> frozenset[str]:
    """Words of which a text has one if it has a phrase: of each phrase the first that is no stop word."""
    words = (re.findall(r"[^\W_]+", phrase) for phrase in phrases)
    return frozenset(next((word for word in each if word not in stops), each[0]) for each in words)


def _any(phrases: Iterable[str]) -> str:
    """A pattern for any of these, the longest first; a star is any ending, a blank any number of them."""
    escaped = (re.escape(phrase).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for phrase in phrases)
    return "|".join(sorted(escaped, key=len, reverse=True))


def _compiled(pattern: str, alternatives: str) -> re.Pattern[str]:
    return re.compile(pattern) if alternatives else _NEVER


def negations_out(
    normalised_text: str,
    languages: Codes = ENGLISH,
    denied: Denied = lambda _, words, __: len(words),
    frees: Frees = lambda *_: True,
) -> tuple[list[tuple[str, ...]], str]:
    """What a text says that something is without, each as one or two singular words, and the text without that.

    "without X Y", "no X", "X free", "free of X", "without X, Y or Z", "X and Y free", and what other languages have for
    it; a stop word ends a negation. "non" denies one word alone; of the others ``denied`` says how many, and ``frees``
    what is denied before "free".
    """
    patterns, small = _patterns(languages), stop_words(languages)
    negations = list[tuple[str, ...]]()

    def take_before(match: re.Match[str]) -> str:
        words, word = match["words"].split(), " ".join(match["before"].split())
        if match["measure"] and word == "no":  # "part no 12 m cable"
            return match[0]
        if match["measure"]:
            negations.append((match["measure"],))
            return f" {match['list']} "
        behind = _LAST_WORD.search(match.string, max(0, match.start() - 20), match.start())
        if behind and behind[1] in patterns.unless_behind:  # "do not disturb"
            return match[0]
        if behind and word in patterns.names and behind[1] in _NUMBERED and any(map(str.isdigit, words[0])):
            return match[0]
        if words[0][0].isdigit() and word == "no":  # "no 2b pencils"
            return match[0]
        if len(words) > 2 and words[2] not in small:  # "aceite de palma" is one thing
            del words[1]
        phrase = tuple(singular(each, languages) for each in takewhile(lambda each: each not in small, words))
        count = min(len(phrase), 1) if word in patterns.prefixes else len(phrase)
        if phrase and word not in patterns.prefixes:
            count = min(count, denied(word, phrase, word in patterns.names))
        if count > 1 and match[0].strip() == match.string.strip():  # "not wireless headphones" asks for some
            count = 1
        if not count:
            return match[0]
        negations.append(tuple(part for each in phrase[:count] for part in each.split("-")))
        listed, rest = _listed(match, patterns, small) if count == len(words) else ((), match["list"])
        negations.extend((singular(each, languages),) for each in listed)
        return f" {' '.join(words[count:])} {rest} "

    def take_after(match: re.Match[str]) -> str:
        first, word = match["first"], match["word"]
        if word in small or word in patterns.names or word in patterns.never or not frees(word, False):
            return match[0]
        negations.append((singular(word, languages),))
        if (
            first
            and first not in small
            and first not in patterns.never
            and (f"{first}-" in match[0] or singular(first, languages) in patterns.lacked or frees(first, True))
        ):
            negations.append((singular(first, languages),))
            return " "
        return match[0][: match.start("word") - match.start()] + " "

    # "batteries not included" before "not".
    text, said = normalised_text, word_set(normalised_text)
    if not said.isdisjoint(patterns.signs_after):
        text = patterns.after.sub(take_after, text)
    if not said.isdisjoint(patterns.signs_before):
        text = patterns.before.sub(take_before, text)
    return negations, text


def _listed(match: re.Match[str], patterns: _Patterns, small: frozenset[str]) -> tuple[list[str], str]:
    """What is denied of a list behind a denied word, and the rest of it: of "X, Y or Z" all, of "X and Y" Y where no
    other word follows, of "X, Y" nothing."""
    items = list(patterns.item.finditer(match["list"]))
    is_end = match["next"] is None or match["next"] in small
    count = 0
    for place, item in enumerate(items, 1):
        if item["sign"] in patterns.others or (item["sign"] != "," and (place < len(items) or is_end)):
            count = place
    return [item["word"] for item in items[:count]], match["list"][items[count - 1].end() if count else 0 :]


def lacking_in(normalised_text: str, languages: Codes = ENGLISH) -> frozenset[str]:
    """Words that one word says of a product, singular: a strapless dress has no strap, unsalted nuts have no salt."""
    patterns, said = _patterns(languages), word_set(normalised_text)
    lacking = set(chain.from_iterable(map(_lacking_by(languages).__getitem__, said)))
    if not said.isdisjoint(patterns.signs_named):
        for match in patterns.named.finditer(normalised_text):
            lacking.update(patterns.means[" ".join(match[1].split())])
    return frozenset(singular(word, languages) for word in lacking)


@lru_cache(maxsize=64)
def _lacking_by(languages: Codes) -> WordTable[tuple[str, ...]]:
    """What words say by their ending or their beginning: "strapless" a strap."""
    patterns = _patterns(languages)
    by = (patterns.ending.match, patterns.prefix.match)
    return WordTable(lambda word: tuple(found[1] for match in by if (found := match(word))))


def misspelt_lacking(word: str, lacked: Iterable[str], languages: Codes = ENGLISH) -> str:
    """The first of singular words that a misspelt one says of a product that it lacks: "wire" of "wireles"; else ""."""
    endings = _patterns(languages).endings
    likely = (each for each in lacked if each[0] == word[0] and len(each) > 2)
    return next((each for each in likely if any(one_slip_apart(word, each + ending) for ending in endings)), "")


@lru_cache(maxsize=4_096)
def forms_of_having(word: str, languages: Codes = ENGLISH) -> tuple[str, ...]:
    """A singular word, and the words that say of something that it has that: "hood", "hooded"; "zip", "zipped"."""
    endings = _patterns(languages).having
    stems = (word, word + word[-1:], word[:-1] if word.endswith("e") else word)
    return tuple(dict.fromkeys((word, *(stem + ending for stem in stems for ending in endings))))


def prefixes_joined(normalised_text: str, languages: Codes = ENGLISH) -> str:
    """The text with prefixes that deny as a part of their word: a "non-stick pan" is called "nonstick"."""
    patterns = _patterns(languages)
    if not any(prefix in normalised_text for prefix in patterns.prefixes):
        return normalised_text
    return patterns.apart.sub(lambda match: match[1] + match[2], normalised_text)


def has_negation(query: str) -> bool:
    """Whether a query says what must not be, in any of the languages of ``NEGATIONS``."""
    text = normalised(query)
    return bool(negations_out(text)[0]) or _NEGATION.search(text) is not None
