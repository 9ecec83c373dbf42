"""The work of ``endcap demo``: the shop indexed and read in advance, its example searches, and the numbers over all."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from endcap.demo.judge import grade
from endcap.demo.page_text import SHOWN, Row
from endcap.demo.translation import ENGLISH, ToldShop
from endcap.errors import EngineError
from endcap.evaluate.measures import parse, score, unjudged_rate
from endcap.evaluate.significance import Difference, paired_difference
from endcap.index.engine import Engine
from endcap.index.open_engine import open_engine
from endcap.index.settings import IndexSettings, save_settings
from endcap.plugin.model.student import Student
from endcap.plugin.search.reranker import Reranker
from endcap.plugin.states.fill import fill
from endcap.plugin.states.store import StateStore
from endcap.progress import Watch, unwatched

INDEX = "demo"
DEADLINE_MS = 1000.0
"""Longer than a shop's, so that a busy machine shows what re-ranking does, and how long it takes, all the same."""
MEASURE = "nDCG@10"


@dataclass(frozen=True, slots=True)
class DemoShop:
    """The demo shop, ready to be searched."""

    engine: Engine
    student: Student
    states: StateStore
    told: ToldShop = field(default_factory=ToldShop)
    """Its products, searches and grades, in their language."""


@dataclass(frozen=True, slots=True)
class SearchRun:
    """All queries' first ten products, before and after, and the medians of what a search took, in milliseconds.

    ``cut_short`` counts the searches that were not wholly re-ranked in time.
    """

    before: Mapping[str, Sequence[str]]
    after: Mapping[str, Sequence[str]]
    engine_ms: float
    reranked_ms: float
    added_ms: float
    cut_short: int


@dataclass(frozen=True, slots=True)
class DemoMeasures:
    """The measure of each query before and after, the share of what is shown that nobody judged, and the difference."""

    before: Mapping[str, float]
    after: Mapping[str, float]
    unjudged_before: float
    unjudged_after: float
    difference: Difference


def open_demo_shop(
    watch: Watch = unwatched,
    *,
    settings: IndexSettings | None = None,
    model: Path | None = None,
    told: ToldShop = ToldShop(),  # noqa: B008 (frozen)
) -> DemoShop:
    """Index the demo shop and read its products in advance, as far as that is not done.

    ``settings`` say where, by default in the embedded engine as ``demo``; ``model`` is a model folder, by default the
    shipped one.
    """
    settings = settings or IndexSettings(told.index, language="" if told.language == ENGLISH else told.language)
    student = Student.load(model)  # first, so that a wrong folder costs no time
    with watch("Making the shop", None) as advance:
        advance(len(told.items))
    engine = open_engine(settings)
    if not _up_to_date(engine, told):
        with watch("Indexing", len(told.items)) as advance:
            engine.load(told.products(), progress=advance)
    save_settings(settings)
    states = StateStore.open()
    with watch("Reading products in advance", len(told.items)) as advance:
        fill(states, student, told.products(), progress=advance)
    return DemoShop(engine, student, states, told)


def _up_to_date(engine: Engine, told: ToldShop) -> bool:
    try:
        if engine.count() != len(told.items):
            return False
        return {product.id: product for product in engine.products()} == {
            product.id: product for product in told.products()
        }
    except EngineError:
        return False


def first_pages(shop: DemoShop, reranker: Reranker, text: str) -> tuple[list[Row], list[Row]]:
    """A search's first products in the engine's order and as the middleware gives them."""
    body = {"query": shop.engine.text_query(text), "size": reranker.options.window, "_source": False}
    before = reply_ids(shop.engine.search(index=shop.told.index, body=body))
    after = reply_ids(reranker.search(index=shop.told.index, body=body))
    by_id = {item.product.id: item for item in shop.told.items}
    query = next((query for query in shop.told.queries if query.text == text), None)

    def rows(page: Sequence[str], other: Sequence[str]) -> list[Row]:
        places = {id: number for number, id in enumerate(other, 1)}
        grades = {id: grade(query, by_id[id]) if query else 0 for id in page[:SHOWN]}
        return [Row(by_id[id].product.title, value, places.get(id)) for id, value in grades.items()]

    return rows(before, after), rows(after, before)


def search_all(shop: DemoShop, reranker: Reranker, watch: Watch = unwatched) -> SearchRun:
    """Every query's first ten products, from the engine alone and from the middleware, timed in turn."""
    before: dict[str, list[str]] = {}
    after: dict[str, list[str]] = {}
    alone, both, cut_short = [], [], 0
    with watch("Searching", len(shop.told.queries)) as advance:
        for done, query in enumerate(shop.told.queries, 1):
            body = {"query": shop.engine.text_query(query.text), "size": 10}
            began = time.perf_counter()
            page = shop.engine.search(index=shop.told.index, body=body)
            between = time.perf_counter()
            reply = reranker.search(index=shop.told.index, body=body)
            both.append(1000 * (time.perf_counter() - between))
            alone.append(1000 * (between - began))
            before[query.text], after[query.text] = reply_ids(page), reply_ids(reply)
            cut_short += reply["ext"]["rerank"]["status"] in ("partial", "fallback")
            advance(done)
    added = [more - less for less, more in zip(alone, both, strict=True)]
    engine_ms, reranked_ms, added_ms = (statistics.median(times) for times in (alone, both, added))
    return SearchRun(before, after, engine_ms, reranked_ms, added_ms, cut_short)


def measure(run: SearchRun, told: ToldShop = ToldShop()) -> DemoMeasures:  # noqa: B008 (frozen)
    """nDCG@10 of all queries before and after, and what the difference is worth."""
    grades = told.judgments().grades
    # a product of grade 0 gains nothing, and there are two hundred thousand of them
    gained = {query: {id: grade for id, grade in judged.items() if grade} for query, judged in grades.items()}
    pages = (run.before, run.after)
    values = [score(page, gained, parse([MEASURE]))[MEASURE] for page in pages]
    difference = paired_difference(values[1], values[0], names=("re-ranked", "engine"), measure=MEASURE)
    unjudged = [unjudged_rate(page, grades, 10) for page in pages]
    return DemoMeasures(values[0], values[1], unjudged[0], unjudged[1], difference)


def reply_ids(reply: Mapping[str, Any]) -> list[str]:
    """The ids of a reply's hits, in order."""
    return [str(hit["_id"]) for hit in reply["hits"]["hits"]]


def warm_up(shop: DemoShop, reranker: Reranker) -> None:
    """Make a few searches that nobody times: the first ones of a process load what later ones have."""
    for query in shop.told.queries[:5]:
        reranker.search(index=shop.told.index, body={"query": shop.engine.text_query(query.text), "size": 10})
