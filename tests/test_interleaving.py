"""Team-draft interleaving, the credit of clicks, and what is concluded from searches as they come."""

from __future__ import annotations

import random
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from endcap.evaluate.interleaving.sequential import sequential_test
from endcap.evaluate.interleaving.tally import Comparison, as_json
from endcap.evaluate.interleaving.team_draft import Drafted, interleave, seed_of, winner

IDS = st.lists(st.sampled_from("abcdefghij"), unique=True, max_size=10)
SEEDS = st.integers(0, 2**64 - 1)


def lists(*pairs: tuple[str, str]) -> tuple[Drafted, ...]:
    return tuple(Drafted(id, team) for id, team in pairs)


def test_the_draft_worked_by_hand() -> None:
    """Two rankings of two products have two drafts: who picks first gets its first, the other the best that is left."""
    seen = {interleave("ab", "ba", seed=seed) for seed in range(40)}
    assert seen == {lists(("a", "endcap"), ("b", "engine")), lists(("b", "engine"), ("a", "endcap"))}
    same = {interleave("ab", "ab", seed=seed) for seed in range(40)}
    assert same == {lists(("a", "endcap"), ("b", "engine")), lists(("a", "engine"), ("b", "endcap"))}


def test_every_round_has_its_own_coin() -> None:
    """Over rounds both teams may pick twice in a row, but are never more than one product apart."""
    teams = Counter(
        "".join("E" if hit.team == "endcap" else "O" for hit in interleave("abcd", "efgh", seed=seed, length=4))
        for seed in range(400)
    )
    assert set(teams) == {"EOEO", "EOOE", "OEEO", "OEOE"}
    assert min(teams.values()) > 70


@given(IDS, IDS, SEEDS, st.integers(0, 12))
def test_a_draft_is_a_fair_list(better: list[str], base: list[str], seed: int, length: int) -> None:
    """Each product stands once, each team's come in its own order, the teams are never two apart, and a shorter list
    is the beginning of a longer one."""
    hits = interleave(better, base, seed=seed)
    assert sorted(hit.id for hit in hits) == sorted({*better, *base})
    assert interleave(better, base, seed=seed, length=length) == hits[:length]
    for team, ranking in (("endcap", better), ("engine", base)):
        places = [ranking.index(hit.id) for hit in hits if hit.team == team]
        assert places == sorted(places)
    ahead = 0
    for hit in hits:
        ahead += {"endcap": 1, "engine": -1, "": 0}[hit.team]
        assert abs(ahead) <= 1
    drafted = {hit.id for hit in hits if hit.team}
    if drafted != {*better, *base}:  # a product without a team had no rival: one of the rankings was as good as used up
        assert min(len(set(ranking) - drafted) for ranking in (better, base)) <= 1
    counts = Counter(hit.team for hit in hits)
    assert counts["endcap"] == counts["engine"], "a round is held for both, or for neither"


@given(IDS, IDS, SEEDS)
def test_equal_clicks_speak_for_both_alike(better: list[str], base: list[str], seed: int) -> None:
    """With the rankings exchanged, the same coins give each side what the other had."""
    hits = interleave(better, base, seed=seed, teams=("x", "y"))
    other = interleave(base, better, seed=seed, teams=("x", "y"))
    if better == base:
        assert hits == other
    assert {hit.team for hit in hits} <= {"x", "y", ""}


def test_a_search_goes_to_the_team_with_more_clicks() -> None:
    """Each clicked product is a point for its team; none or as many is a tie; what has no team is no point."""
    shown = lists(("a", "endcap"), ("b", "engine"), ("c", "engine"), ("d", ""))
    assert winner(shown, {"a"}) == "endcap"
    assert winner(shown, {"a", "b", "c"}) == "engine"
    assert winner(shown, {"a", "b"}) == winner(shown, set()) == winner(shown, {"d", "elsewhere"}) == ""


def test_a_blind_clicker_favours_nobody() -> None:
    """Who always clicks the first place, whatever stands there, makes each ranking win half of the searches."""
    better, base = list("abcdef"), list("fbcdea")
    won = Counter(winner(hits, {hits[0].id}) for hits in (interleave(better, base, seed=seed) for seed in range(2000)))
    assert abs(won["endcap"] - won["engine"]) < 4 * 2000**0.5 / 2


@pytest.mark.parametrize("base", ["abc", "c", "fed", "xyabc"])
def test_a_short_ranking_is_no_advantage(base: str) -> None:
    """Where one ranking ends before the other, who clicks at random, more at the top, still favours nobody."""
    chance = random.Random(base)
    won: Counter[str] = Counter()
    for seed in range(4000):
        hits = interleave(chance.sample("abcdefgh", 8), base, seed=seed)
        won[winner(hits, {hit.id for place, hit in enumerate(hits) if chance.random() < 0.8 ** (place + 1)})] += 1
    assert abs(won["endcap"] - won["engine"]) < 4 * (won["endcap"] + won["engine"]) ** 0.5


def test_seeds_are_the_same_everywhere() -> None:
    """A seed follows from texts alone (b2sum of them, joined by a zero byte), and their division counts."""
    assert seed_of("client", "kettle") == seed_of("client", "kettle") == 6299617462522379225
    assert seed_of("ab", "c") != seed_of("a", "bc")


SHOWN = lists(("a", "endcap"), ("b", "engine"), ("c", "endcap"))


def test_a_search_counts_once_it_is_settled() -> None:
    """A search is open while its client may still click; its next search, or time, settles it; later clicks don't."""
    made = Comparison(settle_s=60)
    made.shown("q1", "ann", SHOWN, now=0)
    assert made.clicked("q1", "a", now=1) == "endcap"
    assert made.clicked("q1", "a", now=2) == "endcap"
    assert (made.tally(now=3).queries, made.tally(now=3).open) == (0, 1)
    made.shown("q2", "ann", SHOWN, now=10)
    assert (made.tally(now=10).wins, made.tally(now=10).open) == (1, 1)
    assert made.clicked("q1", "b", now=11) == ""
    assert made.clicked("q2", "b", now=12) == "engine"
    assert made.tally(now=70).losses == 1
    made.shown("q2", "ann", SHOWN, now=71)
    found = made.tally(now=1000)
    assert (found.wins, found.losses, found.ties, found.open, found.queries) == (1, 1, 0, 0, 2)


def test_a_later_page_adds_to_the_search() -> None:
    """The second page of a search is not another search."""
    made = Comparison()
    made.shown("q", "ann", SHOWN[:2], now=0)
    made.shown("q", "ann", SHOWN, now=1)
    assert made.clicked("q", "c", now=2) == "endcap"
    assert made.clicked("q", "never shown", now=2) == ""
    assert made.clicked("unknown", "a", now=2) == ""
    assert made.settle_all().wins == 1


def test_what_is_decided_stays_decided() -> None:
    """Eight wins in a row are enough at .05; losses that follow don't take back what was said, nor its interval."""
    made = Comparison()
    for n in range(30):
        made.shown(f"q{n}", "ann", SHOWN, now=n)
        made.clicked(f"q{n}", "a" if n < 8 else "b", now=n)
    found = made.settle_all()
    assert (found.decided_after, found.ahead) == (8, "endcap")
    assert (found.wins, found.losses) == (8, 22)
    assert found.e_value == pytest.approx(256 / 9)
    assert found.low == pytest.approx((1 / 180) ** (1 / 8))
    assert found.low > 0.5 > 8 / 30
    told = as_json(found, simulated=True)
    assert (told["decided"], told["decided_after"], told["simulated"]) == ("endcap", 8, True)
    assert (told["queries"], told["ties"], told["needed"]) == (30, 0, pytest.approx(20))


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many searches are open at once, the oldest are settled rather than kept."""
    monkeypatch.setattr("endcap.evaluate.interleaving.tally.MAX_OPEN", 10)
    made = Comparison()
    for n in range(100):
        made.shown(f"q{n}", f"client {n}", SHOWN, now=0)
    assert (made.tally(now=0).open, made.tally(now=0).ties) == (10, 90)


@given(st.lists(st.sampled_from("abx"), max_size=60))
def test_the_running_interval_is_what_all_have_in_common(outcomes: list[str]) -> None:
    """Ends and e-value are those of all intervals and e-values so far, however they were reckoned."""
    made = Comparison()
    wins = losses = 0
    low, high, largest = 0.0, 1.0, 1.0
    for n, outcome in enumerate(outcomes):
        made.shown(f"q{n}", "ann", SHOWN, now=n)
        made.clicked(f"q{n}", outcome, now=n)
        made.settle_all()
        wins, losses = wins + (outcome == "a"), losses + (outcome == "b")
        test = sequential_test(wins, losses)
        low, high, largest = max(low, test.low), min(high, test.high), max(largest, test.e_value)
        if low > high:
            low, high = test.low, test.high
    found = made.settle_all()
    assert (found.wins, found.losses, found.queries) == (wins, losses, len(outcomes))
    assert (found.low, found.high, found.e_value) == (pytest.approx(low), pytest.approx(high), pytest.approx(largest))
    assert (found.decided_after is not None) == (largest >= 20)
