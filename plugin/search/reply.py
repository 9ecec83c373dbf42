"""From a window's hits and scores to the page that the caller sees."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from endcap.index.source_filter import SourceFilter
from endcap.plugin.blend.plain import FloatArray, order
from endcap.plugin.blend.window import Blended
from endcap.plugin.search.options import Options
from endcap.plugin.search.page_memory import HitKey, RankedWindow
from endcap.plugin.search.status import Outcome
from endcap.plugin.tiers.sort_keys import score_of

Hit = dict[str, Any]
_NUMBERS = frozenset((float, int))
ADDED = "rerank_added"
"""Marks a hit that the engine's window lacks: it was found by meaning."""


def hits_of(reply: Any) -> list[Hit] | None:
    """The hits of a reply; None where it is not a reply to a search (an error that the client was told to ignore)."""
    hits = reply.get("hits") if isinstance(reply, Mapping) else None
    listed = hits.get("hits") if isinstance(hits, Mapping) else None
    return listed if isinstance(listed, list) else None


def hit_key(hit: Mapping[str, Any]) -> HitKey:
    """What names a hit among all hits of a reply."""
    get = hit.get
    return str(get("_index", "")), str(get("_id", "")), str(get("_routing", ""))


def group_of(hit: Mapping[str, Any], collapse: Any) -> str | None:
    """The group that a hit shows of a body's ``collapse``, as a text; None where there is no ``collapse``.

    Products without a value are one group, as the engine has it.
    """
    if not isinstance(collapse, Mapping):
        return None
    return repr((hit.get("fields") or {}).get(collapse.get("field")))


def engine_scores(hits: Sequence[Mapping[str, Any]], sort_tiers: int = 0) -> FloatArray | None:
    """The engine's scores, float64 (n,); None where some hit has no finite one.

    ``sort_tiers`` keys of a ``sort`` stand before the score, which may be found among a hit's sort values alone.
    """
    scores = [hit.get("_score") for hit in hits]
    if not _NUMBERS.issuperset(map(type, scores)):
        scores = [score_of(hit, sort_tiers) for hit in hits]
        if not all(isinstance(score, (int, float)) for score in scores):
            return None
    found = np.asarray(scores, dtype=np.float64)
    return found if np.isfinite(found).all() else None


@dataclass(frozen=True, slots=True)
class Arrangement:
    """The window's hits in the order in which they are to be shown, and what each scores."""

    positions: tuple[int, ...]
    """Positions in the window, best first; a hit that is not to be shown is not among them."""
    scores: FloatArray
    """float64 (n,), by position in the window, in the engine's unit."""
    groups: tuple[int, ...] = ()
    """By position in the window: hits that a ``sort`` puts apart have different numbers. None: it puts none apart."""
    tiers: tuple[int, ...] = ()
    """By position in the window: hits of different tiers are not mixed, the best is 0. None: there are no tiers."""
    notes: Mapping[str, Callable[[int], Any]] = field(default_factory=dict)
    """What a hit's explanation says besides the blend, by name, told by its position in the window."""
    segments: tuple[int, ...] = ()
    """By position in the window: what the body's rules put apart has different numbers. None: they put none apart."""

    def falling_scores(self) -> list[float]:
        """The scores in the order of ``positions``, raised where one further down is higher: they never rise, but from
        one group to the next."""
        scores: list[float] = self.scores[list(self.positions)].tolist()
        for place in range(len(scores) - 2, -1, -1):
            here, below = self.positions[place], self.positions[place + 1]
            if scores[place] < scores[place + 1] and (not self.groups or self.groups[here] == self.groups[below]):
                scores[place] = scores[place + 1]
        return scores


def arranged(blended: FloatArray, engine: FloatArray, floor: float) -> Arrangement:
    """The hits by their blended scores, float64 (n,), and these in the engine's unit, none below ``floor``.

        final_i = floor + (b_i - min(b)) * s

    s is the standard deviation of the window's engine scores (1 where they are all equal): a step in the blend is as
    large as it was among the engine's scores. The floor is the engine's lowest score in the window: what follows the
    window never has a higher score than what is in it.
    """
    spread = float(engine.std())
    scale = spread if spread > 1e-12 * float(np.abs(engine).max()) else 1.0
    finals = np.asarray(floor + (blended - blended.min()) * scale, dtype=np.float64)
    return Arrangement(tuple(order(blended).tolist()), finals)


def ranked_window(
    hits: Sequence[Hit],
    engine: FloatArray,
    student: FloatArray,
    blended: Blended,
    arrangement: Arrangement,
    options: Options,
    outcome: Outcome,
    collapse: Any = None,
    for_rules: bool = True,
) -> RankedWindow:
    """The window in its new order. ``engine`` and ``student`` are float64 (n,), NaN where the student has no score.
    Only ``for_rules`` it is worked out how relevant the products are beside each other."""
    positions = arrangement.positions
    is_added = [ADDED in hit and bool(hit[ADDED]) for hit in hits]
    added = [hits[i] for i in positions if is_added[i]]
    engine_scores, student_scores = engine.tolist(), student.tolist()
    in_order = [hits[i] for i in positions]
    return RankedWindow(
        keys=tuple(map(hit_key, in_order)),
        scores=tuple(
            [
                None if hit.get("_score") is None else score
                for hit, score in zip(in_order, arrangement.falling_scores(), strict=True)
            ]
        ),
        engine_scores=tuple([None if is_added[i] else engine_scores[i] for i in positions]),
        student_scores=tuple([None if math.isnan(s := student_scores[i]) else s for i in positions]),
        outcome=outcome,
        depth=len(hits) - sum(is_added),
        explanations=tuple(
            blended.explanation(i) | {name: note(i) for name, note in arrangement.notes.items()} for i in positions
        )
        if options.explain
        else (),
        unit=blended.unit if for_rules else 0.0,
        relevance=tuple(blended.relevance()[list(positions)].tolist()) if for_rules else (),
        segments=tuple(arrangement.segments[i] for i in positions) if arrangement.segments else (),
        tiers=tuple(arrangement.tiers[i] for i in positions) if arrangement.tiers else (),
        by_sort=bool(arrangement.groups),
        added=frozenset(map(hit_key, added)),
        groups=frozenset(group for hit in added if (group := group_of(hit, collapse)) is not None),
    )


def engine_window(hits: Sequence[Hit], outcome: Outcome) -> RankedWindow:
    """The window as the engine ordered it."""
    scores = tuple(hit.get("_score") for hit in hits)
    return RankedWindow(
        tuple(map(hit_key, hits)),
        scores,
        scores,
        (None,) * len(hits),
        outcome,
        len(hits),
    )


def page_places(
    ranked: RankedWindow, hits: Sequence[Hit], start: int, stop: int, remembered: bool, behind: Sequence[HitKey]
) -> tuple[list[int | HitKey], bool]:
    """What stands on the page [start, stop), and whether that fits the pages before it.

    Positions in the ranked window come first, then keys of the hits ``behind`` it. A window that was ranked for an
    earlier page may not be the engine's window of now, ``hits``: then what it holds is not shown again behind it.
    """
    positions: list[int | HitKey] = list(range(start, min(stop, len(ranked.keys))))
    shown = behind[max(0, start - len(ranked.keys)) : max(0, stop - len(ranked.keys))]
    if not shown or not remembered:
        return [*positions, *shown], True
    in_step = ranked.window_keys() == {hit_key(hit) for hit in hits[: ranked.depth]}
    return [*positions, *shown], in_step


def keys_behind(ranked: RankedWindow, hits: Sequence[Hit]) -> list[HitKey]:
    """The hits that the window does not show, in the engine's order. Where an earlier page's window was another one
    (a ``rescore`` puts hits elsewhere the more are asked for), some of them come before its depth."""
    taken = {*ranked.keys, *ranked.window_keys()}
    return [key for key in map(hit_key, hits) if key not in taken]


def page_hits(
    ranked: RankedWindow,
    places: Sequence[int | HitKey],
    window: Mapping[HitKey, Hit],
    page: Mapping[HitKey, Hit] | None,
) -> list[Hit]:
    """The hits of a page. A place is a position in the ranked window, or the key of a hit behind it.

    ``page`` holds the hits of the second request, None where there was none. What the engine no longer has is left out.
    """
    hits = []
    for place in places:
        key = ranked.keys[place] if isinstance(place, int) else place
        hit = window.get(key) if page is None else page.get(key)
        if hit is None:
            continue
        if page is not None:
            hit = _joined(window.get(key), hit)
        if isinstance(place, int):
            hit |= _scores_of(ranked, place)
        hits.append(hit)
    return hits


def _scores_of(ranked: RankedWindow, position: int) -> Hit:
    """What a hit of the ranked window says of its scores."""
    scores: Hit = {"_score": ranked.scores[position]}
    if ranked.outcome.scored:
        scores["previous_score"] = ranked.engine_scores[position]
        if ranked.keys[position] in ranked.added:
            scores[ADDED] = True
        scores["student_score"] = ranked.student_scores[position]
    if ranked.explanations:
        scores["rerank_explanation"] = ranked.explanations[position]
    return scores


def _joined(window: Hit | None, page: Hit) -> Hit:
    """What the window knows of a hit (score, sort values, named queries, collapsed field), and what the page shows."""
    if window is None:
        return page
    joined = {name: value for name, value in window.items() if name != "_source"} | page
    joined["_score"] = window.get("_score")
    for name in ("fields", "inner_hits"):  # those of the window are a group's
        if name in window:
            joined[name] = {**window[name], **page.get(name, {})}
    if "matched_queries" in window:
        joined["matched_queries"] = window["matched_queries"]
    return joined


def hide_extras(hits: Sequence[Hit], source: SourceFilter, hide_ids: bool) -> None:
    """Take out of the window's own hits what was only fetched for the student."""
    for hit in hits:
        if not source.wanted:
            hit.pop("_source", None)
        elif isinstance(hit.get("_source"), Mapping):
            hit["_source"] = source.cut(hit["_source"])
        for name in ("_id", "_routing", "_ignored") if hide_ids else ():
            hit.pop(name, None)


def with_hits(reply: dict[str, Any], hits: list[Hit], by_score: bool = True) -> dict[str, Any]:
    """The window's reply with this page; the engine's totals and aggregations stay as they are."""
    reply["hits"]["hits"] = hits
    if "max_score" in reply["hits"] and hits and by_score:
        reply["hits"]["max_score"] = hits[0].get("_score")
    return reply


def with_ext(reply: dict[str, Any], record: Mapping[str, Any]) -> dict[str, Any]:
    """The reply with ``ext.rerank``; what else stands in its ``ext`` stays."""
    ext = reply.get("ext")
    reply["ext"] = {**(ext if isinstance(ext, Mapping) else {}), "rerank": dict(record)}
    return reply
