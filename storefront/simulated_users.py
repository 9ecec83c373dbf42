"""Simulated users: they search what was judged, see interleaved lists, and click by the grades; none of them is real.

A user goes down the list and clicks a product with a probability that its grade says. After a click the user stops with
another probability. This is the dependent click model, a cascade with several clicks (Guo, Liu and Wang, 2009:
https://doi.org/10.1145/1498759.1498818).

The probabilities are those by which interleaving is commonly simulated (Hofmann, Whiteson and de Rijke, 2013:
https://doi.org/10.1145/2536736.2536737). They give them for what is not and what is relevant: our grades 0 and 3 have
these, and 1 and 2 lie on the line between.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from endcap.errors import InputError
from endcap.evaluate.interleaving.sequential import ALPHA
from endcap.evaluate.interleaving.tally import Comparison, Tally
from endcap.evaluate.interleaving.team_draft import Drafted, interleave
from endcap.index.judgments.judgments import whole
from endcap.progress import Watch, unwatched
from endcap.storefront.search_page import hit_ids, search_shop
from endcap.storefront.search_request import SearchRequest
from endcap.storefront.shop import Shop
from endcap.storefront.ubi import event_record, query_record, timestamp_of
from endcap.storefront.ubi_log import UbiLog

PAGE = 10
Orders = Callable[[str], tuple[Sequence[str], Sequence[str]]]
"""A query's ids in endcap's order and in the engine's, the best first."""
Grades = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class ClickModel:
    """How probable it is that a user who looks at a product of grade 0 to 3 clicks it, and then stops."""

    name: str
    click: tuple[float, float, float, float]
    stop: tuple[float, float, float, float]


def _between(low: float, high: float) -> tuple[float, float, float, float]:
    """A probability for each grade, on the line from grade 0 to grade 3."""
    return low, low + (high - low) / 3, low + (high - low) * 2 / 3, high


NAVIGATIONAL = ClickModel("navigational", _between(0.05, 0.95), _between(0.2, 0.9))
"""Looks for one product, and stops when it has one."""
INFORMATIONAL = ClickModel("informational", _between(0.4, 0.9), _between(0.1, 0.5))
"""Looks around: clicks much that is not relevant, and goes on. The noisier of the two."""
MODELS: Mapping[str, ClickModel] = {model.name: model for model in (NAVIGATIONAL, INFORMATIONAL)}


def draw_clicks(model: ClickModel, grades: Sequence[float], chance: random.Random) -> list[int]:
    """The places (from 0) that a user clicks in a list of products with these grades."""
    places = []
    for place, grade in enumerate(grades):
        near = whole(grade)
        if chance.random() < model.click[near]:
            places.append(place)
            if chance.random() < model.stop[near]:
                break
    return places


@dataclass(frozen=True, slots=True)
class Visit:
    """One simulated search: what was shown, and the places (from 0) that were clicked."""

    number: int
    query: str
    shown: tuple[Drafted, ...]
    clicks: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Replay:
    """What simulated users say. ``simulated`` is always true, so that nobody takes it for people's."""

    tally: Tally
    model: str
    queries: int
    seed: int
    simulated: bool = True

    def sentence(self) -> str:
        """What came out, in one sentence that says that the users are simulated."""
        tally = self.tally
        counts = (
            f"{tally.queries:,} searches of simulated users ({self.model}) over {self.queries:,} judged queries: "
            f"{tally.wins:,} went to endcap, {tally.losses:,} to the engine, {tally.ties:,} to neither"
        )
        share = f"of those that one side won, endcap wins {tally.low:.0%} to {tally.high:.0%}"
        if tally.decided_after is None:
            return f"{counts}; {share}; not enough to tell the two apart."
        better = "endcap" if tally.ahead == "endcap" else "the engine"
        return f"{counts}; {share}; after {tally.decided_after:,} it was enough: {better} is better."


def replay(
    orders: Orders,
    grades: Grades,
    visits: int,
    *,
    seed: int = 0,
    model: ClickModel = NAVIGATIONAL,
    alpha: float = ALPHA,
    watch: Watch = unwatched,
    on_visit: Callable[[Visit], Any] | None = None,
) -> Replay:
    """Let ``visits`` simulated users each search one of the judged queries, drawn at random, through a list of ten.

    A product without a grade counts as grade 0. Each query is searched once, when it first comes.
    ``on_visit`` is called with every visit, as to write it down. The seed decides queries, coins and clicks. Raises
    ``InputError`` where nothing is judged, or ``visits`` is below 1.
    """
    judged = sorted(query for query, products in grades.items() if products)
    if not judged:
        raise InputError("no query is judged, so simulated users don't know what to click. Give judgments.")
    if visits < 1:
        raise InputError(f"{visits} simulated searches can't be made. Give at least 1.")
    chance = random.Random(seed)
    orders_of = cache(orders)
    comparison = Comparison(alpha=alpha)
    with watch("Simulated searches", visits) as advance:
        for number in range(visits):
            query = chance.choice(judged)
            shown = interleave(*orders_of(query), seed=chance.getrandbits(64), length=PAGE)
            clicks = draw_clicks(model, [grades[query].get(hit.id, 0) for hit in shown], chance)
            name, now = f"simulated-{number}", float(number)
            comparison.shown(name, name, shown, now)
            for place in clicks:
                comparison.clicked(name, shown[place].id, now)
            comparison.settle_all()  # a simulated user is gone before the next one comes
            if on_visit is not None:
                on_visit(Visit(number, query, shown, tuple(clicks)))
            advance(number + 1)
    return Replay(comparison.settle_all(), model.name, len(judged), seed)


def replay_shop(shop: Shop, visits: int, log: UbiLog | None = None, watch: Watch = unwatched) -> Replay:
    """Let simulated users search the shop; what they do goes into the log, if there is one, marked as simulated.

    Raises ``InputError`` where nothing is judged.
    """
    grades = {query: shop.grades_of(query) for query in shop.searchable_queries}

    def orders(query: str) -> tuple[Sequence[str], Sequence[str]]:
        engine, endcap = search_shop(shop, SearchRequest(query)).columns
        return hit_ids(endcap), hit_ids(engine)

    # a visit a minute, the last of them now
    on_visit = None if log is None else visit_writer(log, datetime.now(UTC) - timedelta(minutes=visits))
    return replay(orders, grades, visits, watch=watch, on_visit=on_visit)


def visit_writer(log: UbiLog, began: datetime) -> Callable[[Visit], None]:
    """For ``replay``'s ``on_visit``: writes each visit as User Behaviour Insights, marked as simulated.

    The first visit is at ``began``, each later one a minute after the one before.
    """

    def write(visit: Visit) -> None:
        name = f"simulated-{began:%Y%m%dT%H%M%S}-{visit.number}"
        at = began + timedelta(minutes=visit.number)
        try:
            query, events = _records(visit, name, at)
        except InputError:  # judged words that the schema has no place for: the visit counts, and is not written
            return
        log.query(query)
        for event in events:
            log.event(event)
        if visit.number % 500 == 499:  # nobody waits for a simulated user, and none should be dropped
            log.flush()

    return write


def _records(visit: Visit, name: str, at: datetime) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """A visit's search, and its clicks, one a second; ``InputError`` where the schema has no place for them."""
    ids = [hit.id for hit in visit.shown]
    attributes = {"teams": [hit.team for hit in visit.shown], "simulated": True}
    query = query_record(
        visit.query, ids, query_id=name, client_id=name, attributes=attributes, timestamp=timestamp_of(at)
    )
    events: list[Mapping[str, Any]] = []
    ids_and_words = {"query_id": name, "client_id": name, "user_query": visit.query}
    for seconds, place in enumerate(visit.clicks, 1):
        hit = visit.shown[place]
        about = {"object": {"object_id": hit.id}, "position": {"ordinal": place + 1}, "simulated": True}
        team = {"team": hit.team} if hit.team else {}
        event = event_record({"action_name": "click", **ids_and_words, "event_attributes": about | team})
        events.append(event | {"timestamp": timestamp_of(at + timedelta(seconds=seconds))})
    return query, events
