"""Other spellings of a grade, put into plain ones before it is read: digits of other scripts, numbers in words."""

from __future__ import annotations

import re
import unicodedata

NUMBERS = {
    "0": "zero cero zéro nul noll",
    "1": "one eins uno een één",
    "2": "two zwei deux dos due dois twee två dwa",
    "3": "three drei trois tres tre três drie trzy",
}
"""Whole numbers in the words of some languages; German "null" is none, since JSON has it for nothing."""
NAMES = (
    "bewertung note relevanz punktzahl nota puntuación puntuacion calificación relevancia pontuação pertinence "
    "antwort grad endnote gesamtbewertung relevanzbewertung réponse respuesta "
    "évaluation punteggio voto valutazione beoordeling cijfer betyg ocena оценка релевантность "
    "\u8bc4\u5206 \u5f97\u5206 \u5206\u6570 \u7b49\u7ea7 \u8bc4\u7ea7 \u76f8\u5173\u6027 \u8a55\u4fa1 \u70b9\u6570 "
    "\u7b54\u6848 \u76f8\u5173\u5ea6 \uc810\uc218 \ub4f1\uae09 \ub2f5"
)
"""What a grade is called in other languages; a colon, "is" or "=" has to stand behind."""
_MARKS = str.maketrans("：，。（）［］＝！／", ":,.()[]=!/")
_DIGIT_OF = {word: digit for digit, words in NUMBERS.items() for word in words.split()}
_LABEL = r"(?:(?:final\s+|relevance\s+)?(?:grade|score|rating|answer|relevance|label)\W*(?:is\W*)?)"
_IN_WORDS = re.compile(rf"^(\W*{_LABEL}?)({'|'.join(_DIGIT_OF)})(\W*)$", re.IGNORECASE | re.MULTILINE)
_EITHER = "|".join(NAMES.split())
_NAMED = re.compile(
    rf"^\W*(?:(?:la|le|el|die|der|das|a|o|il|de|meine)\s+|\u6700\u7ec8|\u7efc\u5408)?(?:{_EITHER})(?:{_EITHER})?\s*"
    r"(?::|=|[\u662f\u4e3a\u306f\uc740]|\b(?:is|ist|lautet|est|es|é|è)\b)\s*:?\s*"
    rf"(?=\W*(?:[0-3]|{'|'.join(_DIGIT_OF)})(?:\s*[(,.:]\s*(?=[^\W\d])|\s*[-–—]\s*[^\W\d]|\W*$))",
    re.IGNORECASE | re.MULTILINE,
)
_POINTS = re.compile(r"(?<=[0-3])(?:\u5206|\u70b9|\uc810|\u3067\u3059|\uc785\ub2c8\ub2e4)(?=\W|$)")
"""What stands behind a grade in Chinese, Japanese and Korean: "points", "it is"."""
_OUT_OF = re.compile(
    rf"\b([0-3])\s+out\s+of\s+(?:3|three)\b(?:\s+points)?(?!\s*\w)|({_LABEL}[\s:=\"'(\[]*[0-3])\s*/\s*3\b(?!\s*[\w=])",
    re.IGNORECASE,
)
_SCALE = re.compile(
    r"[(\[]\s*0\s*(?:-|–|—|to|\.\.)\s*3\s*[)\]]|\bon\s+(?:a|the)\s+scale\s+(?:of|from)\s+0\s*(?:-|–|—|to)\s*3\b",
    re.IGNORECASE,
)
"""The scale, which is no grade."""


def plain(text: str) -> str:
    """The text with such grades as digits, named in English; all else as it is."""
    text = "".join(_digit(character) for character in text.translate(_MARKS))
    text = _POINTS.sub("", _SCALE.sub(" ", re.sub(r"(?<!<)[-=]>", "→", re.sub(r"[<>!]=|≠|!(?=\d)", "≤", text))))
    text = _NAMED.sub("grade: ", text)
    text = _IN_WORDS.sub(lambda found: f"{found[1]}{_DIGIT_OF[found[2].lower()]}{found[3]}", text)
    return _OUT_OF.sub(lambda found: found[1] or found[2], text)


def _digit(character: str) -> str:
    if character.isascii() or unicodedata.category(character) != "Nd":
        return character
    return str(unicodedata.decimal(character))
