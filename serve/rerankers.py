"""The shared re-rankers: one for each table of the settings, of one student, one store and one memory of pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from endcap.index.field_map import FieldMap
from endcap.index.settings import IndexSettings, list_settings
from endcap.plugin.model.live import LiveStudent
from endcap.plugin.model.student import Student
from endcap.plugin.search.page_memory import PageMemory
from endcap.plugin.search.request import early_reason
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.search.status import Reason
from endcap.serve.call import search_clock
from endcap.serve.computing import CountedWorkers
from endcap.serve.settings import SearchSettings, ServeSettings


@dataclass(frozen=True, slots=True)
class Chosen:
    """What a search's index decides: the name of its table (empty: the common settings), these, and the re-ranker."""

    name: str
    settings: SearchSettings
    reranker: Reranker

    @property
    def model(self) -> str:
        """The name of the model in use."""
        student: Any = self.reranker.student
        return str((student.pinned() if isinstance(student, LiveStudent) else student).info.name)

    def early_reason(self, body: Mapping[str, Any], params: Mapping[str, Any]) -> Reason | None:
        """Why a search is passed through, where little has to be known for that."""
        return early_reason(body, params, self.reranker.options, self.model)


class Rerankers:
    """Re-rankers by index. ``engine`` is what they search through, ``states`` the store, or "index"; ``threads``
    compute, as many as there are CPUs where None."""

    def __init__(
        self,
        settings: ServeSettings,
        engine: Any,
        student: Student | LiveStudent,
        states: Any,
        threads: int | None = None,
    ) -> None:
        self._settings, self.memory, self._workers = settings, PageMemory(), CountedWorkers(threads)
        self._parts = engine, student, states
        known = {item.index or item.name: item for item in _known(settings.opensearch_url)}
        self._known = {name: self._made(name, settings, item) for name, item in known.items()}
        self._tables = {
            pattern: self._made(pattern, table, known.get(pattern)) for pattern, table in settings.index.items()
        }
        self._common = self._made("", settings, None)

    def of_index(self, expression: str) -> Chosen:
        """What a search's index expression is re-ranked by."""
        pattern, _ = self._settings.of_index(expression)
        if pattern:
            return self._tables[pattern]
        return self._known.get(expression, self._common)

    def all(self) -> Mapping[str, Chosen]:
        """All of them, by name."""
        return {"": self._common, **self._known, **self._tables}

    def close(self) -> None:
        """End their background work."""
        for chosen in self.all().values():
            chosen.reranker.close()

    def _made(self, name: str, settings: SearchSettings, known: IndexSettings | None) -> Chosen:
        """A re-ranker by a table's settings, and where these say nothing, by what ``endcap warm`` has kept."""
        engine, student, states = self._parts
        kept = known or IndexSettings(name="common")
        fields = FieldMap.parse(settings.fields) if settings.fields else kept.fields
        reranker = Reranker(
            engine,
            student,
            window=settings.window,
            deadline_ms=settings.deadline_ms,
            budget_ms=settings.budget_ms or (None if settings.deadline_ms else kept.budget_ms or None),
            blend_weight=settings.blend_weight,
            fields=fields if fields.paths else None,
            states=states,
            dense=kept.dense if settings.dense is None else settings.dense,
            numbers=kept.numbers if settings.numbers is None else settings.numbers,
            languages=settings.languages or kept.languages or None,
            rules=settings.rules or kept.rules or None,
            keep_first=settings.keep_first,
            memory=self.memory,
            workers=self._workers,
            clock=search_clock,
        )
        return Chosen(name, settings, reranker)


def _known(url: str) -> list[IndexSettings]:
    """The indexes of this cluster that ``endcap index`` and ``endcap warm`` know."""
    same = url.rstrip("/").lower()
    return [item for item in list_settings() if item.engine == "opensearch" and item.url.rstrip("/").lower() == same]
