"""What is left of a query when all is taken away that does not change what it asks for.

Case, accents, width, invisible characters, punctuation, plurals, small words, the order of words, and the spelling of
units: two queries of one form are one query. Numbers stay: another number is another query.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from endcap.language.negations import NEGATIONS
from endcap.language.plurals import stem
from endcap.language.quantities import Quantity, number_text
from endcap.language.small_words import IGNORED_WORDS
from endcap.language.units import UNIT_BY_SPELLING

_COUNTED = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBERS = {word: str(n) for n, word in enumerate(_COUNTED, 2)}
_TOKEN = re.compile(r"\d+(?:[.,]\d+)*|[a-z]+")
_ASCII_NOISE = re.compile(r"(?<=[a-z])'(?=[a-z])|(?<=\d)\s?(?P<inch>\"|'')")


@lru_cache(maxsize=200_000)
def normal_form(query: str) -> str:
    """The words of a query's form, sorted, each once, with a blank between; never empty unless the query is blank."""
    return " ".join(sorted(set(content_words(query))))


@lru_cache(maxsize=200_000)
def content_words(query: str) -> tuple[str, ...]:
    """The words of a query's form in their order; all words where there are only small ones."""
    return tuple(_number_or_stem(word) for word in _content(query))


def letters(query: str) -> str:
    """The letters of a query in their order, without numbers, small words and blanks; endings stay."""
    return "".join(word for word in _content(query) if not is_number(word))


@lru_cache(maxsize=1_000)
def _content(query: str) -> tuple[str, ...]:
    every = _with_units(_one_negation(_split(query)))
    words = tuple(word for word in every if word not in IGNORED_WORDS) or tuple(every)
    signs = "".join(folded(query).split())
    return words or ((signs,) if signs else ())


def folded(text: str) -> str:
    """Text in NFKC and lower case, without invisible characters, without the accents of Latin, Greek, Cyrillic, Hebrew
    and Arabic letters; marks that other scripts spell words with stay."""
    text = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", text).casefold())
    if text.isascii():
        return text
    kept: list[str] = []
    bare = False
    for c in unicodedata.normalize("NFD", text):
        kind = unicodedata.category(c)
        if kind in ("Cf", "Cc", "Cs", "Co") and not c.isspace():
            continue
        if kind == "Mn":
            # Of emoji and joined letters, selectors too are marks.
            if not bare and not "\ufe00" <= c <= "\ufe0f":
                kept.append(c)
            continue
        bare = unicodedata.name(c, "").startswith(("LATIN", "GREEK", "CYRILLIC", "HEBREW", "ARABIC"))
        kept.append(_ALIKE.get(c, c))
    return unicodedata.normalize("NFKC", "".join(kept))


_ALIKE = {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ł": "l", "ı": "i"}
_ALIKE |= dict.fromkeys("’‘ʼ´′", "'")
_ALIKE |= dict.fromkeys("“”″„«»", '"')


def is_number(word: str) -> bool:
    """Whether a word of a form is a number; digits of all scripts are 0 to 9 there."""
    return "0" <= word[0] <= "9"


def _split(query: str) -> list[str]:
    """Runs of letters and of digits; ``"`` after a number is an inch, an apostrophe within a word is nothing."""
    text = _ASCII_NOISE.sub(lambda match: " inch " if match["inch"] else "", folded(query).replace("w/o", "without"))
    if text.isascii():
        return _TOKEN.findall(text)
    words: list[str] = []
    before = ""
    for at, c in enumerate(text):
        kind = _kind(c)
        if c in ".," and before == "digit" and _kind(text[at + 1 : at + 2]) == "digit":
            words[-1] += c
        elif kind:
            sign = str(unicodedata.digit(c)) if kind == "digit" else c
            if kind == before:
                words[-1] += sign
            else:
                words.append(sign)
            before = kind
        else:
            before = ""
    return words


def _kind(c: str) -> str:
    kind = unicodedata.category(c) if c else ""
    return "digit" if kind == "Nd" else "letter" if kind[:1] in ("L", "M") or kind in ("Nl", "No") else ""


def _one_negation(words: list[str]) -> list[str]:
    """All words for what must not be as one: ``sugar free``, ``no sugar`` and ``without sugar``."""
    return [
        "without" if word in NEGATIONS or (word == "free" and at and words[at - 1] not in IGNORED_WORDS) else word
        for at, word in enumerate(words)
    ]


def _with_units(words: list[str]) -> list[str]:
    """Numbers with their units in the smallest one: ``1 kg`` as ``1000 g``."""
    converted: list[str] = []
    for word in words:
        unit = UNIT_BY_SPELLING.get(word) if converted and is_number(converted[-1]) else None
        if unit is None:
            converted.append(word)
        else:
            converted[-1:] = Quantity(_value(converted[-1]), unit.symbol).in_base_unit().split()
    return converted


def _value(number: str) -> float:
    """``1,000`` and ``1.000`` are a thousand, ``1,5`` and ``1.5`` one and a half."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", number):
        return float(re.sub("[.,]", "", number))
    return float(number.replace(",", ".") if number.count(".") + number.count(",") < 2 else re.sub("[.,]", "", number))


def _number_or_stem(word: str) -> str:
    if is_number(word):
        return number_text(_value(word)) if len(word) < 16 else word
    return NUMBERS.get(word) or stem(word)
