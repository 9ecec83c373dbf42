"""Words as Lucene's standard tokenizer cuts them, as one regular expression of tantivy's.

Unicode Standard Annex 29, "Word Boundary Rules": WB4 to WB13b, without WB15 ff. Lucene cuts Han and Hiragana into
single characters, keeps runs of the scripts without blanks whole, and has pictures as words.
"""

_EXTENDS = r"[\p{WB=Format}\p{WB=Extend}\p{WB=ZWJ}]*"


def _extended(characters: str) -> str:
    """WB4: marks and joiners belong to the character before them."""
    return characters + _EXTENDS


_LETTER = _extended(r"[\p{WB=ALetter}\p{WB=Hebrew_Letter}]")
_HEBREW = _extended(r"\p{WB=Hebrew_Letter}")
_DIGIT = _extended(r"[\p{WB=Numeric}\u{FF10}-\u{FF19}]")
_KATAKANA = _extended(r"\p{WB=Katakana}")
# The colon is among them until Unicode 15, which Lucene follows.
_IN_LETTERS = _extended(r"[\p{WB=MidLetter}\p{WB=MidNumLet}':\u{FE55}\u{FF1A}]")
_IN_DIGITS = _extended(r"[\p{WB=MidNum}\p{WB=MidNumLet}']")
_JOINER = "(?:" + _extended(r"\p{WB=ExtendNumLet}") + ")"
_WITHOUT_BLANKS = (
    r"[\p{Thai}\p{Lao}\p{Myanmar}\p{Khmer}\p{Tai_Le}\p{New_Tai_Lue}\p{Tai_Tham}\p{Tai_Viet}\p{Ahom}"
    r"&&[\p{L}\p{M}\p{So}\u{1AA0}-\u{1AAD}]--[\u{19E0}-\u{19FF}]]"
)
_PICTURE = _extended(r"[\p{Extended_Pictographic}\u{1F3FB}-\u{1F3FF}]")

_KATAKANA_RUN = f"{_KATAKANA}(?:{_JOINER}*{_KATAKANA})*"
_LETTERS = f"{_LETTER}(?:(?:{_JOINER}*|{_IN_LETTERS}){_LETTER})*"
_DIGITS = f"{_DIGIT}(?:(?:{_JOINER}*|{_IN_DIGITS}){_DIGIT})*"
_HEBREW_QUOTED = f"{_HEBREW}(?:'{_EXTENDS}|\"{_EXTENDS}{_HEBREW})"
_RUN = f"(?:{_KATAKANA_RUN}|(?:{_HEBREW_QUOTED}|{_DIGITS}|{_LETTERS})+)"

WORD = "|".join(
    (
        f"{_JOINER}*{_RUN}(?:{_JOINER}+{_RUN})*{_JOINER}*",
        _extended(r"\p{Script=Han}"),
        _extended(r"\p{Script=Hiragana}"),
        f"(?:{_extended(_WITHOUT_BLANKS)})+",
        "(?:" + _extended(r"\p{WB=Regional_Indicator}") + "){2}",
        r"[#*]\u{FE0F}?\u{20E3}",
        rf"\u{{200D}}?(?:{_PICTURE}\u{{200D}})*{_PICTURE}",
    )
)
"""One word: letters and digits, one character of Han or Hiragana, a run of Thai, a flag, a keycap, or a picture."""
