"""Whether texts are in other languages than some: by how common their words are in each, or by their script."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from zlib import crc32

import numpy as np
import numpy.typing as npt

from endcap.language.word_languages import CODES, WORD, hashes_of_words, word_levels

LANGUAGES: Mapping[str, str] = {
    "ar": "Arabic", "bg": "Bulgarian", "bn": "Bengali", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German",
    "el": "Greek", "en": "English", "es": "Spanish", "et": "Estonian", "fa": "Persian", "fi": "Finnish", "fr": "French",
    "he": "Hebrew", "hi": "Hindi", "hr": "Croatian", "hu": "Hungarian", "hy": "Armenian", "id": "Indonesian",
    "it": "Italian", "ja": "Japanese", "ka": "Georgian", "kk": "Kazakh", "ko": "Korean", "lt": "Lithuanian",
    "lv": "Latvian", "mk": "Macedonian", "mr": "Marathi", "nl": "Dutch", "no": "Norwegian", "pl": "Polish",
    "pt": "Portuguese", "ro": "Romanian", "ru": "Russian", "sk": "Slovak", "sl": "Slovenian", "sq": "Albanian",
    "sr": "Serbian", "sv": "Swedish", "ta": "Tamil", "te": "Telugu", "th": "Thai", "tr": "Turkish", "uk": "Ukrainian",
    "ur": "Urdu", "vi": "Vietnamese", "zh": "Chinese",
}  # fmt: skip
"""What languages are called, by ISO 639-1: those that are told apart, or whose scripts are."""
ALIKE = tuple(
    frozenset(group.split())
    for group in ("da no sv", "ca es pt", "cs sk", "hr sl sr", "bg mk ru sr uk", "hi mr", "ar fa ur", "et fi")
)
"""Languages that have most words of short texts in common."""

_SCRIPTS: Mapping[str, str] = {
    "ARABIC": "ar fa ur", "ARMENIAN": "hy", "BENGALI": "bn", "CJK": "zh ja ko", "CYRILLIC": "bg kk mk ru sr uk",
    "DEVANAGARI": "hi mr", "GEORGIAN": "ka", "GREEK": "el", "HANGUL": "ko", "HEBREW": "he", "HIRAGANA": "ja",
    "KATAKANA": "ja", "TAMIL": "ta", "TELUGU": "te", "THAI": "th",
}  # fmt: skip
"""Scripts other than Latin, as Unicode's names of characters begin, and the languages that are written in them."""
_OTHER_SCRIPTS = frozenset(code for codes in _SCRIPTS.values() for code in codes.split()) - {"kk", "sr"}
"""The languages that are written in them alone."""
FloatArray = npt.NDArray[np.float64]

_SOME = 0.4
"""How much commoner a word has to be in one language than in another, in powers of ten, to tell them apart."""
_MOST_FOREIGN, _MOST_KNOWN = 1.0, 2.0
"""No word says more than so. A word of the known languages says more: names are often foreign, other words are not."""
_CLEARLY = 0.8
_CLEARLY_IN = 0.5
"""From this much on, of 1, a text is clearly in a language."""
_ONLY = 2.5
"""A word that is so much commoner elsewhere ("mit", "für") says as much as one of the known languages."""
_LEAST_COMPOUND, _LEAST_PART = 9, 5
"""Letters of a word that may be a compound, and of the last part that it is known by."""
_OTHER_LETTER = re.compile(
    "[\u0370-\u1cff\u2c80-\u2fff\u3041-\ua71f\uaa00-\ud7ff\uf900-\ufdff\ufe70-\ufefe\uff66-\uffdc]"
)
_NAME_FIRST = re.compile(
    rf"[^\w]*{_OTHER_LETTER.pattern}{{1,8}}(?![^\W\d_])(?P<rest>(?:(?!{_OTHER_LETTER.pattern}).)*)", re.DOTALL
)
"""A name in other letters, as a maker's, before a text that has no other one: "ソニー electric kettle"."""
_BEHIND_NAME = 2
"""So many words behind it, of which one is of a known language."""
_LETTERS = re.compile(r"[^\W\d_]")
MAX_TEXTS = 10_000
"""Of so many texts what they say is remembered, at some 750 bytes each, the text with it."""


_COMPOUNDING = np.array([code in {"de", "nl", "sv", "da", "no", "fi", "hu"} for code in CODES])
"""The languages that write compounds as one word."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """What texts say of their language: ``sums``, float64 (25,), one column for each of ``CODES`` and a last one for
    scripts. A text adds 1 to the column of a language that it is rather in than in the known ones, or takes 1 away.

    ``words``, float64 (25,), is how many different words say so in texts that are clearly in a language, ``count`` how
    many texts were looked at, ``script``
    the commonest script that no known language is written in. ``texts``, float64 (25,), is how many texts are clearly
    in a language, ``own`` how many are clearly in a known one.
    """

    sums: FloatArray
    words: FloatArray
    count: int
    script: str = ""
    texts: FloatArray = field(default_factory=lambda: np.zeros(len(CODES) + 1))
    own: int = 0


def name_of(column: int, script: str) -> str:
    """What a column of ``Evidence`` stands for, in words."""
    return LANGUAGES[CODES[column]] if column < len(CODES) else f"{script} letters"


def evidence(texts: Sequence[str], languages: tuple[str, ...]) -> Evidence:
    """What texts say of their language, where ``languages`` are known. Nothing speaks for one that is nearly a known
    one, nor for any in Latin letters where one is known that is written so and whose words are not."""
    known = _known(languages)
    sums, words, clear = np.zeros(len(CODES) + 1), np.zeros(len(CODES) + 1), np.zeros(len(CODES) + 1)
    own, scripts, said = 0, Counter[str](), list[_Said]()
    for text in texts:
        if (
            not text.isascii()
            and (script := _other_script(text, languages)) is not None
            and not _is_named(text, languages)
        ):
            scripts[script] += bool(script)
            if script:
                sums[-1] += 1
                clear[-1] += 1
            else:
                sums -= 1
                own += 1
        elif (of_text := _said_by(text, languages)) is not None:
            said.append(of_text)
    if said:
        of_texts = np.stack([of_text.levels for of_text in said])
        sums[:-1][known.others] += of_texts.sum(axis=0)
        most_of_texts = of_texts.max(axis=1)
        sums[-1] += np.minimum(most_of_texts, 0).sum()  # in a known language, whatever the others are
        clear[:-1][known.others] = (of_texts >= _CLEARLY_IN).sum(axis=0)
        own += int((most_of_texts <= -_CLEARLY_IN).sum())
        clear_words = {pair for of_text in said for pair in of_text.words}
        if clear_words:
            columns = np.flatnonzero(known.others)[[column for _, column in clear_words]]
            words[:-1] = np.bincount(columns, minlength=len(CODES))
    sums[:-1][~known.others] = -len(texts)
    script = max(scripts, key=lambda name: scripts[name], default="")
    words[-1] = np.inf if scripts[script] else 0
    return Evidence(sums, words, len(texts), script, clear, own)


@dataclass(frozen=True, slots=True)
class _Said:
    """What one text says: ``levels``, float64 (languages,), of the languages that are ``others``, and the ``words``
    that are clearly in one of those that the text is clearly in, each with that one's place among them."""

    levels: FloatArray
    words: tuple[tuple[str, int], ...]


@lru_cache(maxsize=MAX_TEXTS)
def _said_by(text: str, languages: tuple[str, ...]) -> _Said | None:
    """What a text in Latin letters says; None for one without words, or where there are no other languages. Searches
    meet the same products again, and this is most of the work."""
    known = _known(languages)
    found = list(dict.fromkeys(WORD.findall(text.lower())))
    if not found or not known.others.any():
        return None
    levels = _with_compounds(found)
    more = levels - levels[:, known.columns].max(axis=1, keepdims=True, initial=0.0)
    most = np.where(more >= _ONLY, _MOST_KNOWN, _MOST_FOREIGN)
    more = np.where(np.abs(more) < _SOME, 0.0, np.clip(more, -_MOST_KNOWN, most))[:, known.others]
    of_text = np.clip(more.sum(axis=0), -1, 1)
    places, columns = np.nonzero((more >= _CLEARLY) & (of_text >= _CLEARLY_IN))
    return _Said(of_text, tuple((found[place], int(column)) for place, column in zip(places, columns, strict=True)))


def _with_compounds(words: Sequence[str]) -> npt.NDArray[np.float32]:
    """The levels of words; where a long one is in no table, those of its last part ("Grillpfanne" is a "Pfanne")."""
    levels = word_levels(words)
    unknown = [i for i in np.flatnonzero(~levels.any(axis=1)).tolist() if len(words[i]) >= _LEAST_COMPOUND]
    parts = [(i, words[i][start:]) for i in unknown for start in range(3, len(words[i]) - _LEAST_PART + 1)]
    if parts:
        found = word_levels([part for _, part in parts])
        for place in np.flatnonzero(found.any(axis=1))[::-1]:  # the longest part comes first, and so is put last
            levels[parts[place][0]] = found[place] * _COMPOUNDING
    return levels


def has_known_words(text: str, languages: tuple[str, ...]) -> bool:
    """Whether a text has a word that is about as common in one of these languages as in any other."""
    hashes = _known_hashes(languages)
    return any(crc32(word.encode()) in hashes for word in WORD.findall(text.lower()))


@lru_cache(maxsize=16)
def _known_hashes(languages: tuple[str, ...]) -> frozenset[int]:
    return hashes_of_words(_known(languages).columns, _SOME)


@dataclass(frozen=True, slots=True)
class _Known:
    """The ``columns`` of the known languages and of those that are nearly one of them, and which of
    ``CODES`` are ``others``, bool (24,)."""

    columns: list[int]
    others: npt.NDArray[np.bool_]


@lru_cache(maxsize=64)
def _known(languages: tuple[str, ...]) -> _Known:
    near = {code for group in ALIKE for code in group if not group.isdisjoint(languages)} | set(languages)
    unheard = set(languages) - set(CODES) - _OTHER_SCRIPTS
    others = np.array([code not in near and not unheard for code in CODES])
    return _Known([place for place, code in enumerate(CODES) if code in near], others)


def _other_script(text: str, languages: tuple[str, ...]) -> str | None:
    """The script of a text that is not in Latin letters; "" where a known language is written in it, None for Latin.

    Names of makers and models are in Latin letters everywhere: a sixth of others is enough.
    """
    others = len(_OTHER_LETTER.findall(text))
    if others < 2 or 6 * others < len(_LETTERS.findall(text)):
        return None
    return foreign_script("".join(_OTHER_LETTER.findall(text)), languages)


def _is_named(text: str, languages: tuple[str, ...]) -> bool:
    """Whether other letters are but a name, before words of a known language."""
    match = _NAME_FIRST.fullmatch(text)
    words = set() if match is None else set(WORD.findall(match["rest"].lower()))
    return match is not None and len(words) >= _BEHIND_NAME and has_known_words(match["rest"], languages)


def foreign_script(text: str, languages: Collection[str]) -> str:
    """The script of most of a text's letters, where none of these languages is written in it; else the empty text."""
    if text.isascii():
        return ""
    letters = [character for character in text if character.isalpha()]
    scripts = Counter(re.split("[ -]", unicodedata.name(c, ""))[0] for c in letters if not c.isascii())
    known = {script for script, codes in _SCRIPTS.items() if not set(codes.split()).isdisjoint(languages)}
    foreign = {script: count for script, count in scripts.items() if script in _SCRIPTS and script not in known}
    if 2 * sum(foreign.values()) <= len(letters):  # one text may have several: Japanese has three
        return ""
    return max(foreign, key=lambda script: foreign[script]).capitalize()


def scripts_of(languages: Collection[str]) -> frozenset[str]:
    """The scripts that languages are written in, as Unicode's names of characters begin; Latin is always one."""
    own = {script for script, codes in _SCRIPTS.items() if set(codes.split()) & set(languages)}
    return frozenset({"LATIN", *own})


def in_words(codes: Collection[str]) -> str:
    """Languages as one names them: "German and French"."""
    names = [LANGUAGES.get(code, code) for code in codes]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if names else "no language"
