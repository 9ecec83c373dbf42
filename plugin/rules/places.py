"""The actions that speak of places: pins, and at most so many of a kind on a page. They are met last, all at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from endcap.index.product import words
from endcap.language.text import normalised
from endcap.plugin.rules.documents import Documents


@dataclass(frozen=True, slots=True)
class Limit:
    """At most so many hits of one value on a page."""

    count: int
    kinds: tuple[frozenset[str], ...]
    """By position: the values of a hit; what has none is never too much."""
    rule: str
    name: str


def limit_of(documents: Documents, field: str, count: int, rule: str, name: str) -> Limit:
    """The limit on a field's values, which are compared without case and accents."""
    kinds = (frozenset(normalised(words(value)).strip() for value in values) for values in documents.values(field))
    return Limit(count, tuple(kinds), rule, name)


def placed(wanted: Sequence[tuple[int, int]], kept: int, length: int) -> dict[int, int]:
    """Positions by place, both from 0, for (position, place) pairs in the order of the rules.

    Who asks first has a place that is free of the ``kept`` first ones; then those who came too late get the next free
    place, and where there is none before the list's end, ``length``, the last one.
    """
    places, late = dict[int, int](), list[tuple[int, int]]()
    for position, place in wanted:
        if kept <= place < length and place not in places:
            places[place] = position
        else:
            late.append((position, place))
    for position, place in late:
        behind = (p for p in range(max(place, kept), length) if p not in places)
        before = (p for p in range(length - 1, kept - 1, -1) if p not in places)
        free = next(behind, next(before, None))
        if free is not None:
            places[free] = position
    return places


def laid_out(
    others: Sequence[int], places: Mapping[int, int], limits: Sequence[Limit], page: int, tiers: Sequence[int] = ()
) -> tuple[list[int], list[tuple[int, Limit]]]:
    """All positions in the order in which they are shown, and which of them a limit has moved down.

    ``others`` are the hits without a place, best first. On each page of ``page`` places the next is the best that no
    limit forbids there, of the best one's tier (``tiers`` are by position; none where empty); where each is forbidden,
    the best.
    """
    length = len(others) + len(places)
    if not limits:
        left = iter(others)
        return [places[p] if p in places else next(left) for p in range(length)], []
    waiting, shown = list(others), list[int]()
    moved = dict[int, Limit]()
    for start in range(0, length, page):
        stop = min(start + page, length)
        counts: list[Counter[str]] = [Counter() for _ in limits]
        for position in (places[p] for p in range(start, stop) if p in places):
            _count(position, limits, counts)
        for place in range(start, stop):
            if place in places:
                shown.append(places[place])
                continue
            at = 0
            for n, position in enumerate(waiting):
                if tiers and tiers[position] != tiers[waiting[0]]:
                    break
                limit = _reached(position, limits, counts)
                if limit is None:
                    at = n
                    break
                moved.setdefault(position, limit)
            position = waiting.pop(at)
            _count(position, limits, counts)
            shown.append(position)
    return shown, list(moved.items())


def _reached(position: int, limits: Sequence[Limit], counts: Sequence[Mapping[str, int]]) -> Limit | None:
    """The limit that forbids a hit on this page."""
    for limit, count in zip(limits, counts, strict=True):
        if any(count.get(kind, 0) >= limit.count for kind in limit.kinds[position]):
            return limit
    return None


def _count(position: int, limits: Sequence[Limit], counts: Sequence[Counter[str]]) -> None:
    for limit, count in zip(limits, counts, strict=True):
        count.update(limit.kinds[position])
