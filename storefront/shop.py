"""What a storefront shows: an index, the middleware in front of it, and what is known of its products."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from endcap.index.engine import Engine
from endcap.index.field_map import FieldMap
from endcap.index.judgments.judgments import Judgments
from endcap.index.judgments.query_texts import normalised_query
from endcap.index.opensearch.client import connect
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.own_query import OwnQuery, check_engine, own_query
from endcap.index.product import Product
from endcap.index.settings import IndexSettings
from endcap.plugin.model.student import Student
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.states.store import StateStore
from endcap.storefront.facets import Facets, find_facets
from endcap.storefront.picture_files import PictureFolder
from endcap.storefront.search_request import MAX_QUERY

MEASURE = "nDCG@10"
BUDGET_MS = 1000.0
"""Longer than a shop's, so that a busy machine shows what re-ranking does, and how long it takes, all the same."""
PATIENCE_S = 10.0
"""So long a cluster may take for a search."""

Grades = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop that is open. ``name`` is what people see, ``settings.name`` what endcap calls the index.

    ``example_searches`` are queries to start from, each with what it shows. ``grades`` are by the query's text and by
    its ``normalised_query``. ``draw`` makes a product's picture, an SVG, where the shop has no files of them. ``close``
    it.
    """

    name: str
    settings: IndexSettings
    engine: Engine
    fields: FieldMap
    products: int
    student: Student
    states: StateStore
    reranker: Reranker
    facets: Facets
    example_searches: Mapping[str, str] = field(default_factory=dict)
    judged_queries: tuple[str, ...] = ()
    grades: Mapping[str, Grades] = field(default_factory=dict)
    draw: Callable[[Product], str] | None = None
    pictures: PictureFolder | None = None
    own: OwnQuery | None = None
    """The shop's own query; None: endcap's."""

    @property
    def index(self) -> str:
        """What a search is sent to."""
        return self.settings.index or self.settings.name

    @property
    def searchable_queries(self) -> tuple[str, ...]:
        """The judged queries that can be searched for."""
        return tuple(query for query in self.judged_queries if query.strip() and len(query) <= MAX_QUERY)

    def grades_of(self, query: str) -> Grades:
        """The known grades of a query, product to 0, 1, 2 or 3: as it is spelled, else in small letters."""
        by_normalised = self.grades.get(normalised_query(query), {})
        return self.grades.get(query.strip(), by_normalised)

    def close(self) -> None:
        """End the background work, and close what was opened."""
        self.reranker.close()
        self.states.close()
        if (close := getattr(self.engine, "close", None)) is not None:
            close()


def grades_by_text(grades: Mapping[str, Grades]) -> dict[str, Grades]:
    """Grades by the query's text, and by its ``normalised_query``; of two that are alike the first has the say."""
    by_spelling: dict[str, Grades] = {}
    by_normalised: dict[str, Grades] = {}
    for query, products in grades.items():
        for by_text, text in ((by_spelling, query.strip()), (by_normalised, normalised_query(query))):
            by_text[text] = {**products, **by_text.get(text, {})}
    return {**by_normalised, **by_spelling}


def make_shop(
    name: str,
    settings: IndexSettings,
    engine: Engine,
    fields: FieldMap,
    student: Student,
    states: StateStore,
    *,
    judgments: Judgments | None = None,
    deadline_ms: float | None = None,
) -> Shop:
    """The shop of a loaded index, with the middleware in front of it and the facets that it can count.

    ``deadline_ms`` is the time that a search has. Where it is None, our own part has the index's ``budget_ms``, or
    ``BUDGET_MS``. Raises ``EngineError`` where the
    index can't be asked.
    """
    index, own = settings.index or settings.name, own_query(settings.body)
    check_engine(engine, own, index)
    if settings.engine == "opensearch":  # what loads may wait for long, who searches should hear that nobody answers
        engine = OpenSearchEngine(connect(settings, timeout_s=PATIENCE_S), index, fields=fields, url=settings.url)
    reranker = Reranker(
        engine,
        student,
        fields=fields,
        states=states,
        deadline_ms=deadline_ms,
        budget_ms=None if deadline_ms else settings.budget_ms or BUDGET_MS,
        languages=settings.languages or None,
        rules=settings.rules or None,
        dense=settings.dense,
        numbers=settings.numbers,
    )
    grades = {} if judgments is None else judgments.grades
    return Shop(
        name=name,
        settings=settings,
        engine=engine,
        fields=fields,
        products=engine.count(),
        student=student,
        states=states,
        reranker=reranker,
        facets=find_facets(engine, index, fields),
        own=own,
        judged_queries=tuple(grades),
        grades=grades_by_text(grades),
    )
