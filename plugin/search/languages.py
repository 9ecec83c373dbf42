"""Whether a search is in a language that the student was taught: by the products that it finds, or its own script."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from endcap.errors import InputError
from endcap.index.field_map import FieldMap, look_up
from endcap.index.plain_text import plain_text
from endcap.language.detection import MAX_TEXTS, Evidence, evidence, foreign_script, has_known_words, in_words, name_of
from endcap.language.word_languages import WORD
from endcap.plugin.faults import LOG
from endcap.plugin.search.seen_languages import Seen, foreign_column, together
from endcap.plugin.unread_source import Recent, UnreadSource

ANY = "any"
"""In place of a language: none is looked for."""
READ = ("title", "description")
MAX_CHARS = 120
"""So much of each is read."""
LOOKED_AT = 25
"""So many of a window's first hits say what it is in."""
QUERY_WORDS = 2
"""By so many words that no product has, a query is in another language."""
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


def text_of(title: str, description: str) -> str:
    """What is read of a product."""
    return f"{title[:MAX_CHARS]}\n{description[:MAX_CHARS]}"


class Languages:
    """Notices what languages searches are in, and remembers it of indexes. Safe between threads: they may lose no more
    than a window's evidence."""

    def __init__(self, fields: FieldMap, languages: Sequence[str] = ("en",)) -> None:
        self._paths = [fields.paths_of(name) for name in READ]
        self._samples: dict[tuple[str, tuple[str, ...]], Seen] = {}
        self._unsampled: dict[tuple[str, tuple[str, ...]], Seen] = {}
        self._told: set[tuple[str, str]] = set()
        self._texts = Recent[str](MAX_TEXTS)
        has_known_words("a word", tuple(languages))  # the table is read now, and not in the first search
        self.paths = [path for paths in self._paths for path in paths]
        """The source paths that are read."""

    def learn(self, index: Any, hits: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> None:
        """Take these hits for a fair sample of what a search of ``index`` may find."""
        by_index: dict[str, list[str]] = {str(index): []}
        for hit in hits:
            text = self._text(hit.get("_source") or {})
            by_index[str(index)].append(text)
            if _index_of(hit, index) != str(index):
                by_index.setdefault(_index_of(hit, index), []).append(text)
        for name, texts in by_index.items():
            seen = Seen(is_sample=True)
            seen.add(evidence(texts, tuple(languages)))
            if len(self._samples) >= MAX_INDEXES:
                self._samples.clear()
            self._samples[name, tuple(languages)] = seen

    def knows(self, index: Any, hits: Sequence[Mapping[str, Any]], languages: Sequence[str]) -> bool:
        """Whether there is a sample of an index that one of these hits is from."""
        names = {_index_of(hit, index) for hit in hits[:LOOKED_AT]}
        return any((name, tuple(languages)) in self._samples for name in names)

    def foreign(
        self,
        index: Any,
        text: str,
        language: str | None,
        hits: Sequence[Mapping[str, Any]],
        languages: Sequence[str],
        in_doubt: bool = False,
    ) -> str:
        """What of a search is in none of ``languages``, in words; the empty text where all is, or it can't be told.

        ``language`` is what the caller says of it, None where it is to be found out. ``in_doubt``: a sample of the
        index is on its way, and until then nothing is taken to be in the student's own language that may not be.
        """
        if language is not None:
            known = language == ANY or language in languages
            return "" if known else f"the search is in {in_words([language])}, and {_known(languages)}"
        if script := foreign_script(text, languages):
            return f"the query is in {script} letters, and {_known(languages)}"
        text = text[:MAX_CHARS]
        is_known = has_known_words(text, tuple(languages))
        seen = self._seen(index, hits[:LOOKED_AT], tuple(languages), in_doubt)
        if seen.is_sample and seen.foreign is not None and not (seen.own and is_known):
            found = seen.language
        elif not is_known and (named := self._unknown_words(text, hits, tuple(languages))):
            return f"the query is in {named}, and {_known(languages)}"
        else:
            found = self._unknown(seen, text, is_known, hits[:LOOKED_AT], tuple(languages), in_doubt)
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
        asked = _of_query(text, languages)
        best = int(asked.sums.argmax())
        if asked.sums[best] < 1 or asked.words[best] < QUERY_WORDS:
            return ""
        said = set(WORD.findall(text.lower()))
        names = {
            word for hit in hits[:LOOKED_AT] for word in WORD.findall(self._text(hit.get("_source") or {}).lower())
        }
        left = evidence([" ".join(said - names)], languages)
        return name_of(best, asked.script) if left.words[best] >= QUERY_WORDS else ""

    def _unknown(
        self,
        seen: Seen,
        text: str,
        is_known: bool,
        hits: Sequence[Mapping[str, Any]],
        languages: tuple[str, ...],
        in_doubt: bool,
    ) -> str:
        """The language of a window's hits where it is none of ``languages``, in words; "" where it is, or unknown."""
        is_own = seen.is_sample and seen.is_own
        if is_own and is_known:
            return ""
        asked = _of_query(text, languages)
        if is_own and not asked.words.any():
            return ""
        window = evidence([self._text(hit.get("_source") or {}) for hit in hits], languages)
        column = foreign_column(seen, window, asked, is_known, in_doubt)
        if not seen.is_sample:
            seen.add(window)
        return "" if column is None else name_of(column, window.script or seen.script)

    def _seen(self, index: Any, hits: Sequence[Mapping[str, Any]], languages: tuple[str, ...], in_doubt: bool) -> Seen:
        """What is known of the indexes that hits are from."""
        names = list(dict.fromkeys(_index_of(hit, index) for hit in hits))
        samples = [seen for name in names if (seen := self._samples.get((name, languages)))]
        if samples and not in_doubt:
            return samples[0] if len(samples) == 1 else together(samples)
        name = names[0] if names else str(index)
        seen = self._unsampled.get((name, languages)) or Seen()
        if seen.count or len(self._unsampled) < MAX_INDEXES:
            self._unsampled[name, languages] = seen
        return seen

    def _text(self, source: Mapping[str, Any]) -> str:
        if type(source) is UnreadSource:
            text = self._texts.get(source.digest)
            if text is None:
                text = self._text(source.read)
                self._texts.put(source.digest, text)
            return text
        title, description = (_said(source, paths) for paths in self._paths)
        return text_of(title, description)


@lru_cache(maxsize=1_000)
def _of_query(text: str, languages: tuple[str, ...]) -> Evidence:
    """What a query says of its language. Most searches of a shop are of few queries."""
    return evidence([text], languages)


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


def _index_of(hit: Mapping[str, Any], index: Any) -> str:
    """The index that a hit is from; the one that was asked where the hit does not say it."""
    return str(hit.get("_index") or index)


def _known(languages: Sequence[str]) -> str:
    return f"the student knows {in_words(languages)}"
