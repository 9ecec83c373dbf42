"""Whether a search is in a language that the student was taught: by the products that it finds, and its own script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.index.product import Product
from endcap.language.detection import ALIKE, CODES, foreign_script, in_words, language_shares
from endcap.plugin.blend.plain import FloatArray
from endcap.plugin.content_memory import ContentMemory
from endcap.plugin.deadline import Deadline
from endcap.plugin.faults import LOG

ANY = "any"
"""In place of a language: none is looked for."""
READ = ("title", "description")
MAX_CHARS: Mapping[str, int] = {"title": 120, "description": 120}
LOOKED_AT = 25
"""So many of a window's first hits say what it is in."""
INDEX_COUNTS = 8.0
"""What was seen of the index before counts as so many hits: a short window is not judged by itself."""
ASSUMED_HITS = 3.0
"""Before anything is seen, so many hits are assumed to be half in a language that the student knows."""
FAMILIAR_HITS = 200
"""From so many hits on, what was seen of an index is trusted."""
MAX_JOINED = 3_000
MAX_DOCUMENTS = 20_000
"""Documents remembered, at some 400 bytes each."""
MAX_INDEXES = 1_000
_PLACES = {code: place for place, code in enumerate(CODES)}
_ALIKE = np.array([[any({a, b} <= group for group in ALIKE) or a == b for b in CODES] for a in CODES], dtype=np.float64)
"""1 for each two languages that are hard to tell apart, and on the diagonal."""


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


def shares_of(product: Product) -> FloatArray:
    """How likely a product's text is in each language, float64 (48,), in the order of ``CODES``."""
    return shares_in(text_of(product))


def text_of(product: Product) -> str:
    """What is looked at of a product."""
    return f"{product.title[: MAX_CHARS['title']]}\n{product.description[: MAX_CHARS['description']]}"


def shares_in(text: str) -> FloatArray:
    """The shares of the languages of a text, float64 (48,), in the order of ``CODES``."""
    shares = np.zeros(len(CODES))
    for code, share in language_shares(" ".join(text.split())).items():
        shares[_PLACES[code]] = share
    return shares


def unknown_language(seen: FloatArray, languages: Sequence[str]) -> str | None:
    """The language that is likelier than all ``languages`` together, by summed shares; None where there is none.

    What is hard to tell apart counts together: Danish titles are half Norwegian and Swedish.
    """
    known = [_PLACES[code] for code in languages if code in _PLACES]
    others = seen.copy()
    others[known] = 0.0
    best = int((_ALIKE @ others).argmax())
    if (_ALIKE @ others)[best] <= seen[known].sum():
        return None
    return CODES[int((_ALIKE[best] * others).argmax())]


def assumed(languages: Sequence[str]) -> FloatArray:
    """What is assumed of an index before anything of it is seen."""
    shares = np.zeros(len(CODES))
    known = [_PLACES[code] for code in languages if code in _PLACES]
    shares[known] = ASSUMED_HITS / 2 / max(1, len(known))
    return shares


class Languages:
    """What languages the documents of indexes are in, remembered by content and by index. Safe between threads: they
    may make a value twice, and lose no more than a window's evidence."""

    def __init__(self, fields: FieldMap) -> None:
        self._documents = ContentMemory[FloatArray](fields, READ, shares_of, MAX_DOCUMENTS)
        self._indexes: dict[str, tuple[FloatArray, float]] = {}
        self._told: set[tuple[str, str]] = set()
        language_shares("")  # the model is read now, and not in the first search
        self.paths = self._documents.paths
        """The source paths that are read."""

    def foreign(
        self,
        index: Any,
        text: str,
        language: str | None,
        hits: Sequence[Mapping[str, Any]],
        languages: Sequence[str],
        deadline: Deadline,
    ) -> str:
        """What of a search is in none of ``languages``, in words; the empty text where all is, or it can't be told.

        ``language`` is what the caller says of it, None where it is to be found out.
        """
        if language is not None:
            known = language == ANY or language in languages
            return "" if known else f"the search is in {in_words([language])}, and {_known(languages)}"
        script = foreign_script(text, languages)
        if script:
            return f"the query is in {script} letters, and {_known(languages)}"
        found = self._unknown(index, text, hits, languages, deadline)
        if found is None:
            return ""
        detail = f"the products are in {in_words([found])}, and {_known(languages)}"
        if (str(index), found) not in self._told and len(self._told) < MAX_INDEXES:
            self._told.add((str(index), found))
            LOG.warning("index %s: %s: such searches keep the engine's order (docs/languages.md)", index, detail)
        return detail

    def _unknown(
        self, index: Any, query: str, hits: Sequence[Mapping[str, Any]], languages: Sequence[str], deadline: Deadline
    ) -> str | None:
        """The language of a window's hits where it is none of ``languages``; None where it is one, or can't be told."""
        seen, count = np.zeros(len(CODES)), 0
        for hit in hits[:LOOKED_AT]:
            seen += self._documents.value(hit.get("_source") or {})
            count += 1
            if deadline.expired():
                break
        before, number = self._indexes.get(str(index), (np.zeros(len(CODES)), 0.0))
        if len(self._indexes) < MAX_INDEXES or str(index) in self._indexes:
            keep = 1.0 if number < MAX_DOCUMENTS else 0.5  # an index may change its language
            self._indexes[str(index)] = (keep * (before + seen), keep * (number + count))
        weight = min(1.0, INDEX_COUNTS / (number + ASSUMED_HITS))
        found = unknown_language(seen + weight * (before + assumed(languages)), languages)
        if found is not None and number < FAMILIAR_HITS:
            # Little is known of the index: the hits' words, each once and without the query's, must say so, too. A
            # brand or a query's word that stands in every title may look like any language.
            texts = [text_of(self._documents.product(hit.get("_source") or {})) for hit in hits[:count]]
            said = set(query.casefold().split())
            words = dict.fromkeys(word for text in texts for word in text.casefold().split() if word not in said)
            found = unknown_language(shares_in(" ".join(words)[:MAX_JOINED]), languages)
        return found


def _known(languages: Sequence[str]) -> str:
    return f"the student knows {in_words(languages)}"
