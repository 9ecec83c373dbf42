"""Simulated users: they click as their model says, are told apart from people, and find the better of two rankings."""

from __future__ import annotations

import json
import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.demo import catalogue, run, translation
from endcap.demo.queries import judgments
from endcap.errors import InputError
from endcap.plugin.search.reranker import Reranker
from endcap.storefront.clicks import Clicks
from endcap.storefront.simulated_users import (
    INFORMATIONAL,
    MODELS,
    NAVIGATIONAL,
    PAGE,
    ClickModel,
    Visit,
    draw_clicks,
    replay,
    visit_writer,
)
from endcap.storefront.ubi_log import UbiLog
from endcap.storefront.ubi_sinks import FileSink

DEPARTMENTS = ("Phones & Tablets", "Coffee & Tea", "Baby & Toys", "Photo")
IDS = [f"p{n}" for n in range(30)]
GRADES = {f"query {n}": {id: (i + n) % 4 for i, id in enumerate(IDS)} for n in range(20)}


def by_grade(query: str) -> list[str]:
    return sorted(IDS, key=lambda id: -GRADES[query.removesuffix("/twin")][id])


def shuffled(query: str, salt: int) -> list[str]:
    return random.Random(f"{query} {salt}").sample(IDS, len(IDS))


def test_users_click_and_stop_as_often_as_the_model_says() -> None:
    """Each place is looked at where none before has satisfied; the shares of clicks and stops are the model's own."""
    chance = random.Random(1)
    for model in MODELS.values():
        for grade in range(4):
            seen = Counter(tuple(draw_clicks(model, [grade] * 2, chance)) for _ in range(20_000))
            first = (seen[0,] + seen[0, 1]) / 20_000
            assert first == pytest.approx(model.click[grade], abs=0.015)
            # Only who clicked and did not stop goes on to the second.
            both = model.click[grade] ** 2 * (1 - model.stop[grade])
            assert seen[0, 1] / 20_000 == pytest.approx(both, abs=0.015)


def test_the_models_are_those_that_their_source_gives() -> None:
    """What is not and what is relevant have the published probabilities; the two grades between lie on the line."""
    assert (NAVIGATIONAL.click[0], NAVIGATIONAL.click[3]) == (0.05, 0.95)
    assert (NAVIGATIONAL.stop[0], NAVIGATIONAL.stop[3]) == (0.2, 0.9)
    assert (INFORMATIONAL.click[0], INFORMATIONAL.click[3]) == (0.4, 0.9)
    assert (INFORMATIONAL.stop[0], INFORMATIONAL.stop[3]) == (0.1, 0.5)
    assert NAVIGATIONAL.click[1:3] == (pytest.approx(0.35), pytest.approx(0.65))


@given(st.lists(st.integers(0, 3), max_size=10), st.integers(0, 99))
def test_clicks_are_places_in_order(grades: list[int], seed: int) -> None:
    """Clicks are places of the list, each once, from the top down; who always stops clicks once."""
    places = draw_clicks(INFORMATIONAL, grades, random.Random(seed))
    assert places == sorted(set(places))
    assert set(places) <= set(range(len(grades)))
    always = ClickModel("always", (1.0, 1.0, 1.0, 1.0), (1.0, 1.0, 1.0, 1.0))
    assert draw_clicks(always, grades, random.Random(seed)) == ([0] if grades else [])


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_two_equal_rankings_are_not_told_apart(model: ClickModel) -> None:
    """Of 40 replays hardly any decides: neither on the same ranking twice, nor where each of two is better for half of
    the searches."""

    def same(query: str) -> tuple[list[str], list[str]]:
        return by_grade(query), by_grade(query)

    def by_turns(query: str) -> tuple[list[str], list[str]]:
        good, bad = by_grade(query), shuffled(query.partition("/")[0], 1)
        return (good, bad) if query.endswith("/twin") else (bad, good)

    twins = {name: products for query, products in GRADES.items() for name in (query, f"{query}/twin")}
    for orders in (same, by_turns):
        decided = [replay(orders, twins, 300, seed=seed, model=model).tally.ahead for seed in range(40)]
        assert len(list(filter(None, decided))) <= 40 * 0.05 + 2 * math.sqrt(40 * 0.05 * 0.95)


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
@pytest.mark.parametrize("seed", range(5))
def test_the_better_ranking_is_found_on_either_side(model: ClickModel, seed: int) -> None:
    """The order by grade beats a shuffled one, soon, and whichever side it is on."""
    found = replay(lambda query: (by_grade(query), shuffled(query, 1)), GRADES, 800, seed=seed, model=model)
    assert found.tally.ahead == "endcap"
    assert found.tally.low > 0.5
    other = replay(lambda query: (shuffled(query, 1), by_grade(query)), GRADES, 800, seed=seed, model=model)
    assert other.tally.ahead == "engine"
    assert other.tally.high < 0.5


def test_a_replay_says_that_it_is_simulated() -> None:
    """The result and its sentence say so; the same seed says the same; progress comes to the end; each query is
    searched once."""
    asked: list[str] = []
    done: list[int] = []

    def orders(query: str) -> tuple[list[str], list[str]]:
        asked.append(query)
        return by_grade(query), shuffled(query, 1)

    @contextmanager
    def watch(title: str, total: int | None) -> Iterator[object]:
        assert (title, total) == ("Simulated searches", 300)
        yield done.append

    found = replay(orders, GRADES, 300, seed=3, watch=watch)  # type: ignore[arg-type]
    assert found.simulated
    said = found.sentence()
    assert "searches of simulated users (navigational)" in said
    assert said.endswith("it was enough: endcap is better.")
    assert done[-1] == 300
    assert len(asked) == len(set(asked)) == 20
    assert replay(orders, GRADES, 300, seed=3) == found
    assert replay(orders, GRADES, 300, seed=4) != found
    assert "not enough to tell" in replay(orders, GRADES, 2, seed=3).sentence()


def test_nothing_to_replay_is_an_error() -> None:
    """Without judgments nobody knows what to click; without visits nothing is said."""
    with pytest.raises(InputError, match="no query is judged"):
        replay(lambda query: ([], []), {"kettle": {}}, 10)
    with pytest.raises(InputError, match="0 simulated searches"):
        replay(lambda query: ([], []), GRADES, 0)
    assert replay(lambda query: ([], []), GRADES, 5).tally.ties == 5, "where nothing is found, nobody clicks"


def test_what_is_written_says_simulated_and_counts_the_same(tmp_path: Path) -> None:
    """Each search and click that is written is marked as simulated, and reading them again gives the same result."""
    log = UbiLog(FileSink(tmp_path))
    began = datetime.now(UTC) - timedelta(days=2)
    visits: list[Visit] = []
    tell = visit_writer(log, began)

    def both(visit: Visit) -> None:
        visits.append(visit)
        tell(visit)

    found = replay(lambda query: (by_grade(query), shuffled(query, 1)), GRADES, 600, seed=1, on_visit=both)
    log.close(30)
    clicked = sum(len(visit.clicks) for visit in visits)
    assert log.counts == {"taken": 600 + clicked, "written": 600 + clicked, "dropped": 0, "failed": 0}
    queries, events = (
        [json.loads(line) for line in (tmp_path / name).read_text().splitlines()]
        for name in ("queries.jsonl", "events.jsonl")
    )
    assert all(record["query_attributes"]["simulated"] is True for record in queries)
    assert all(record["event_attributes"]["simulated"] is True for record in events)
    assert all(len(record["query_response_hit_ids"]) == PAGE for record in queries)
    people = Clicks()
    people.read(tmp_path)
    assert people.summary()["queries"] == 0, "simulated users are not counted with people"
    again = Clicks(simulated=True)
    again.read(tmp_path)
    told = again.summary()
    assert told["simulated"] is True
    tally = found.tally
    assert (told["wins"], told["losses"], told["ties"]) == (tally.wins, tally.losses, tally.ties)
    assert (told["decided"], told["decided_after"]) == (tally.ahead, tally.decided_after)


def test_a_judged_query_that_can_not_be_written_costs_no_visit(tmp_path: Path) -> None:
    """Judgments come from anywhere: words with a control character are searched and clicked for, and not written."""
    log = UbiLog(FileSink(tmp_path))
    long = "i" * 500
    grades = {"kettle\x0b": {"a": 3}, "tea": {long: 3}}
    told = visit_writer(log, datetime.now(UTC) - timedelta(hours=1))
    found = replay(lambda query: (["a", long, "b"],) * 2, grades, 40, on_visit=told)
    log.close(30)
    assert found.tally.queries == 40
    queries = [json.loads(line)["user_query"] for line in (tmp_path / "queries.jsonl").read_text().splitlines()]
    assert set(queries) == {"tea"}
    assert long in (tmp_path / "events.jsonl").read_text()


@pytest.fixture(scope="module")
def part_of_the_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[run.DemoShop, Reranker]]:
    """Four departments of the demo shop, in the embedded engine, with the shipped student before it."""
    few = tuple(item for item in catalogue.items() if item.product.category.split(" > ")[0] in DEPARTMENTS)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ENDCAP_HOME", str(tmp_path_factory.mktemp("home")))
        for module in (catalogue, translation):
            patch.setattr(module, "items", lambda: few)
        patch.setattr(catalogue, "products", lambda: (item.product for item in few))
        shop = run.open_demo_shop()
        reranker = Reranker(shop.engine, shop.student, states=shop.states, deadline_ms=60_000)
        yield shop, reranker
        reranker.close()
        shop.states.close()


def judged_here(shop: run.DemoShop) -> dict[str, dict[str, int]]:
    """The searches for which these departments have something right."""
    ids = {item.product.id for item in catalogue.items()}
    grades = {
        query: {id: grade for id, grade in judged.items() if id in ids and grade}
        for query, judged in judgments().grades.items()
    }
    return {query: judged for query, judged in grades.items() if 3 in judged.values()}


def remembered(
    shop: run.DemoShop, reranker: Reranker, queries: Sequence[str]
) -> dict[str, tuple[list[str], list[str]]]:
    orders = {}
    for query in queries:
        body = {"query": shop.engine.text_query(query), "size": PAGE}
        replies = (reranker.search(index=run.INDEX, body=body), shop.engine.search(index=run.INDEX, body=body))
        endcap, engine = map(run.reply_ids, replies)
        orders[query] = (endcap, engine)
    return orders


def test_simulated_users_find_endcap_better_in_the_demo_shop(part_of_the_shop: tuple[run.DemoShop, Reranker]) -> None:
    """Through the real middleware, users who click by the known grades find endcap's order better than the engine's,
    with either model and every seed; between the engine's order and itself they find nothing."""
    shop, reranker = part_of_the_shop
    grades = judged_here(shop)
    assert len(grades) > 30
    known = remembered(shop, reranker, list(grades))
    for model in MODELS.values():
        for seed in range(3):
            found = replay(known.__getitem__, grades, 3000, seed=seed, model=model)
            assert found.tally.ahead == "endcap", found.sentence()
    same = [replay(lambda query: (known[query][1],) * 2, grades, 1000, seed=seed).tally.ahead for seed in range(10)]
    assert same.count("") >= 9
