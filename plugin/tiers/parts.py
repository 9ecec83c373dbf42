"""A body's scoring tree down to its text, and the body with a name for each part whose score has to be known.

Engines tell the score of a named query hit by hit (``include_named_queries_score``), so what stands between a text and
the hit's score is known from the two ends: a function need not be understood for what it has made of a score to be
seen. Names are put around clauses, ``{"bool": {"must": [CLAUSE], "_name": NAME}}``, which changes no score.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum, auto
from typing import Any

from endcap.plugin.tiers.clauses import (
    FUNCTIONS,
    RULED,
    By,
    demand_alike,
    kind_of,
    listed,
    names_in,
    needs_should,
    scored_by,
    searched_by,
)
from endcap.plugin.tiers.script import Use, reads_vectors, script_use
from endcap.plugin.tiers.searched import Searched


class Kind(Enum):
    """How a part's score y comes from the scores x of the parts in it; c is what rules add, f what they multiply by."""

    TEXT = auto()  # a text's own score
    RULE = auto()  # a score that no text has a part in
    SUM = auto()  # slope (x_1 + x_2 + ... + c), or 0 where a filter does not let the hit through
    SHIFT = auto()  # slope x + c
    SCALE = auto()  # f x
    LARGER = auto()  # slope max(x, c)
    SMALLER = auto()  # slope min(x, c)
    BEST = auto()  # slope (the largest x + tie * the others)
    EITHER = auto()  # x, or what a rule says
    UNKNOWN = auto()  # it can't be told


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a body that scores."""

    kind: Kind
    name: str = ""
    """The named query that tells its score; empty for the whole query, whose score is the hit's."""
    parts: tuple[Part, ...] = ()
    slope: float = 1.0
    tie: float = 0.0
    where: str = ""
    """The clause, for those who read the reply."""


@dataclass(frozen=True, slots=True)
class Rescore:
    """A body's ``rescore`` by rules: how it changes the score x of the query."""

    kind: Kind
    slope: float
    window: int
    text: bool = False
    """Whether it is a text that rescores: then what is added is the text's."""


@dataclass(frozen=True, slots=True)
class BodyRules:
    """What a body decides by rules, and how the engine is asked for what they made of the scores."""

    root: Part
    """A hit's score, ``rescore`` and ``indices_boost`` apart."""
    query: Any
    """The body's query, with names."""
    names: frozenset[str]
    """The names that were given here, and not by the caller."""
    rescore: Rescore | None = None
    scaled: bool = False
    """Whether ``indices_boost`` multiplies the score by something."""

    @property
    def rescored_hits(self) -> int | None:
        """How many hits of one shard are rescored by rules, before all others; None without ``rescore``."""
        return None if self.rescore is None or self.rescore.text else self.rescore.window


def body_rules(body: Mapping[str, Any], text: str) -> BodyRules | None:
    """The rules that a body scores by, which searches for ``text``; None where it has none, and so nothing is to be
    asked for."""
    query, rescores = body.get("query"), listed(body.get("rescore"))
    of_rescores = [_rescore_query(each) for each in rescores]
    searched = searched_by(text, [query, *of_rescores])
    again = replace(searched, any_words=True)
    content, contents = scored_by(query, searched), [scored_by(each, again, True) for each in of_rescores]
    scaled = bool(body.get("indices_boost"))
    if not (By.RULE in content or scaled or any(By.RULE in each for each in contents)):
        return None
    reader = _Reader(query, searched)
    rescore = _rescore(rescores, contents) if rescores else None
    if By.TEXT not in content:
        root, named = Part(Kind.RULE), query
        if rescore is not None:
            root, named = reader.named(Part(Kind.RULE), query)
    elif content == By.TEXT:
        root, named = reader.named(Part(Kind.TEXT), query)
    else:
        root, named = reader.mixed(query, "query")
        if rescore is not None or scaled:
            root, named = reader.named(root, named)
    return BodyRules(root, named, frozenset(reader.given), rescore, scaled)


class _Reader:
    def __init__(self, query: Any, searched: Searched) -> None:
        self._searched = searched
        taken, self._prefix = set(names_in(query)), "_rerank"
        while any(name.startswith(self._prefix) for name in taken):
            self._prefix += "_"
        self.given: list[str] = []

    def named(self, part: Part, clause: Any) -> tuple[Part, dict[str, Any]]:
        """The part and its clause under a name of their own. A ``hybrid`` stands alone, so it is left as it is."""
        if kind_of(clause)[0] == "hybrid":
            return part, clause
        self.given.append(f"{self._prefix}{len(self.given)}")
        named = Part(part.kind, self.given[-1], part.parts, part.slope, part.tie, part.where)
        return named, {"bool": {"must": [clause], "_name": self.given[-1]}}

    def mixed(self, clause: Any, where: str, optional: bool = False) -> tuple[Part, Any]:
        """A clause in which both text and rules score. ``optional``: hits need not match it."""
        kind, options = kind_of(clause)
        where = f"{where}.{kind}"
        boost = _number(options.get("boost"), 1.0)
        match kind:
            case "bool":
                return self._bool(options, boost, where, optional)
            case "dis_max":
                queries = listed(options.get("queries"))
                is_optional = optional or not demand_alike(queries)
                inner = [self._child(each, where, is_optional, rules=True) for each in queries]
                parts = tuple(part for part, _ in inner if part is not None)
                tie = _number(options.get("tie_breaker"), 0.0)
                return Part(Kind.BEST, "", parts, boost, tie, where), _with(clause, queries=[each for _, each in inner])
            case "boosting" | "function_score" | "script_score" | "pinned":
                key = RULED[kind]
                part, inner_clause = self._child(options.get(key), where, optional)
                how, slope = _ruled(kind, options)
                if part is None:
                    return Part(Kind.UNKNOWN, where=where), clause
                return Part(how, "", (part,), slope * boost, where=where), _with(clause, **{key: inner_clause})
        return Part(Kind.UNKNOWN, where=where), clause

    def _bool(self, options: Mapping[str, Any], boost: float, where: str, optional: bool) -> tuple[Part, Any]:
        parts: list[Part] = []
        changed = {}
        for occurrence in ("must", "should"):
            if occurrence in options:
                is_optional = optional or (occurrence == "should" and not needs_should(options))
                inner = [self._child(each, where, is_optional) for each in listed(options[occurrence])]
                parts += [part for part, _ in inner if part is not None]
                changed[occurrence] = [each for _, each in inner]
        return Part(Kind.SUM, "", tuple(parts), boost, where=where), {"bool": {**options, **changed}}

    def _child(self, clause: Any, where: str, optional: bool, rules: bool = False) -> tuple[Part | None, Any]:
        """A clause inside another; no part where only rules score in it, unless those are asked for."""
        content = scored_by(clause, self._searched, optional)
        if By.TEXT not in content:
            return self.named(Part(Kind.RULE), clause) if rules else (None, clause)
        if By.RULE not in content:
            return self.named(Part(Kind.TEXT), clause)
        part, inner = self.mixed(clause, where, optional)
        return self.named(part, inner)


def _with(clause: Any, **changes: Any) -> dict[str, Any]:
    kind, options = kind_of(clause)
    return {kind: {**options, **changes}}


def _ruled(kind: str, options: Mapping[str, Any]) -> tuple[Kind, float]:
    """How a clause changes the score of the one in it, and the slope that is known of it."""
    if kind == "boosting":
        return Kind.SCALE, 1.0
    if kind == "pinned":
        return Kind.EITHER, 1.0
    if kind == "script_score":
        script = options.get("script")
        return _by_use(None if reads_vectors(script) else script_use(script))
    uses = [
        script_use(function["script_score"].get("script"))
        for function in _functions(options)
        if isinstance(function.get("script_score"), Mapping)
    ]
    mode = str(options.get("boost_mode", "multiply")).lower()
    if not all(use is not None and use.is_free for use in uses):
        lone = len(_functions(options)) == 1 and not {"filter", "weight"} & _functions(options)[0].keys()
        return _by_use(uses[0]) if mode == "replace" and lone else (Kind.UNKNOWN, 1.0)
    return _BOOST_MODES.get(mode, (Kind.UNKNOWN, 1.0))


_BOOST_MODES = {
    "multiply": (Kind.SCALE, 1.0),
    "replace": (Kind.SHIFT, 0.0),
    "sum": (Kind.SHIFT, 1.0),
    "avg": (Kind.SHIFT, 0.5),
    "max": (Kind.LARGER, 1.0),
    "min": (Kind.SMALLER, 1.0),
}


def _by_use(use: Use | None) -> tuple[Kind, float]:
    if use is None:
        return Kind.UNKNOWN, 1.0
    return (Kind.SCALE, 1.0) if use.slope is None else (Kind.SHIFT, use.slope)


def _functions(options: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    functions: list[Mapping[str, Any]] = [
        each for each in listed(options.get("functions")) if isinstance(each, Mapping)
    ]
    own = {name: value for name, value in options.items() if name in FUNCTIONS and name != "functions"}
    return functions or ([own] if own else [])


def _rescore_query(rescore: Any) -> Any:
    query = rescore.get("query") if isinstance(rescore, Mapping) else None
    return query.get("rescore_query") if isinstance(query, Mapping) else None


def _rescore(rescores: Any, contents: list[By]) -> Rescore:
    rescores = [each for each in rescores if isinstance(each, Mapping)]
    window = max((int(_number(each.get("window_size"), 10)) for each in rescores), default=0)
    options = [each.get("query") or {} for each in rescores]
    modes = {str(each.get("score_mode", "total")).lower() for each in options}
    weights = {_number(each.get("query_weight"), 1.0) for each in options}
    slope = next(iter(weights), 1.0)
    known = len(rescores) == 1 or (
        modes == {"total"} and weights == {1.0} and not any(By.TEXT in each for each in contents)
    )
    if not known or any(By.TEXT in each and (By.RULE in each or modes != {"total"}) for each in contents):
        return Rescore(Kind.UNKNOWN, slope, window)
    kinds = {"total": Kind.SHIFT, "multiply": Kind.SCALE, "avg": Kind.SHIFT, "max": Kind.LARGER, "min": Kind.SMALLER}
    mode = next(iter(modes))
    return Rescore(kinds.get(mode, Kind.UNKNOWN), slope / 2 if mode == "avg" else slope, window, By.TEXT in contents[0])


def _number(value: Any, default: float) -> float:
    try:
        return float(value)
    except (TypeError, ValueError):
        return default
