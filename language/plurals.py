"""One rule of plurals, from each language's file; the longer one of the leak guard, which begins with it; the demo's
short one."""

from __future__ import annotations

from functools import lru_cache

from endcap.language.languages import ENGLISH, Codes, known

_IRREGULAR = {
    **{"men": "man", "mens": "man", "women": "woman", "womens": "woman", "children": "child", "childrens": "child"},
    **{"feet": "foot", "teeth": "tooth", "mice": "mouse", "people": "person"},
}


@lru_cache(maxsize=65_536)
def singular(word: str, languages: Codes = ENGLISH) -> str:
    """A word without its plural, by the first rule of the languages that fits; a form to compare, and not always a word
    ("cooky").

    No stemmer in English: two words are one where only a plural differs. Learnt blends are fitted to these forms. What
    has a digit is a number ("VMC-15FS"), and has no plural.
    """
    if any(map(str.isdigit, word)):
        return word
    for language in known(languages):
        if word in language.irregular:
            return language.irregular[word]
        for rule in language.plural_rules:
            if word.endswith(rule.ending) and len(word) >= rule.letters and not word.endswith(rule.unless):
                return word.removesuffix(rule.ending) + rule.becomes
    return word


def without_s(word: str) -> str:
    """A word without one last "s". The demo tells its searches apart so, and its files rest on it, to the byte."""
    return word.removesuffix("s")


def singular_phrase(phrase: str) -> str:
    """The words of a phrase, each singular."""
    return " ".join(map(singular, phrase.split()))


@lru_cache(maxsize=200_000)
def stem(word: str) -> str:
    """The singular without what its ending may have changed ("knives", "batteries"), and of irregular plurals.

    It takes more words for one than ``singular``: a leak guard should refuse too much rather than too little.
    """
    word = _IRREGULAR.get(word, word)
    if not word.isascii():
        return word
    word = singular(word)
    if len(word) > 3 and word[-1] == "s" and word[-2] != "s":  # also "bonus", as shops have "bonu"s
        word = word[:-1]
    if word[-1:] == "e" and (len(word) > 4 or word[-2:] == "xe"):
        word = word[:-1]
    if len(word) > 3 and word[-2:] == "ss":
        word = word[:-1]
    if len(word) > 3 and word[-1] in "yv":
        word = word[:-1] + ("i" if word[-1] == "y" else "f")
    return word
