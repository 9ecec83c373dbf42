"""What is left of a query when all is taken away that does not change what it asks for.

Case, accents, width, invisible characters, punctuation, plurals, small words, the order of words, and the spelling of
units: two queries of one form are one query. Numbers stay: another number is another query.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from endcap.distill.generate.units import LARGER, UNIT_OF, plain

_ENGLISH = "a an the of for to and or in on at by from as is it its with my your i me buy get"
_FRENCH = "de la le les des du un une et pour avec en"
_SPANISH = "el los las una y con para por da do dos com e di il lo gli per"
_GERMAN = "der die das den dem fur mit und von zum zur het een voor met"
SMALL = frozenset(f"{_ENGLISH} {_FRENCH} {_SPANISH} {_GERMAN} для и с на".split())
"""Words that change little in a search, without accents."""

WITHOUT = frozenset(("without", "no", "not", "non", "sans", "ohne", "sin", "senza", "zonder", "sem", "без"))
_COUNTED = ("two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
NUMBERS = {word: str(n) for n, word in enumerate(_COUNTED, 2)}
_IRREGULAR = {
    **{"men": "man", "mens": "man", "women": "woman", "womens": "woman", "children": "child", "childrens": "child"},
    **{"feet": "foot", "teeth": "tooth", "mice": "mouse", "people": "person", "lenses": "lens"},
}
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
    every = _with_units(_free(_split(query)))
    words = tuple(word for word in every if word not in SMALL) or tuple(every)
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


_ALIKE = {
    "ß": "ss",
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ł": "l",
    "ı": "i",
    "’": "'",
    "‘": "'",
    "ʼ": "'",
    "´": "'",
    "′": "'",
}
_ALIKE |= dict.fromkeys("“”″„«»", '"')


def is_number(word: str) -> bool:
    """Whether a word of a form is a number; digits of all scripts are 0 to 9 there."""
    return "0" <= word[0] <= "9"


def _split(query: str) -> list[str]:
    """Runs of letters and of digits; ``"`` after a number is an inch, an apostrophe within a word is nothing."""
    text = _ASCII_NOISE.sub(lambda found: " inch " if found["inch"] else "", folded(query).replace("w/o", "without"))
    if text.isascii():
        return _TOKEN.findall(text)
    words: list[str] = []
    before = ""
    for at, c in enumerate(text):
        kind = _kind(c)
        if c in ".," and before == "digit" and _kind(text[at + 1 : at + 2]) == "digit":
            words[-1] += c
        elif kind:
            said = str(unicodedata.digit(c)) if kind == "digit" else c
            if kind == before:
                words[-1] += said
            else:
                words.append(said)
            before = kind
        else:
            before = ""
    return words


def _kind(c: str) -> str:
    kind = unicodedata.category(c) if c else ""
    return "digit" if kind == "Nd" else "letter" if kind[:1] in ("L", "M") or kind in ("Nl", "No") else ""


def _free(words: list[str]) -> list[str]:
    """All words for what must not be as one: ``sugar free``, ``no sugar`` and ``without sugar``."""
    return [
        "without" if word in WITHOUT or (word == "free" and at and words[at - 1] not in SMALL) else word
        for at, word in enumerate(words)
    ]


def _with_units(words: list[str]) -> list[str]:
    """Numbers with their units in the smallest one: ``1 kg`` as ``1000 g``."""
    done: list[str] = []
    for word in words:
        unit = UNIT_OF.get(word) if done and is_number(done[-1]) else None
        if unit is None:
            done.append(word)
            continue
        base, factor = LARGER.get(unit, (unit, 1))
        done[-1] = plain(_value(done[-1]) * factor)
        done.append(base)
    return done


def _value(number: str) -> float:
    """``1,000`` and ``1.000`` are a thousand, ``1,5`` and ``1.5`` one and a half."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:[.,]\d{3})+", number):
        return float(re.sub("[.,]", "", number))
    return float(number.replace(",", ".") if number.count(".") + number.count(",") < 2 else re.sub("[.,]", "", number))


def _number_or_stem(word: str) -> str:
    if is_number(word):
        return plain(_value(word)) if len(word) < 16 else word
    return NUMBERS.get(word) or stem(word)


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """A word without its plural's ending, and what the ending may have changed (``knives``, ``batteries``); no word
    that people know, only the same for all forms of one."""
    word = _IRREGULAR.get(word, word)
    if not word.isascii():
        return word
    if len(word) > 3 and word[-1] == "s" and word[-2] != "s":
        word = word[:-1]
    if word[-1] == "e" and (len(word) > 4 or word[-2:] == "xe"):
        word = word[:-1]
    if len(word) > 3 and word[-2:] == "ss":
        word = word[:-1]
    if len(word) > 3 and word[-1] in "yv":
        word = word[:-1] + ("i" if word[-1] == "y" else "f")
    return word
