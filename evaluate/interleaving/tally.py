"""Interleaved searches and their clicks as they come, and the running answer to which ranking wins."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from endcap.evaluate.interleaving.sequential import ALPHA, e_value_of, interval, log_e_value
from endcap.evaluate.interleaving.team_draft import TEAMS, Drafted, winner

SETTLE_S = 120.0
MAX_OPEN = 10_000


@dataclass(frozen=True, slots=True)
class Tally:
    """What all settled searches say. ``wins`` and ``losses`` are those of the first team; ties have no clicks, or as
    many for each.

    ``e_value`` is the largest that there was, and ``low`` to ``high`` what all intervals so far have in common. Both
    are as valid at any time as the last ones, and what they once said stays said. ``decided_after`` is the number of
    searches after which the e-value was first at least ``1 / alpha``, and ``ahead`` the team that was ahead then; None
    and "" where that is not so yet. ``open`` searches are not settled.
    """

    wins: int
    losses: int
    ties: int
    open: int
    alpha: float
    e_value: float
    low: float
    high: float
    decided_after: int | None
    ahead: str

    @property
    def queries(self) -> int:
        """How many searches are settled."""
        return self.wins + self.losses + self.ties


@dataclass(slots=True)
class _Open:
    client: str
    shown: tuple[Drafted, ...]
    since: float
    clicked: set[str]


class Comparison:
    """Interleaved searches and their clicks as they come, and what they say so far.

    A search is credited once, when it is settled: when the same client searches again, or ``settle_s`` seconds after it
    was shown. The sequential test needs that: a result that could still turn may not be looked at. Not safe from
    several threads; times are seconds of any clock that never goes back.
    """

    def __init__(self, *, teams: tuple[str, str] = TEAMS, alpha: float = ALPHA, settle_s: float = SETTLE_S) -> None:
        self.teams, self.alpha, self.settle_s = teams, alpha, settle_s
        self._open: OrderedDict[str, _Open] = OrderedDict()
        self._latest: dict[str, str] = {}
        self._settled: OrderedDict[str, None] = OrderedDict()
        self._counts = {teams[0]: 0, teams[1]: 0, "": 0}
        self._e_value, self._low, self._high = 1.0, 0.0, 1.0
        self._decided_after: int | None = None
        self._ahead = ""

    def shown(self, query_id: str, client: str, shown: Iterable[Drafted], now: float) -> None:
        """A list was shown. Shown again, as for a later page, what is new is added; once settled, nothing is."""
        self._settle_old(now)
        hits = tuple(shown)
        if query_id in self._settled:
            return
        if search := self._open.get(query_id):
            ids = {hit.id for hit in search.shown}
            search.shown += tuple(hit for hit in hits if hit.id not in ids)
            return
        if (before := self._latest.get(client)) is not None:
            self._settle(before)
        self._latest[client] = query_id
        self._open[query_id] = _Open(client, hits, now, set())
        if len(self._open) > MAX_OPEN:
            self._settle(next(iter(self._open)))

    def clicked(self, query_id: str, id: str, now: float) -> str:
        """A product was clicked; returns its team, "" where it has none or the search is settled or not known."""
        self._settle_old(now)
        search = self._open.get(query_id)
        team = next((hit.team for hit in search.shown if hit.id == id), "") if search else ""
        if search and team:
            search.clicked.add(id)
        return team

    def is_open(self, query_id: str, now: float) -> bool:
        """Whether a search was shown and is not settled yet."""
        self._settle_old(now)
        return query_id in self._open

    def tally(self, now: float) -> Tally:
        """What the settled searches say."""
        self._settle_old(now)
        return self._tally()

    def settle_all(self) -> Tally:
        """Credit also the searches that are open, as at the end of a replay."""
        for query_id in list(self._open):
            self._settle(query_id)
        return self._tally()

    def _tally(self) -> Tally:
        return Tally(
            wins=self._counts[self.teams[0]],
            losses=self._counts[self.teams[1]],
            ties=self._counts[""],
            open=len(self._open),
            alpha=self.alpha,
            e_value=self._e_value,
            low=self._low,
            high=self._high,
            decided_after=self._decided_after,
            ahead=self._ahead,
        )

    def _settle_old(self, now: float) -> None:
        while self._open:
            query_id, search = next(iter(self._open.items()))
            if now - search.since < self.settle_s:
                return
            self._settle(query_id)

    def _settle(self, query_id: str) -> None:
        search = self._open.pop(query_id, None)
        if search is None:
            return
        self._settled[query_id] = None
        if len(self._settled) > MAX_OPEN:
            self._settled.popitem(last=False)
        if self._latest.get(search.client) == query_id:
            del self._latest[search.client]
        self._credit(winner(search.shown, search.clicked, self.teams))

    def _credit(self, team: str) -> None:
        self._counts[team] += 1
        if not team:
            return
        wins, losses = (self._counts[team_name] for team_name in self.teams)
        e_value = e_value_of(wins, losses)
        self._e_value = max(self._e_value, e_value)
        self._narrow(wins, losses)
        if self._decided_after is None and e_value >= 1 / self.alpha:
            self._decided_after = sum(self._counts.values())
            self._ahead = self.teams[0] if wins > losses else self.teams[1]

    def _narrow(self, wins: int, losses: int) -> None:
        # Most queries move neither end; whether one does costs a hundredth of finding out where to.
        limit = -math.log(self.alpha)
        ends = (self._low, self._high)
        if ends[0] > 0 and ends[1] < 1 and all(log_e_value(wins, losses, end) < limit for end in ends):
            return
        low, high = interval(wins, losses, self.alpha)
        self._low, self._high = max(self._low, low), min(self._high, high)
        if self._low > self._high:  # the truth was left out once, or changed: all that can be said is what is seen now
            self._low, self._high = low, high


def as_json(tally: Tally, *, simulated: bool) -> Mapping[str, object]:
    """The tally as plain data; ``decided`` is the team that was ahead when enough was seen, or None."""
    return {
        "queries": tally.queries,
        "wins": tally.wins,
        "losses": tally.losses,
        "ties": tally.ties,
        "open": tally.open,
        "e_value": tally.e_value,
        "needed": 1 / tally.alpha,
        "interval": [tally.low, tally.high],
        "decided": tally.ahead or None,
        "decided_after": tally.decided_after,
        "simulated": simulated,
    }
