"""One student for one search: whatever a search derives from its student comes from here, and from one model alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from endcap.errors import InputError
from endcap.index.fields import FieldMap
from endcap.plugin.blend.document_words import WordsMemory
from endcap.plugin.blend.learnt import LearntBlend
from endcap.plugin.blend.limits import checked_weight, checked_window
from endcap.plugin.model.identity import identity
from endcap.plugin.protocols import Scorer
from endcap.plugin.search.options import Options
from endcap.plugin.search.source_keys import SourceKeys


@dataclass(frozen=True, slots=True)
class Pinned:
    """A student with the options, the keys of states and the source fields that go with it.

    ``mark`` tells its rankings from those of other models: some that share their states rank differently.
    """

    student: Scorer
    options: Options
    sources: SourceKeys
    paths: Sequence[str]
    mark: str
    learnt: LearntBlend | None = None
    words: WordsMemory | None = None
    """What the learnt blend reads of products, where there is one."""


class Pin:
    """Gives the student of now, which a ``LiveStudent`` may change between two searches, but not within one.

    ``window`` and ``blend_weight`` are the model's own where None; so they change with it.
    """

    def __init__(
        self,
        student: Scorer,
        window: int | None,
        blend_weight: float | None,
        fields: FieldMap | Mapping[str, Any] | None,
    ) -> None:
        if fields is not None and not isinstance(fields, (FieldMap, Mapping)):
            raise InputError(f"fields is {fields!r}; it should be a FieldMap or a mapping, as in {{'title': 'name'}}.")
        self._fields = fields if isinstance(fields, FieldMap) else FieldMap.from_json(fields or {})
        self._given, self._window, self._weight = student, window, blend_weight
        self._words = WordsMemory(self._fields)  # kept when the model changes
        self._now = self._pinned(self._of_now())

    def now(self) -> Pinned:
        """What the search that begins now uses to its end."""
        student, now = self._of_now(), self._now
        if student is not now.student:
            # Threads may race here: they make the same thing twice, and lose no more than remembered keys.
            self._now = now = self._pinned(student)
        return now

    def _of_now(self) -> Scorer:
        pinned = getattr(self._given, "pinned", None)
        student: Scorer = self._given if pinned is None else pinned()
        return student

    def _pinned(self, student: Scorer) -> Pinned:
        info = student.info
        learnt: LearntBlend | None = getattr(info, "learnt", None)
        options = Options(
            checked_window(info.window if self._window is None else self._window, "window"),
            checked_weight(info.blend_weight if self._weight is None else self._weight, "blend_weight"),
            learnt=learnt is not None and self._weight is None,
        )
        # The id comes with each hit and needs no path.
        read = (pair for pair in self._fields.restrict(tuple(info.fields)).paths if pair[0] != "id")
        mapped = FieldMap((("id", ()), *read))
        raw = getattr(info, "raw", None)
        mark = str(info.checksum) if raw is None else identity(raw)
        words = None if learnt is None else self._words
        paths = sorted({*mapped.source_fields(), *(words.paths if words else ())})
        return Pinned(student, options, SourceKeys(student, mapped), paths, mark, learnt, words)
