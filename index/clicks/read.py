"""Files of searches and events, or of counts, read and added up."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from endcap.errors import InputError
from endcap.index.clicks.counts import CLICKS, ClickCounts, Tally
from endcap.index.clicks.one_search import Joined
from endcap.index.clicks.records import Event, Search, at, parse_actions, read_document
from endcap.index.clicks.store import ROBOT, SEVERAL, WHY, Limits, Store
from endcap.index.clicks.table import Rows, is_table, read_counts
from endcap.index.judgments.id_match import IdMatch, match_ids, share_allowed
from endcap.index.judgments.text_source import text_source
from endcap.index.readers.files import BYTE_ORDER_MARK, Damaged, Source, chunks, head, sources
from endcap.index.readers.formats.json_records import json_record, read_json
from endcap.index.readers.json_layouts import from_place, list_start
from endcap.index.readers.json_split import split_elements
from endcap.index.readers.known_formats import ENDINGS, FILE_FORMATS, column_names, file_format, read_records
from endcap.index.readers.record import Fault, Items, Place, Record, too_large
from endcap.progress import Watch, unwatched

EVERY = 1_000
MOST_SEVERAL, LEAST_STRANGE = 0.1, 0.02
MOST_REASONS, FURTHER = 50, "rows and events of further kinds"


@dataclass(slots=True)
class Read:
    """All that was read: the counts, and what became of each row. ``rows`` = used + merged + left out."""

    counts: ClickCounts
    rows: int
    used: int
    merged: Counter[str]
    left_out: Counter[str]
    joined: Joined = field(default_factory=Joined)
    tables: Rows = field(default_factory=Rows)
    strange: str = ""
    """What there is to say of clicks on products that their search did not show."""

    def account(self) -> str:
        """What became of all rows, in a sentence without a full stop."""
        merged, lost = sum(self.merged.values()), sum(self.left_out.values())
        return f"{self.rows:,} rows read: {self.used:,} used, {merged:,} merged, {lost:,} left out"

    def reasons(self) -> list[str]:
        """Why rows were merged or left out, the most frequent first."""
        pairs = [*self.merged.most_common(), *self.left_out.most_common()]
        return [f"{count:,} {why}" for why, count in pairs if count]


def read_clicks(
    paths: Iterable[Path],
    *,
    limits: Limits | None = None,
    actions: str = "",
    most_strange: float | None = None,
    watch: Watch = unwatched,
) -> Read:
    """Read files and folders of User Behavior Insights, and tables ``query,product,position,impressions,clicks``.

    Searches and their events may be in any files, in any order. Raises ``InputError`` where a file can't be read,
    no click is known of, or more than ``most_strange`` of the clicks are on products that were not shown (None: as
    ``share_allowed`` of ids has it, since a click that is lost makes its product look worse).
    """
    limits, meanings = limits or Limits(), parse_actions(actions)
    if re.search(r"=\s*view\b", actions):  # who says what an impression is knows it
        limits = replace(limits, sure_views=True)
    tally, left_out = Tally(), Counter[str]()
    rows, tables = 0, Rows()
    with Store() as store:
        with watch("Reading searches and events", None) as advance:
            known: dict[bytes, str] = {}
            for source in _all_sources(paths):
                if _columns_are_counts(source):
                    items = read_records(source, file_format(source))
                    first = known.setdefault(_digest(source), source.name)
                    if first != source.name:
                        table = Rows(sum(1 for _ in items))
                        left_out[f"rows of {source.name}, which is the same table as {first}"] += table.read
                    else:
                        table = read_counts(items, store, tally, left_out)
                    rows, tables = rows + table.read, tables.plus(table)
                else:
                    for item in _documents(source):
                        rows += 1
                        if rows % EVERY == 0:
                            advance(rows)
                        if why := _taken(item, store, meanings):
                            left_out[why if why in left_out or len(left_out) < MOST_REASONS else FURTHER] += 1
                advance(rows)
        with watch("Putting events to their searches", None):
            joined = store.join(limits, tally)
        counts, names = tally.counts(store.texts(), store.products), list(store.products)
    _check_ids(joined, limits)
    left_out.update(joined.left_out)
    left_out = Counter({why: count for why, count in left_out.items() if count})
    used = tables.used + joined.searches + joined.events
    strange, match = _strange_ids(joined, counts, names)
    found = Read(counts, rows, used, joined.merged, left_out, joined, tables, strange)
    allowed = share_allowed(most_strange, match.mended, match.tried)
    too_many = joined.n_strange > allowed * joined.clicks
    if too_many or not counts.numbers[:, CLICKS].any():
        raise InputError(
            f"{_too_few(allowed) if too_many else 'no click is known of'}. {found.account()}: "
            f"{'; '.join(found.reasons()) or 'nothing was left out'}. {_advice(found)}"
        )
    return found


def _check_ids(joined: Joined, limits: Limits) -> None:
    """Raises ``InputError`` where ids of clients or searches are none."""
    robots, several = joined.left_out[WHY[ROBOT]], joined.left_out[WHY[SEVERAL]]
    searches = joined.searches + robots
    if robots * 2 > searches:
        raise InputError(
            f"{robots:,} of {searches:,} searches are of clients with more than {limits.client:,} "
            "each, so 'client_id' is no person's here. Count them all: --most-of-a-client 0."
        )
    searches = joined.searches + several
    if several > MOST_SEVERAL * searches:
        raise InputError(
            f"{several:,} of {searches:,} searches have a 'query_id' that other queries have, too, as the id of a "
            "session would be, so nobody knows of which search an event is. Give each search its own query_id, or say "
            "in each event the words that were searched, as 'user_query'."
        )


def _too_few(allowed: float) -> str:
    return f"too few clicks are on what was shown (--unknown-ids: at most {allowed:.0%} may be on other products)"


def _strange_ids(joined: Joined, counts: ClickCounts, names: Sequence[str]) -> tuple[str, IdMatch]:
    """What there is to say of clicks on products that were not shown, without a full stop (empty where few are), and
    how their ids match those that were."""
    if joined.n_strange <= LEAST_STRANGE * joined.clicks:
        return "", IdMatch(0, 0)
    ids = [names[product] for product in joined.strange]
    shown = set(counts.products)
    match = match_ids({"": ids}, shown.intersection, counts.products)
    examples = "; ".join(
        f"{names[product]!r}, where {', '.join(repr(names[other]) for other in others) or 'nothing'} … were shown"
        for product, others in joined.examples
    )
    words = (
        f"{joined.n_strange:,} of {joined.clicks:,} clicks ({joined.n_strange / joined.clicks:.1%}) are on products "
        f"that their search did not show, so what was clicked may look as if it was not: {examples}"
    )
    if match.mending:
        mending = match.mending.replace("the catalogue's", "the lists'").replace("the catalogue", "the list")
        mending = mending.replace("the judged ids", "the events' ids")
        words += f". Likely {mending}: so changed, {match.mended:,} of {match.tried:,} of these ids were shown"
    return words, match


def _advice(found: Read) -> str:
    if found.strange:
        return (
            f"{found.strange}. Give the events' object_id and the searches' query_response_hit_ids the same ids, and "
            "all that a search showed."
        )
    if found.joined.views:
        return 'Where a view is a visit of a product\'s page, say so: --actions "view=click".'
    return "Give both ubi_queries and ubi_events, or a table query,product,position,impressions,clicks."


def _all_sources(paths: Iterable[Path]) -> Iterator[Source]:
    for path in paths:
        files = sorted(p for p in path.rglob("*") if p.is_file() and p.suffix != ".lock") if path.is_dir() else [path]
        if not files:
            raise InputError(f"{path}: there is no file in this folder.")
        for file in files:
            for source in sources(file, ENDINGS):
                yield source if source.member else _in_its_encoding(source)


def _digest(source: Source) -> bytes:
    """Of what is in a file, unpacked; a damaged one is like no other."""
    digest = hashlib.blake2b()
    try:
        for chunk in chunks(source._replace(skip=0)):
            digest.update(chunk)
    except Damaged:
        digest.update(source.name.encode())
    return digest.digest()


def _in_its_encoding(source: Source) -> Source:
    try:
        found = text_source(source.path, comments=True)
    except Damaged:  # which is said when the rows are read
        return source
    start = head(found).removeprefix(BYTE_ORDER_MARK).lstrip()
    return found._replace(skip=0) if start[:1] in (b"{", b"[") else found  # JSON has no comments


def _columns_are_counts(source: Source) -> bool:
    form = file_format(source)
    if form == "jsonl":
        first = next((item for item in read_json(source)), None)
        return isinstance(first, Record) and is_table(first.value)
    return form in FILE_FORMATS and is_table(column_names(source))


def _taken(item: Record | Fault, store: Store, actions: Mapping[str, int | None]) -> str:
    """Why a row is no use; empty where it was taken."""
    if isinstance(item, Fault):
        return f"rows that can't be read: {item.reason}"
    found = read_document(item.value, actions)
    if isinstance(found, (Search, Event)):
        store.add(found)
        return ""
    return found


def _documents(source: Source) -> Iterator[Record | Fault]:
    """Documents of JSON lines, arrays, bulk bodies, replies to searches; rows of tables and Parquet."""
    form = file_format(source)
    items = _json_items(source) if form in ("jsonl", "") else read_records(source, form)
    for item in items:
        if isinstance(item, Fault):
            yield item
        else:
            yield from (replace(item, value=value) for value in _unwrapped(item.value))


def _json_items(source: Source) -> Items:
    start = list_start(head(source).removeprefix(BYTE_ORDER_MARK))
    if start.place < 0 or start.keyed:
        yield from read_json(source)
        return
    # A reply to a search, and perhaps the next pages of it behind: those are objects of their own.
    try:
        for element in split_elements(from_place(chunks(source), start.place)):
            place = Place(source.name, element.line)
            if element.problem == "too large":
                yield too_large(place, element.text)
            elif element.problem == "unfinished":
                yield Fault(place, "truncated file", "the JSON ends before it is closed.", element.text)
            elif not element.problem and element.text.strip() not in (b"{}", b"[]"):
                yield json_record(place, element.text)
    except Damaged as damage:
        yield Fault(Place(source.name), "truncated file", f"the file breaks off or is damaged ({damage}).")


def _unwrapped(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The documents in a record: itself, that of a hit, or those of a whole reply."""
    hits, replies, source = at(value, "hits", "hits"), value.get("responses"), value.get("_source")
    if isinstance(replies, list):
        for reply in replies:
            yield from _unwrapped(reply) if isinstance(reply, Mapping) else ()
    elif isinstance(hits, list):
        for hit in hits:
            yield from _unwrapped(hit) if isinstance(hit, Mapping) else ()
    else:
        yield source if isinstance(source, Mapping) else value
