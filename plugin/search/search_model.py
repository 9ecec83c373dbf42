"""One student for one search: whatever a search derives from its student comes from here, and from one model alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endcap.errors import InputError
from endcap.index.field_map import FieldMap
from endcap.language.languages import ENGLISH
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.limits import checked_dense, checked_weight, checked_window
from endcap.plugin.blend.signals import Signal
from endcap.plugin.model.folder import identity
from endcap.plugin.protocols import Scorer, ScorerSource
from endcap.plugin.rules.documents import source_paths
from endcap.plugin.search.language_samples import LanguageSamples
from endcap.plugin.search.languages import ANY, Languages, checked_languages
from endcap.plugin.search.options import Options
from endcap.plugin.source_keys import SourceKeys
from endcap.plugin.tiers.named_tiers import read_keep_first, read_tiers


@dataclass(frozen=True, slots=True)
class SearchModel:
    """A student with the options, the keys of states and the source paths that go with it."""

    student: Scorer
    options: Options
    sources: SourceKeys
    paths: Sequence[str]
    fingerprint: str
    """Tells its rankings from those of other models: some that share their states rank differently."""
    learnt: LearntBlend | None = None
    fields: FieldMap = FieldMap()  # noqa: RUF009 (frozen)
    signals: tuple[Signal, ...] = ()
    """Numbers of products that the model's blend reads."""
    words: WordsMemory | None = None
    """What the blend reads of products."""
    languages: tuple[str, ...] = ()
    """Those that the student knows; none: it is not asked in what language a search is."""
    noticed: Languages | None = None
    """What notices the language of products; None where none is looked for."""
    samples: LanguageSamples | None = None
    """What asks indexes for samples of their products, for it."""


class SearchModels:
    """Gives each search its model. A ``ScorerSource`` may change it between two searches, but not within one.

    ``window``, ``blend_weight`` and ``languages`` are the model's own where None; so they change with it.
    ``more_paths`` of documents are fetched as well.
    Raises ``InputError`` where an argument is not what it should be.
    """

    def __init__(
        self,
        student: Scorer | ScorerSource,
        window: int | None,
        blend_weight: float | None,
        fields: FieldMap | Mapping[str, Any] | None,
        dense: int = 0,
        languages: str | Sequence[str] | None = None,
        tiers: Any = None,
        keep_first: int = 0,
        numbers: bool = False,
        more_paths: Sequence[str] = (),
    ) -> None:
        if not isinstance(student, ScorerSource) and getattr(student, "info", None) is None:
            raise InputError(f"student is {student!r}; give a Student, as Student.load() gives.")
        if fields is not None and not isinstance(fields, (FieldMap, Mapping)):
            raise InputError(f"fields is {fields!r}; it should be a FieldMap or a mapping, as in {{'title': 'name'}}.")
        self._fields = fields if isinstance(fields, FieldMap) else FieldMap.from_json(fields or {})
        self._pinned: Callable[[], Scorer] = student.pinned if isinstance(student, ScorerSource) else lambda: student
        self._window, self._weight, self._dense = window, blend_weight, checked_dense(dense, "dense")
        self._languages = None if languages is None else checked_languages(languages, "languages")
        self._noticed: Languages | None = None
        self._samples: LanguageSamples | None = None
        self._tiers = None if tiers is None else read_tiers(tiers, "tiers")
        self._keep_first = read_keep_first(keep_first, "keep_first")
        if not isinstance(numbers, bool):
            raise InputError(f"numbers is {numbers!r}; it should be True or False.")
        self._numbers, self._more_paths = numbers, more_paths
        self._words = WordsMemory(self._fields)  # kept when the model changes
        self._latest = self._model(self._pinned())

    def current(self) -> SearchModel:
        """What the search that begins now uses to its end."""
        student, latest = self._pinned(), self._latest
        if student is not latest.student:
            # Threads may race here: they make the same thing twice, and lose no more than remembered keys.
            self._latest = latest = self._model(student)
        return latest

    def _model(self, student: Scorer) -> SearchModel:
        info = student.info
        learnt: LearntBlend | None = getattr(info, "learnt", None)
        options = Options(
            checked_window(info.window if self._window is None else self._window, "window"),
            checked_weight(info.blend_weight if self._weight is None else self._weight, "blend_weight"),
            learnt=learnt is not None and self._weight is None,
            dense=self._dense,
            tiers=self._tiers,
            keep_first=self._keep_first,
            numbers=self._numbers,
        )
        languages = getattr(info, "languages", ()) if self._languages is None else self._languages
        if languages and self._noticed is None:
            self._noticed = Languages(self._fields, languages)
            self._samples = LanguageSamples(self._noticed)
        noticed = self._noticed if languages else None
        words = self._words.in_languages(tuple(code for code in languages if code != ANY) or ENGLISH)
        sources = SourceKeys(student, self._fields)
        signals: tuple[Signal, ...] = getattr(info, "signals", ())
        numbers = source_paths({signal.field for signal in signals}, self._fields)
        read = [*sources.paths, *words.paths, *numbers, *self._more_paths]
        read += noticed.paths if noticed else ()
        raw = getattr(info, "raw", None)
        return SearchModel(
            student=student,
            options=options,
            sources=sources,
            paths=sorted(set(read)),
            fingerprint=str(info.checksum) if raw is None else identity(raw),
            learnt=learnt,
            fields=self._fields,
            signals=signals,
            words=words,
            languages=languages,
            noticed=noticed,
            samples=self._samples if noticed else None,
        )
