"""Whether a search is in a language that the student was taught: by the products that it finds, or its own script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from endcap.errors import InputError
from endcap.index.field_map import FieldMap, look_up
from endcap.index.plain_text import plain_text
from endcap.language.detection import Evidence, evidence, foreign_script, has_known_words, in_words, name_of
from endcap.language.word_languages import CODES, WORD
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.faults import LOG

ANY = "any"
"""In place of a language: none is looked for."""
READ = ("title", "description")
MAX_CHARS = 120
"""So much of each is read."""
LOOKED_AT = 25
"""So many of a window's first hits say what it is in."""
FOREIGN = 0.48
"""From this share of texts in another language on, those in the student's own taken away, a search is not re-ranked.
``benchmarks/language_shops.py`` shows what comes of it."""
ASSUMED_HITS = 2.0
"""So many hits are taken to be in no language: fewer hits say less."""
SURE_WORDS = 6
"""Fewer foreign words than so, however often, may be names."""
INDEX_WEIGHT = 1.5
"""What was seen of an index before counts so much more than the window,"""
SURE_HITS = 25.0
"""as far as more than so many hits were seen of it."""
QUERY_WORDS = 2
"""By so many words that no product has, a query is in another language."""
CLEAR, CLEAR_WORDS = 0.8, 8
"""A window as foreign as that, by so many different words, is one whatever the index is in: the catalogue is in several
languages. From then on its windows are judged by themselves."""
OWN = -0.6
"""An index is in the student's own language as clearly as that,"""
FAMILIAR_HITS = 200
"""if so many hits of it were seen:"""
EVERY = 8
"""then only each eighth window is looked at."""
MAX_SEEN = 20_000.0
"""When so many hits were seen of an index, half of them are forgotten: it may change its language."""
MAX_INDEXES = 1_000


def checked_languages(languages: Any, name: str) -> tuple[str, ...]:
    """Codes of ISO 639-1 as a tuple, ``()`` for "any". Raises ``InputError`` where they are something else."""
    listed = [languages] if isinstance(languages, str) else languages
    if not isinstance(listed, (list, tuple)) or not listed or not all(isinstance(code, str) for code in listed):
        raise InputError(f"{name} is {languages!r}; it should be a list of languages, as in ['en', 'de'], or 'any'.")
    if list(listed) == [ANY]:
        return ()
    wrong = [code for code in listed if not (len(code) == 2 and code.isascii() and code.isalpha() and code.islower())]
    if wrong:
        raise InputError(
            f"{name} has {wrong[0]!r}; a language is two letters of ISO 639-1, as in 'de', or it is 'any'."
        )
    return tuple(listed)


@dataclass(slots=True)
class Seen:
    """What was seen of texts, as ``Evidence`` has it, summed."""

    sums: FloatArray = field(default_factory=lambda: np.zeros(len(CODES) + 1))
    count: float = 0.0
    script: str = ""
    mixed: bool = False
    """Whether the texts are in several languages."""
    passed: int = 0
    """Windows that were not looked at."""

    def add(self, found: Evidence) -> None:
        """Count new evidence in."""
        keep = 1.0 if self.count < MAX_SEEN else 0.5
        self.sums, self.count = keep * (self.sums + found.sums), keep * (self.count + found.count)
        self.script = found.script or self.script

    @property
    def shares(self) -> FloatArray:
        """How many more texts are in each other language than in the student's own, float64 (25,), -1 to 1."""
        return self.sums / (self.count + ASSUMED_HITS)

    def is_settled(self) -> bool:
        """Whether the next window need not be looked at."""
        if self.mixed or self.count < FAMILIAR_HITS or self.shares.max() > OWN:
            return False
        self.passed = (self.passed + 1) % EVERY
        return self.passed > 0

    @property
    def language(self) -> str:
        """The other language that most texts are in, in words; "" where there is none."""
        best = int(self.shares.argmax())
        return name_of(best, self.script) if self.shares[best] >= FOREIGN else ""


def text_of(title: str, description: str) -> str:
    """What is read of a product."""
    return f"{title[:MAX_CHARS]}\n{description[:MAX_CHARS]}"


class Languages:
    """Notices what languages searches are in, and remembers it of indexes. Safe between threads: they may lose no more
    than a window's evidence."""

    def __init__(self, fields: FieldMap, languages: Sequence[str] = ("en",)) -> None:
        self._paths = [fields.paths_of(name) for name in READ]
        self._indexes: dict[tuple[str, tuple[str, ...]], Seen] = {}
        self._told: set[tuple[str, str]] = set()
        has_known_words("a word", tuple(languages))  # the table is read now, and not in the first search
        self.paths = [path for paths in self._paths for path in paths]
        """The source paths that are read."""

    def foreign(
        self, index: Any, text: str, language: str | None, hits: Sequence[Mapping[str, Any]], languages: Sequence[str]
    ) -> str:
        """What of a search is in none of ``languages``, in words; the empty text where all is, or it can't be told.

        ``language`` is what the caller says of it, None where it is to be found out.
        """
        if language is not None:
            known = language == ANY or language in languages
            return "" if known else f"the search is in {in_words([language])}, and {_known(languages)}"
        if script := foreign_script(text, languages):
            return f"the query is in {script} letters, and {_known(languages)}"
        if asked := self._unknown_words(text, hits, tuple(languages)):
            return f"the query is in {asked}, and {_known(languages)}"
        found = self._unknown(str(index), hits, tuple(languages))
        if not found:
            return ""
        detail = f"the products are in {found}, and {_known(languages)}"
        if (str(index), found) not in self._told and len(self._told) < MAX_INDEXES:
            self._told.add((str(index), found))
            where = "" if index is None else f"index {index}: "
            LOG.warning("%s%s: such searches keep the engine's order (docs/languages.md)", where, detail)
        return detail

    def _unknown_words(self, text: str, hits: Sequence[Mapping[str, Any]], languages: tuple[str, ...]) -> str:
        """The language of a query that is clearly in none of ``languages``, in words; "" where it may be in one.

        What products are called says nothing: "la vie est belle" is a name where there is such a perfume.
        """
        if has_known_words(text[:MAX_CHARS], languages):
            return ""
        found = evidence([text[:MAX_CHARS]], languages)
        best = int(found.sums.argmax())
        if found.sums[best] < 1 or found.words[best] < QUERY_WORDS:
            return ""
        said = set(WORD.findall(text[:MAX_CHARS].lower()))
        names = {
            word for hit in hits[:LOOKED_AT] for word in WORD.findall(self._text(hit.get("_source") or {}).lower())
        }
        left = evidence([" ".join(said - names)], languages)
        return name_of(best, found.script) if left.words[best] >= QUERY_WORDS else ""

    def _unknown(self, index: str, hits: Sequence[Mapping[str, Any]], languages: tuple[str, ...]) -> str:
        """The language of a window's hits where it is none of ``languages``, in words; "" where it is, or unknown."""
        seen = self._indexes.get((index, languages)) or Seen()
        if seen.is_settled():
            return ""
        found = evidence([self._text(hit.get("_source") or {}) for hit in hits[:LOOKED_AT]], languages)
        of_index, before = seen.shares, seen.count
        if seen.count or len(self._indexes) < MAX_INDEXES:
            self._indexes[index, languages] = seen
            seen.add(found)
        # Few words, however often they stand in the window, may be names that the query has asked for.
        window = found.sums / (found.count + ASSUMED_HITS)
        window = np.where(window > 0, window * np.minimum(1, found.words / SURE_WORDS), window)
        clear = (window >= CLEAR) & (found.words >= CLEAR_WORDS)
        seen.mixed |= bool(clear.any() and before > FAMILIAR_HITS and of_index.max() < FOREIGN / 2)
        weight = 0.0 if seen.mixed else INDEX_WEIGHT * before / (before + SURE_HITS)
        shares = (window + weight * of_index) / (1 + weight)
        foreign = clear | (shares >= FOREIGN)
        if not foreign.any():
            return ""
        return name_of(int(np.where(foreign, shares, -np.inf).argmax()), found.script or seen.script)

    def _text(self, source: Mapping[str, Any]) -> str:
        title, description = (_said(source, paths) for paths in self._paths)
        return text_of(title, description)


def _said(source: Mapping[str, Any], paths: Iterable[str]) -> str:
    """The beginning of what a document says at the first of these paths that says something.

    A whole ``Product`` would be read for it otherwise, of each document that a process has not met.
    """
    for path in paths:
        value = look_up(source, path)
        if isinstance(value, (list, tuple)):
            value = " ".join(item for item in value if isinstance(item, str))
        if isinstance(value, str) and value:
            value = value[: 10 * MAX_CHARS]
            return plain_text(value) if "<" in value or "&" in value else value
    return ""


def _known(languages: Sequence[str]) -> str:
    return f"the student knows {in_words(languages)}"
