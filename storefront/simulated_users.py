"""Simulated users: they search what was judged, see interleaved lists, and click by the grades; none of them is real.

A user goes down the list, clicks a product with a probability that its grade says, and after a click is satisfied and
stops with another (the dependent click model of Guo, Liu and Wang, 2009: https://doi.org/10.1145/1498759.1498818, a
cascade with several clicks). The probabilities are those by which interleaving is commonly simulated (Hofmann, Whiteson
and de Rijke, 2013: https://doi.org/10.1145/2536736.2536737): they give them for what is not and what is relevant; our
grades 0 and 3 have these, and 1 and 2 lie on the line between.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from endcap.demo.run import INDEX, OpenShop, ids
from endcap.errors import InputError
from endcap.evaluate.interleaving.sequential import ALPHA
from endcap.evaluate.interleaving.tally import Comparison, Tally
from endcap.evaluate.interleaving.team_draft import Drafted, interleave
from endcap.plugin.search.reranker import Reranker
from endcap.progress import Watch, unwatched
from endcap.storefront.ubi import event_record, in_words, query_record
from endcap.storefront.ubi_log import UbiLog

PAGE = 10
Orders = Callable[[str], tuple[Sequence[str], Sequence[str]]]
"""A query's ids in endcap's order and in the engine's, the best first."""
Grades = Mapping[str, Mapping[str, int]]


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


def clicks(model: ClickModel, grades: Sequence[int], chance: random.Random) -> list[int]:
    """The places (from 0) that a user clicks in a list of products with these grades."""
    clicked = []
    for place, grade in enumerate(grades):
        if chance.random() < model.click[grade]:
            clicked.append(place)
            if chance.random() < model.stop[grade]:
                break
    return clicked


@dataclass(frozen=True, slots=True)
class Visit:
    """One simulated search: what was shown, and the places (from 0) that were clicked."""

    number: int
    query: str
    shown: tuple[Drafted, ...]
    clicked: tuple[int, ...]


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
        said = (
            f"{tally.queries:,} searches of simulated users ({self.model}) over {self.queries:,} judged queries: "
            f"{tally.wins:,} went to endcap, {tally.losses:,} to the engine, {tally.ties:,} to neither"
        )
        share = f"of those that one side won, endcap wins {tally.low:.0%} to {tally.high:.0%}"
        if tally.decided_after is None:
            return f"{said}; {share}; not enough to tell the two apart."
        better = "endcap" if tally.ahead == "endcap" else "the engine"
        return f"{said}; {share}; after {tally.decided_after:,} it was enough: {better} is better."


def shop_orders(shop: OpenShop, reranker: Reranker) -> Orders:
    """The first page of the demo shop, from the middleware and from the engine alone."""

    def orders(query: str) -> tuple[list[str], list[str]]:
        body = {"query": shop.engine.text_query(query), "size": PAGE}
        return ids(reranker.search(index=INDEX, body=body)), ids(shop.engine.search(index=INDEX, body=body))

    return orders


def replay(
    orders: Orders,
    grades: Grades,
    visits: int,
    *,
    seed: int = 0,
    model: ClickModel = NAVIGATIONAL,
    alpha: float = ALPHA,
    watch: Watch = unwatched,
    tell: Callable[[Visit], Any] | None = None,
) -> Replay:
    """Let ``visits`` simulated users each search one of the judged queries, drawn at random, through a list of ten.

    A product without a grade counts as grade 0. Each query is searched once, when it first comes. ``tell`` is called
    with every visit, as to write it down. The seed decides queries, coins and clicks. Raises ``InputError`` where
    nothing is judged, or ``visits`` is below 1.
    """
    judged = sorted(query for query, products in grades.items() if products)
    if not judged:
        raise InputError("no query is judged, so simulated users don't know what to click. Give judgments.")
    if visits < 1:
        raise InputError(f"{visits} simulated searches can't be made. Give at least 1.")
    chance = random.Random(seed)
    known: dict[str, tuple[Sequence[str], Sequence[str]]] = {}
    comparison = Comparison(alpha=alpha)
    with watch("Simulated searches", visits) as advance:
        for number in range(visits):
            query = chance.choice(judged)
            if query not in known:
                known[query] = orders(query)
            shown = interleave(*known[query], seed=chance.getrandbits(64), length=PAGE)
            given = grades[query]
            clicked = clicks(model, [given.get(hit.id, 0) for hit in shown], chance)
            name, now = f"simulated-{number}", float(number)
            comparison.shown(name, name, shown, now)
            for place in clicked:
                comparison.clicked(name, shown[place].id, now)
            comparison.settle_all()  # a simulated user is gone before the next one comes
            if tell is not None:
                tell(Visit(number, query, shown, tuple(clicked)))
            advance(number + 1)
    return Replay(comparison.settle_all(), model.name, len(judged), seed)


def written(log: UbiLog, began: datetime) -> Callable[[Visit], None]:
    """For ``replay``'s ``tell``: writes each visit as User Behaviour Insights, marked as simulated.

    The first visit is at ``began``, each later one a minute after the one before.
    """

    def tell(visit: Visit) -> None:
        name = f"simulated-{began:%Y%m%dT%H%M%S}-{visit.number}"
        at = began + timedelta(minutes=visit.number)
        try:
            searched, clicked = _records(visit, name, at)
        except InputError:  # judged words that the schema has no place for: the visit counts, and is not written
            return
        log.query(searched)
        for event in clicked:
            log.event(event)
        if visit.number % 500 == 499:  # nobody waits for a simulated user, and none should be dropped
            log.flush()

    return tell


def _records(visit: Visit, name: str, at: datetime) -> tuple[Mapping[str, Any], list[Mapping[str, Any]]]:
    """A visit's search, and its clicks, one a second; ``InputError`` where the schema has no place for them."""
    ids = [hit.id for hit in visit.shown]
    attributes = {"teams": [hit.team for hit in visit.shown], "simulated": True}
    searched = query_record(
        visit.query, ids, query_id=name, client_id=name, attributes=attributes, timestamp=in_words(at)
    )
    clicked: list[Mapping[str, Any]] = []
    for seconds, place in enumerate(visit.clicked, 1):
        hit = visit.shown[place]
        event = event_record(
            {
                "action_name": "click",
                "query_id": name,
                "client_id": name,
                "user_query": visit.query,
                "event_attributes": {
                    "object": {"object_id": hit.id},
                    "position": {"ordinal": place + 1},
                    "simulated": True,
                    **({"team": hit.team} if hit.team else {}),
                },
            }
        )
        clicked.append({**event, "timestamp": in_words(at + timedelta(seconds=seconds))})
    return searched, clicked
