"""What judgments from clicks say of themselves, in sentences."""

from __future__ import annotations

from collections.abc import Iterator

from endcap.index.clicks.judged import FEW, UNKNOWN, WIDE, Judged
from endcap.index.clicks.read import Read
from endcap.index.clicks.store import Limits

LEAST_MOVED = 0.2
"""Where less of what was seen has changed its place, bias and quality can't be told apart."""
MOST_MISPLACED = 0.1
MOST_CAPPED = 0.01
SHOWN_QUERIES = 10


def report(read: Read, found: Judged, limits: Limits, known_bias: bool) -> Iterator[str]:
    """The report, line by line."""
    yield f"{read.account()}."
    for reason in read.reasons():
        yield f"  {reason}"
    if read.joined.deep:
        yield f"  {read.joined.deep:,} products of lists were below the last place that counts"
    if read.strange:
        yield f"WARNING: {read.strange}."
    if read.joined.partial_views:
        yield (
            "WARNING: 'view' events are no whole record of what was seen: they leave out places above the last one or "
            "products that were clicked, or are mostly on those, as visits of products' pages are. What was shown is "
            "taken from the searches' lists. "
            'Say what views are: --actions "view=click", or "view=view" for impressions.'
        )
    if read.tables.capped:
        capped, used = read.tables.capped, read.tables.used
        yield (
            f"{'WARNING: ' if capped > MOST_CAPPED * used else ''}{capped:,} of {used:,} rows have more clicks than "
            "impressions: each is taken as clicked as often as it was shown. Are both counted in the same way?"
        )
    totals = found.totals
    yield (
        f"{totals['impressions']:,} impressions, {totals['clicks']:,} clicks; of these {totals['carts']:,} with a cart "
        f"(each counts as {found.weights.cart:g} clicks), {totals['purchases']:,} with a purchase "
        f"({found.weights.purchase:g}), {totals['short']:,} short ({found.weights.short:g})."
    )
    if read.joined.misplaced > MOST_MISPLACED * read.joined.placed:
        yield (
            f"WARNING: {read.joined.misplaced:,} of {read.joined.placed:,} clicks say another place than their "
            "search's list, which is what counts: is 'query_response_hit_ids' what was shown, and do searches for "
            "later pages say their 'page' and 'size', or 'from', in 'query_attributes'?"
        )
    if read.joined.odd_times:
        yield (
            f"WARNING: {read.joined.odd_times:,} searches and events have a 'timestamp' that can't be read, such as "
            f"{read.joined.odd_time!r}: write times as 2026-11-30T10:00:00Z, or as seconds or milliseconds since 1970."
        )
    yield _dwell(read, limits)
    looks = ", ".join(f"{look:.2f}" for look in found.model.theta[1:11])
    yield f"Places 1 to 10 are looked at with a probability of {looks}{' (as given)' if known_bias else ''}."
    if not known_bias and found.moved < LEAST_MOVED:
        yield (
            f"WARNING: only {found.moved:.0%} of the impressions are of products that were seen at several places for "
            "a query, so nothing tells a better product from a higher place. The model takes what stands at each place "
            "for equally good on the average. Mix the orders of some searches, or give what is known: --position-bias."
        )
    yield (
        f"Grade 0 ends at an attractiveness of {found.ends.zero:.3f}, grade 3 begins at {found.ends.three:.3f}: the 5 "
        "% least and most attractive of what was shown."
    )
    yield from _pairs(found)
    yield (
        "Clicks favour the order under which they were made: what was never shown has no grade, and an order is best "
        "measured by clicks on another one's lists, or on mixed ones."
    )
    if read.joined.simulated:
        yield "WARNING: all searches are of simulated users, which know the judgments: this is no evidence."


def _dwell(read: Read, limits: Limits) -> str:
    if not limits.dwell_s:
        return "No click counts as short: the time on a product's page is not used."
    sources = [
        f"the events' own dwell time ({read.joined.dwell_given:,} clicks)" if read.joined.dwell_given else "",
        "the time until the same client's next click or search" if read.joined.timed else "",
    ]
    used = " and ".join(filter(None, sources))
    return (
        f"A click that is left within {limits.dwell_s:g} s is short, by {used}."
        if used
        else "No click counts as short: no dwell times and no times to the second could be read."
    )


def _pairs(found: Judged) -> Iterator[str]:
    grades = ", ".join(f"{count:,} of grade {grade}" for grade, count in found.grade_counts().items())
    queries = sum(query.graded > 0 for query in found.queries)
    yield (
        f"{found.shown:,} pairs of query and product were shown; {len(found.pairs):,} are graded ({grades}), of "
        f"{queries:,} of {len(found.queries):,} queries."
    )
    for why, words in (
        (WIDE, "are not, since their interval is too wide to tell grades apart"),
        (FEW, f"are not, being of {FEW}"),
        (UNKNOWN, "are not, being of products that the catalogue lacks"),
    ):
        if count := found.not_graded.get(why, 0):
            yield f"  {count:,} {words}"
    if found.more:
        half, most = found.more[len(found.more) // 2], found.more[-1]
        yield f"  half of those need {half:,} more searches of their query or fewer, all of them {most:,}"
    first = sorted(found.queries, key=lambda query: -query.searches)[:SHOWN_QUERIES]
    yield f"The {len(first)} most frequent queries (all are in the file of --json):"
    yield f"  {'searches':>9}{'impressions':>12}{'clicks':>8}{'shown':>7}{'graded':>7}{'need':>8}  query"
    for query in first:
        need = "-" if query.more is None else f"{query.more:,}"
        yield (
            f"  {query.searches:>9,}{query.impressions:>12,}{query.clicks:>8,}{query.shown:>7,}{query.graded:>7,}"
            f"{need:>8}  {query.query}"
        )
