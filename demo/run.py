"""The work of ``endcap demo``: the shop indexed and read in advance, its telling searches, and the numbers over all."""

from __future__ import annotations

import statistics
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from endcap.demo.catalogue import items, products
from endcap.demo.judge import grade
from endcap.demo.queries import QUERIES, judgments
from endcap.demo.show import SHOWN, Row
from endcap.errors import EngineError
from endcap.evaluate.evaluation import END_TO_END, Plan, evaluate
from endcap.evaluate.measures import parse
from endcap.evaluate.results import SettingResult
from endcap.evaluate.systems import Scorer, Shop, Watch, unwatched
from endcap.index.embedded import EmbeddedEngine
from endcap.index.home import IndexSettings, save_settings
from endcap.plugin.rerank import Reranker
from endcap.plugin.states import StateStore, fill
from endcap.plugin.student import Student

INDEX = "demo"
MEASURE = "nDCG@10"


@dataclass(frozen=True, slots=True)
class OpenShop:
    """The demo shop, ready to be searched; ``loaded`` and ``encoded`` say what had to be done for it."""

    engine: EmbeddedEngine
    student: Student
    states: StateStore
    loaded: int
    encoded: int


@dataclass(frozen=True, slots=True)
class Latency:
    """Medians over searches, in milliseconds: the engine's page alone, the re-ranked page, and their difference."""

    engine_ms: float
    reranked_ms: float
    added_ms: float
    searches: int
    not_reranked: int
    """Searches that had hits to order and were not wholly re-ranked in time."""


def open_shop(watch: Watch = unwatched) -> OpenShop:
    """Index the demo shop and read its products in advance, as far as that is not done."""
    with watch("Making the shop", None) as advance:
        advance(len(items()))
    engine = EmbeddedEngine(INDEX)
    loaded = 0
    if not _up_to_date(engine):
        with watch("Indexing", len(items())) as advance:
            loaded = engine.load(products(), progress=advance).loaded
    save_settings(IndexSettings(INDEX))
    student, states = Student.load(), StateStore.open()
    with watch("Reading products in advance", len(items())) as advance:
        report = fill(states, student, products(), progress=advance)
    return OpenShop(engine, student, states, loaded, report.encoded)


def _up_to_date(engine: EmbeddedEngine) -> bool:
    try:
        return all(one == other for one, other in zip_longest(engine.products(), products()))
    except EngineError:
        return False


def first_pages(shop: OpenShop, reranker: Reranker, text: str) -> tuple[list[Row], list[Row]]:
    """A search's first products in the engine's order and as the middleware gives them."""
    window = reranker.options.window
    query = {"query": shop.engine.text_query(text)}
    before = [
        hit["_id"] for hit in shop.engine.search(body={**query, "size": window, "_source": False})["hits"]["hits"]
    ]
    reply = reranker.search(index=INDEX, body={**query, "size": window, "_source": False})
    after = [hit["_id"] for hit in reply["hits"]["hits"]]
    by_id = {item.product.id: item for item in items()}
    meant = next((each for each in QUERIES if each.text == text), None)

    def rows(page: Sequence[str], other: Sequence[str]) -> list[Row]:
        place = {id: number for number, id in enumerate(other, 1)}
        return [
            Row(id, by_id[id].product.title, grade(meant, by_id[id]) if meant else 0, place.get(id))
            for id in page[:SHOWN]
        ]

    return rows(before, after), rows(after, before)


def measure(shop: OpenShop, watch: Watch = unwatched) -> SettingResult:
    """nDCG@10 of all queries end to end: engine, student, and both, with the paired differences."""
    info = shop.student.info
    plan = Plan((END_TO_END,), info.window, info.blend_weight, tuple(parse([MEASURE])))
    scorer = Scorer(shop.student, shop.states)
    (result,) = evaluate(Shop(shop.engine), judgments().grades, plan, scorer, watch=watch)
    return result


def by_kind(result: SettingResult) -> dict[str, tuple[int, Mapping[str, float]]]:
    """For each kind of query how many there are, and each system's mean of the measure."""
    kinds: dict[str, list[str]] = defaultdict(list)
    for query in QUERIES:
        kinds[query.kind].append(query.text)
    return {
        kind: (
            len(texts),
            {s.name: statistics.fmean(s.values[MEASURE][text] for text in texts) for s in result.systems},
        )
        for kind, texts in sorted(kinds.items())
    }


def latency(shop: OpenShop, reranker: Reranker, searches: int = 60) -> Latency:
    """Time a page of ten of every so many queries, alone and re-ranked in turn."""
    step = max(1, len(QUERIES) // searches)
    bodies = [{"query": shop.engine.text_query(query.text), "size": 10} for query in QUERIES[::step]]
    alone, both, missed = [], [], 0
    for body in bodies:
        began = time.perf_counter()
        shop.engine.search(index=INDEX, body=body)
        between = time.perf_counter()
        reply = reranker.search(index=INDEX, body=body)
        both.append(1000 * (time.perf_counter() - between))
        alone.append(1000 * (between - began))
        missed += reply["ext"]["rerank"]["status"] in ("partial", "fallback")
    added = [after - before for before, after in zip(alone, both, strict=True)]
    return Latency(*(statistics.median(times) for times in (alone, both, added)), len(bodies), missed)


def warm_up(shop: OpenShop, reranker: Reranker) -> None:
    """Make a few searches that nobody times: the first ones of a process load what later ones have."""
    for query in QUERIES[:5]:
        reranker.search(index=INDEX, body={"query": shop.engine.text_query(query.text), "size": 10})
