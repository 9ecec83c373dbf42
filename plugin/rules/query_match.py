"""For which searches a rule holds."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from endcap.language.text import normalised, words_in

KINDS = ("query", "words", "begins", "contains", "pattern")
"""The ways to say which searches are meant; a rule has one of them, or none: then it holds for all."""
MAX_PATTERN = 1_000
"""Characters of a pattern."""
_BLANKS, _SIGN = re.compile(" {2,}"), re.compile(r"[!-/:-@\[-`{-~]")
_CLASS = re.compile(r"\[(?:\\.|[^\]\\])*\]")
_RANGE = re.compile(r"([^\W\d_])-([^\W\d_])")


@dataclass(frozen=True, slots=True)
class QueryMatch:
    """Searches by one of ``KINDS`` and texts, any of which will do; without a kind, all searches."""

    kind: str = ""
    texts: tuple[str, ...] = ()

    @classmethod
    def of(cls, kind: str, texts: Sequence[str]) -> QueryMatch:
        """The match for texts as they are written; ``ValueError`` says why a text can't be one."""
        for text in texts:
            if kind == "pattern":
                compiled(text)
            elif not searched_words(text).strip():
                raise ValueError("has no letter or digit, so no search would be like it")
        if kind == "pattern":
            return cls(kind, tuple(texts))
        return cls(kind, tuple(searched_words(t) if kind in ("query", "words") else searched_text(t) for t in texts))

    def matches(self, words: str, text: str) -> bool:
        """Whether a search is meant, by its ``searched_words`` and its ``searched_text``."""
        match self.kind:
            case "query":
                return words in self.texts
            case "words":
                return any(each in words for each in self.texts)
            case "begins":
                return text.startswith(self.texts)
            case "contains":
                return any(each in text for each in self.texts)
            case "pattern":
                return any(compiled(each).search(text) is not None for each in self.texts)
        return True


def searched_words(text: str) -> str:
    """A search's words between blanks, without case, accents, signs and English plurals: " usb cable "."""
    return f" {' '.join(words_in(normalised(text)))} "


def searched_text(text: str) -> str:
    """A search without case, accents, and blanks that say nothing."""
    return " ".join(normalised(text).split())


def pattern_options() -> Any:
    """How RE2 reads a pattern: whatever the case, and what is wrong with it is said by us."""
    import re2

    options = re2.Options()
    options.log_errors, options.case_sensitive = False, False
    return options


def plain_pattern(pattern: str) -> str:
    """A pattern as searches are read: letters without accents, and one blank where there are several.

    Raises ``ValueError`` for a range of letters with accents: without them it would be another one.
    """
    pattern = unicodedata.normalize("NFC", pattern)
    for found in _RANGE.finditer(" ".join(_CLASS.findall(pattern))):
        if any(not c.isascii() and normalised(c) != c.casefold() for c in found.groups()):
            raise ValueError(f"has the range {found[0]!r}, but searches are read without accents: write plain letters")
    letters = (c if c.isascii() else _SIGN.sub(r"\\\g<0>", normalised(c)) for c in pattern)
    return _BLANKS.sub(" ", "".join(letters))


@lru_cache(maxsize=10_000)
def compiled(pattern: str) -> Any:
    """A pattern, ready to search with; ``ValueError`` where it is none.

    RE2 takes time in proportion to the text, whatever the pattern: a rule can't stop a search. So it has no references
    back, and no look ahead.
    """
    import re2

    if len(pattern) > MAX_PATTERN:
        raise ValueError(f"is longer than {MAX_PATTERN} characters")
    try:
        return re2.compile(plain_pattern(pattern), pattern_options())
    except UnicodeEncodeError:
        raise ValueError("is not valid Unicode") from None
    except re2.error as error:
        reason = error.args[0].decode() if error.args and isinstance(error.args[0], bytes) else error
        raise ValueError(f"is no regular expression of RE2 ({reason})") from None
