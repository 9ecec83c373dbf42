"""Two rankings as one list, and which of them its clicks speak for: team-draft interleaving.

Radlinski, Kurup and Joachims, 2008 (https://doi.org/10.1145/1458082.1458092). As when two captains pick teams: in each
round a coin says who picks first, each picks its best product that is not taken. Who searches sees one list; each
click is a point for the team that brought the product, and the search goes to the ranking with more points. Both have
the same chance at every place, so where the rankings are equally good neither wins more often, whatever is clicked at
which place for no reason.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

TEAMS = ("endcap", "engine")
"""The ranking that should be better, and the one that it is compared with."""


@dataclass(frozen=True, slots=True)
class Drafted:
    """A product of an interleaved list, and the team that brought it; "" for what was added when a team had no more."""

    id: str
    team: str


def interleave(
    better: Sequence[str], base: Sequence[str], *, seed: int, length: int | None = None, teams: tuple[str, str] = TEAMS
) -> tuple[Drafted, ...]:
    """The two rankings (ids, the best first, each once) as one list of at most ``length``; by default of all ids.

    The seed alone decides the coins, so that the list is the same again for a later page: a shorter list is the
    beginning of a longer one. Where one of the two might have nothing to pick in a round, whoever is first in it, that
    round is not held, and what remains follows without a team: it had no rival.
    """
    coins = random.Random(seed)
    size = len({*better, *base}) if length is None else length
    waiting = {teams[0]: list(reversed(better)), teams[1]: list(reversed(base))}
    teams_by_id: dict[str, str] = {}
    while len(teams_by_id) < size and _both_can_pick(waiting[teams[0]], waiting[teams[1]], teams_by_id):
        for team in teams if coins.random() < 0.5 else teams[::-1]:
            while waiting[team][-1] in teams_by_id:
                waiting[team].pop()
            teams_by_id[waiting[team].pop()] = team
    rest = dict.fromkeys(id for ids in waiting.values() for id in reversed(ids) if id not in teams_by_id)
    hits = [*(Drafted(id, team) for id, team in teams_by_id.items()), *(Drafted(id, "") for id in rest)]
    return tuple(hits[:size])


def _both_can_pick(one: list[str], other: list[str], drafted: Collection[str]) -> bool:
    """Whether each has a product to pick also after the other's pick; what is taken goes from the ends."""
    for ids in (one, other):
        while ids and ids[-1] in drafted:
            ids.pop()
    return all(
        mine and theirs and any(id not in drafted and id != theirs[-1] for id in reversed(mine))
        for mine, theirs in ((one, other), (other, one))
    )


def seed_of(*parts: str) -> int:
    """A seed from texts, such as who searches and for what: the same again for the same, on every machine."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.blake2b(joined, digest_size=8).digest())


def winner(shown: Iterable[Drafted], clicked: Collection[str], teams: tuple[str, str] = TEAMS) -> str:
    """The team with more of the clicked products; "" where there are as many of each, or none.

    A product counts once, however often it was clicked.
    """
    points = dict.fromkeys(teams, 0)
    for hit in shown:
        if hit.id in clicked and hit.team in points:
            points[hit.team] += 1
    if points[teams[0]] == points[teams[1]]:
        return ""
    return max(points, key=points.__getitem__)
