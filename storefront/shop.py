"""What a storefront shows: an index, the middleware in front of it, and what is known of its products."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from endcap.demo import run
from endcap.demo.catalogue import items
from endcap.demo.example_searches import TELLING
from endcap.demo.pictures import svg
from endcap.demo.queries import judgments
from endcap.index.engine import Engine
from endcap.index.fields import FieldMap
from endcap.index.judgments.judgments import Judgments
from endcap.index.opensearch.client import connect
from endcap.index.opensearch.engine import OpenSearchEngine
from endcap.index.product import Product
from endcap.index.settings import IndexSettings
from endcap.plugin.model.student import Student
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.states.store import StateStore, fill
from endcap.progress import Watch, unwatched
from endcap.storefront.facets import Facets, find_facets
from endcap.storefront.picture_files import Picture, PictureFolder
from endcap.storefront.search_request import MAX_QUERY

MEASURE = run.MEASURE

PATIENCE_S = 10.0
"""So long a cluster may take for a search."""

Grades = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Shop:
    """A shop that is open. ``name`` is what people see, ``settings.name`` what endcap calls the index.

    ``grades`` are those of judgments, by the query's text and by its ``plain`` one. ``draw`` makes a product's picture
    where the shop has no files of them. ``close`` it.
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
    telling: Mapping[str, str] = field(default_factory=dict)
    judged: tuple[str, ...] = ()
    grades: Mapping[str, Grades] = field(default_factory=dict)
    draw: Callable[[Product], Picture] | None = None
    pictures: PictureFolder | None = None

    @property
    def index(self) -> str:
        """What a search is sent to."""
        return self.settings.index or self.settings.name

    @property
    def searches(self) -> tuple[str, ...]:
        """The judged queries that can be searched for."""
        return tuple(query for query in self.judged if query.strip() and len(query) <= MAX_QUERY)

    def grades_of(self, query: str) -> Grades:
        """The known grades of a query, product to 0, 1, 2 or 3: as it is spelled, else in small letters."""
        known = self.grades.get(query.strip())
        return self.grades.get(plain(query), {}) if known is None else known

    def close(self) -> None:
        """End the background work, and close what was opened."""
        self.reranker.close()
        self.states.close()
        if (close := getattr(self.engine, "close", None)) is not None:
            close()


def plain(query: str) -> str:
    """A query as it is looked up: case and blanks make no other query."""
    return " ".join(query.casefold().split())


def by_text(grades: Mapping[str, Grades]) -> dict[str, Grades]:
    """Grades by the query's text, and by its ``plain`` one; of two queries that are alike the first has the say."""
    spelled: dict[str, Grades] = {}
    alike: dict[str, Grades] = {}
    for query, products in grades.items():
        for found, name in ((spelled, query.strip()), (alike, plain(query))):
            found[name] = {**products, **found.get(name, {})}
    return {**alike, **spelled}


def open_demo(
    settings: IndexSettings, model: Path | None, watch: Watch = unwatched, deadline_ms: float | None = None
) -> Shop:
    """The demo shop, indexed where the settings say and read in advance, as far as that is not done."""
    shop = run.open_shop(watch, settings=settings, model=model)
    pictures = {item.product.id: item.product for item in items()}

    def draw(product: Product) -> Picture:
        known = pictures.get(product.id, product)
        return Picture(svg(known).encode(), "image/svg+xml")

    return _opened(
        "The demo shop",
        settings,
        shop.engine,
        FieldMap(),
        shop.student,
        shop.states,
        judgments(),
        telling=TELLING,
        draw=draw,
        deadline_ms=deadline_ms,
    )


def open_own(
    name: str,
    settings: IndexSettings,
    engine: Engine,
    fields: FieldMap,
    model: Path | None,
    *,
    judged: Judgments | None = None,
    pictures: Path | None = None,
    read_in_advance: bool = False,
    deadline_ms: float | None = None,
    watch: Watch = unwatched,
) -> Shop:
    """A shop on somebody's own index. ``pictures`` is a folder that relative paths of images are looked up in.

    ``read_in_advance`` reads all products before the first search; else each is read when it is first found, as far as
    ``deadline_ms`` lets it; without one that is the demo's.
    """
    student, states = Student.load(model), StateStore.open()
    if read_in_advance:
        with watch("Reading products in advance", engine.count()) as advance:
            fill(states, student, engine.products(), progress=advance)
    folder = PictureFolder(pictures) if pictures is not None else None
    return _opened(name, settings, engine, fields, student, states, judged, pictures=folder, deadline_ms=deadline_ms)


def _opened(
    name: str,
    settings: IndexSettings,
    engine: Engine,
    fields: FieldMap,
    student: Student,
    states: StateStore,
    judged: Judgments | None,
    *,
    telling: Mapping[str, str] | None = None,
    draw: Callable[[Product], Picture] | None = None,
    pictures: PictureFolder | None = None,
    deadline_ms: float | None = None,
) -> Shop:
    index = settings.index or settings.name
    if settings.engine == "opensearch":  # what loads may wait for long, who searches should hear that nobody answers
        engine = OpenSearchEngine(connect(settings, timeout_s=PATIENCE_S), index, fields=fields, url=settings.url)
    reranker = Reranker(engine, student, fields=fields, states=states, deadline_ms=deadline_ms or run.DEADLINE_MS)
    facets = find_facets(engine, index, fields)
    grades = {} if judged is None else judged.grades
    return Shop(
        name=name,
        settings=settings,
        engine=engine,
        fields=fields,
        products=engine.count(),
        student=student,
        states=states,
        reranker=reranker,
        facets=facets,
        telling=telling or {},
        judged=tuple(grades),
        grades=by_text(grades),
        draw=draw,
        pictures=pictures,
    )


def shop_name(file: str) -> str:
    """A name for people from that of a file: ``garden_tools-2.csv.gz`` is "garden tools 2"."""
    return re.sub(r"[-_]+", " ", Path(file).name.split(".")[0]).strip() or file
