"""Searches and events in a temporary database on the disk, where they are put together: no memory holds millions."""

from __future__ import annotations

import hashlib
import sqlite3
from array import array
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any

from endcap.index.clicks.counts import Tally
from endcap.index.clicks.one_search import Joined, add_search, places
from endcap.index.clicks.records import CLICK, VIEW, Event, Search
from endcap.index.judgments.query_texts import normalised_query

BATCH = 20_000
_TABLES = """
PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536; PRAGMA temp_store = FILE;
CREATE TABLE search (qid INT, digest INT, query INT, client INT, time REAL, hits BLOB, page INT, size INT, start INT,
    simulated INT, made INT DEFAULT 0, why INT DEFAULT 0, UNIQUE (qid, digest));
CREATE TABLE event (qid INT, kind INT, product INT, client INT, time REAL, position INT, dwell REAL, query INT,
    simulated INT, elsewhere INT, why INT DEFAULT 0);
"""
WHY = (
    "",
    "searches of simulated users, since there are people's",
    "searches of clients with too many (robots)",
    "further searches of one client for the same words",
    "searches of which nothing is known of what they showed, or that showed nothing",
    "events of simulated users, since there are people's",
    "events of clients with too many (robots)",
    "events in the storefront's other column",
    "events whose search is not in the files",
    "events of searches that were left out",
    "searches whose query_id has several different queries, so nobody knows of which an event is",
    "events 'view' that are no whole record of what was seen",
)
(SIMULATED, ROBOT, REPEAT, EMPTY, SIMULATED_EVENT, ROBOT_EVENT, ELSEWHERE, NO_SEARCH, LEFT_SEARCH, SEVERAL, PARTIAL_VIEW
 ) = range(1, len(WHY))  # fmt: skip
MOST_CLICKED, LEAST_COVERED, MOST_UNSEEN = 0.5, 0.5, 0.2
"""Impressions are no whole record where more of them are clicked, they cover less of the places down to the last one
seen, or more of the clicks are on what was not seen."""
AGAIN = "searches given twice"


@dataclass(frozen=True, slots=True)
class Limits:
    """When somebody is no person: ``client`` searches, or events, of one client in all. Of one client, ``repeats``
    searches for the same words are counted. A click left within ``dwell_s`` seconds is a short one; 0: none is."""

    client: int = 1_000
    repeats: int = 10
    dwell_s: float = 10.0
    sure_views: bool = False
    """Whether impressions are such for sure, whatever they look like."""


class Store:
    """Takes searches and events in any order; then puts them together."""

    def __init__(self) -> None:
        self._db = sqlite3.connect("", isolation_level=None)  # a nameless file that goes with the connection
        self._db.executescript(_TABLES)
        self._searches: list[tuple[Any, ...]] = []
        self._events: list[tuple[Any, ...]] = []
        self._given = self._odd_times = 0
        self._odd_time = ""
        self.query_numbers: dict[str, int] = {}
        self.spellings: dict[str, list[int]] = {}
        """Each spelling of a query: the number of the query, and how often it was written so."""
        self.products: dict[str, int] = {}

    def close(self) -> None:
        """Let the database go."""
        self._db.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def query_number(self, words: str, times: int = 1) -> int:
        """The number of a query; those that differ in case and blanks alone have the same."""
        spelled = self.spellings.get(words)
        if spelled is None:
            number = self.query_numbers.setdefault(normalised_query(words), len(self.query_numbers))
            spelled = self.spellings[words] = [number, 0]
        spelled[1] += times
        return spelled[0]

    def product_number(self, id: str) -> int:
        """The number of a product."""
        return self.products.setdefault(id, len(self.products))

    def texts(self) -> dict[int, str]:
        """For each query its most frequent spelling; of several the first by the alphabet."""
        best: dict[int, tuple[int, str]] = {}
        for words, (number, times) in self.spellings.items():
            best[number] = min(best.get(number, (0, words)), (-times, words))
        return {number: words for number, (_, words) in best.items()}

    def add(self, record: Search | Event) -> None:
        """Keep a search or an event."""
        if record.odd_time:
            self._odd_times += 1
            self._odd_time = min(self._odd_time or record.odd_time, record.odd_time)
        if isinstance(record, Search):
            hits = array("i", [self.product_number(id) if id else -1 for id in record.hits])
            digest = _hash("\0".join((f"{record.page} {record.start}", normalised_query(record.words), *record.hits)))
            query = self.query_number(record.words)
            row = (_hash(record.query_id), digest, query, _hash(record.client), record.time, hits.tobytes(),
                   record.page, record.size, record.start, record.simulated)  # fmt: skip
            self._searches.append(row)
            self._given += 1
        else:
            words = self.query_number(record.words, 0) if record.words else None
            self._events.append((_hash(record.query_id), record.kind, self.product_number(record.product),
                                 _hash(record.client), record.time, record.position, record.dwell_s, words,
                                 record.simulated, record.elsewhere))  # fmt: skip
        if len(self._searches) + len(self._events) >= BATCH:
            self._flush()

    def _flush(self) -> None:
        search = "INSERT OR IGNORE INTO search (qid, digest, query, client, time, hits, page, size, start, simulated) "
        self._db.execute("BEGIN")
        self._db.executemany(f"{search} VALUES (?,?,?,?,?,?,?,?,?,?)", self._searches)
        self._db.executemany("INSERT INTO event VALUES (?,?,?,?,?,?,?,?,?,?,0)", self._events)
        self._db.execute("COMMIT")
        self._searches, self._events = [], []

    def join(self, limits: Limits, tally: Tally) -> Joined:
        """Put events and searches together, and add up what was shown and clicked. Every record is used, merged or left
        out by one reason."""
        self._flush()
        joined = Joined(odd_times=self._odd_times, odd_time=self._odd_time)
        self._db.execute("CREATE INDEX of_event ON event (qid)")
        joined.merged[AGAIN] = self._given - self._one("SELECT count(*) FROM search")
        self._split()
        self._made_of_events()
        joined.views = self._one(f"SELECT count(*) FROM event WHERE kind = {VIEW}")
        joined.partial_views = not limits.sure_views and self._views_are_partial()
        self._leave_out(limits, joined)
        short = self._short_clicks(limits, joined)
        self._add_up(tally, joined, limits, short)
        for why, count in self._db.execute("SELECT why, count(*) FROM search WHERE why > 0 AND made = 0 GROUP BY why"):
            joined.left_out[WHY[why]] += count
        for why, count in self._db.execute("SELECT why, count(*) FROM event WHERE why > 0 GROUP BY why"):
            joined.left_out[WHY[why]] += count
        joined.searches = self._one("SELECT count(*) FROM search WHERE why = 0 AND made = 0")
        joined.left_out = Counter({why: count for why, count in joined.left_out.items() if count})
        joined.merged = Counter({why: count for why, count in joined.merged.items() if count})
        return joined

    def _one(self, sql: str, *values: Any) -> int:
        return int(self._db.execute(sql, values).fetchone()[0] or 0)

    def _split(self) -> None:
        """Where one id has several queries (it is a session's, mostly), and its events say of which they are, each
        query becomes a search of its own."""
        self._db.create_function("hash_of", 2, lambda qid, query: _hash(f"{qid} {query}"), deterministic=True)
        several = "SELECT qid FROM search GROUP BY qid HAVING min(query) != max(query)"
        self._db.execute(f"CREATE TEMP TABLE several AS {several}")
        self._db.execute("CREATE TEMP TABLE clear AS SELECT qid FROM several WHERE NOT EXISTS "
                         "(SELECT 1 FROM event e WHERE e.qid = several.qid AND e.query IS NULL)")  # fmt: skip
        for table in ("search", "event"):
            self._db.execute(f"UPDATE {table} SET qid = hash_of(qid, query) WHERE qid IN (SELECT qid FROM clear)")
        self._db.execute("DELETE FROM several WHERE qid IN (SELECT qid FROM clear)")

    def _views_are_partial(self) -> bool:
        """Whether impressions leave out what was seen, as visits of products' pages do when they are called views."""
        run = self._db.execute
        run(f"CREATE TEMP TABLE viewed AS SELECT qid, product, max(position) AS place FROM event WHERE kind = {VIEW} "
            "AND NOT elsewhere GROUP BY qid, product")  # fmt: skip
        run("CREATE TEMP TABLE acted AS SELECT DISTINCT qid, product FROM event "
            f"WHERE kind > {VIEW} AND NOT elsewhere AND qid IN (SELECT qid FROM viewed)")  # fmt: skip
        views, clicks = self._one("SELECT count(*) FROM viewed"), self._one("SELECT count(*) FROM acted")
        both = self._one("SELECT count(*) FROM (SELECT qid, product FROM viewed INTERSECT SELECT * FROM acted)")
        lowest = "min(coalesce(v.deepest, l.size), l.size)"
        seen, places = run(
            f"SELECT sum(min(v.seen, {lowest})), sum({lowest}) FROM "
            "(SELECT qid, count(*) AS seen, max(place) AS deepest FROM viewed GROUP BY qid) v JOIN "
            "(SELECT qid, sum(length(hits)) / 4 AS size FROM search WHERE made = 0 GROUP BY qid) l ON l.qid = v.qid"
        ).fetchone()
        gaps = bool(places) and seen < LEAST_COVERED * places
        return gaps or both > MOST_CLICKED * views or clicks - both > MOST_UNSEEN * clicks

    def _made_of_events(self) -> None:
        """A search for each whose record is missing, where its events say what was searched and what was shown."""
        self._db.execute(
            "INSERT INTO search (qid, digest, query, client, time, hits, page, simulated, made) "
            "SELECT qid, 0, min(query), min(client), min(time), x'', 1, max(simulated), 1 FROM event "
            f"WHERE qid NOT IN (SELECT qid FROM search) GROUP BY qid HAVING min(query) NOT NULL AND min(kind) = {VIEW}"
        )

    def _leave_out(self, limits: Limits, joined: Joined) -> None:
        run, nobody = self._db.execute, _hash("")
        # clients of events that don't name theirs are those of the searches
        run("UPDATE event SET client = (SELECT client FROM search s WHERE s.qid = event.qid) WHERE client = ? "
            "AND qid IN (SELECT qid FROM search)", (nobody,))  # fmt: skip
        if self._one("SELECT count(*) FROM search WHERE simulated = 0"):
            run("UPDATE search SET why = ? WHERE simulated", (SIMULATED,))
            run("UPDATE event SET why = ? WHERE simulated", (SIMULATED_EVENT,))
        else:
            joined.simulated = self._one("SELECT count(*) FROM search") > 0
        run("UPDATE event SET why = ? WHERE why = 0 AND elsewhere", (ELSEWHERE,))
        run(f"UPDATE event SET why = ? WHERE why = 0 AND kind = {VIEW} AND ?", (PARTIAL_VIEW, joined.partial_views))
        run("CREATE TEMP TABLE robot (client INT PRIMARY KEY)")
        of_searches = "SELECT client FROM search WHERE why = 0 GROUP BY client HAVING count(*) > ?"
        of_events = f"SELECT client FROM event WHERE why = 0 AND kind > {VIEW} GROUP BY client HAVING count(*) > ?"
        if limits.client:
            run(f"INSERT OR IGNORE INTO robot {of_searches} UNION {of_events}", (limits.client, limits.client))
            run("DELETE FROM robot WHERE client = ?", (nobody,))
        run("UPDATE search SET why = ? WHERE why = 0 AND client IN (SELECT client FROM robot)", (ROBOT,))
        run("UPDATE event SET why = ? WHERE why = 0 AND client IN (SELECT client FROM robot)", (ROBOT_EVENT,))
        run("UPDATE search SET why = ? WHERE why = 0 AND qid IN (SELECT qid FROM several)", (SEVERAL,))
        # which of many is no matter, as long as the order of the files is none
        ranked = ("SELECT rowid AS row, dense_rank() OVER (PARTITION BY client, query ORDER BY qid) AS nth FROM search "
                  "WHERE why = 0 AND client != ?")  # fmt: skip
        run(f"UPDATE search SET why = ? WHERE rowid IN (SELECT row FROM ({ranked}) WHERE nth > ?)",
            (REPEAT, nobody, limits.repeats))  # fmt: skip
        run(f"UPDATE search SET why = ? WHERE why = 0 AND length(hits) = 0 AND qid NOT IN "
            f"(SELECT qid FROM event WHERE why = 0 AND kind = {VIEW})", (EMPTY,))  # fmt: skip
        run("UPDATE event SET why = ? WHERE why = 0 AND qid NOT IN (SELECT qid FROM search)", (NO_SEARCH,))
        run("UPDATE event SET why = ? WHERE why = 0 AND qid NOT IN (SELECT qid FROM search WHERE why = 0)",
            (LEFT_SEARCH,))  # fmt: skip

    def _short_clicks(self, limits: Limits, joined: Joined) -> bool:
        """Find the clicks after which the same client clicked another product or searched again within the time."""
        self._db.execute("CREATE TEMP TABLE short (qid INT, product INT, PRIMARY KEY (qid, product))")
        coarse = self._one("SELECT count(*) FROM event WHERE why = 0 AND time % 60 != 0") == 0
        if not limits.dwell_s or coarse:  # times of whole minutes or days say nothing of seconds
            return False
        joined.timed = True
        acts = (
            f"SELECT client, min(time) AS time, qid, product FROM event WHERE why = 0 AND kind = {CLICK} "
            "AND time NOT NULL GROUP BY qid, product UNION ALL "
            "SELECT client, time, qid, -1 FROM search WHERE why = 0 AND time NOT NULL"
        )
        person = f"CASE client WHEN {_hash('')} THEN qid ELSE client END"  # nobody's: within the search alone
        following = f"lead(time) OVER (PARTITION BY {person} ORDER BY time, product, qid) - time AS stay"
        self._db.execute(
            f"INSERT INTO short SELECT qid, product FROM (SELECT qid, product, {following} FROM ({acts})) "
            "WHERE product >= 0 AND stay < ?",
            (limits.dwell_s,),
        )
        return True

    def _add_up(self, tally: Tally, joined: Joined, limits: Limits, timed: bool) -> None:
        events = groupby(self._rows(
            "SELECT e.qid, e.product, e.kind, e.position, e.dwell, s.qid FROM event e LEFT JOIN short s "
            "ON s.qid = e.qid AND s.product = e.product WHERE e.why = 0 ORDER BY e.qid, e.product, e.kind, e.position"
        ), itemgetter(0))  # fmt: skip
        acts_qid, acts = next(events, (None, iter(())))
        for qid, pages in groupby(self._rows(
            "SELECT qid, query, hits, page, size, start FROM search WHERE why = 0 ORDER BY qid, page, start, digest"
        ), itemgetter(0)):  # fmt: skip
            of_search = list(pages)
            mine: list[tuple[Any, ...]] = []
            if acts_qid == qid:
                mine = list(acts)
                acts_qid, acts = next(events, (None, iter(())))
            add_search(of_search[0][1], places(of_search), mine, limits.dwell_s, tally, joined)

    def _rows(self, sql: str) -> Iterator[tuple[Any, ...]]:
        cursor = self._db.cursor()
        cursor.arraysize = 1000
        return iter(cursor.execute(sql))


def _hash(words: str) -> int:
    """64 bits of a text, as SQLite keeps them; 0 of none."""
    if not words:
        return 0
    return int.from_bytes(hashlib.blake2b(words.encode(), digest_size=8).digest(), "big", signed=True)
